// SPDX-License-Identifier: MIT

// What calls cost in one thread, with no other participant.

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "benchmarks/allocations.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/scratch.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace interprocess::benchmarks {
namespace {

constexpr int kBatch = 64;

// A queue with both ends in this thread.
struct Queue {
  static QueueOptions Options() {
    QueueOptions options;
    options.name = UniqueName("core");
    options.directory = ScratchDirectory();
    return options;
  }
  explicit Queue(const QueueOptions& options = Options())
      : publisher(Publisher::Open(options)), subscriber(Subscriber::Open(options)) {}

  absl::StatusOr<Publisher> publisher;
  absl::StatusOr<Subscriber> subscriber;
};

// Ends the benchmark with an error that its output shows.
bool Opened(const Queue& queue, benchmark::State& state) {
  if (queue.publisher.ok() && queue.subscriber.ok()) return true;
  state.SkipWithError(std::string(
      (queue.publisher.ok() ? queue.subscriber.status() : queue.publisher.status()).message()));
  return false;
}

void CountAllocations(int64_t before, benchmark::State& state) {
  state.counters["allocs_per_op"] = benchmark::Counter(static_cast<double>(Allocations() - before) /
                                                       static_cast<double>(state.iterations()));
}

// The original's message.
std::vector<uint8_t> OriginalMessage() { return {100, 110, 120}; }

// Empties the queue: how many there were.
int Drain(Subscriber& subscriber, absl::Span<uint8_t> buffer) {
  int messages = 0;
  while (subscriber.TryDequeue(buffer).ok()) ++messages;
  return messages;
}

// Enqueues alone: as many as surely fit, then the queue is emptied off the clock.
void Enqueue(benchmark::State& state) {
  constexpr int kRun = 4096;
  Queue queue;
  if (!Opened(queue, state)) return;
  const std::vector<uint8_t> message = OriginalMessage();
  std::vector<uint8_t> buffer(message.size());
  const int64_t before = Allocations();
  while (state.KeepRunningBatch(kRun)) {
    const int64_t start = NowNanos();
    for (int i = 0; i < kRun; ++i) {
      absl::Status sent = queue.publisher->TryEnqueue(message);
      benchmark::DoNotOptimize(sent);
    }
    state.SetIterationTime(static_cast<double>(NowNanos() - start) / 1e9);
    if (Drain(*queue.subscriber, absl::MakeSpan(buffer)) != kRun) {
      state.SkipWithError("not every message came out");
      return;
    }
  }
  CountAllocations(before, state);
}

void EnqueueDequeue(benchmark::State& state, const std::vector<uint8_t>& message,
                    const QueueOptions& options = Queue::Options()) {
  Queue queue(options);
  if (!Opened(queue, state)) return;
  std::vector<uint8_t> buffer(message.size());
  const int64_t before = Allocations();
  for (auto _ : state) {
    const absl::Status sent = queue.publisher->TryEnqueue(message);
    const absl::StatusOr<size_t> size = queue.subscriber->TryDequeue(absl::MakeSpan(buffer));
    if (!sent.ok() || !size.ok() || *size != message.size()) {
      state.SkipWithError("a call failed");
      return;
    }
  }
  CountAllocations(before, state);
  if (buffer != message) state.SkipWithError("other bytes came out");
}

void OriginalEnqueueDequeue(benchmark::State& state) { EnqueueDequeue(state, OriginalMessage()); }

void EnqueueDequeueSize(benchmark::State& state) {
  EnqueueDequeue(state, std::vector<uint8_t>(static_cast<size_t>(state.range(0)), 0x5a));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void EnqueueDequeueNewString(benchmark::State& state) {
  Queue queue;
  if (!Opened(queue, state)) return;
  const std::vector<uint8_t> message = OriginalMessage();
  const int64_t before = Allocations();
  for (auto _ : state) {
    const absl::Status sent = queue.publisher->TryEnqueue(message);
    const absl::StatusOr<std::string> received = queue.subscriber->TryDequeue();
    if (!sent.ok() || !received.ok() || received->size() != message.size()) {
      state.SkipWithError("a call failed");
      return;
    }
  }
  CountAllocations(before, state);
}

void Batch(benchmark::State& state) {
  Queue queue;
  if (!Opened(queue, state)) return;
  const std::vector<uint8_t> message(64, 0x5a);
  const std::vector<absl::Span<const uint8_t>> messages(kBatch, absl::MakeConstSpan(message));
  const int64_t before = Allocations();
  while (state.KeepRunningBatch(kBatch)) {
    size_t bytes = 0;
    const absl::StatusOr<size_t> sent = queue.publisher->TryEnqueueBatch(messages);
    const absl::StatusOr<size_t> received = queue.subscriber->TryDequeueBatch(
        kBatch, [&](const MessageView& view) { bytes += view.bytes().size(); });
    if (!sent.ok() || !received.ok() || bytes != kBatch * message.size()) {
      state.SkipWithError("a call failed");
      return;
    }
  }
  CountAllocations(before, state);
}

void InPlace(benchmark::State& state) {
  const size_t size = static_cast<size_t>(state.range(0));
  Queue queue;
  if (!Opened(queue, state)) return;
  const int64_t before = Allocations();
  uint8_t sequence = 0;
  for (auto _ : state) {
    absl::StatusOr<Reservation> room = queue.publisher->TryReserve(size);
    if (!room.ok()) {
      state.SkipWithError("TryReserve failed");
      return;
    }
    room->span()[size - 1] = ++sequence;
    const absl::Status sent = room->Commit();
    absl::StatusOr<BorrowedMessage> message = queue.subscriber->TryBorrow();
    if (!sent.ok() || !message.ok() || message->bytes()[size - 1] != sequence) {
      state.SkipWithError("a call failed");
      return;
    }
    if (!message->Acknowledge().ok()) state.SkipWithError("Acknowledge failed");
  }
  CountAllocations(before, state);
}

void CompareAndSwap(benchmark::State& state) {
  alignas(128) std::atomic<uint64_t> word{0};
  uint64_t value = 0;
  for (auto _ : state) {
    uint64_t expected = value;
    word.compare_exchange_strong(expected, ++value, std::memory_order_acq_rel,
                                 std::memory_order_acquire);
  }
}

BENCHMARK(Enqueue)->Name("Message enqueue")->UseManualTime();
BENCHMARK(OriginalEnqueueDequeue)->Name("Message enqueue and dequeue");
BENCHMARK(EnqueueDequeueNewString)->Name("Message enqueue and dequeue - no message buffer");
BENCHMARK(EnqueueDequeueSize)
    ->Name("Enqueue and dequeue, bytes")
    ->Arg(0)
    ->Arg(8)
    ->Arg(40)
    ->Arg(64)
    ->Arg(1024)
    ->Arg(65536);
BENCHMARK(Batch)->Name("Enqueue and dequeue, batches of 64, 64 bytes");
BENCHMARK(InPlace)->Name("Reserve, commit, borrow, acknowledge, bytes")->Arg(64)->Arg(65536);
BENCHMARK(CompareAndSwap)->Name("One uncontended compare-and-swap");

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  (void)interprocess::benchmarks::ScratchDirectory();
  std::string json = "--benchmark_format=json";
  std::vector<char*> arguments(argv, argv + argc);
  for (char*& argument : arguments) {
    if (absl::string_view(argument) == "--json") argument = json.data();
  }
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  interprocess::benchmarks::PinToCore(0);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
