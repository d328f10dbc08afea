// SPDX-License-Identifier: MIT

// Turns: one thread after the other, also while the first one's ownership ends.

#include "bindings/face/turns.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace interprocess::face {
namespace {

TEST(TurnsTest, SecondThreadSeesWhatTheOwnerDidInATurnThatHadBegun) {
  std::atomic<bool> owner_busy{false};
  Turns turns(owner_busy);
  { Turns::Turn owned(turns); }
  std::string order;
  std::atomic<bool> begun{false};
  std::thread second;
  {
    Turns::Turn turn(turns);
    second = std::thread([&] {
      begun = true;
      Turns::Turn turn(turns);
      order += "second";
    });
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    order += "owner ";
  }
  second.join();
  EXPECT_EQ(order, "owner second");
}

TEST(TurnsTest, OwnerThatWaitsGivesWay) {
  std::atomic<bool> owner_busy{false};
  Turns turns(owner_busy);
  { Turns::Turn owned(turns); }
  std::atomic<bool> waits{false};
  std::atomic<bool> passed{false};
  std::thread visitor([&] {
    while (!waits) std::this_thread::yield();
    Turns::Turn turn(turns);
    passed = true;
  });
  const absl::Status status = turns.RunWaiting(
      -1, nullptr, [] { return absl::UnavailableError(""); },
      [&](const WaitOptions& wait) {
        waits = true;
        while (!passed && !wait.stop.stop_requested()) absl::SleepFor(absl::Milliseconds(1));
        return passed ? absl::OkStatus() : absl::CancelledError("");
      });
  EXPECT_TRUE(status.ok()) << status;
  visitor.join();
}

// Each round has one instant in which two threads change from one way of taking turns to the other.
// Both write one more line all the time, so that what a turn's beginning stores stays behind its
// stores there for long: without a fence the other thread would not see it.
TEST(TurnsTest, NoTwoAreWithinATurnWhileOwnershipEnds) {
  constexpr int kRounds = 3000;
  struct alignas(128) Line {
    std::atomic<int64_t> value{0};
  };
  Line both_write;
  Line round;
  Line visited;
  std::atomic<Turns*> current{nullptr};
  // Plain, as what the turns guard is.
  alignas(128) int64_t taken = 0;
  int64_t expected = 0;
  std::thread visitor([&] {
    for (int64_t i = 1; i <= kRounds; ++i) {
      while (round.value.load(std::memory_order_acquire) != i) std::this_thread::yield();
      for (int64_t j = 0; j < 20 + i % 50; ++j) {
        both_write.value.store(j, std::memory_order_relaxed);
      }
      {
        Turns::Turn turn(*current.load(std::memory_order_relaxed));
        ++taken;
      }
      visited.value.store(i, std::memory_order_release);
    }
  });
  for (int64_t i = 1; i <= kRounds; ++i) {
    std::atomic<bool> owner_busy{false};
    Turns turns(owner_busy);
    current.store(&turns, std::memory_order_relaxed);
    { Turns::Turn owned(turns); }
    round.value.store(i, std::memory_order_release);
    for (int64_t j = 0; visited.value.load(std::memory_order_acquire) != i; ++j) {
      both_write.value.store(j, std::memory_order_relaxed);
      {
        Turns::Turn turn(turns);
        ++taken;
      }
      ++expected;
      if (j % 1000 == 999) std::this_thread::yield();
    }
    ++expected;
  }
  visitor.join();
  EXPECT_EQ(taken, expected);
}

TEST(TurnsTest, ThreadThatComesAfterTheOwnerHasEndedTakesTurns) {
  std::atomic<bool> owner_busy{false};
  Turns turns(owner_busy);
  int turns_taken = 0;
  for (int i = 0; i < 100; ++i) {
    std::thread([&] {
      for (int j = 0; j < 10; ++j) {
        Turns::Turn turn(turns);
        ++turns_taken;
      }
    }).join();
  }
  EXPECT_EQ(turns_taken, 1000);
}

}  // namespace
}  // namespace interprocess::face
