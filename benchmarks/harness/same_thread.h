// SPDX-License-Identifier: MIT

// What one message costs with no other participant.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_SAME_THREAD_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_SAME_THREAD_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/payload.h"
#include "benchmarks/harness/shared_memory.h"
#include "benchmarks/harness/throughput.h"

namespace interprocess::benchmarks {

// Calls `step` for `duration`; nanoseconds a call. The clock is read seldom enough not to count.
template <typename Step>
double NanosPerCall(absl::Duration duration, Step step) {
  constexpr int kBatch = 1000;
  for (int i = 0; i < 10 * kBatch; ++i) step();
  const int64_t start = NowNanos();
  const int64_t end = start + absl::ToInt64Nanoseconds(duration);
  int64_t calls = 0;
  int64_t now;
  do {
    for (int i = 0; i < kBatch; ++i) step();
    calls += kBatch;
    now = NowNanos();
  } while (now < end);
  return static_cast<double>(now - start) / static_cast<double>(calls);
}

// Runs `measure` in a worker of its own and gives what it returns.
template <typename Measure>
absl::StatusOr<double> MeasureInWorker(absl::Duration expected, Measure measure) {
  Shared<double> result;
  Crew crew;
  crew.Start(CoreOfWorker(0), [&] { *result = measure(); });
  absl::SleepFor(expected);
  absl::Status status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return *result;
}

// Nanoseconds for putting in one message and taking it out again. Of its bytes only the sequence
// is verified here: the stamps of the other measurements would cost a tenth of what is measured.
template <typename Channel>
absl::StatusOr<double> MeasureSameThread(const Load& load) {
  Channel channel(load.channel);
  return MeasureInWorker(load.duration, [&] {
    typename Channel::Sender sender(&channel, 0);
    typename Channel::Receiver receiver(&channel, 0);
    Buffer message(load.channel.message_size);
    Buffer buffer(load.channel.message_size);
    uint64_t sequence = 0;
    uint64_t received = 0;
    const auto take = [&](absl::Span<const uint8_t> bytes) { received = LoadWord(bytes.data()); };
    return NanosPerCall(load.duration, [&] {
      StoreWord(message.span().data(), ++sequence);
      if (!sender.TrySend(message.span()) || !receiver.TryReceive(buffer.span(), take) ||
          received != sequence) {
        FailMeasurement("a message was lost between two calls of one thread");
      }
    });
  });
}

// Nanoseconds for a compare-and-swap on a line that no other thread wants: the yardstick.
inline absl::StatusOr<double> MeasureCompareAndSwap(absl::Duration duration) {
  return MeasureInWorker(duration, [&] {
    alignas(128) std::atomic<uint64_t> word{0};
    uint64_t next = 0;
    return NanosPerCall(duration, [&] {
      uint64_t expected = next;
      word.compare_exchange_strong(expected, ++next, std::memory_order_acq_rel,
                                   std::memory_order_acquire);
    });
  });
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_SAME_THREAD_H_
