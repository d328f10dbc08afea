// SPDX-License-Identifier: MIT

// No endpoint of a queue that has its name, or was removed by the library, is told that the name is
// lost, while others join, leave, remove and make it.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/queue_registry.h"
#include "interprocess/wait_options.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

constexpr int kThreads = 3;
constexpr int kRounds = 300;

class SoundNameTest : public ConformanceTest {
 protected:
  // A number of rounds, or for as long as SOUND_NAME_SECONDS says.
  static bool GoesOn(int round, std::chrono::steady_clock::time_point begin) {
    const char* text = std::getenv("SOUND_NAME_SECONDS");
    int seconds = 0;
    if (text == nullptr || !absl::SimpleAtoi(text, &seconds)) return round < kRounds;
    return std::chrono::steady_clock::now() - begin < std::chrono::seconds(seconds);
  }

  void Expect(const absl::Status& status) {
    if (!absl::StrContains(status.message(), "has lost its name")) return;
    ADD_FAILURE() << status;
    failed_.store(true);
  }
  // Looks at the name each time, due or not.
  void ExpectSound(Subscriber& subscriber) {
    const absl::Status status = subscriber.DrainNameless();
    EXPECT_STATUS(status, kFailedPrecondition);
    if (status.ok()) failed_.store(true);
  }

  void UseAndLeave(int thread, int round) {
    absl::StatusOr<Publisher> publisher = Publisher::Open(Options());
    absl::StatusOr<Subscriber> subscriber = Subscriber::Open(Options());
    // Others may keep the queue from being made for a moment, and fill it.
    if (!publisher.ok() || !subscriber.ok()) return;
    WaitOptions wait(absl::Milliseconds(round % 3));
    for (int i = 0; i < 1 + thread * 20; ++i) {
      Expect(publisher->TryEnqueue("x"));
      Expect(publisher->Enqueue("y", wait));
      Expect(subscriber->TryDequeue().status());
      Expect(subscriber->Dequeue(wait).status());
      ExpectSound(*subscriber);
    }
    while (subscriber->TryDequeue().ok()) continue;
  }

  std::atomic<bool> failed_{false};
};

TEST_P(SoundNameTest, JoinsLeavesAndRemovalsAreNoLosses) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; GoesOn(round, begin) && !failed_.load(); ++round) {
        UseAndLeave(thread, round);
      }
    });
  }
  // One that stays, and looks when that is due.
  std::thread stays([&] {
    absl::StatusOr<Subscriber> subscriber = Subscriber::Open(Options());
    if (!subscriber.ok()) return;
    for (int round = 0; GoesOn(round, begin) && !failed_.load(); ++round) {
      Expect(subscriber->Dequeue(WaitOptions(absl::Milliseconds(1))).status());
    }
  });
  threads.push_back(std::move(stays));
  // What a removed queue of the other formats is told is tested in lost_name_test.
  if (GetParam().protocol == Protocol::kNative) {
    threads.emplace_back([&] {
      for (int round = 0; GoesOn(round, begin) && !failed_.load(); ++round) {
        RemoveQueue(Options().name, Options().directory).IgnoreError();
        std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

RUN_ON_ALL_ENGINES(SoundNameTest);

}  // namespace
}  // namespace interprocess::conformance
