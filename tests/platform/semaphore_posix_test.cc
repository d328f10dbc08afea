// SPDX-License-Identifier: MIT

// Named semaphores where names are the machine's and users are numbers.

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "core/platform/semaphore.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/linux_sandbox.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Link;

constexpr uid_t kNobody = 65534;
constexpr int64_t kMillisecond = 1'000'000;

// Needs root, and a name space of users that has more than one.
bool BecomeNobody() {
  if (setgid(kNobody) == 0 && setuid(kNobody) == 0) return true;
  perror("setuid");
  return false;
}

class SemaphorePosixTest : public ::testing::Test {
 protected:
  ~SemaphorePosixTest() override { NamedSemaphore::Remove(name_).IgnoreError(); }

  const std::string name_ = absl::StrCat("ipqtest", absl::Hex(RandomWord()));
};

TEST_F(SemaphorePosixTest, NameIsGoneWhenRemoved) {
  ASSERT_TRUE(NamedSemaphore::Open(name_, {}).ok());
  EXPECT_TRUE(NamedSemaphore::Remove(name_).ok());
  const absl::Status missing = NamedSemaphore::Remove(name_);
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_TRUE(absl::StrContains(missing.message(), name_)) << missing;
}

TEST_F(SemaphorePosixTest, OneMadeAfterRemovalIsAnother) {
  auto old = NamedSemaphore::Open(name_, {});
  ASSERT_TRUE(old.ok());
  ASSERT_TRUE(NamedSemaphore::Remove(name_).ok());
  auto fresh = NamedSemaphore::Open(name_, {});
  ASSERT_TRUE(fresh.ok());
  ASSERT_TRUE(old->Post().ok());
  EXPECT_FALSE(fresh->TryWait());
  EXPECT_TRUE(old->TryWait());
}

// The permission bits of the file that the C library keeps the semaphore in.
int ModeOnDisk(const std::string& name) {
  struct stat found;
  for (const char* prefix : {"/dev/shm/sem.", "/dev/shm/"}) {
    if (stat(absl::StrCat(prefix, name).c_str(), &found) == 0) return found.st_mode & 07777;
  }
  return -1;
}

TEST_F(SemaphorePosixTest, ModeIsWhatIsAskedFor) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    umask(0077);
    const struct {
      Access access;
      int mode;
    } cases[] = {{Access::kOwner, 0600}, {Access::kGroup, 0660}, {Access::kEveryone, 0666}};
    for (const auto& one : cases) {
      SemaphoreOptions options;
      options.access = one.access;
      CHILD_CHECK(NamedSemaphore::Open(name_, options).ok());
      CHILD_CHECK(ModeOnDisk(name_) == one.mode);
      CHILD_CHECK(NamedSemaphore::Remove(name_).ok());
    }
    SemaphoreOptions options;
    options.mode = 0777;
    CHILD_CHECK(NamedSemaphore::Open(name_, options).ok());
    CHILD_CHECK(ModeOnDisk(name_) == 0777);
    CHILD_CHECK(NamedSemaphore::Remove(name_).ok());
    umask(0022);
    options.apply_umask = true;
    CHILD_CHECK(NamedSemaphore::Open(name_, options).ok());
    CHILD_CHECK(ModeOnDisk(name_) == 0755);
    // One that exists keeps its mode.
    options.apply_umask = false;
    CHILD_CHECK(NamedSemaphore::Open(name_, options).ok());
    CHILD_CHECK(ModeOnDisk(name_) == 0755);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

TEST_F(SemaphorePosixTest, OneOfAnotherUserIsRefusedByName) {
  ASSERT_TRUE(NamedSemaphore::Open(name_, {}).ok());
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!BecomeNobody()) return ::interprocess::testing::kForbidden;
    for (const SemaphoreOpen open : {SemaphoreOpen::kOpenOrCreate, SemaphoreOpen::kOpenExisting}) {
      SemaphoreOptions options;
      options.open = open;
      const absl::Status refused = NamedSemaphore::Open(name_, options).status();
      CHILD_CHECK(absl::IsPermissionDenied(refused));
      CHILD_CHECK(absl::StrContains(refused.message(), name_));
    }
    const absl::Status kept = NamedSemaphore::Remove(name_);
    CHILD_CHECK(absl::IsPermissionDenied(kept));
    CHILD_CHECK(absl::StrContains(kept.message(), name_));
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
  EXPECT_TRUE(NamedSemaphore::Remove(name_).ok());
}

TEST_F(SemaphorePosixTest, OneForEveryoneServesAnotherUser) {
  SemaphoreOptions options;
  options.access = Access::kEveryone;
  auto semaphore = NamedSemaphore::Open(name_, options);
  ASSERT_TRUE(semaphore.ok());
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!BecomeNobody()) return ::interprocess::testing::kForbidden;
    auto other = NamedSemaphore::Open(name_, {});
    CHILD_CHECK(other.ok());
    CHILD_CHECK(other->Post().ok());
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
  EXPECT_TRUE(semaphore->TryWait());
}

TEST_F(SemaphorePosixTest, SignalsDoNotEndAWait) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    static int signals;
    signals = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { ++signals; };
    CHILD_CHECK(sigaction(SIGALRM, &action, nullptr) == 0);
    auto semaphore = NamedSemaphore::Open(name_, {});
    CHILD_CHECK(semaphore.ok());
    const itimerval often = {{0, 1000}, {0, 1000}};
    CHILD_CHECK(setitimer(ITIMER_REAL, &often, nullptr) == 0);
    const int64_t start = MonotonicNanos();
    auto had = semaphore->Wait(100 * kMillisecond);
    const int64_t waited = MonotonicNanos() - start;
    CHILD_CHECK(had.ok());
    CHILD_CHECK(!*had);
    CHILD_CHECK(waited >= 100 * kMillisecond);
    CHILD_CHECK(signals > 0);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

}  // namespace
}  // namespace interprocess::platform
