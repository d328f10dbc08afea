// SPDX-License-Identifier: MIT

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/growth/endpoints.h"
#include "benchmarks/growth/growth.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/same_thread.h"
#include "interprocess/message.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"

namespace interprocess::benchmarks {
namespace {

constexpr int64_t kSmallest = 4096;

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

WaitOptions SleepUntil(const StopSource& stop) {
  WaitOptions wait(stop.token());
  wait.spin = absl::ZeroDuration();
  return wait;
}

// Threads that each open an endpoint and then use it; started when all have opened theirs.
class Threads {
 public:
  Threads() { Unpin(); }
  ~Threads() {
    stop_.RequestStop();
    for (std::thread& thread : threads_) thread.join();
  }

  template <typename Work>
  void Start(Work work) {
    threads_.emplace_back([this, work] { work(stop_, &started_); });
  }
  void AwaitAll() {
    while (started_.load(std::memory_order_acquire) < threads_.size()) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

 private:
  StopSource stop_;
  std::atomic<size_t> started_{0};
  std::vector<std::thread> threads_;
};

// Adds `count` publishers that each enqueue what there is room for, and count it.
void StartPublishers(const QueueOptions& options, int count, size_t size,
                     std::atomic<int64_t>* counts, Threads* threads) {
  for (int i = 0; i < count; ++i) {
    threads->Start(
        [&options, size, sent = counts + i](const StopSource& stop, std::atomic<size_t>* started) {
          Publisher publisher = Opened(Publisher::Open(options));
          const std::vector<uint8_t> message(size, 0x5a);
          started->fetch_add(1, std::memory_order_release);
          while (publisher.Enqueue(message, SleepUntil(stop)).ok()) {
            sent->fetch_add(1, std::memory_order_relaxed);
          }
        });
  }
}

void StartSleepers(const QueueOptions& options, int count, std::atomic<int64_t>* received,
                   Threads* threads) {
  for (int i = 0; i < count; ++i) {
    threads->Start([&options, received](const StopSource& stop, std::atomic<size_t>* started) {
      Subscriber subscriber = Opened(Subscriber::Open(options));
      Message buffer;
      started->fetch_add(1, std::memory_order_release);
      while (subscriber.Dequeue(absl::MakeSpan(buffer), SleepUntil(stop)).ok()) {
        received->fetch_add(1, std::memory_order_release);
      }
    });
  }
}

// Takes messages of a full queue for that long: messages a second.
double Drain(Subscriber* subscriber, absl::Duration duration) {
  std::vector<uint8_t> buffer(subscriber->max_message_size());
  int64_t taken = 0;
  const int64_t start = NowNanos();
  const int64_t end = start + absl::ToInt64Nanoseconds(duration);
  while (NowNanos() < end) {
    const WaitOptions wait(absl::Milliseconds(100));
    if (subscriber->Dequeue(absl::MakeSpan(buffer), wait).ok()) ++taken;
  }
  return static_cast<double>(taken) * 1e9 / static_cast<double>(NowNanos() - start);
}

constexpr int kMostPublishers = 1024;
using Counts = std::array<std::atomic<int64_t>, kMostPublishers>;

}  // namespace

absl::StatusOr<double> RateOfWaitingPublishers(int publishers, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(kSmallest);
  return MeasureInWorker(2 * duration, [&] {
    Counts sent = {};
    Subscriber subscriber = Opened(Subscriber::Open(options));
    Threads threads;
    StartPublishers(options, publishers, kMessageBytes, sent.data(), &threads);
    threads.AwaitAll();
    (void)Drain(&subscriber, duration / 2);  // until all are asleep
    return Drain(&subscriber, duration);
  });
}

absl::StatusOr<double> ShareAmongEquals(absl::Duration duration) {
  constexpr int kEquals = 4;
  const QueueOptions options = RoomyQueue(kSmallest);
  return MeasureInWorker(duration, [&] {
    Counts sent = {};
    Subscriber subscriber = Opened(Subscriber::Open(options));
    Threads threads;
    StartPublishers(options, kEquals, kMessageBytes, sent.data(), &threads);
    threads.AwaitAll();
    (void)Drain(&subscriber, duration);
    const auto [least, most] =
        std::minmax_element(sent.begin(), sent.begin() + kEquals,
                            [](const auto& a, const auto& b) { return a.load() < b.load(); });
    return static_cast<double>(most->load()) /
           static_cast<double>(std::max<int64_t>(least->load(), 1));
  });
}

absl::StatusOr<double> WaitOfLarge(absl::Duration duration) {
  constexpr int kSmall = 4;
  constexpr int64_t kLarge = 64 << 10;
  const QueueOptions options = RoomyQueue(2 * kLarge);
  return MeasureInWorker(duration, [&] {
    Counts sent = {};
    Subscriber subscriber = Opened(Subscriber::Open(options));
    Threads threads;
    StartPublishers(options, kSmall, kMessageBytes, sent.data(), &threads);
    StartPublishers(options, 1, kLarge, sent.data() + kSmall, &threads);
    threads.AwaitAll();
    (void)Drain(&subscriber, duration);
    int64_t small = 0;
    for (int i = 0; i < kSmall; ++i) small += sent[i].load();
    const int64_t large = std::max<int64_t>(sent[kSmall].load(), 1);
    return static_cast<double>(small * static_cast<int64_t>(kMessageBytes)) /
           static_cast<double>(large * kSmall * kLarge);
  });
}

absl::StatusOr<double> CpuPerMessage(int sleepers, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(kDefaultCapacity, sleepers + 8);
  return MeasureInWorker(duration, [&] {
    std::atomic<int64_t> received{0};
    Publisher publisher = Opened(Publisher::Open(options));
    Threads threads;
    StartSleepers(options, sleepers, &received, &threads);
    threads.AwaitAll();
    absl::SleepFor(duration / 2);  // until all are asleep
    const int64_t messages = std::max<int64_t>(absl::ToInt64Milliseconds(duration), 10);
    const double before = CpuSeconds();
    const int64_t start = NowNanos();
    for (int64_t i = 0; i < messages; ++i) {
      const int64_t due = start + i * 1'000'000;
      if (due > NowNanos()) absl::SleepFor(absl::Nanoseconds(due - NowNanos()));
      if (!publisher.TryEnqueue(Message{}).ok()) FailMeasurement("TryEnqueue failed");
    }
    while (received.load(std::memory_order_acquire) < messages) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    return (CpuSeconds() - before) * 1e6 / static_cast<double>(messages);
  });
}

absl::StatusOr<double> IdleShare(int participants, int sleepers, bool reservation,
                                 absl::Duration duration) {
  const QueueOptions options = RoomyQueue(kDefaultCapacity, participants + 8);
  return MeasureInWorker(2 * duration, [&] {
    std::atomic<int64_t> received{0};
    Publisher publisher = Opened(Publisher::Open(options));
    KeepBystanders(options, participants - sleepers - 1);
    std::optional<absl::StatusOr<Reservation>> held;
    if (reservation) held.emplace(publisher.TryReserve(8));
    if (held.has_value() && !held->ok()) FailMeasurement("TryReserve failed");
    Threads threads;
    StartSleepers(options, sleepers, &received, &threads);
    threads.AwaitAll();
    absl::SleepFor(duration);  // until all are asleep
    const double before = CpuSeconds();
    const int64_t start = NowNanos();
    absl::SleepFor(duration);
    return (CpuSeconds() - before) * 100e9 / static_cast<double>(NowNanos() - start);
  });
}

}  // namespace interprocess::benchmarks
