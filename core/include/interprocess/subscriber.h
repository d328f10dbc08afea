// SPDX-License-Identifier: MIT

// Takes messages from a queue.

#ifndef INTERPROCESS_SUBSCRIBER_H_
#define INTERPROCESS_SUBSCRIBER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "interprocess/alarm.h"
#include "interprocess/bytes.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message.h"
#include "interprocess/queue_options.h"
#include "interprocess/wait_options.h"

namespace interprocess {

class SubscriberEngine;
namespace internal {
template <typename EngineType>
class Endpoint;
struct Door;
// The size, or -1 if TryDequeue was not over in a few steps: then Subscriber::DequeueSlowly
// follows.
int64_t DequeueAtOnce(Endpoint<SubscriberEngine>& endpoint, absl::Span<uint8_t> buffer,
                      MessageInfo* info);
}  // namespace internal

// A subscriber of one queue. Any number, in any number of processes, may share it; each message
// goes to one of them. If a subscriber dies while it holds a message, another gets it, marked
// redelivered.
//
// Threads: an endpoint keeps positions of its own, so one thread at a time uses it (open one per
// thread: they are cheap). Two calls at one time end the program, saying so, where the library is
// built with assertions, and are undefined elsewhere; so are calls of a batch's handler to its own
// subscriber, but for Close. Any thread may call Close at any time. Any thread may read,
// acknowledge and drop a borrowed message, also while the subscriber is in use (message.h). It does
// not work in a forked child (FailedPrecondition); open another there. Movable; a moved-from one
// may only be destroyed or assigned.
//
// Memory ordering: what a thread did before it enqueued or committed a message happens before what
// a thread does after it took that message, in any process: it sees what was written to memory that
// the two share. What is done with a message before it is acknowledged, or before the call that
// copied it or its handler returns, happens before what a publisher does after it got that room. A
// call that finds the queue empty orders nothing. To hand an endpoint to another thread is the
// program's business: by a mutex, or a join.
//
// Errors that every call may give: FailedPrecondition (closed; used in a forked child; the queue
// has lost its name, see below), DataLoss (the file is no sound queue; what and where). Try calls
// never wait. They make a system call only to wake somebody who sleeps, every 50 ms or so to look
// for participants that have died, and every 250 ms or so to look at the queue's name; one that
// copies into a buffer, or finds no message, allocates nothing.
//
// Lost names (not on Windows, where nothing deletes a queue in use): if something other than
// RemoveQueue deletes or moves the queue's file (systemd's RemoveIPC, tmpfiles, a person; for the
// Cloudtoid formats RemoveQueue as well), others who open the name get another queue. Within a
// second every call, also one that waits, returns FailedPrecondition, and so do all later ones.
// (A caller that slows down suddenly may make up to 16 more calls first.) Borrowed messages can
// still be acknowledged or given back. DrainNameless gives what is left; then close and open anew.
//
//   absl::StatusOr<Subscriber> subscriber = Subscriber::Open({"greetings"});
//   if (!subscriber.ok()) return subscriber.status();
//   absl::StatusOr<std::string> message = subscriber->Dequeue();
class Subscriber {
 public:
  // As Publisher::Open: the first endpoint makes the queue.
  static absl::StatusOr<Subscriber> Open(const QueueOptions& options);

  Subscriber(Subscriber&&) noexcept;
  Subscriber& operator=(Subscriber&&) noexcept;
  ~Subscriber();  // closes

  // Takes the next message: copies it to the front of `buffer` and returns its size.
  // Unavailable: there is none now. OutOfRange: the buffer is too small; the message stays, and
  // `info->size` says what it needs. `info` may be null.
  absl::StatusOr<size_t> TryDequeue(MutableBytes buffer, MessageInfo* info = nullptr) {
    // In line, so that the size goes back in a register.
    const int64_t size = internal::DequeueAtOnce(*endpoint_, buffer.span(), info);
    if (ABSL_PREDICT_TRUE(size >= 0)) return static_cast<size_t>(size);
    return DequeueSlowly(buffer.span(), info);
  }
  // The same into a new string.
  absl::StatusOr<std::string> TryDequeue(MessageInfo* info = nullptr);

