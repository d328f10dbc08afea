// Messages in place: what a publisher reserved, what a subscriber borrowed.

#ifndef INTERPROCESS_MESSAGE_H_
#define INTERPROCESS_MESSAGE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace interprocess {

namespace internal {
class PublisherEndpoint;
class SubscriberEndpoint;
}  // namespace internal

// What is known of a received message beside its bytes.
struct MessageInfo {
  size_t size = 0;  // in bytes; also set when a buffer was too small for it
  // How often it was handed out before: a subscriber died with it or gave it back.
  uint32_t earlier_deliveries = 0;
  // A subscriber died holding it and may have acted on it. The only case of a second delivery.
  bool redelivered = false;
};

// A received message that lies in the queue's memory. Valid only within the call that hands it out.
class MessageView {
 public:
  MessageView(absl::Span<const uint8_t> bytes, const MessageInfo& info)
      : bytes_(bytes), info_(info) {}

  absl::Span<const uint8_t> bytes() const { return bytes_; }
  absl::string_view text() const {
    return absl::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  }
  const MessageInfo& info() const { return info_; }

 private:
  absl::Span<const uint8_t> bytes_;
  MessageInfo info_;
};

// Room for one message, in the queue itself, to be filled and committed. Until then the message
// does not exist for anybody; later messages of this and other publishers pass it by after about a
// millisecond, and come before it. Its place in the ring stays taken, so do not hold it for long.
//
// Movable. Used by the publisher's thread. It may outlive its publisher: the queue's memory stays
// until the last reservation is gone. Not for a forked child.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();  // aborts if neither committed nor aborted

  // The reserved bytes, contiguous, at an address that is a multiple of 8 (of 64 above 40 bytes).
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
  Reservation(internal::PublisherEndpoint* endpoint, uint64_t position, absl::Span<uint8_t> span)
      : endpoint_(endpoint), position_(position), span_(span) {}
  internal::PublisherEndpoint* endpoint_;
  uint64_t position_;
  absl::Span<uint8_t> span_;
};

// A message that is lent to one subscriber: nobody else gets it, and it is not gone. Acknowledge it
// when it has been dealt with. Dropping it without gives it back: it is delivered again, later than
// the messages behind it. If the process dies it is delivered to another subscriber, marked
// redelivered. Several may be open at a time, and acknowledged in any order; their room in the
// queue is free only then.
//
// Movable. Used by the subscriber's thread. It may outlive its subscriber: the queue's memory stays
// until the last one is gone. Not for a forked child.
class BorrowedMessage {
 public:
  BorrowedMessage(BorrowedMessage&& other) noexcept;
  BorrowedMessage& operator=(BorrowedMessage&& other) noexcept;
  ~BorrowedMessage();  // gives it back if not acknowledged

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
  BorrowedMessage(internal::SubscriberEndpoint* endpoint, uint64_t position, MessageView view)
      : endpoint_(endpoint), position_(position), view_(view) {}
  internal::SubscriberEndpoint* endpoint_;
  uint64_t position_;
  MessageView view_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_MESSAGE_H_
