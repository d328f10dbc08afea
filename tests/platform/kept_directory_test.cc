// SPDX-License-Identifier: MIT

#include "core/platform/kept_directory.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Link;
using ::interprocess::testing::ScratchDirectory;

int HandlesOf(const ScratchDirectory& directory) {
  struct stat wanted, found;
  if (stat(directory.path().c_str(), &wanted) != 0) return -1;
  int count = 0;
  for (int handle = 0; handle < 1024; ++handle) {
    count += fstat(handle, &found) == 0 && found.st_dev == wanted.st_dev &&
             found.st_ino == wanted.st_ino;
  }
  return count;
}

KeptDirectory Keep(const ScratchDirectory& directory) {
  return KeptDirectory::Keep(directory.Open()).value();
}

TEST(KeptDirectoryTest, HasOneHandleForAllWhoKeepIt) {
  ScratchDirectory scratch, another;
  KeptDirectory first = Keep(scratch), second = Keep(scratch), other = Keep(another);
  EXPECT_EQ(HandlesOf(scratch), 1);
  EXPECT_EQ(HandlesOf(another), 1);
  first = KeptDirectory();
  EXPECT_EQ(HandlesOf(scratch), 1);
  EXPECT_TRUE((*second.Get())->List("").ok());
  KeptDirectory moved = std::move(second);
  EXPECT_FALSE(second.Get().ok());
  moved = KeptDirectory();
  EXPECT_EQ(HandlesOf(scratch), 0);
}

TEST(KeptDirectoryTest, OfAParentIsNotTheForkedChilds) {
  ScratchDirectory scratch;
  KeptDirectory kept = Keep(scratch);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    CHILD_CHECK(HandlesOf(scratch) == 0);
    CHILD_CHECK(absl::IsFailedPrecondition(kept.Get().status()));
    {
      KeptDirectory own = Keep(scratch);
      CHILD_CHECK(own.Get().ok() && HandlesOf(scratch) == 1);
      kept = KeptDirectory();
      CHILD_CHECK(own.Get().ok());
    }
    CHILD_CHECK(HandlesOf(scratch) == 0);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_TRUE(kept.Get().ok());
}

TEST(KeptDirectoryTest, IsLockedByItselfWhenNoHandleIsFree) {
  ScratchDirectory scratch;
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    KeptDirectory first = Keep(scratch), second = Keep(scratch);
    Directory directory = scratch.Open();
    absl::StatusOr<DirectoryLock> usual = directory.Lock(absl::ZeroDuration());
    CHILD_CHECK(usual.ok());
    const rlimit limit = {64, 64};
    CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
    }
    CHILD_CHECK(absl::IsUnavailable(first.Lock(absl::ZeroDuration()).status()));
    usual = absl::UnknownError("dropped");
    int taken = -1;
    while ((taken = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
    }
    {
      absl::StatusOr<DirectoryLock> lock = first.Lock(absl::ZeroDuration());
      CHILD_CHECK(lock.ok());
      CHILD_CHECK(absl::IsUnavailable(second.Lock(absl::ZeroDuration()).status()));
      close(63);
      CHILD_CHECK(absl::IsUnavailable(directory.Lock(absl::ZeroDuration()).status()));
    }
    CHILD_CHECK(second.Lock(absl::ZeroDuration()).ok());
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

TEST(KeptDirectoryTest, WhoseNumberIsAnothersIsLeftAlone) {
  ScratchDirectory scratch, another;
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    {
      KeptDirectory kept = Keep(scratch);
      for (int handle = 3; handle < 64; ++handle) close(handle);
      KeptDirectory other = Keep(another);
      CHILD_CHECK(absl::IsFailedPrecondition(kept.Get().status()));
      CHILD_CHECK(absl::IsFailedPrecondition(kept.Lock(absl::ZeroDuration()).status()));
      kept = KeptDirectory();
      CHILD_CHECK(other.Get().ok() && HandlesOf(another) == 1);
    }
    {
      // It gets its number back: one handle, which the last of the two closes.
      KeptDirectory kept = Keep(scratch);
      for (int handle = 3; handle < 64; ++handle) close(handle);
      KeptDirectory again = Keep(scratch);
      CHILD_CHECK(kept.Get().ok() && HandlesOf(scratch) == 1);
      kept = KeptDirectory();
      CHILD_CHECK(again.Get().ok() && HandlesOf(scratch) == 1);
    }
    CHILD_CHECK(HandlesOf(scratch) == 0);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

}  // namespace
}  // namespace interprocess::platform
