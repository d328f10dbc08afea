// SPDX-License-Identifier: MIT

// The same for what only POSIX systems have: links and FIFOs.

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/api/bad_file.h"

namespace interprocess {
namespace {

using absl::StatusCode;

TEST_F(BadFileTest, SymbolicLinkIsNotFollowed) {
  QueueOptions options = directory_.Options("target");
  auto publisher = Publisher::Open(options);
  for (const std::string& target : {directory_.FileOf("target"), directory_.path() + "/nowhere"}) {
    ASSERT_EQ(symlink(target.c_str(), Path().c_str()), 0);
    for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kOpenExisting}) {
      options = directory_.Options();
      options.mode = mode;
      const absl::Status status = Subscriber::Open(options).status();
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), Path())) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), "symbolic link")) << status;
    }
    EXPECT_EQ(RemoveQueue("queue", directory_.path()).code(), StatusCode::kInvalidArgument);
    ASSERT_EQ(unlink(Path().c_str()), 0);
  }
  EXPECT_TRUE(publisher->TryEnqueue("x").ok());
}

TEST_F(BadFileTest, FifoDoesNotBlock) {
  ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0);
  ExpectRefused(StatusCode::kInvalidArgument, "a FIFO");
  ExpectListedWith(StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace interprocess
