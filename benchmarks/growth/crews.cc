// SPDX-License-Identifier: MIT

#include <unistd.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/growth/endpoints.h"
#include "benchmarks/growth/growth.h"
#include "benchmarks/harness/backoff.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/shared_memory.h"
#include "benchmarks/harness/throughput.h"
#include "interprocess/message.h"

namespace interprocess::benchmarks {
namespace {

constexpr int kPool = 3;

void Feed(const QueueOptions& options, Scoreboard* board) {
  Publisher publisher = Opened(Publisher::Open(options));
  const Message message = {};
  board->Arrive();
  Backoff backoff;
  while (!board->stop.load(std::memory_order_relaxed)) {
    if (publisher.TryEnqueue(message).ok()) {
      backoff.Reset();
    } else {
      backoff.Wait();
    }
  }
}

void Work(const QueueOptions& options, int period, Scoreboard* board, Score* score) {
  Subscriber subscriber = Opened(Subscriber::Open(options));
  board->Arrive();
  Backoff backoff;
  uint64_t done = 0;
  for (uint64_t borrowed = 1; !board->stop.load(std::memory_order_relaxed);) {
    absl::StatusOr<BorrowedMessage> message = subscriber.TryBorrow();
    if (!message.ok()) {
      backoff.Wait();
      continue;
    }
    backoff.Reset();
    if (period != 0 && borrowed++ % period == 0) continue;  // dropped, so given back
    if (!message->Acknowledge().ok()) FailMeasurement("Acknowledge failed");
    score->messages.store(++done, std::memory_order_relaxed);
  }
}

// Milliseconds until all `dead` messages have come again.
double Collect(const QueueOptions& options, int dead, Scoreboard* board) {
  Ends ends(options);
  Message message = {};
  for (int i = 0; i < dead; ++i) {
    if (!ends.publisher.TryEnqueue(message).ok()) FailMeasurement("TryEnqueue failed");
  }
  board->go.store(true, std::memory_order_release);
  while (board->ready.load(std::memory_order_acquire) < dead) absl::SleepFor(absl::Milliseconds(1));
  const int64_t start = NowNanos();
  board->stop.store(true, std::memory_order_release);
  for (int i = 0; i < dead; ++i) {
    MessageInfo info;
    const absl::StatusOr<size_t> size =
        ends.subscriber.Dequeue(absl::MakeSpan(message), WaitOptions(kHangTimeout / 2), &info);
    if (!size.ok()) FailMeasurement("a message of the dead does not come again");
    if (!info.redelivered) FailMeasurement("a message is not marked redelivered");
  }
  return static_cast<double>(NowNanos() - start) / 1e6;
}

}  // namespace

absl::StatusOr<double> PoolRate(int period, int64_t capacity, absl::Duration duration) {
  const QueueOptions options = RoomyQueue(capacity);
  Shared<Scoreboard> board;
  Crew crew;
  crew.Start(CoreOfWorker(0), [&] { Feed(options, board.get()); });
  for (int i = 0; i < kPool; ++i) {
    crew.Start(CoreOfWorker(1),
               [&, i] { Work(options, period, board.get(), &board->subscribers[i]); });
  }
  absl::Status status = Release(&crew, board.get(), kPool + 1);
  if (!status.ok()) return status;
  // The first lap makes the pages.
  absl::SleepFor(duration);
  const uint64_t first = TotalMessages(board->subscribers, kPool);
  const int64_t start = NowNanos();
  absl::SleepFor(duration);
  const uint64_t last = TotalMessages(board->subscribers, kPool);
  const int64_t end = NowNanos();
  board->stop.store(true, std::memory_order_relaxed);
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return static_cast<double>(last - first) * 1e9 / static_cast<double>(end - start);
}

absl::StatusOr<double> Redelivery(int dead, int64_t capacity) {
  const QueueOptions options = RoomyQueue(capacity);
  Shared<Scoreboard> board;
  Shared<double> result;
  Crew crew;
  crew.Start(CoreOfWorker(0), [&] { *result = Collect(options, dead, board.get()); });
  absl::Status status =
      crew.WaitUntil([&] { return board->go.load(std::memory_order_acquire); }, kHangTimeout);
  if (!status.ok()) return status;
  for (int i = 0; i < dead; ++i) {
    crew.Start(CoreOfWorker(i), [&] {
      Subscriber subscriber = Opened(Subscriber::Open(options));
      const absl::StatusOr<BorrowedMessage> held = subscriber.Borrow(WaitOptions(kHangTimeout));
      if (!held.ok()) FailMeasurement("Borrow failed");
      board->ready.fetch_add(1, std::memory_order_release);
      while (!board->stop.load(std::memory_order_acquire)) absl::SleepFor(absl::Milliseconds(1));
      _exit(0);  // without giving the message back
    });
  }
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return *result;
}

}  // namespace interprocess::benchmarks