  // The same, waiting for a message. DeadlineExceeded, Cancelled: nothing was taken. `wait` may be
  // a duration: Dequeue(absl::Seconds(1)).
  absl::StatusOr<size_t> Dequeue(MutableBytes buffer, const WaitOptions& wait = {},
                                 MessageInfo* info = nullptr);
  absl::StatusOr<std::string> Dequeue(const WaitOptions& wait = {}, MessageInfo* info = nullptr);

  // Hands up to `max` messages that are there now to `handle`, one after the other, each in place
  // and valid only during its call; each is taken off the queue when its call returns. How many
  // there were; Unavailable if none. `handle` may call Close, and nothing else, of this subscriber.
  absl::StatusOr<size_t> TryDequeueBatch(size_t max,
                                         absl::FunctionRef<void(const MessageView&)> handle);
  // The same, waiting for the first one.
  absl::StatusOr<size_t> DequeueBatch(size_t max,
                                      absl::FunctionRef<void(const MessageView&)> handle,
                                      const WaitOptions& wait = {});

  // Lends the next message, in place. Errors as TryDequeue and Dequeue.
  absl::StatusOr<BorrowedMessage> TryBorrow();
  absl::StatusOr<BorrowedMessage> Borrow(const WaitOptions& wait = {});

  // As of Publisher, both.
  absl::StatusOr<uint64_t> ApproximateDepth() const;
  absl::StatusOr<EndpointCounters> Counters() const;

  // For a thread that waits on several queues at once (wait_any.h): what to sleep on until there
  // may be a message. Look (TryDequeue) after it and before the sleep. `before` is what it returned
  // last.
  absl::StatusOr<Alarm> Arm(const Alarm& before = {});

  // For a queue that has lost its name: from now on the calls take what is left in its file.
  // A try call returns Unavailable when nothing is, a waiting call the error that the name is lost.
  // FailedPrecondition if the name is there, or was removed by RemoveQueue. Never blocks.
  absl::Status DrainNameless();

  // The queue's capacity in bytes (rounded up from the options'), and the largest message it takes.
  int64_t capacity() const { return capacity_; }
  size_t max_message_size() const { return max_message_size_; }

  // A random number that the queue got when it was made, and that no other has had: not one of the
  // same name before or after it, nor one on another machine. With MessageInfo::position it names a
  // message wherever it goes. Cloudtoid: 0.
  uint64_t unique() const { return unique_; }

  // Leaves the queue. A call that waits in another thread returns FailedPrecondition at once, and
  // Close returns when it has. Borrowed messages stay usable, and can be acknowledged, until they
  // are dropped. Calling it again does nothing.
  //
  // The queue is left in any case. An error says that what the last participant removes stays: the
  // process has lost the right to remove it (PermissionDenied), another process holds the
  // directory's lock for more than 200 ms (Unavailable), or something in this process has closed
  // the library's handles (FailedPrecondition). While messages in place are open it is OK, for they
  // leave later.
  absl::Status Close();

 private:
  friend struct internal::Door;

  absl::StatusOr<size_t> DequeueSlowly(absl::Span<uint8_t> buffer, MessageInfo* info);
  Subscriber(std::shared_ptr<internal::Endpoint<SubscriberEngine>> endpoint, int64_t capacity,
             size_t max_message_size, uint64_t unique)
      : endpoint_(std::move(endpoint)),
        capacity_(capacity),
        max_message_size_(max_message_size),
        unique_(unique) {}
  template <typename Call, typename Claim>
  static absl::StatusOr<BorrowedMessage> HandOut(const Call& call,
                                                 const absl::StatusOr<Claim>& claim);

  std::shared_ptr<internal::Endpoint<SubscriberEngine>> endpoint_;
  int64_t capacity_;
  size_t max_message_size_;
  uint64_t unique_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_SUBSCRIBER_H_
