// SPDX-License-Identifier: MIT

// Messages in place: what a publisher reserved, what a subscriber borrowed.

#ifndef INTERPROCESS_MESSAGE_H_
#define INTERPROCESS_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "interprocess/message_view.h"

namespace interprocess {

class PublisherEngine;
class SubscriberEngine;
namespace internal {
template <typename EngineType>
struct Hold;
// Lets go of what a message in place keeps alive.
struct ReturnLoan {
  void operator()(Hold<PublisherEngine>* hold) const;
  void operator()(Hold<SubscriberEngine>* hold) const;
};
template <typename EngineType>
using Loan = std::unique_ptr<Hold<EngineType>, ReturnLoan>;
}  // namespace internal

// Room for one message, in the queue itself, to be filled and committed. Until then the message
// does not exist for anybody; later messages of this and other publishers pass it by after about a
// millisecond, and come before it. Its place in the ring stays taken, so do not hold it for long.
//
// Movable. Any thread may fill, commit or drop it, one at a time, also while other threads use the
// publisher or its other reservations. It may outlive its publisher: the queue's memory stays until
// the last reservation is gone. Not for a forked child.
//
// A device that fills it by itself (io_uring, O_DIRECT, RDMA) may go on when the process is killed:
// the room is another's then. Read into memory of your own and copy.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept
      : loan_(std::move(other.loan_)),
        position_(other.position_),
        span_(std::exchange(other.span_, {})) {}
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() {  // aborts if neither committed nor aborted
    if (loan_ != nullptr) Abort();
  }

  // The reserved bytes, contiguous, at an address that is a multiple of 8 (of 64 above 48 bytes).
  // What they hold at first is undefined: what an earlier message left there. Empty when
  // committed, aborted or moved from.
  absl::Span<uint8_t> span() const { return span_; }

  // Makes the first `size` bytes a message. OK: it will be delivered. InvalidArgument if `size` is
  // larger than what was reserved (the reservation stays open). FailedPrecondition if the
  // publisher was closed meanwhile (the message is aborted) or it was committed or aborted before.
  // Cloudtoid: the room is taken only now, so ResourceExhausted, and the reservation stays open,
  // when the queue is full.
  absl::Status Commit(size_t size);
  absl::Status Commit() { return Commit(span_.size()); }

  // Gives the room back. Does nothing after Commit.
  void Abort();

 private:
  friend class Publisher;
  Reservation(internal::Loan<PublisherEngine> loan, uint64_t position, absl::Span<uint8_t> span)
      : loan_(std::move(loan)), position_(position), span_(span) {}
  void Drop();

  internal::Loan<PublisherEngine> loan_;  // null when committed, aborted or moved from
  uint64_t position_;
  absl::Span<uint8_t> span_;
};

// A message that is lent to one subscriber: nobody else gets it, and it is not gone. Acknowledge it
// when it has been dealt with. Dropping it without gives it back: it is delivered again, later than
// the messages behind it. If the process dies it is delivered to another subscriber, marked
// redelivered. Several may be open at a time, and acknowledged in any order; their room in the
// queue is free only then.
//
// Movable. Any thread may read, acknowledge or drop it, one at a time, also while other threads use
// the subscriber or its other messages: borrow in one thread, work and acknowledge in a pool. It
// may outlive its subscriber: the queue's memory stays until the last message is gone. Not for a
// forked child.
class BorrowedMessage {
 public:
  BorrowedMessage(BorrowedMessage&& other) noexcept
      : loan_(std::move(other.loan_)),
        position_(other.position_),
        view_(std::exchange(other.view_, MessageView({}, {}))) {}
  BorrowedMessage& operator=(BorrowedMessage&& other) noexcept;
  ~BorrowedMessage() {  // gives it back if not acknowledged
    if (loan_ != nullptr) GiveBack();
  }

  // Empty when acknowledged, given back or moved from.
  absl::Span<const uint8_t> bytes() const { return view_.bytes(); }
  absl::string_view text() const { return view_.text(); }
  const MessageInfo& info() const { return view_.info(); }
  bool redelivered() const { return view_.info().redelivered; }

  // Takes the message off the queue. FailedPrecondition if that, or giving back, was done before.
  // Cloudtoid version 2 lends a message for ten seconds: Unimplemented when they are over, and it
  // is delivered again.
  absl::Status Acknowledge();

  // Puts it back for any subscriber, this one included. Does nothing after Acknowledge.
  void GiveBack();

 private:
  friend class Subscriber;
  BorrowedMessage(internal::Loan<SubscriberEngine> loan, uint64_t position, MessageView view)
      : loan_(std::move(loan)), position_(position), view_(view) {}
  void Drop();

  internal::Loan<SubscriberEngine> loan_;  // null when acknowledged, given back or moved from
  uint64_t position_;
  MessageView view_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_MESSAGE_H_
