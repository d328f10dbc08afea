// SPDX-License-Identifier: MIT

// What only the waiter on semaphores has: names that others could be left with, permits too many.

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/native/traces.h"
#include "core/native/waiter.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/process.h"
#include "core/platform/semaphore.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"
#include "tests/platform/child_process.h"
#include "tests/platform/linux_sandbox.h"

namespace interprocess::native {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Link;
using platform::MonotonicNanos;
using platform::NamedSemaphore;
using platform::SemaphoreOpen;
using platform::SemaphoreOptions;
using testing::FakeEnvironment;
using testing::FakeWorld;
using testing::PlainQueue;

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kLong = 600'000 * kMillisecond;  // longer than any test may take

class WaiterSemaphoreTest : public ::testing::Test {
 protected:
  WaiterSemaphoreTest() {
    QueueMemory::Initialize(queue_.bytes(), {queue_.memory().geometry(), 1, 2, 3,
                                             platform::RandomWord(), WaiterKind::kSemaphore});
    memory_ = std::make_unique<QueueMemory>(
        QueueMemory::Check(queue_.bytes(), queue_.size(), "plain").value());
    for (uint32_t id = 1; id <= 3; ++id) queue_.MarkInUse(id);
    sleeper_ = MakeWaiter(*memory_, Access::kOwner);
    waker_ = MakeWaiter(*memory_, Access::kOwner);
  }
  ~WaiterSemaphoreTest() override {
    for (uint32_t id = 1; id <= 3; ++id) {
      for (uint32_t number = 0; number <= Record(id).semaphore.load(); ++number) {
        NamedSemaphore::Remove(SemaphoreName(*memory_, id, number)).IgnoreError();
      }
    }
  }

  Participant& Record(uint32_t id) const { return memory_->participant(id); }
  std::atomic<uint32_t>& word() const { return memory_->header().data.seq; }
  std::string NameOf(uint32_t id) const {
    return SemaphoreName(*memory_, id, Record(id).semaphore.load());
  }
  static absl::StatusOr<NamedSemaphore> Find(const std::string& name) {
    SemaphoreOptions options;
    options.open = SemaphoreOpen::kOpenExisting;
    return NamedSemaphore::Open(name, options);
  }
  static bool Exists(const std::string& name) { return Find(name).ok(); }

  // Participant 1 sleeps for a moment: whether that lasted its time.
  bool SleepsItsTime() const {
    const int64_t start = MonotonicNanos();
    EXPECT_TRUE(sleeper_->Sleep(1, word(), word().load(), 20 * kMillisecond).ok());
    return MonotonicNanos() - start >= 20 * kMillisecond;
  }
  // Announced as asleep, and the waker wakes.
  void WakeAsIfAsleep(uint32_t id) const {
    Record(id).sleeps_on.store(static_cast<uint32_t>(memory_->OffsetOf(&word())));
    waker_->WakeAll(word());
    Record(id).sleeps_on.store(0);
  }

