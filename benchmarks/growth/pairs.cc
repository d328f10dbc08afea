// SPDX-License-Identifier: MIT

#include <sys/resource.h>

#include <cstring>
#include <deque>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "benchmarks/growth/endpoints.h"
#include "benchmarks/growth/growth.h"
#include "benchmarks/harness/same_thread.h"
#include "interprocess/message.h"
#include "interprocess/message_view.h"

namespace interprocess::benchmarks {

bool RoomForEndpoints(int endpoints) {
  constexpr rlim_t kFewMore = 100;
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur >= static_cast<rlim_t>(endpoints) * kHandlesPerEndpoint + kFewMore;
}

absl::StatusOr<double> PairBesideParticipants(int participants, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(kDefaultCapacity, kMaxMaxParticipants);
  return MeasureInWorker(duration, [&] {
    Ends ends(options);
    KeepBystanders(options, participants - 2);
    return NanosPerCall(duration, [&] { ends.Pass(); });
  });
}

absl::StatusOr<double> PairInBatches(int size, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(kDefaultCapacity);
  return MeasureInWorker(duration, [&] {
    Ends ends(options);
    const Message message = {};
    const std::vector<absl::Span<const uint8_t>> messages(size, absl::MakeConstSpan(message));
    Message buffer;
    const double nanos = NanosPerCall(duration, [&] {
      const absl::StatusOr<size_t> sent = ends.publisher.TryEnqueueBatch(messages);
      const absl::StatusOr<size_t> received =
          ends.subscriber.TryDequeueBatch(messages.size(), [&buffer](const MessageView& view) {
            memcpy(buffer.data(), view.bytes().data(), buffer.size());
          });
      if (!sent.ok() || !received.ok() || *received != messages.size()) {
        FailMeasurement("a batch failed");
      }
    });
    return nanos / size;
  });
}

absl::StatusOr<double> PairBesideReservations(int open, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(int64_t{4} << 20);
  return MeasureInWorker(duration, [&]() -> double {
    Ends ends(options);
    ends.Lap();
    Publisher holder = Opened(Publisher::Open(options));
    std::deque<Reservation> held;
    while (static_cast<int>(held.size()) < open) {
      absl::StatusOr<Reservation> room = holder.TryReserve(8);
      if (!room.ok()) FailMeasurement("TryReserve failed");
      held.push_back(*std::move(room));
    }
    // A subscriber waits a moment before it passes the reservations by.
    if (!ends.publisher.TryEnqueue("first").ok()) FailMeasurement("TryEnqueue failed");
    if (!ends.subscriber.Dequeue(WaitOptions(kHangTimeout)).ok()) {
      FailMeasurement("the reservations are not passed by");
    }
    // What is held is in the way when the ring comes round, so the room for messages ends there.
    constexpr int kMessages = 40'000;
    const int64_t start = NowNanos();
    for (int i = 0; i < kMessages; ++i) ends.Pass();
    return static_cast<double>(NowNanos() - start) / kMessages;
  });
}

absl::StatusOr<double> PairOverQueues(int queues, absl::Duration duration) {
  std::vector<QueueOptions> options;
  for (int i = 0; i < queues; ++i) options.push_back(RoomyQueue(int64_t{64} << 10, 16));
  return MeasureInWorker(duration, [&] {
    std::deque<Ends> ends;
    for (const QueueOptions& queue : options) ends.emplace_back(queue);
    size_t next = 0;
    return NanosPerCall(duration, [&] {
      ends[next].Pass();
      next = next + 1 == ends.size() ? 0 : next + 1;
    });
  });
}

absl::StatusOr<double> PairAtCapacity(int64_t capacity, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(capacity);
  return MeasureInWorker(duration, [&] {
    Ends ends(options);
    ends.Lap();
    return NanosPerCall(duration, [&] { ends.Pass(); });
  });
}

}  // namespace interprocess::benchmarks
