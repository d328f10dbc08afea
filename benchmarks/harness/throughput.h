// SPDX-License-Identifier: MIT

// How many messages a second get through.
//
// A contestant is a class `Channel` with
//   static constexpr absl::string_view kName;
//   static constexpr bool kOneToOne;           // takes only one publisher and one subscriber
//   explicit Channel(const ChannelOptions&);   // in the first process, before any fork
//   class Sender   { Sender(Channel*, int index);   bool TrySend(absl::Span<const uint8_t>); };
//   class Receiver { Receiver(Channel*, int index);
//                    template <typename Visit> bool TryReceive(absl::Span<uint8_t> buffer, Visit);
//                    };
// Senders and receivers are made in the worker that uses them. TrySend is false when there is no
// room. TryReceive copies a message into the buffer (or leaves it where it is, if that is the
// point), calls `visit` with its bytes, and is false when there is none. Blocking contestants
// block instead, and give false when a signal ended the call.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_THROUGHPUT_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_THROUGHPUT_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "benchmarks/harness/backoff.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/latency.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/payload.h"
#include "benchmarks/harness/shared_memory.h"

namespace interprocess::benchmarks {

struct ChannelOptions {
  size_t message_size = 64;
  size_t capacity = size_t{1} << 20;  // bytes of payload that may wait
  int publishers = 1;
  int subscribers = 1;
};

struct Load {
  ChannelOptions channel;
  absl::Duration duration;
};

inline constexpr absl::Duration kHangTimeout = absl::Seconds(20);

// Each worker writes its own score; the first process reads them at the start and at the end of the
// window.
struct alignas(128) Score {
  std::atomic<uint64_t> messages{0};
  uint64_t checksum = 0;  // ordered by `finished`
  std::atomic<bool> finished{false};
};

struct Scoreboard {
  alignas(128) std::atomic<int> ready{0};
  alignas(128) std::atomic<bool> go{false};
  std::atomic<bool> stop{false};     // publishers send no more
  std::atomic<bool> drained{false};  // nothing is left: subscribers may go
  Score publishers[kMaxPublishers];
  Score subscribers[kMaxPublishers];

  void Arrive() {
    ready.fetch_add(1, std::memory_order_release);
    while (!go.load(std::memory_order_acquire)) sched_yield();
  }
};

inline uint64_t TotalMessages(const Score* scores, int count) {
  uint64_t total = 0;
  for (int i = 0; i < count; ++i) total += scores[i].messages.load(std::memory_order_relaxed);
  return total;
}

inline uint64_t TotalChecksum(const Score* scores, int count) {
  uint64_t total = 0;
  for (int i = 0; i < count; ++i) total += scores[i].checksum;
  return total;
}

inline bool AllFinished(const Score* scores, int count) {
  return std::all_of(scores, scores + count, [](const Score& score) {
    return score.finished.load(std::memory_order_acquire);
  });
}

// Lets the workers go when all of them have arrived.
inline absl::Status Release(Crew* crew, Scoreboard* board, int workers) {
  absl::Status status = crew->WaitUntil(
      [&] { return board->ready.load(std::memory_order_acquire) == workers; }, kHangTimeout);
  if (status.ok()) board->go.store(true, std::memory_order_release);
  return status;
}

template <typename Channel>
void Publish(Channel* channel, int index, Scoreboard* board, size_t message_size) {
  typename Channel::Sender sender(channel, index);
  Outbox outbox(index, message_size);
  Score& score = board->publishers[index];
  board->Arrive();
  while (!board->stop.load(std::memory_order_relaxed)) {
    const absl::Span<const uint8_t> message = outbox.Next();
    for (Backoff backoff; !sender.TrySend(message);) backoff.Wait();
  }
  score.messages.store(outbox.count(), std::memory_order_relaxed);
  score.checksum = outbox.checksum();
  score.finished.store(true, std::memory_order_release);
}

template <typename Channel>
void Subscribe(Channel* channel, int index, Scoreboard* board, size_t message_size) {
  typename Channel::Receiver receiver(channel, index);
  Buffer buffer(message_size);
  Inbox inbox(message_size);
  Score& score = board->subscribers[index];
  const auto take = [&inbox](absl::Span<const uint8_t> message) { inbox.Take(message); };
  board->Arrive();
  Backoff backoff;
  while (true) {
    if (receiver.TryReceive(buffer.span(), take)) {
      score.messages.store(inbox.count(), std::memory_order_relaxed);
      backoff.Reset();
      continue;
    }
    if (board->drained.load(std::memory_order_acquire)) break;
    backoff.Wait();
  }
  score.checksum = inbox.checksum();
  score.finished.store(true, std::memory_order_release);
}

// Messages per second that subscribers took within `load.duration`, warm-up and end left out. An
// error if one message was lost, doubled, damaged or out of order.
template <typename Channel>
absl::StatusOr<double> MeasureThroughput(const Load& load) {
  const ChannelOptions& options = load.channel;
  Channel channel(options);
  Shared<Scoreboard> board;
  Crew crew;
  for (int i = 0; i < std::max(options.publishers, options.subscribers); ++i) {
    if (i < options.publishers) {
      crew.Start(CoreOfWorker(2 * i),
                 [&] { Publish(&channel, i, board.get(), options.message_size); });
    }
    if (i < options.subscribers) {
      crew.Start(CoreOfWorker(2 * i + 1),
                 [&] { Subscribe(&channel, i, board.get(), options.message_size); });
    }
  }
  absl::Status status = Release(&crew, board.get(), options.publishers + options.subscribers);
  if (!status.ok()) return status;

  absl::SleepFor(load.duration / 5);
  const uint64_t first = TotalMessages(board->subscribers, options.subscribers);
  const int64_t start = NowNanos();
  uint64_t last;
  int64_t end;
  do {
    absl::SleepFor(load.duration);
    last = TotalMessages(board->subscribers, options.subscribers);
    end = NowNanos();
  } while (last - first < kFewestSamples && end - start < absl::ToInt64Nanoseconds(kHangTimeout));
  board->stop.store(true, std::memory_order_relaxed);

  status = crew.WaitUntil(
      [&] {
        return AllFinished(board->publishers, options.publishers) &&
               TotalMessages(board->publishers, options.publishers) <=
                   TotalMessages(board->subscribers, options.subscribers);
      },
      kHangTimeout);
  if (!status.ok()) {
    return absl::Status(
        status.code(),
        absl::StrCat(Channel::kName, ": ", status.message(), " (sent ",
                     TotalMessages(board->publishers, options.publishers), ", received ",
                     TotalMessages(board->subscribers, options.subscribers), ")"));
  }
  board->drained.store(true, std::memory_order_release);
  status = crew.WaitUntil(
      [&] {
        crew.Nudge();
        return AllFinished(board->subscribers, options.subscribers);
      },
      kHangTimeout);
  if (!status.ok()) return status;
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  if (TotalMessages(board->publishers, options.publishers) !=
          TotalMessages(board->subscribers, options.subscribers) ||
      TotalChecksum(board->publishers, options.publishers) !=
          TotalChecksum(board->subscribers, options.subscribers)) {
    return absl::DataLossError(
        absl::StrCat(Channel::kName, ": other messages came than were sent"));
  }
  return static_cast<double>(last - first) * 1e9 / static_cast<double>(end - start);
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_THROUGHPUT_H_
