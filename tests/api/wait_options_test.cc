// SPDX-License-Identifier: MIT

// Deadlines, and stops that several threads ask for and wait for.

#include "interprocess/wait_options.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/stop_token.h"

namespace interprocess {
namespace {

using Clock = std::chrono::steady_clock;

TEST(WaitOptions, WithoutATimeoutWaitForEver) {
  EXPECT_EQ(WaitOptions().deadline, Clock::time_point::max());
  EXPECT_EQ(WaitOptions(StopToken()).deadline, Clock::time_point::max());
  EXPECT_EQ(WaitOptions(absl::InfiniteDuration()).deadline, Clock::time_point::max());
  EXPECT_EQ(WaitOptions().spin, absl::Microseconds(20));
  EXPECT_FALSE(WaitOptions().stop.stop_requested());
}

TEST(WaitOptions, TimeoutIsFromNow) {
  const Clock::time_point before = Clock::now();
  const WaitOptions options(absl::Seconds(10));
  const Clock::time_point after = Clock::now();
  EXPECT_GE(options.deadline, before + std::chrono::seconds(10));
  EXPECT_LE(options.deadline, after + std::chrono::seconds(10));
}

TEST(WaitOptions, NegativeTimeoutIsNone) {
  for (absl::Duration timeout : {-absl::Seconds(1), -absl::InfiniteDuration()}) {
    const Clock::time_point before = Clock::now();
    const WaitOptions options(timeout);
    EXPECT_GE(options.deadline, before);
    EXPECT_LE(options.deadline, Clock::now());
  }
}

TEST(WaitOptions, LongTimeoutsDoNotOverflow) {
  for (absl::Duration timeout : {absl::Hours(24 * 365 * 99), absl::Hours(24 * 365 * 200),
                                 absl::Hours(24 * 365 * 1000000LL)}) {
    EXPECT_GT(WaitOptions(timeout).deadline, Clock::now() + std::chrono::hours(24 * 365 * 98));
  }
}

TEST(StopToken, StopsWithItsSourceForGood) {
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

TEST(StopToken, OutlivesItsSource) {
  auto source = std::make_unique<StopSource>();
  const StopToken stopped = source->token();
  source->RequestStop();
  source.reset();
  EXPECT_TRUE(stopped.stop_requested());
  EXPECT_FALSE(StopToken().stop_requested());
}

TEST(StopWake, IsCalledOnceAsLongAsItLives) {
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

TEST(StopWake, IsCalledAtOnceIfTheStopCameBefore) {
  StopSource source;
  source.RequestStop();
  int calls = 0;
  const StopWake wake(source.token(), [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(StopWake, WithoutASourceIsNeverCalled) {
  const StopWake wake(StopToken(), [] { FAIL(); });
}

TEST(StopWake, IsNotRunningWhenItIsGone) {
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
