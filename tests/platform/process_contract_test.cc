// SPDX-License-Identifier: MIT

// What every backend tells about its process.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "core/platform/barrier.h"
#include "core/platform/clock.h"
#include "core/platform/cpu.h"
#include "core/platform/fork_generation.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;

int64_t WallNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

TEST(ProcessContractTest, ClockNeverGoesBack) {
  int64_t last = MonotonicNanos();
  for (int i = 0; i < 100'000; ++i) {
    const int64_t now = MonotonicNanos();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ProcessContractTest, CoarseClockIsLittleBehind) {
  for (int i = 0; i < 1000; ++i) {
    const int64_t before = MonotonicNanos();
    const int64_t coarse = CoarseMonotonicNanos();
    ASSERT_LE(coarse, MonotonicNanos());
    ASSERT_GE(coarse, before - 100'000'000);
  }
}

CHILD_ROLE(ClockIsBetween) {
  const int64_t now = MonotonicNanos();
  CHILD_CHECK(now >= std::stoll(arguments[0]));
  CHILD_CHECK(now <= std::stoll(arguments[0]) + 60'000'000'000);
  return 0;
}

TEST(ProcessContractTest, ClockIsTheSameInAllProcesses) {
  ChildProcess child = ChildProcess::Run("ClockIsBetween", {std::to_string(MonotonicNanos())});
  EXPECT_EQ(child.Wait(), 0);
}

CHILD_ROLE(GenerationStartsWithZero) {
  CHILD_CHECK(ForkGeneration() == 0);
  const uint64_t generation = InitForkGeneration();
  CHILD_CHECK(generation != 0);
  CHILD_CHECK(ForkGeneration() == generation);
  CHILD_CHECK(InitForkGeneration() == generation);
  return 0;
}

TEST(ProcessContractTest, GenerationIsZeroUntilAskedForAndThenStays) {
  EXPECT_EQ(ChildProcess::Run("GenerationStartsWithZero", {}).Wait(), 0);
}

CHILD_ROLE(GenerationOfManyThreads) {
  std::atomic<bool> go{false};
  std::vector<uint64_t> seen(8);
  std::vector<std::thread> threads;
  for (uint64_t& generation : seen) {
    threads.emplace_back([&go, &generation] {
      while (!go.load()) std::this_thread::yield();
      generation = InitForkGeneration();
      if (ForkGeneration() != generation) generation = 0;
    });
  }
  go.store(true);
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t generation : seen) {
    CHILD_CHECK(generation != 0);
    CHILD_CHECK(generation == seen[0]);
  }
  return 0;
}

TEST(ProcessContractTest, AllThreadsGetTheSameGeneration) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ChildProcess::Run("GenerationOfManyThreads", {}).Wait(), 0);
  }
}

CHILD_ROLE(StartTimeIsBetween) {
  // To a hundredth of a second, on a wall clock that may be corrected in between.
  constexpr int64_t kTolerance = 1'000'000'000;
  const int64_t start = ProcessStartTime();
  CHILD_CHECK(start >= std::stoll(arguments[0]) - kTolerance);
  CHILD_CHECK(start <= WallNanos() + kTolerance);
  CHILD_CHECK(ProcessStartTime() == start);
  return 0;
}

TEST(ProcessContractTest, StartTimeIsWhenTheProcessStarted) {
  if (ProcessStartTime() == 0) GTEST_SKIP() << "this system does not tell";
  EXPECT_EQ(ChildProcess::Run("StartTimeIsBetween", {std::to_string(WallNanos())}).Wait(), 0);
}

TEST(ProcessContractTest, IdIsTheSystems) {
  ChildProcess child = ChildProcess::Run("StartTimeIsBetween", {std::to_string(WallNanos())});
  EXPECT_NE(ProcessId(), child.id());
  EXPECT_GT(ProcessId(), 0);
}

// "I store, then load; you store, then load", where one side has no fence but the compiler's. Both
// count up as fast as they can. How often the heavy side missed a light round that missed it too.
uint32_t MissedRounds(uint32_t* heavy_rounds) {
  constexpr uint32_t kLightRounds = 1'000'000;
  alignas(64) std::atomic<uint32_t> x{0};
  alignas(64) std::atomic<uint32_t> y{0};
  std::vector<uint32_t> light_saw(kLightRounds + 1);
  std::vector<uint32_t> heavy_saw;
  heavy_saw.reserve(kLightRounds);
  std::thread light([&] {
    for (uint32_t round = 1; round <= kLightRounds; ++round) {
      x.store(round, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
      light_saw[round] = y.load(std::memory_order_relaxed);
    }
  });
  while (x.load(std::memory_order_relaxed) == 0) CpuRelax();
  do {
    y.store(static_cast<uint32_t>(heavy_saw.size()) + 1, std::memory_order_relaxed);
    ProcessBarrier();
    heavy_saw.push_back(x.load(std::memory_order_relaxed));
  } while (heavy_saw.back() < kLightRounds);
  light.join();

  uint32_t missed = 0;
  for (uint32_t i = 0; i < heavy_saw.size(); ++i) {
    // The first light round that the heavy round did not see must have seen the heavy round.
    const uint32_t next = heavy_saw[i] + 1;
    if (next <= kLightRounds && light_saw[next] < i + 1) ++missed;
  }
  *heavy_rounds += static_cast<uint32_t>(heavy_saw.size());
  return missed;
}

TEST(ProcessContractTest, BarrierOnOneSideIsEnough) {
  if (!ProcessBarrierAvailable()) {
    GTEST_SKIP() << "this system has no barrier for all threads of a process";
  }
  // As many as go into a few seconds: the two meet only while both have a core.
  const int64_t deadline = MonotonicNanos() + 3'000'000'000;
  uint32_t rounds = 0;
  while (rounds < 100'000 && MonotonicNanos() < deadline) ASSERT_EQ(MissedRounds(&rounds), 0u);
}

CHILD_ROLE(BarrierFirst) {
  ProcessBarrier();
  return 0;
}

TEST(ProcessContractTest, BarrierNeedsNoQuestionBefore) {
  EXPECT_EQ(ChildProcess::Run("BarrierFirst", {}).Wait(), 0);
}

}  // namespace
}  // namespace interprocess::platform
