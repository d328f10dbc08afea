// SPDX-License-Identifier: MIT

// What a protocol must do: try, and sleep until another try is due. One engine serves one endpoint;
// the public classes above it validate options, guard calls (endpoint.h), wait (wait_loop.h) and
// forward.

#ifndef INTERPROCESS_CORE_ENGINE_ENGINE_H_
#define INTERPROCESS_CORE_ENGINE_ENGINE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/engine/loans.h"
#include "core/engine/queue_file.h"
#include "interprocess/alarm.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message_view.h"

namespace interprocess {

// Used by one thread at a time, except for WakeWaiters. The destructor leaves the queue if Leave
// did not; no room or message is held then.
class Engine {
 public:
  virtual ~Engine() = default;

  // What a try returns that would have to wait. Its text is made when the endpoint is opened, so
  // that a copy of it allocates nothing.
  const absl::Status& not_now() const { return not_now_; }
  void set_not_now_text(absl::string_view text) { not_now_ = {not_now_.code(), text}; }

  // Of its endpoint, since it was opened; the calls that waited are counted here. Used by the
  // endpoint's thread, within a call.
  virtual EndpointCounters counters() const = 0;
  void CountWait() { ++waits_; }
  uint64_t waits() const { return waits_; }

  // As Publisher::ApproximateDepth.
  virtual absl::StatusOr<uint64_t> ApproximateDepth() const = 0;

  virtual int64_t capacity() const = 0;
  virtual size_t max_message_size() const = 0;
  // As Subscriber::unique.
  virtual uint64_t unique() const { return 0; }

  // A call that waits sleeps in rounds of PrepareSleep, a try that finds nothing, and Sleep.
  // Whatever may let a try succeed after PrepareSleep, and WakeWaiters, ends or prevents the Sleep.
  virtual void PrepareSleep() = 0;
  // Sleeps for at most `timeout_ns`; may return early. An error if the system refuses the sleep.
  virtual absl::Status Sleep(int64_t timeout_ns) = 0;
  // After the last round of a call.
  virtual void EndSleeps() = 0;
  // Ends another thread's Sleep, which looks again why it waits. Thread-safe.
  virtual void WakeWaiters() = 0;

  // The rooms and claims that are with messages in place.
  Loans& loans() { return loans_; }
  const Loans& loans() const { return loans_; }

  // Leaves the queue, as the destructor else does; nothing is called after it. An error if the
  // queue, though nobody uses it, could not be removed; it is left all the same.
  virtual absl::Status Leave() = 0;
  // In a forked child: the place in the queue is the parent's, so there is nothing to leave.
  virtual void Forget() = 0;
  // Of use as long as the engine.
  virtual QueueFile file() const = 0;

 protected:
  explicit Engine(absl::StatusCode not_now) : not_now_(not_now, "") {}

 private:
  Loans loans_;
  absl::Status not_now_;
  uint64_t waits_ = 0;
};

class PublisherEngine : public Engine {
 public:
  PublisherEngine() : Engine(absl::StatusCode::kResourceExhausted) {}

  struct Room {
    uint64_t position;
    absl::Span<uint8_t> bytes;
  };
  virtual absl::Status TryEnqueue(absl::Span<const uint8_t> message) = 0;
  // The same where it takes no more than a few steps; false if nothing was done, and TryEnqueue is
  // to be called. Its result fits in a register, a Status does not.
  virtual bool EnqueueAtOnce(absl::Span<const uint8_t> message);
  virtual absl::StatusOr<size_t> TryEnqueueBatch(
      absl::Span<const absl::Span<const uint8_t>> messages) = 0;
  virtual absl::StatusOr<Room> TryReserve(size_t size) = 0;
  // Thread-safe, both, also beside any other call: rooms are filled and committed by other threads.
  // `size` is at most what was reserved at that position. ResourceExhausted, where the room is
  // taken only now: the reservation stays. Anything else ends it.
  virtual absl::Status Commit(uint64_t position, size_t size) = 0;
  virtual void Abort(uint64_t position) = 0;
};

class SubscriberEngine : public Engine {
 public:
  SubscriberEngine() : Engine(absl::StatusCode::kUnavailable) {}

  struct Claim {
    uint64_t position;
    MessageView view;
  };
  using Handler = absl::FunctionRef<void(const MessageView&)>;
  virtual absl::StatusOr<size_t> TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) = 0;
  // As PublisherEngine::EnqueueAtOnce: the size, or -1.
  virtual int64_t DequeueAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info);
  // Ends, at the latest, after a message whose handler set `closed`.
  virtual absl::StatusOr<size_t> TryDequeueBatch(size_t max, Handler handle,
                                                 const std::atomic<bool>& closed) = 0;
  virtual absl::StatusOr<Claim> TryBorrow() = 0;
  // Thread-safe, both, also beside any other call: messages are acknowledged by other threads.
  // Ends the claim; an error if the message was taken from it and is delivered again.
  virtual absl::Status Acknowledge(uint64_t position) = 0;
  virtual void GiveBack(uint64_t position) = 0;
  // Says that a caller is about to sleep until there may be a message, and looks (TryDequeue) after
  // this. `before` is what it said last.
  virtual Alarm Arm(const Alarm& /*before*/) { return {}; }
};

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_ENGINE_ENGINE_H_
