// SPDX-License-Identifier: MIT

// Endpoints in one thread, for measurements of growth.

#ifndef INTERPROCESS_BENCHMARKS_GROWTH_ENDPOINTS_H_
#define INTERPROCESS_BENCHMARKS_GROWTH_ENDPOINTS_H_

#include <array>
#include <cstdint>
#include <deque>

#include "absl/types/span.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/opened.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace interprocess::benchmarks {

inline constexpr size_t kMessageBytes = 64;
using Message = std::array<uint8_t, kMessageBytes>;

// A queue for many: it goes with its last participant, and takes memory only where it is used.
inline QueueOptions RoomyQueue(int64_t capacity, int participants = kDefaultMaxParticipants) {
  QueueOptions options = NewQueue(capacity);
  options.max_participants = participants;
  options.keep_undelivered = false;
  options.reserve_space = false;
  return options;
}

// Both ends in one thread.
class Ends {
 public:
  explicit Ends(const QueueOptions& options)
      : publisher(Opened(Publisher::Open(options))),
        subscriber(Opened(Subscriber::Open(options))) {}

  // One message in and out.
  void Pass() {
    if (!publisher.TryEnqueue(message_).ok() ||
        !subscriber.TryDequeue(absl::MakeSpan(buffer_)).ok()) {
      FailMeasurement("an enqueue or a dequeue failed");
    }
  }

  // Until the ring has come round.
  void Lap() {
    for (int64_t i = 0; i < publisher.capacity() / 64 + 100; ++i) Pass();
  }

  Publisher publisher;
  Subscriber subscriber;

 private:
  Message message_ = {};
  Message buffer_ = {};
};

// Attaches subscribers that call nothing until this process ends. Thousands that leave one by one
// would take longer than what is measured.
inline void KeepBystanders(const QueueOptions& options, int count) {
  auto* const subscribers = new std::deque<Subscriber>;
  while (static_cast<int>(subscribers->size()) < count) {
    subscribers->push_back(Opened(Subscriber::Open(options)));
  }
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_GROWTH_ENDPOINTS_H_
