// SPDX-License-Identifier: MIT

// What every backend of a directory's lock shows.

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::ScratchDirectory;
using ::testing::HasSubstr;

// Locks directory [0], says 'y', and holds it until told or ended.
CHILD_ROLE(LockHolder) {
  auto directory = Directory::Open(arguments[0]);
  CHILD_CHECK(directory.ok());
  auto lock = directory->Lock(absl::Seconds(30));
  CHILD_CHECK(lock.ok());
  parent.Say('y');
  parent.Hear();
  return 0;
}

// Counts up in a file of directory [0] under its lock, [1] times, in two steps.
CHILD_ROLE(Counter) {
  auto directory = Directory::Open(arguments[0]);
  CHILD_CHECK(directory.ok());
  for (int i = 0; i < std::stoi(arguments[1]); ++i) {
    auto lock = directory->Lock(absl::Seconds(60));
    CHILD_CHECK(lock.ok());
    int count = 0;
    std::ifstream(arguments[0] + "/count") >> count;
    std::ofstream(arguments[0] + "/count") << count + 1;
  }
  return 0;
}

TEST(DirectoryLockContractTest, ExcludesInOneProcess) {
  ScratchDirectory scratch;
  Directory directory = scratch.Open();
  absl::StatusOr<DirectoryLock> lock = directory.Lock(absl::ZeroDuration());
  ASSERT_TRUE(lock.ok());
  const int64_t start = MonotonicNanos();
  const absl::Status status = directory.Lock(absl::Milliseconds(20)).status();
  EXPECT_GE(MonotonicNanos() - start, 20'000'000);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch.path()));
  EXPECT_THAT(std::string(status.message()), HasSubstr("waited"));
  { DirectoryLock released = *std::move(lock); }
  EXPECT_TRUE(directory.Lock(absl::ZeroDuration()).ok());
}

TEST(DirectoryLockContractTest, WaitsForItsTurn) {
  ScratchDirectory scratch;
  ChildProcess holder = ChildProcess::Run("LockHolder", {scratch.path()});
  ASSERT_EQ(holder.Hear(), 'y');
  std::thread releaser([&] { holder.Say('q'); });
  EXPECT_TRUE(scratch.Open().Lock(absl::InfiniteDuration()).ok());
  releaser.join();
}

TEST(DirectoryLockContractTest, DropsWhenHolderIsKilledAndStaysWhileItIsStopped) {
  ScratchDirectory scratch;
  ChildProcess holder = ChildProcess::Run("LockHolder", {scratch.path()});
  ASSERT_EQ(holder.Hear(), 'y');
  holder.Stop();
  Directory directory = scratch.Open();
  EXPECT_TRUE(absl::IsUnavailable(directory.Lock(absl::Milliseconds(10)).status()));
  holder.Kill();
  EXPECT_TRUE(directory.Lock(absl::Seconds(30)).ok());
}

TEST(DirectoryLockContractTest, LosesNoCount) {
  ScratchDirectory scratch;
  ChildProcess one = ChildProcess::Run("Counter", {scratch.path(), "100"});
  ChildProcess two = ChildProcess::Run("Counter", {scratch.path(), "100"});
  EXPECT_EQ(one.Wait(), 0);
  EXPECT_EQ(two.Wait(), 0);
  int count = 0;
  std::ifstream(scratch.PathOf("count")) >> count;
  EXPECT_EQ(count, 200);
}

}  // namespace
}  // namespace interprocess::platform
