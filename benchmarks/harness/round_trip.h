// SPDX-License-Identifier: MIT

// How long a message and its answer take.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_ROUND_TRIP_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_ROUND_TRIP_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "benchmarks/harness/backoff.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/latency.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/payload.h"
#include "benchmarks/harness/shared_memory.h"
#include "benchmarks/harness/throughput.h"

namespace interprocess::benchmarks {

template <typename Receiver>
bool Await(Receiver* receiver, Buffer* buffer, Inbox* inbox) {
  bool goes_on = true;
  const auto take = [&](absl::Span<const uint8_t> message) { goes_on = inbox->Take(message); };
  for (Polling polling; !receiver->TryReceive(buffer->span(), take);) polling.Wait();
  return goes_on;
}

template <typename Sender>
void Say(Sender* sender, absl::Span<const uint8_t> message) {
  for (Polling polling; !sender->TrySend(message);) polling.Wait();
}

template <typename Channel>
void Ask(Channel* there, Channel* back, const Load& load, Scoreboard* board, Latency* result) {
  typename Channel::Sender sender(there, 0);
  typename Channel::Receiver receiver(back, 0);
  const size_t size = load.channel.message_size;
  Outbox outbox(0, size);
  Buffer buffer(size);
  Inbox inbox(size);
  LatencyRecorder recorder;
  board->Arrive();
  const int64_t start = NowNanos();
  const int64_t warm = start + absl::ToInt64Nanoseconds(load.duration / 10);
  const int64_t end = start + absl::ToInt64Nanoseconds(load.duration);
  for (int64_t asked = NowNanos(); asked < end || recorder.count() < kFewestSamples;) {
    Say(&sender, outbox.Next());
    Await(&receiver, &buffer, &inbox);
    const int64_t answered = NowNanos();
    if (asked > warm) recorder.Record(answered - asked);
    asked = answered;
  }
  Say(&sender, outbox.Last());
  if (inbox.count() != outbox.count() || inbox.checksum() != outbox.checksum()) {
    FailMeasurement("other answers came than were asked for");
  }
  *result = recorder.Summary();
}

template <typename Channel>
void Answer(Channel* there, Channel* back, const Load& load, Scoreboard* board) {
  typename Channel::Receiver receiver(there, 0);
  typename Channel::Sender sender(back, 0);
  const size_t size = load.channel.message_size;
  Outbox outbox(0, size);
  Buffer buffer(size);
  Inbox inbox(size);
  board->Arrive();
  while (Await(&receiver, &buffer, &inbox)) Say(&sender, outbox.Next());
}

// Two processes, a channel each way; both look for messages as often as they can, or block, as the
// contestant does.
template <typename Channel>
absl::StatusOr<Latency> MeasureRoundTrip(const Load& load) {
  Channel there(load.channel);
  Channel back(load.channel);
  Shared<Scoreboard> board;
  Shared<Latency> result;
  Crew crew;
  crew.Start(CoreOfWorker(0), [&] { Ask(&there, &back, load, board.get(), result.get()); });
  crew.Start(CoreOfWorker(1), [&] { Answer(&there, &back, load, board.get()); });
  absl::Status status = Release(&crew, board.get(), 2);
  if (!status.ok()) return status;
  absl::SleepFor(load.duration);
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return *result;
}

// Nanoseconds, the median, that a cache line takes from one core to another and back. It tells how
// far apart the machine has put the cores at the moment, which all other numbers depend on.
inline absl::StatusOr<double> MeasureLineRoundTrip(int from, int to, absl::Duration duration) {
  Shared<Scoreboard> board;
  Shared<Latency> result;
  Shared<std::atomic<uint64_t>> line;
  Crew crew;
  crew.Start(from, [&] {
    LatencyRecorder recorder;
    board->Arrive();
    const int64_t end = NowNanos() + absl::ToInt64Nanoseconds(duration);
    uint64_t turn = 0;
    for (int64_t asked = NowNanos(); asked < end || recorder.count() < kFewestSamples;) {
      line->store(++turn, std::memory_order_release);
      ++turn;
      while (line->load(std::memory_order_acquire) != turn) {
      }
      const int64_t answered = NowNanos();
      recorder.Record(answered - asked);
      asked = answered;
    }
    board->stop.store(true, std::memory_order_release);
    *result = recorder.Summary();
  });
  crew.Start(to, [&] {
    board->Arrive();
    for (uint64_t turn = 1; !board->stop.load(std::memory_order_relaxed);) {
      if (line->load(std::memory_order_acquire) != turn) continue;
      line->store(turn + 1, std::memory_order_release);
      turn += 2;
    }
  });
  absl::Status status = Release(&crew, board.get(), 2);
  if (!status.ok()) return status;
  absl::SleepFor(duration);
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return result->p50;
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_ROUND_TRIP_H_
