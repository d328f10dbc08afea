// SPDX-License-Identifier: MIT

// Opening a queue when the process has no file handle left.

#include <sys/resource.h>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::RunInFork;
using testing::TestDirectory;

TEST(NoHandleTest, IsResourceExhaustedAndLeavesNothing) {
  TestDirectory directory;
  EXPECT_EQ(RunInFork([&] {
              bool opened = false;
              // Each of the handles that opening takes is the one too many once.
              for (rlim_t handles = 3; handles < 64 && !opened; ++handles) {
                const rlimit limit = {handles, 64};
                FORK_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
                const absl::Status status = Publisher::Open(directory.Options()).status();
                opened = status.ok();
                if (!opened) FORK_CHECK(status.code() == StatusCode::kResourceExhausted);
                const rlimit wide = {64, 64};
                FORK_CHECK(setrlimit(RLIMIT_NOFILE, &wide) == 0);
                FORK_CHECK(!directory.Has("queue"));
              }
              FORK_CHECK(opened);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace interprocess
