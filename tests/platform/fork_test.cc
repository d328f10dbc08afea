// SPDX-License-Identifier: MIT

// What a fork leaves to the child: nothing of its parent's leases and locks, and a generation by
// which it knows.

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/platform/barrier.h"
#include "core/platform/directory.h"
#include "core/platform/fork_generation.h"
#include "core/platform/lease.h"
#include "core/platform/private_handle.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Eventually;
using ::interprocess::testing::Link;
using ::interprocess::testing::ScratchDirectory;

constexpr char kName[] = "leases";

// How many handles of this process have `identity` open. Allocates nothing: it also runs in the
// child of a process with threads.
int OpenHandlesOf(const FileIdentity& identity) {
  int count = 0;
  for (int handle = 0; handle < 1024; ++handle) {
    struct stat found;
    if (fstat(handle, &found) == 0 && found.st_dev == identity.device &&
        found.st_ino == identity.inode) {
      ++count;
    }
  }
  return count;
}

// An emulator of another processor (tools/build/toolchains/aarch64) wipes no page on fork, and
// tells a forked child when its parent started.
bool IsEmulated() { return getenv("INTERPROCESS_EMULATOR") != nullptr; }

class ForkTest : public ::testing::Test {
 protected:
  ScratchDirectory directory_;
  File file_ = directory_.MakeFile(kName, 4096);
};