  PlainQueue queue_;
  std::unique_ptr<QueueMemory> memory_;
  std::unique_ptr<Waiter> sleeper_;
  std::unique_ptr<Waiter> waker_;
};

TEST_F(WaiterSemaphoreTest, NameIsMadeWithTheFirstSleepAndGoesWithLeaving) {
  EXPECT_EQ(Record(1).semaphore.load(), 0u);
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_EQ(Record(1).semaphore.load(), 1u);
  EXPECT_TRUE(Exists(NameOf(1)));
  sleeper_->Leave();
  EXPECT_FALSE(Exists(NameOf(1)));
}

TEST_F(WaiterSemaphoreTest, NamesAreShortAndTellQueueParticipantAndNumber) {
  EXPECT_EQ(SemaphoreName(PlainQueue().memory(), 8191, 0xabcdef), "ipq.00000000000000041fffabcdef");
  std::set<std::string> names;
  for (uint64_t unique : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    PlainQueue queue;
    QueueMemory::Initialize(queue.bytes(), {queue.memory().geometry(), 1, 2, 3, unique});
    const QueueMemory memory = QueueMemory::Check(queue.bytes(), queue.size(), "plain").value();
    for (uint32_t id : {1u, 2u, kMaxParticipantIds}) {
      for (uint32_t number : {1u, 2u, kMaxSemaphoreNumber}) {
        const std::string name = SemaphoreName(memory, id, number);
        EXPECT_LE(name.size(), platform::kPortableSemaphoreNameLength);
        EXPECT_TRUE(names.insert(name).second) << name;
      }
    }
  }
}

TEST_F(WaiterSemaphoreTest, PermitsTooManyEndOneSleepEarlyAndNoMore) {
  EXPECT_TRUE(SleepsItsTime());
  for (int i = 0; i < 5; ++i) WakeAsIfAsleep(1);
  EXPECT_EQ(*Find(NameOf(1))->Value(), 5);
  EXPECT_FALSE(SleepsItsTime());
  EXPECT_EQ(*Find(NameOf(1))->Value(), 0);
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_EQ(Record(1).semaphore.load(), 1u);
}

TEST_F(WaiterSemaphoreTest, OneAtTheMaximumIsReplaced) {
  EXPECT_TRUE(SleepsItsTime());
  const std::string flooded = NameOf(1);
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(Find(flooded)->Post().ok());
  EXPECT_FALSE(SleepsItsTime());
  EXPECT_FALSE(Exists(flooded));
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_EQ(Record(1).semaphore.load(), 2u);
  // And the waker, which has the old one open, finds the new one.
  WakeAsIfAsleep(1);
  EXPECT_FALSE(SleepsItsTime());
}

TEST_F(WaiterSemaphoreTest, NextHolderOfADeadOnesIdReplacesItsSemaphore) {
  EXPECT_TRUE(SleepsItsTime());
  WakeAsIfAsleep(1);  // the waker has it open, and a permit is left
  const std::string left = NameOf(1);
  sleeper_ = MakeWaiter(*memory_, Access::kOwner);  // without leaving, as one that was killed
  EXPECT_TRUE(Exists(left));
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_FALSE(Exists(left));
  EXPECT_EQ(Record(1).semaphore.load(), 2u);
  WakeAsIfAsleep(1);
  EXPECT_FALSE(SleepsItsTime());
}

TEST_F(WaiterSemaphoreTest, OneRemovedFromOutsideIsMadeAgain) {
  EXPECT_TRUE(SleepsItsTime());
  ASSERT_TRUE(NamedSemaphore::Remove(NameOf(1)).ok());
  // A wake-up that cannot come: the word changes while it sleeps, and no waker posts.
  std::thread changer([&] {
    // While participant 1 sleeps, as its record says.
    while (Record(1).sleeps_on.load() == 0) {
    }
    word().fetch_add(1);
    waker_->WakeAll(word());
  });
  EXPECT_TRUE(sleeper_->Sleep(1, word(), word().load(), 200 * kMillisecond).ok());
  changer.join();
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_EQ(Record(1).semaphore.load(), 2u);
  WakeAsIfAsleep(1);
  EXPECT_FALSE(SleepsItsTime());
}

TEST_F(WaiterSemaphoreTest, SweepTakesThoseOfTheDeadOnly) {
  FakeWorld world;
  FakeEnvironment environment(world);
  FakeEnvironment living(world);
  auto second = MakeWaiter(*memory_, Access::kOwner);
  EXPECT_TRUE(SleepsItsTime());
  ASSERT_TRUE(second->Sleep(2, word(), word().load(), 1).ok());
  ASSERT_TRUE(living.TryHoldAlive(2));
  RemoveTraces(*memory_, environment);
  EXPECT_FALSE(Exists(NameOf(1)));
  EXPECT_TRUE(Exists(NameOf(2)));
  // A newcomer that is about to take the id is left alone too.
  living.Die();
  ASSERT_TRUE(living.TryLockJoin(2));
  RemoveTraces(*memory_, environment);
  EXPECT_TRUE(Exists(NameOf(2)));
  living.UnlockJoin(2);
  RemoveTraces(*memory_, environment);
  EXPECT_FALSE(Exists(NameOf(2)));
}

TEST_F(WaiterSemaphoreTest, NumbersGoRound) {
  Record(1).semaphore.store(kMaxSemaphoreNumber);
  EXPECT_TRUE(SleepsItsTime());
  EXPECT_EQ(Record(1).semaphore.load(), 1u);
  sleeper_->Leave();
  Record(1).semaphore.store(0);
}

TEST_F(WaiterSemaphoreTest, ResolvedSleeperIsNotWoken) {
  EXPECT_TRUE(SleepsItsTime());
  Record(1).state.store(Record(1).state.load() & ~uint64_t{0xff});  // clean
  WakeAsIfAsleep(1);
  EXPECT_EQ(*Find(NameOf(1))->Value(), 0);
}

// Without the mode of the queue's file another user could not wake.
TEST_F(WaiterSemaphoreTest, OneOfAnotherUserIsRefusedByName) {
  EXPECT_TRUE(SleepsItsTime());
  const std::string name = NameOf(1);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (setgid(65534) != 0 || setuid(65534) != 0) {
      perror("setuid");
      return ::interprocess::testing::kForbidden;
    }
    // It took the id of the one that died, in a directory of names where it may not remove.
    const absl::Status refused =
        MakeWaiter(*memory_, Access::kOwner)->Sleep(1, word(), word().load(), kLong);
    CHILD_CHECK(absl::IsPermissionDenied(refused));
    CHILD_CHECK(absl::StrContains(refused.message(), name));
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(WaiterSemaphoreTest, OneForEveryoneIsReusedByAnotherUser) {
  sleeper_ = MakeWaiter(*memory_, Access::kEveryone);
  // Which narrows the mode on some systems (core/platform/README.md).
  const mode_t before = umask(0);
  EXPECT_TRUE(SleepsItsTime());
  umask(before);
  WakeAsIfAsleep(1);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (setgid(65534) != 0 || setuid(65534) != 0) {
      perror("setuid");
      return ::interprocess::testing::kForbidden;
    }
    auto waiter = MakeWaiter(*memory_, Access::kEveryone);
    const int64_t start = MonotonicNanos();
    CHILD_CHECK(waiter->Sleep(1, word(), word().load(), 20 * kMillisecond).ok());
    CHILD_CHECK(MonotonicNanos() - start >= 20 * kMillisecond);  // no permit was left
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
  EXPECT_EQ(Record(1).semaphore.load(), 1u);
}

}  // namespace
}  // namespace interprocess::native
