// SPDX-License-Identifier: MIT

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/growth/endpoints.h"
#include "benchmarks/growth/growth.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/shared_memory.h"
#include "benchmarks/harness/throughput.h"
#include "interprocess/message.h"

namespace interprocess::benchmarks {
namespace {

constexpr absl::Duration kTroubled = absl::Milliseconds(500);
// The first lap of a large ring makes all its pages.
constexpr absl::Duration kLapTimeout = absl::Seconds(100);

int64_t Switches() {
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

// Remembers the longest call. Another program may run in the middle of one: then it does not count.
class Longest {
 public:
  template <typename Call>
  void Time(Call call) {
    const int64_t start = NowNanos();
    call();
    const int64_t took = NowNanos() - start;
    if (took <= nanos_) return;
    const int64_t switches = Switches();
    if (switches == switches_) nanos_ = took;
    switches_ = switches;
  }
  double micros() const { return static_cast<double>(nanos_) / 1e3; }

 private:
  int64_t nanos_ = 0;
  int64_t switches_ = Switches();
};

class Scene {
 public:
  Scene(const QueueOptions& options, int participants) : ends_(options), other_(options) {
    KeepBystanders(options, participants - 4);
    ends_.Lap();
    // So that it has caught up.
    other_.Pass();
  }

  // All try calls of a busy publisher and two subscribers.
  void Call() {
    Message message = {};
    longest_.Time([&] { (void)ends_.publisher.TryEnqueue(message).ok(); });
    for (Ends* ends : {&ends_, &other_}) {
      longest_.Time([&] { (void)ends->subscriber.TryDequeue(absl::MakeSpan(message)).ok(); });
    }
  }

  void GiveBack() {
    Message message = {};
    longest_.Time([&] { (void)ends_.publisher.TryEnqueue(message).ok(); });
    longest_.Time([&] { (void)other_.subscriber.TryBorrow().ok(); });  // and drops it
    Call();
  }

  void Seldom() {
    Message message = {};
    ends_.Lap();
    longest_.Time([&] { (void)other_.publisher.TryEnqueue(message).ok(); });
    longest_.Time([&] { (void)other_.subscriber.TryDequeue(absl::MakeSpan(message)).ok(); });
    Call();
  }

  double micros() const { return longest_.micros(); }

 private:
  Ends ends_;
  Ends other_;
  Longest longest_;
};

double Measure(Trouble trouble, const QueueOptions& options, int participants, Scoreboard* board) {
  Scene scene(options, participants);
  if (trouble == Trouble::kSeldom) {
    for (int lap = 0; lap < 2; ++lap) scene.Seldom();
    return scene.micros();
  }
  // The participant that will die has attached; it leaves without closing.
  while (board->ready.load(std::memory_order_acquire) == 0) absl::SleepFor(absl::Milliseconds(1));
  board->stop.store(true, std::memory_order_release);
  const int64_t end = NowNanos() + absl::ToInt64Nanoseconds(kTroubled);
  while (NowNanos() < end) {
    if (trouble == Trouble::kGiveBack) scene.GiveBack();
    scene.Call();
  }
  return scene.micros();
}

}  // namespace

absl::StatusOr<double> LongestTryCall(Trouble trouble, int64_t capacity, int participants) {
  const QueueOptions options = RoomyQueue(capacity, participants + 8);
  Shared<Scoreboard> board;
  Shared<double> result;
  Crew crew;
  crew.Start(CoreOfWorker(0),
             [&] { *result = Measure(trouble, options, participants, board.get()); });
  crew.Start(CoreOfWorker(1), [&] {
    const Publisher idle = Opened(Publisher::Open(options));
    board->ready.store(1, std::memory_order_release);
    while (!board->stop.load(std::memory_order_acquire) && trouble != Trouble::kSeldom) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    if (trouble == Trouble::kDeath) _exit(0);
  });
  const absl::Status status = crew.WaitForAll(kLapTimeout);
  if (!status.ok()) return status;
  return *result;
}

}  // namespace interprocess::benchmarks
