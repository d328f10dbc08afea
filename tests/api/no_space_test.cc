// SPDX-License-Identifier: MIT

// Making a queue where there is no space for it.

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::RunInFork;
using testing::TestDirectory;

// The exit code of a child that found that the system forbids what it needs.
constexpr int kForbidden = 77;

TEST(NoSpaceTest, FullFileSystemIsResourceExhaustedAndLeavesNothing) {
  TestDirectory directory;
  const int code = RunInFork([&] {
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
      perror("a file system of its own");
      return kForbidden;
    }
    QueueOptions options = directory.Options("queue", 4 << 20);
    const absl::Status status = Publisher::Open(options).status();
    fprintf(stderr, "%s\n", status.ToString().c_str());
    FORK_CHECK(status.code() == StatusCode::kResourceExhausted);
    FORK_CHECK(absl::StrContains(status.message(), directory.path()));
    FORK_CHECK(!directory.Has("queue"));
    // What fits is had, and sparse what does not.
    options.capacity = 128 << 10;
    FORK_CHECK(Publisher::Open(options).ok());
    options.capacity = 4 << 20;
    options.reserve_space = false;
    FORK_CHECK(Publisher::Open(options).ok());
    return 0;
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids a file system of one's own";
  EXPECT_EQ(code, 0);
}

TEST(NoSpaceTest, LimitOfFileSizeIsResourceExhausted) {
  TestDirectory directory;
  EXPECT_EQ(RunInFork([&] {
              // As an application does that would rather not be killed by it.
              signal(SIGXFSZ, SIG_IGN);
              const rlimit limit = {1 << 20, 1 << 20};
              FORK_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
              for (bool reserve : {true, false}) {
                QueueOptions options = directory.Options("queue", 4 << 20);
                options.reserve_space = reserve;
                const absl::Status status = Publisher::Open(options).status();
                fprintf(stderr, "%s\n", status.ToString().c_str());
                FORK_CHECK(status.code() == StatusCode::kResourceExhausted);
                FORK_CHECK(absl::StrContains(status.message(), directory.path()));
                FORK_CHECK(!directory.Has("queue"));
              }
              return 0;
            }),
            0);
}

TEST(NoSpaceTest, ReserveSpaceTakesAllBlocksAndSparseTakesFew) {
  TestDirectory directory;
  QueueOptions options = directory.Options("queue", 4 << 20);
  struct stat found;
  {
    auto publisher = Publisher::Open(options);
    ASSERT_EQ(stat(directory.FileOf("queue").c_str(), &found), 0);
    EXPECT_GE(found.st_blocks * 512, found.st_size);
    EXPECT_GE(found.st_size, 2 * options.capacity);
  }
  options.reserve_space = false;
  auto publisher = Publisher::Open(options);
  ASSERT_EQ(stat(directory.FileOf("queue").c_str(), &found), 0);
  EXPECT_LT(found.st_blocks * 512, found.st_size / 2);
}

TEST(NoSpaceTest, LargestCapacityWorksSparse) {
  TestDirectory directory;
  QueueOptions options = directory.Options("queue", kMaxCapacity);
  options.reserve_space = false;
  auto publisher = Publisher::Open(options);
  if (publisher.status().code() == StatusCode::kResourceExhausted) {
    GTEST_SKIP() << "no address space or no such large files here: " << publisher.status();
  }
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  EXPECT_EQ(publisher->capacity(), kMaxCapacity);
  EXPECT_EQ(publisher->max_message_size(), 0xffff'ffffu);
  EXPECT_TRUE(publisher->TryEnqueue(std::string(1000, 'x')).ok());
}

}  // namespace
}  // namespace interprocess