TEST(ForkGenerationTest, DiffersInAChild) {
  const uint64_t mine = InitForkGeneration();
  ChildProcess child = ChildProcess::Fork([mine](const Link&) {
    CHILD_CHECK(ForkGeneration() != mine);
    const uint64_t own = InitForkGeneration();
    CHILD_CHECK(own != 0);
    CHILD_CHECK(own != mine);
    CHILD_CHECK(ForkGeneration() == own);
    CHILD_CHECK(ChildProcess::Fork([mine, own](const Link&) {
                  CHILD_CHECK(ForkGeneration() != own);
                  CHILD_CHECK(ForkGeneration() != mine);
                  CHILD_CHECK(InitForkGeneration() != own);
                  CHILD_CHECK(InitForkGeneration() != mine);
                  return 0;
                }).Wait() == 0);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_EQ(ForkGeneration(), mine);
  EXPECT_EQ(InitForkGeneration(), mine);
}

// These two run no fork handlers. Their children only look and leave.
TEST(ForkGenerationTest, DiffersInAChildThatRunsNoHandlers) {
  if (IsEmulated()) GTEST_SKIP() << "without handlers a page that is wiped on fork is needed";
  const uint64_t mine = InitForkGeneration();
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  const pid_t forked = _Fork();
  if (forked == 0) _exit(ForkGeneration() != mine ? 0 : 1);
  int state = -1;
  ASSERT_EQ(waitpid(forked, &state, 0), forked);
  EXPECT_EQ(state, 0);
#endif
  const pid_t cloned = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (cloned == 0) _exit(ForkGeneration() != mine ? 0 : 1);
  int clone_state = -1;
  ASSERT_EQ(waitpid(cloned, &clone_state, 0), cloned);
  EXPECT_EQ(clone_state, 0);
  EXPECT_EQ(ForkGeneration(), mine);
}

TEST(ProcessBarrierTest, WorksInAChild) {
  const bool available = ProcessBarrierAvailable();
  ChildProcess child = ChildProcess::Fork([available](const Link&) {
    ProcessBarrier();
    CHILD_CHECK(ProcessBarrierAvailable() == available);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

TEST(ProcessStartTimeTest, IsAChildsOwn) {
  if (IsEmulated()) GTEST_SKIP() << "the emulator tells when the parent started";
  const int64_t mine = ProcessStartTime();
  // A child of a child of ...: at most one tick of the clock later each time, until it differs.
  EXPECT_TRUE(Eventually([mine] {
    return ChildProcess::Fork([mine](const Link&) {
             // Two readings of the two clocks may differ by less than a tick.
             return ProcessStartTime() > mine + 10'000'000 ? 0 : 1;
           }).Wait() == 0;
  }));
}

// Holds lease 1 and has a child that outlives it.
CHILD_ROLE(HolderWithChild) {
  auto directory = Directory::Open(arguments[0]);
  CHILD_CHECK(directory.ok());
  auto file = directory->OpenFile(kName, false);
  CHILD_CHECK(file.ok());
  auto leases = LeaseFile::Open(*file);
  CHILD_CHECK(leases.ok());
  CHILD_CHECK(*leases->TryLock(1, LeaseMode::kExclusive));
  auto lock = directory->Lock(absl::ZeroDuration());
  CHILD_CHECK(lock.ok());
  const pid_t child = fork();
  CHILD_CHECK(child >= 0);
  if (child == 0) {
    parent.Say('c');
    while (parent.Hear() == 'p') parent.Say('a');
    _exit(0);
  }
  // The child listens from now on.
  for (;;) pause();
}

TEST_F(ForkTest, LeaseDropsWhenHolderDiesThoughItsChildLives) {
  ChildProcess holder = ChildProcess::Run("HolderWithChild", {directory_.path()});
  ASSERT_EQ(holder.Hear(), 'c');
  LeaseFile mine = LeaseFile::Open(file_).value();
  EXPECT_EQ(*mine.IsHeldExclusively(1, 1), true);
  EXPECT_TRUE(absl::IsUnavailable(directory_.Open().Lock(absl::ZeroDuration()).status()));
  holder.Kill();
  EXPECT_TRUE(Eventually([&] { return !*mine.IsHeldExclusively(1, 1); }));
  EXPECT_TRUE(directory_.Open().Lock(absl::Seconds(30)).ok());
  // The child was there all the time.
  holder.Say('p');
  EXPECT_EQ(holder.Hear(), 'a');
  holder.Say('q');
}

TEST_F(ForkTest, ChildTakesNothingFromItsParent) {
  LeaseFile mine = LeaseFile::Open(file_).value();
  ASSERT_EQ(*mine.TryLock(1, LeaseMode::kExclusive), true);
  ASSERT_EQ(*mine.TryLock(2, LeaseMode::kShared), true);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    CHILD_CHECK(absl::IsFailedPrecondition(mine.TryLock(3, LeaseMode::kShared).status()));
    CHILD_CHECK(absl::IsFailedPrecondition(mine.Unlock(1)));
    CHILD_CHECK(absl::IsFailedPrecondition(mine.IsHeldExclusively(1, 1).status()));
    mine.Close();
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  LeaseFile other = LeaseFile::Open(file_).value();
  EXPECT_EQ(*other.IsHeldExclusively(1, 1), true);
  EXPECT_EQ(*other.TryLock(2, LeaseMode::kExclusive), false);
}

TEST_F(ForkTest, ChildDoesNotCloseWhatGotTheSameNumber) {
  auto mine = std::make_unique<LeaseFile>(LeaseFile::Open(file_).value());
  const FileIdentity identity = *file_.Identity();
  const int open_here = OpenHandlesOf(identity);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    CHILD_CHECK(OpenHandlesOf(identity) == open_here - 1);
    // Takes every number up to well behind what the lease had.
    std::vector<int> handles;
    for (int i = 0; i < 64; ++i) handles.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    mine.reset();
    for (const int handle : handles) CHILD_CHECK(fcntl(handle, F_GETFD) != -1);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_EQ(OpenHandlesOf(identity), open_here);
}

TEST_F(ForkTest, ChildOpensItsOwn) {
  LeaseFile parents = LeaseFile::Open(file_).value();
  ASSERT_EQ(*parents.TryLock(1, LeaseMode::kExclusive), true);
  ChildProcess child = ChildProcess::Fork([&](const Link& parent) {
    auto own = LeaseFile::Open(file_);
    CHILD_CHECK(own.ok());
    CHILD_CHECK(!*own->TryLock(1, LeaseMode::kExclusive));
    CHILD_CHECK(*own->IsHeldExclusively(1, 1));
    CHILD_CHECK(*own->TryLock(2, LeaseMode::kExclusive));
    parents = *std::move(own);
    parent.Say('y');
    parent.Hear();
    return 0;
  });
  ASSERT_EQ(child.Hear(), 'y');
  EXPECT_EQ(*parents.IsHeldExclusively(2, 1), true);
  child.Kill();
  EXPECT_TRUE(Eventually([&] { return !*parents.IsHeldExclusively(2, 1); }));
}

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
TEST_F(ForkTest, ChildThatRunsNoHandlersIsRefused) {
  if (IsEmulated()) GTEST_SKIP() << "without handlers a page that is wiped on fork is needed";
  LeaseFile mine = LeaseFile::Open(file_).value();
  ASSERT_EQ(*mine.TryLock(1, LeaseMode::kExclusive), true);
  const pid_t child = _Fork();
  if (child == 0) _exit(absl::IsFailedPrecondition(mine.Unlock(1)) ? 0 : 1);
  int state = -1;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  EXPECT_EQ(state, 0);
  EXPECT_EQ(*LeaseFile::Open(file_)->IsHeldExclusively(1, 1), true);
}
#endif

TEST_F(ForkTest, ManyHandlesOpenAndCloseInAnyOrder) {
  const FileIdentity identity = *file_.Identity();
  const int open_before = OpenHandlesOf(identity);
  std::vector<LeaseFile> files;
  for (int i = 0; i < 400; ++i) files.push_back(LeaseFile::Open(file_).value());
  EXPECT_EQ(OpenHandlesOf(identity), open_before + 400);
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::swap(files[random() % files.size()], files.back());
    files.pop_back();
  }
  EXPECT_EQ(OpenHandlesOf(identity), open_before + 200);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    CHILD_CHECK(OpenHandlesOf(identity) == open_before);
    files.clear();
    CHILD_CHECK(OpenHandlesOf(identity) == open_before);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
  files.clear();
  EXPECT_EQ(OpenHandlesOf(identity), open_before);
}

// No child catches another thread between opening a handle and knowing of it.
TEST_F(ForkTest, NoHandleSlipsThroughWhileThreadsOpenAndClose) {
  const FileIdentity identity = *file_.Identity();
  const int open_before = OpenHandlesOf(identity);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop.load(std::memory_order_relaxed)) LeaseFile::Open(file_).value().Close();
    });
  }
  for (int i = 0; i < 200; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(OpenHandlesOf(identity) == open_before ? 0 : 1);
    int state = -1;
    ASSERT_EQ(waitpid(child, &state, 0), child);
    EXPECT_EQ(state, 0) << "fork " << i;
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace interprocess::platform
