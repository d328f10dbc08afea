// SPDX-License-Identifier: MIT

// Deadlines, and stops that several threads ask for and wait for.

#include "interprocess/wait_options.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/stop_token.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using Clock = std::chrono::steady_clock;

TEST(WaitOptionsTest, WithoutATimeoutWaitForEver) {
  EXPECT_EQ(WaitOptions().End(), Clock::time_point::max());
  EXPECT_EQ(WaitOptions(StopToken()).End(), Clock::time_point::max());
  EXPECT_EQ(WaitOptions::For(absl::InfiniteDuration()).End(), Clock::time_point::max());
  EXPECT_EQ(WaitOptions::Until(absl::InfiniteFuture()).End(), Clock::time_point::max());
  EXPECT_EQ(WaitOptions().spin, absl::Microseconds(20));
  EXPECT_FALSE(WaitOptions().stop.stop_requested());
}

TEST(WaitOptionsTest, TimeoutIsOfEachCall) {
  const WaitOptions options = WaitOptions::For(absl::Seconds(10));
  for (int call = 0; call < 3; ++call) {
    const Clock::time_point before = Clock::now();
    const Clock::time_point end = options.End();
    EXPECT_GE(end, before + std::chrono::seconds(10));
    EXPECT_LE(end, Clock::now() + std::chrono::seconds(10));
    while (Clock::now() <= before) std::this_thread::yield();
  }
}

TEST(WaitOptionsTest, DeadlineIsOfAllCalls) {
  const Clock::time_point before = Clock::now();
  const WaitOptions options = WaitOptions::Until(absl::Now() + absl::Seconds(10));
  const Clock::time_point end = options.End();
  // The clocks are read one after the other.
  EXPECT_GT(end, before + std::chrono::seconds(5));
  EXPECT_LE(end, Clock::now() + std::chrono::seconds(10));
  while (Clock::now() <= before + std::chrono::milliseconds(1)) std::this_thread::yield();
  EXPECT_EQ(options.End(), end);
}

TEST(WaitOptionsTest, WhatComesFirstEndsTheWait) {
  WaitOptions options = WaitOptions::Until(absl::Now() + absl::Hours(2));
  const Clock::time_point deadline = options.deadline;
  options.timeout = absl::Hours(3);
  EXPECT_EQ(options.End(), deadline);
  options.timeout = absl::Hours(1);
  EXPECT_LT(options.End(), deadline);
}

TEST(WaitOptionsTest, NegativeTimeIsNone) {
  for (absl::Duration timeout : {-absl::Seconds(1), -absl::InfiniteDuration()}) {
    for (const WaitOptions& options :
         {WaitOptions::For(timeout), WaitOptions::Until(absl::Now() + timeout)}) {
      const Clock::time_point end = options.End();
      EXPECT_LE(end, Clock::now());
    }
  }
  const Clock::time_point end = WaitOptions::Until(absl::InfinitePast()).End();
  EXPECT_LE(end, Clock::now());
}

TEST(WaitOptionsTest, LongTimesDoNotOverflow) {
  for (absl::Duration timeout : {absl::Hours(24 * 365 * 99), absl::Hours(24 * 365 * 200),
                                 absl::Hours(24 * 365 * 1000000LL)}) {
    const Clock::time_point late = Clock::now() + std::chrono::hours(24 * 365 * 98);
    EXPECT_GT(WaitOptions::For(timeout).End(), late);
    EXPECT_GT(WaitOptions::Until(absl::Now() + timeout).End(), late);
  }
}

TEST(WaitOptionsTest, CallsTakeADurationOrATokenInTheirPlace) {
  const testing::TestDirectory directory;
  Publisher publisher = Publisher::Open(directory.Options()).value();
  Subscriber subscriber = Subscriber::Open(directory.Options()).value();
  EXPECT_EQ(subscriber.Dequeue(absl::ZeroDuration()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(publisher.Enqueue("1", absl::Minutes(1)).ok());
  EXPECT_TRUE(publisher.EnqueueBatch({"2", "3"}, absl::Minutes(1)).ok());
  EXPECT_EQ(subscriber.Dequeue(absl::Minutes(1)).value(), "1");
  EXPECT_EQ(subscriber.Dequeue({}).value(), "2");
  EXPECT_TRUE(subscriber.Borrow(absl::Minutes(1))->Acknowledge().ok());
  EXPECT_TRUE(publisher.Reserve(1, absl::Minutes(1))->Commit().ok());
  StopSource source;
  source.RequestStop();
  EXPECT_EQ(subscriber.Dequeue(source.token()).status().code(), absl::StatusCode::kCancelled);
}

TEST(StopTokenTest, StopsWithItsSourceForGood) {
  StopSource source;
  const StopToken token = source.token();
  const StopToken copy = token;
  EXPECT_FALSE(token.stop_requested());
  EXPECT_FALSE(source.stop_requested());
  source.RequestStop();
  source.RequestStop();
  EXPECT_TRUE(token.stop_requested());
  EXPECT_TRUE(copy.stop_requested());
  EXPECT_TRUE(source.token().stop_requested());
  EXPECT_FALSE(StopSource().stop_requested());
}

TEST(StopTokenTest, OutlivesItsSource) {
  auto source = std::make_unique<StopSource>();
  const StopToken stopped = source->token();
  source->RequestStop();
  source.reset();
  EXPECT_TRUE(stopped.stop_requested());
  EXPECT_FALSE(StopToken().stop_requested());
}

TEST(StopWakeTest, IsCalledOnceAsLongAsItLives) {
  StopSource source;
  int first = 0, second = 0, gone = 0;
  StopWake one(source.token(), [&] { ++first; });
  std::optional<StopWake> two;
  two.emplace(source.token(), [&] { ++gone; });
  two.reset();
  two.emplace(source.token(), [&] { ++second; });
  source.RequestStop();
  source.RequestStop();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_EQ(gone, 0);
}

TEST(StopWakeTest, IsCalledAtOnceIfTheStopCameBefore) {
  StopSource source;
  source.RequestStop();
  int calls = 0;
  const StopWake wake(source.token(), [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(StopWakeTest, WithoutASourceIsNeverCalled) {
  const StopWake wake(StopToken(), [] { FAIL(); });
}

TEST(StopWakeTest, IsNotRunningWhenItIsGone) {
  for (int round = 0; round < 200; ++round) {
    StopSource source;
    std::atomic<bool> started{false};
    std::thread stopper([&] {
      while (!started) std::this_thread::yield();
      source.RequestStop();
    });
    bool alive = true;
    {
      StopWake wake(source.token(), [&] { EXPECT_TRUE(alive); });
      started = true;
      if (round % 2 == 0) std::this_thread::yield();
    }
    alive = false;  // a race, for the sanitizer, if the wake still ran
    stopper.join();
  }
}

}  // namespace
}  // namespace interprocess
