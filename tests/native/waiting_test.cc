// SPDX-License-Identifier: MIT

#include "core/native/waiting.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/engine/engine.h"
#include "core/wait_loop.h"
#include "gtest/gtest.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::FakeEnvironment;
using testing::FakeWorld;

// An engine that does nothing but sleep.
class SleepingEngine final : public Engine {
 public:
  SleepingEngine(const Header& header, WaitWord& word, Environment& environment)
      : Engine(absl::StatusCode::kUnavailable),
        word_(word),
        environment_(environment),
        sleeper_(header, word, environment) {}

  int64_t capacity() const override { return 0; }
  size_t max_message_size() const override { return 0; }
  void PrepareSleep() override { sleeper_.Prepare(); }
  absl::Status Sleep(int64_t timeout_ns) override {
    ++sleeps;
    if (before_sleep) before_sleep();
    absl::StatusOr<bool> woken = sleeper_.Sleep(std::min(limit, timeout_ns));
    if (!woken.ok()) return woken.status();
    if (!*woken) ++timeouts;
    return absl::OkStatus();
  }
  void EndSleeps() override {
    sleeper_.End();
    ++ends;
  }
  void WakeWaiters() override { CountUpAndWake(word_, environment_); }
  absl::Status Leave() override { return absl::OkStatus(); }
  void Forget() override {}
  QueueFile file() const override { return {}; }
  EndpointCounters counters() const override { return {}; }
  absl::StatusOr<uint64_t> ApproximateDepth() const override { return 0; }

  std::function<void()> before_sleep;
  int64_t limit = 1000;
  int sleeps = 0, timeouts = 0, ends = 0;

 private:
  WaitWord& word_;
  Environment& environment_;
  Sleeper sleeper_;
};

class WaitingTest : public ::testing::Test {
 protected:
  WaitingTest() { options_.spin = absl::ZeroDuration(); }

  absl::Status Wait() {
    return internal::WaitFor(engine_, closed_, options_, [&] {
      ++attempts_;
      if (at_attempt_) at_attempt_();
      return there_ ? absl::OkStatus() : absl::UnavailableError("");
    });
  }
  // A notifier's step.
  void Notify() {
    there_ = true;
    notifies_.Notify();
  }
  // As the kernel does it: sleeps only while the word holds what was expected, and then until a
  // wake.
  void SleepNotForEver() {
    environment_.on_sleep = [this](const std::atomic<uint32_t>& word, uint32_t expected, int64_t) {
      if (word.load() != expected) return;
      ADD_FAILURE() << "sleeps though the notifier is through: a lost wake-up";
      there_ = true;
    };
  }

  // Sleeps are short until the flag is a millisecond old, and again from each new flag on.
  void ExpectShortSleepsAfterEachRaisedFlag() {
    engine_.limit = kIdleSleepNanos;
    std::vector<int64_t> limits;
    environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t limit) {
      limits.push_back(limit);
      // The first sleep is ended early, as a signal does.
      world_.now += limits.size() == 1 ? kUnfencedSleepNanos / 2 : limit;
      if (limits.size() == 3) WakeSome(word_, notifier_);
      if (limits.size() == 5) there_ = true;
    };
    EXPECT_TRUE(Wait().ok());
    EXPECT_EQ(limits,
              (std::vector<int64_t>{kUnfencedSleepNanos, kUnfencedSleepNanos, kIdleSleepNanos,
                                    kUnfencedSleepNanos, kIdleSleepNanos}));
  }

  FakeWorld world_;
  FakeEnvironment environment_{world_}, notifier_{world_};
  Header header_{};
  WaitWord& word_ = header_.data;
  Notifier notifies_{word_, notifier_};
  SleepingEngine engine_{header_, word_, environment_};
  std::atomic<bool> closed_{false};
  WaitOptions options_;
  std::function<void()> at_attempt_;
  bool there_ = false;
  int attempts_ = 0;
};

TEST_F(WaitingTest, WhatIsThereNeedsNoSleepAndLeavesNoFlag) {
  there_ = true;
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(attempts_, 1);
  EXPECT_EQ(environment_.sleeps, 0);
  EXPECT_EQ(word_.flag.load(), 0u);
}

