// SPDX-License-Identifier: MIT

// Puts messages into a queue.

#ifndef INTERPROCESS_PUBLISHER_H_
#define INTERPROCESS_PUBLISHER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "interprocess/bytes.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message.h"
#include "interprocess/queue_options.h"
#include "interprocess/wait_options.h"

namespace interprocess {

class PublisherEngine;
namespace internal {
template <typename EngineType>
class Endpoint;
struct Door;
// Whether TryEnqueue was over in a few steps; else Publisher::EnqueueSlowly follows.
bool EnqueueAtOnce(Endpoint<PublisherEngine>& endpoint, absl::Span<const uint8_t> message);
}  // namespace internal

// A publisher of one queue. Any number, in any number of processes, may share it. Messages that one
// publisher enqueues one after the other are delivered in that order.
//
// Threads: an endpoint keeps positions of its own, so one thread at a time uses it (open one per
// thread: they are cheap). Two calls at one time end the program, saying so, where the library is
// built with assertions, and are undefined elsewhere. Any thread may call Close at any time. Any
// thread may fill, commit and drop a reservation, also while the publisher is in use (message.h).
// It does not work in a forked child (FailedPrecondition); open another there. Movable; a
// moved-from one may only be destroyed or assigned.
//
// Memory ordering: what a thread did before it enqueued or committed a message happens before what
// a thread does after it took that message, in any process: it sees what was written to memory that
// the two share. What a subscriber did with a message before it let go of it happens before what a
// publisher does after it got the same room. A call that finds the queue full orders nothing. To
// hand an endpoint to another thread is the program's business: by a mutex, or a join.
//
// Errors that every call may give: FailedPrecondition (closed; used in a forked child; the
// queue has lost its name, see subscriber.h: also while it waits; an open reservation can still be
// committed), DataLoss (the file is no sound queue; what and where). Try calls never wait. They
// make a system call only to wake somebody who sleeps, every 250 ms or so to look at the queue's
// name and, when the queue is full, to look for participants that have died; a call that succeeds,
// or finds no room, allocates nothing.
//
//   absl::StatusOr<Publisher> publisher = Publisher::Open({"greetings"});
//   if (!publisher.ok()) return publisher.status();
//   absl::Status sent = publisher->Enqueue("hello");
class Publisher {
 public:
  // Attaches to the queue, making it if the options' mode allows. InvalidArgument (an option, or a
  // directory that is a link or a file), NotFound, AlreadyExists, PermissionDenied,
  // FailedPrecondition (the queue exists with other options; both values are named),
  // ResourceExhausted (no space for it; or `max_participants` are attached already), DataLoss.
  static absl::StatusOr<Publisher> Open(const QueueOptions& options);

  Publisher(Publisher&&) noexcept;
  Publisher& operator=(Publisher&&) noexcept;
  ~Publisher();  // closes

  // Copies the message in. OK: it is committed and will be delivered, whatever happens to this
  // process. ResourceExhausted: no room now. InvalidArgument: larger than max_message_size().
  absl::Status TryEnqueue(ConstBytes message) {
    // In line, so that success goes back in a register.
    if (ABSL_PREDICT_TRUE(internal::EnqueueAtOnce(*endpoint_, message.span()))) {
      return absl::OkStatus();
    }
    return EnqueueSlowly(message.span());
  }

  // The same, waiting for room. DeadlineExceeded, Cancelled: nothing was enqueued. `wait` may be a
  // duration: Enqueue(message, absl::Seconds(1)).
  absl::Status Enqueue(ConstBytes message, const WaitOptions& wait = {});

  // Enqueues messages in order until one finds no room: how many went in, 0 if the queue is full.
  // Each is a message of its own, committed for itself; the batch saves work between them, and
  // wakes subscribers once. InvalidArgument if one of them is too large: none went in.
  absl::StatusOr<size_t> TryEnqueueBatch(const MessageBatch& messages);
  // The same, waiting until the first one has room: at least 1, unless there are no messages.
  // DeadlineExceeded, Cancelled: nothing was enqueued.
  absl::StatusOr<size_t> EnqueueBatch(const MessageBatch& messages, const WaitOptions& wait = {});

  // Room for a message of up to `size` bytes, to be filled in place. Errors as TryEnqueue, Enqueue.
  absl::StatusOr<Reservation> TryReserve(size_t size);
  absl::StatusOr<Reservation> Reserve(size_t size, const WaitOptions& wait = {});

  // About how many messages wait in the queue, in a few reads whatever its capacity. It counts the
  // messages from the first that no subscriber has taken to the last that a publisher has reserved:
  // those that are still being written or were aborted are in it, those that were given back are
  // not. Other endpoints may change it at any time. Cloudtoid: Unimplemented; the formats tell how
  // many bytes wait.
  absl::StatusOr<uint64_t> ApproximateDepth() const;
  // What this publisher has counted, in a few reads.
  absl::StatusOr<EndpointCounters> Counters() const;

  // The queue's capacity in bytes (rounded up from the options'), and the largest message it takes.
  int64_t capacity() const { return capacity_; }
  size_t max_message_size() const { return max_message_size_; }

  // Leaves the queue. A call that waits in another thread returns FailedPrecondition at once, and
  // Close returns when it has. Open reservations stay usable until they are dropped, but commit no
  // more. Calling it again does nothing.
  //
  // The queue is left in any case. An error says that what the last participant removes stays: the
  // process has lost the right to remove it (PermissionDenied), another process holds the
  // directory's lock for more than 200 ms (Unavailable), or something in this process has closed
  // the library's handles (FailedPrecondition). While messages in place are open it is OK, for they
  // leave later.
  absl::Status Close();

 private:
  friend struct internal::Door;

  absl::Status EnqueueSlowly(absl::Span<const uint8_t> message);
  Publisher(std::shared_ptr<internal::Endpoint<PublisherEngine>> endpoint, int64_t capacity,
            size_t max_message_size)
      : endpoint_(std::move(endpoint)), capacity_(capacity), max_message_size_(max_message_size) {}
  template <typename Call, typename Room>
  static absl::StatusOr<Reservation> HandOut(const Call& call, const absl::StatusOr<Room>& room);

  std::shared_ptr<internal::Endpoint<PublisherEngine>> endpoint_;
  int64_t capacity_;
  size_t max_message_size_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_PUBLISHER_H_
