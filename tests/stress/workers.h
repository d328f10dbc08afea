// SPDX-License-Identifier: MIT

// Publishers and subscribers that use every call of the interface in random order, and check what
// they get. They run as threads or as processes; what they share lies in a World.

#ifndef INTERPROCESS_TESTS_STRESS_WORKERS_H_
#define INTERPROCESS_TESTS_STRESS_WORKERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "interprocess/queue_options.h"
#include "tests/stress/shared_memory.h"
#include "tests/stress/traffic.h"

namespace interprocess::stress {

struct WorkOptions {
  QueueOptions queue;
  uint64_t seed = 1;
  size_t max_size = 4096;   // of ordinary messages, in bytes
  bool some_huge = true;    // a few of up to half the capacity, very few that fill it
  bool some_empty = true;   // messages of no bytes: they are only counted
  int reopen_every = 2000;  // steps between two openings, on the average; 0: never
  // Workers will be killed: use no call that takes a message off the queue before it is in memory
  // that the others see, and stay for a while now and then where a death would hurt.
  bool mortal = false;
  // Of a waiting call; then the orders are looked at again.
  absl::Duration patience = absl::Milliseconds(50);
};

// What a worker is at.
enum class Doing : uint32_t {
  kBetween,
  kOpening,
  kEnqueueing,
  kBatch,      // inside a call with several messages
  kReserving,  // holds one or two reservations
  kCopying,    // a message may be off the queue and only in the worker's `copy`
  kHandler,    // a batch's handler looks at a message
  kBorrowing,  // holds borrowed messages
  kAsking,     // waits for a message, holding none
};
inline constexpr int kDoings = 9;
const char* NameOf(Doing doing);

// What one worker shows the others. Relaxed throughout: people and the parent look at it.
struct WorkerPage {
  static constexpr size_t kMaxHeld = 8;

  alignas(128) std::atomic<uint64_t> steps;  // messages sent or taken
  std::atomic<int64_t> last_step_ns;         // when, CLOCK_MONOTONIC
  std::atomic<Doing> doing;
  std::atomic<bool> stop;
  // Id + 1 of the messages that it holds, borrowed or in a handler; 0 where there is none.
  std::atomic<uint64_t> held[kMaxHeld];
};

struct WorldState {
  static constexpr size_t kMaxRedeliveries = 1 << 16;
  static constexpr size_t kFailureBytes = 4096;

  std::atomic<uint64_t> delivered;  // messages with an id, each once
  std::atomic<uint64_t> empty_sent;
  std::atomic<uint64_t> empty_delivered;
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> given_back;
  std::atomic<uint64_t> aborted;
  std::atomic<uint64_t> found_full;
  std::atomic<uint64_t> opened;
  std::atomic<bool> stop_publishers;
  std::atomic<bool> stop_subscribers;
  // One side may be told to dawdle, so that the other finds the queue full or empty.
  std::atomic<bool> slow_publishers;
  std::atomic<bool> slow_subscribers;
  // Each delivery that was marked redelivered: which message, when.
  std::atomic<uint64_t> redeliveries;
  std::atomic<uint64_t> redelivered_id[kMaxRedeliveries];
  std::atomic<int64_t> redelivered_ns[kMaxRedeliveries];
  std::atomic<uint32_t> failures;
  char failure[kFailureBytes];  // the first one; written before `failures` leaves 1
};

// Made before the workers are.
class World {
 public:
  World(const WorkOptions& options, uint32_t workers, uint32_t publishers, uint64_t messages);

  const WorkOptions& options() const { return options_; }
  Ledger& ledger() { return ledger_; }
  WorldState& state() const { return state_[0]; }
  uint32_t workers() const { return static_cast<uint32_t>(pages_.size()); }
  WorkerPage& page(uint32_t worker) const { return pages_[worker]; }
  // Where that worker copies messages to: as large as the queue's largest.
  absl::Span<uint8_t> copy(uint32_t worker) const;

  void Fail(absl::string_view what);
  bool failed() const { return state().failures.load(std::memory_order_acquire) != 0; }
  // Empty if nothing failed.
  std::string failure() const;

  // What the queue and all workers are at, to standard error.
  void Dump() const;

 private:
  WorkOptions options_;
  size_t capacity_;
  Ledger ledger_;
  SharedArray<WorldState> state_;
  SharedArray<WorkerPage> pages_;
  SharedArray<uint8_t> copies_;
};

// Sends messages [0, count) of `publisher`, or until it is told to stop. Shows itself in the page
// of `worker`.
void Publish(World& world, uint32_t worker, uint32_t publisher, uint64_t count);

// Takes messages until it is told to stop.
void Subscribe(World& world, uint32_t worker);

// CLOCK_MONOTONIC.
int64_t NowNanos();

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_WORKERS_H_