TEST_F(WaitingTest, OtherErrorsEndTheWaitAtOnce) {
  const absl::Status status =
      internal::WaitFor(engine_, closed_, options_, [] { return absl::DataLossError("torn"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(environment_.sleeps, 0);
}

TEST_F(WaitingTest, SleepsOnTheSequenceThatItReadBeforeItsLastLook) {
  word_.seq.store(7);
  environment_.on_sleep = [&](const std::atomic<uint32_t>& word, uint32_t expected, int64_t limit) {
    EXPECT_EQ(&word, &word_.seq);
    EXPECT_EQ(expected, 7u);
    EXPECT_EQ(limit, 1000);
    EXPECT_EQ(word_.flag.load(), 8u);
    Notify();
  };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(environment_.sleeps, 1);
  EXPECT_EQ(engine_.sleeps, 1);
  EXPECT_EQ(engine_.timeouts, 0);
  EXPECT_EQ(notifier_.wakes, 1);
  EXPECT_EQ(word_.seq.load(), 8u);
}

// A whole notification before, or just before, the n-th look at the queue is never slept through.
TEST_F(WaitingTest, NotificationBeforeAnyLookIsNotLost) {
  for (int n = 1; n <= 2; ++n) {
    attempts_ = 0;
    there_ = false;
    at_attempt_ = [this, n] {
      if (attempts_ == n) Notify();
    };
    SleepNotForEver();
    EXPECT_TRUE(Wait().ok());
  }
}

// The change comes right after the last look found nothing: the flag is set by then, so the
// notifier counts the sequence up, and the sleep does not begin.
TEST_F(WaitingTest, NotificationBetweenTheLastLookAndTheSleepIsNotLost) {
  SleepNotForEver();
  engine_.before_sleep = [&] { Notify(); };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(notifier_.wakes, 1);
}

// A notifier in four steps (change, count up, wake, take the flag back), with the waiter's whole
// round between any two of them.
TEST_F(WaitingTest, NotifierInPiecesNeverLeavesASleeper) {
  for (int steps_before_round = 0; steps_before_round <= 4; ++steps_before_round) {
    SCOPED_TRACE(steps_before_round);
    there_ = false;
    attempts_ = 0;
    word_.flag.store(word_.seq.load() + 1);  // from another waiter
    uint32_t seen = word_.flag.load();
    bool asleep = false;
    int done = 0;
    const auto step = [&] {
      if (done == 0) there_ = true;
      if (done == 1) word_.seq.fetch_add(1);
      if (done == 2) asleep = false;
      if (done == 3) word_.flag.compare_exchange_strong(seen, 0);
      ++done;
    };
    for (int i = 0; i < steps_before_round; ++i) step();
    environment_.on_sleep = [&](const std::atomic<uint32_t>& word, uint32_t expected, int64_t) {
      asleep = word.load() == expected;
      while (done < 4) step();
      EXPECT_FALSE(asleep);
    };
    EXPECT_TRUE(Wait().ok());
    while (done < 4) step();
  }
}

TEST_F(WaitingTest, SleepThatRunsOutIsReportedAndAnotherFollows) {
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) {
    if (environment_.sleeps == 3) there_ = true;
  };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(engine_.timeouts, 3);
  EXPECT_EQ(word_.flag.load(), 1u);
}

// Where every participant takes part, the sleeper's barrier stands in for the fence that notifiers
// go without; it comes after the flag and before the last look.
TEST_F(WaitingTest, BarrierComesBetweenTheFlagAndTheLastLook) {
  int attempts_at_barrier = 0;
  environment_.on_barrier = [&] {
    EXPECT_EQ(word_.flag.load(), 1u);
    attempts_at_barrier = attempts_;
  };
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) {
    EXPECT_EQ(attempts_, attempts_at_barrier + 1);
    there_ = true;
  };
  engine_.limit = INT64_MAX;
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(environment_.last_timeout, INT64_MAX);
  EXPECT_EQ(environment_.barriers, 1) << "the flag is up still when it looks once more";
}

TEST_F(WaitingTest, NotificationInTheBarrierIsNotLost) {
  environment_.on_barrier = [&] { Notify(); };
  SleepNotForEver();
  EXPECT_TRUE(Wait().ok());
}

// Somebody's look at the flag may have come before its change was seen: the first sleep after the
// flag was set anew is short, and the look after it finds the change.
TEST_F(WaitingTest, WithoutBarrierSleepsAreShortUntilTheFlagIsAMillisecondOld) {
  header_.no_barrier.store(1);
  ExpectShortSleepsAfterEachRaisedFlag();
  EXPECT_EQ(environment_.barriers, 0);
}

// A filter of system calls that is installed after the queue was opened may refuse the barrier.
TEST_F(WaitingTest, BarrierThatTheSystemRefusesCountsAsNone) {
  environment_.barrier_works = false;
  ExpectShortSleepsAfterEachRaisedFlag();
  EXPECT_EQ(environment_.barriers, 6);
}

TEST_F(WaitingTest, StopBeforeTheCallComesBeforeAnyAttempt) {
  StopSource source;
  source.RequestStop();
  options_.stop = source.token();
  there_ = true;
  EXPECT_EQ(Wait().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(attempts_, 0);
}

TEST_F(WaitingTest, DeadlineThatHasPassedAllowsOneTry) {
  options_.deadline = std::chrono::steady_clock::now() - std::chrono::hours(1);
  there_ = true;
  EXPECT_TRUE(Wait().ok());
  there_ = false;
  EXPECT_EQ(Wait().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(environment_.sleeps, 0);
}

TEST_F(WaitingTest, DeadlineBeforeTheClockBeganHasPassed) {
  options_.deadline = std::chrono::steady_clock::time_point::min();
  EXPECT_EQ(Wait().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(WaitingTest, SleepsNoLongerThanToTheDeadline) {
  engine_.limit = INT64_MAX;
  options_.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t limit) {
    EXPECT_LE(limit, 3600LL * 1'000'000'000);
    EXPECT_GT(limit, 3500LL * 1'000'000'000);
    there_ = true;
  };
  EXPECT_TRUE(Wait().ok());
}

TEST_F(WaitingTest, StopBeforeTheSleepPreventsIt) {
  StopSource source;
  options_.stop = source.token();
  at_attempt_ = [&] {
    if (attempts_ == 2) source.RequestStop();
  };
  EXPECT_EQ(Wait().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(environment_.sleeps, 0);
}

TEST_F(WaitingTest, StopDuringTheSleepCountsTheSequenceUpAndWakes) {
  StopSource source;
  options_.stop = source.token();
  environment_.on_sleep = [&](const std::atomic<uint32_t>& word, uint32_t expected, int64_t) {
    source.RequestStop();
    EXPECT_NE(word.load(), expected);
  };
  EXPECT_EQ(Wait().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(environment_.wakes, 1);
}

TEST_F(WaitingTest, MessageThatComesWithTheStopIsNotLeftBehind) {
  StopSource source;
  options_.stop = source.token();
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) {
    there_ = true;
    source.RequestStop();
  };
  EXPECT_TRUE(Wait().ok());
}

TEST_F(WaitingTest, ClosingEndsTheWait) {
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) { closed_ = true; };
  EXPECT_EQ(Wait().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(WaitingTest, NoWakeReachesAWaitThatHasEnded) {
  StopSource source;
  options_.stop = source.token();
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) { there_ = true; };
  EXPECT_TRUE(Wait().ok());
  source.RequestStop();
  EXPECT_EQ(environment_.wakes, 0);
}

// The next call counts from its own flag, not from one that was raised long ago.
TEST_F(WaitingTest, EveryWaitThatPreparedASleepEndsItsSleeps) {
  header_.no_barrier.store(1);
  engine_.limit = kIdleSleepNanos;
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) { there_ = true; };
  for (int i = 1; i <= 2; ++i) {
    there_ = false;
    EXPECT_TRUE(Wait().ok());
    EXPECT_EQ(environment_.last_timeout, kUnfencedSleepNanos);
    EXPECT_EQ(engine_.ends, i);
    world_.now += kIdleSleepNanos;
  }
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(engine_.ends, 2) << "found at its first try";
}

TEST_F(WaitingTest, PollsForTheSpinTimeBeforeItSleeps) {
  options_.spin = absl::Milliseconds(1);
  const auto began = std::chrono::steady_clock::now();
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) {
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1));
    there_ = true;
  };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(environment_.sleeps, 1);
}

TEST_F(WaitingTest, WhatComesWhilePollingNeedsNoSleep) {
  options_.spin = absl::Hours(1);
  at_attempt_ = [&] { there_ = attempts_ == 100; };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(environment_.sleeps, 0);
  EXPECT_EQ(word_.flag.load(), 0u);
}

TEST_F(WaitingTest, SpinForEverNeverSleeps) {
  options_.spin = absl::InfiniteDuration();
  at_attempt_ = [&] { there_ = attempts_ == 100; };
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) { there_ = true; };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(environment_.sleeps, 0);
}

TEST_F(WaitingTest, NegativeSpinSleepsAtOnce) {
  options_.spin = -absl::Seconds(1);
  environment_.on_sleep = [&](const std::atomic<uint32_t>&, uint32_t, int64_t) { there_ = true; };
  EXPECT_TRUE(Wait().ok());
  EXPECT_EQ(attempts_, 3);
}

TEST_F(WaitingTest, SystemThatRefusesASleepEndsTheWait) {
  environment_.sleep_status = absl::PermissionDeniedError("sem_open 'ipq.1'");
  EXPECT_EQ(Wait(), environment_.sleep_status);
  EXPECT_EQ(environment_.sleeps, 1);
}

}  // namespace
}  // namespace interprocess::native
