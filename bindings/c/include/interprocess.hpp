// SPDX-License-Identifier: MIT

// Interprocess for C++17: message queues in shared memory, for the programs of one machine.
// Everything here is inline over interprocess.h, which says more of each call: link the shared or
// the static library, and nothing of abseil.
//
//   ipq::Publisher publisher(ipq::Options("greetings"));
//   publisher.Enqueue("hello");
//
//   ipq::Subscriber subscriber(ipq::Options("greetings"));
//   std::string message = subscriber.Dequeue();  // waits
//
// Errors are ipq::Error, which is thrown; what a queue answers in the course of things is not one:
// a try call returns false or nothing if the queue is full or empty, and a call with a timeout does
// when the time is over. A stop that was raised is an Error with the code kCancelled.
//
// Threads: as interprocess.h says; in particular any thread may use an endpoint at any time, and
// Close ends the calls that wait. An object is not to be moved or destroyed while others use it.

#ifndef INTERPROCESS_HPP_
#define INTERPROCESS_HPP_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interprocess.h"
#include "interprocess_base.hpp"

namespace ipq {

// Room for one message in the queue. Movable; aborts if it was not committed. It may outlive its
// publisher, which is closed then, and commits no more.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept { Swap(other); }
  Reservation& operator=(Reservation&& other) noexcept {
    Reservation(std::move(other)).Swap(*this);
    return *this;
  }
  ~Reservation() { Abort(); }

  // Empty when committed, aborted or moved from.
  Bytes bytes() const { return Bytes(static_cast<uint8_t*>(room_.data), room_.size); }
  // Makes the first `size` bytes a message, which will be delivered.
  void Commit(size_t size) {
    internal::Check(ipq_publisher_commit(publisher_.get(), &room_, size));
  }
  // All of the room.
  void Commit() { Commit(room_.size); }
  // Gives the room back. Does nothing after Commit.
  void Abort() noexcept {
    if (room_.token != 0) ipq_publisher_abort(publisher_.get(), &room_);
  }

 private:
  friend class Publisher;
  Reservation(std::shared_ptr<ipq_publisher> publisher, const ipq_reservation& room)
      : publisher_(std::move(publisher)), room_(room) {}
  void Swap(Reservation& other) {
    std::swap(publisher_, other.publisher_);
    std::swap(room_, other.room_);
  }

  std::shared_ptr<ipq_publisher> publisher_;
  ipq_reservation room_ = internal::Sized<ipq_reservation>();
};

// Puts messages into a queue. Movable; any thread may use it.
class Publisher {
 public:
  explicit Publisher(const Options& options) {
    const ipq_options raw = options.raw();
    ipq_publisher* publisher;
    internal::Check(ipq_publisher_open(&raw, &publisher));
    publisher_.reset(publisher, ipq_publisher_free);
  }
  Publisher(Publisher&&) noexcept = default;
  Publisher& operator=(Publisher&& other) noexcept {
    std::swap(publisher_, other.publisher_);
    return *this;
  }
  ~Publisher() {
    if (publisher_ != nullptr) ipq_publisher_close(publisher_.get());
  }

  // False: the queue is full.
  bool TryEnqueue(ConstBytes message) {
    return internal::CheckBut(
        ipq_publisher_try_enqueue(publisher_.get(), message.data(), message.size()),
        IPQ_RESOURCE_EXHAUSTED);
  }
  // False: the time is over.
  bool Enqueue(ConstBytes message, const Wait& wait = {}) {
    return internal::CheckBut(ipq_publisher_enqueue(publisher_.get(), message.data(),
                                                    message.size(), wait.timeout_ns(), wait.stop()),
                              IPQ_DEADLINE_EXCEEDED);
  }
  // How many of them went in.
  size_t TryEnqueueBatch(const std::vector<ConstBytes>& messages) {
    const std::vector<ipq_bytes> raw = ToRaw(messages);
    size_t count = 0;
    internal::Check(
        ipq_publisher_try_enqueue_batch(publisher_.get(), raw.data(), raw.size(), &count));
    return count;
  }

  // The same, waiting until the first one has room; 0 when the time is over.
  size_t EnqueueBatch(const std::vector<ConstBytes>& messages, const Wait& wait = {}) {
    const std::vector<ipq_bytes> raw = ToRaw(messages);
    size_t count = 0;
    internal::CheckBut(ipq_publisher_enqueue_batch(publisher_.get(), raw.data(), raw.size(), &count,
                                                   wait.timeout_ns(), wait.stop()),
                       IPQ_DEADLINE_EXCEEDED);
    return count;
  }

  // Nothing: the queue is full.
  std::optional<Reservation> TryReserve(size_t size) {
    ipq_reservation room = internal::Sized<ipq_reservation>();
    if (!internal::CheckBut(ipq_publisher_try_reserve(publisher_.get(), size, &room),
                            IPQ_RESOURCE_EXHAUSTED)) {
      return std::nullopt;
    }
    return Reservation(publisher_, room);
  }
  // Nothing: the time is over.
  std::optional<Reservation> Reserve(size_t size, const Wait& wait = {}) {
    ipq_reservation room = internal::Sized<ipq_reservation>();
    if (!internal::CheckBut(
            ipq_publisher_reserve(publisher_.get(), size, &room, wait.timeout_ns(), wait.stop()),
            IPQ_DEADLINE_EXCEEDED)) {
      return std::nullopt;
    }
    return Reservation(publisher_, room);
  }

  // Bytes of payload that may wait, and the size of the largest message.
  int64_t capacity() const { return ipq_publisher_capacity(publisher_.get()); }
  size_t max_message_size() const { return ipq_publisher_max_message_size(publisher_.get()); }
  // How long a call that waits polls before it sleeps; 20 microseconds at first.
  void SetSpin(std::chrono::nanoseconds spin) {
    internal::Check(ipq_publisher_set_spin(publisher_.get(), spin.count()));
  }
  // About how many messages wait. kUnimplemented: a Cloudtoid queue.
  int64_t depth() const {
    int64_t depth = 0;
    internal::Check(ipq_publisher_depth(publisher_.get(), &depth));
    return depth;
  }
  // What this endpoint has counted since it was opened.
  ipq_counters counters() const {
    ipq_counters counters = internal::Sized<ipq_counters>();
    internal::Check(ipq_publisher_counters(publisher_.get(), &counters));
    return counters;
  }
  // Leaves the queue. Ends the calls that wait, and returns when they have ended; later calls are
  // errors with kFailedPrecondition.
  void Close() { internal::Check(ipq_publisher_close(publisher_.get())); }
  // For the functions of interprocess.h. It stays this object's.
  ipq_publisher* raw() const { return publisher_.get(); }

 private:
  static std::vector<ipq_bytes> ToRaw(const std::vector<ConstBytes>& messages) {
    std::vector<ipq_bytes> raw;
    raw.reserve(messages.size());
    for (const ConstBytes& message : messages) raw.push_back({message.data(), message.size()});
    return raw;
  }

  std::shared_ptr<ipq_publisher> publisher_;
};

// A message that is lent. Movable; given back if it was not acknowledged. It may outlive its
// subscriber, which is closed then.
class BorrowedMessage {
 public:
  BorrowedMessage(BorrowedMessage&& other) noexcept { Swap(other); }
  BorrowedMessage& operator=(BorrowedMessage&& other) noexcept {
    BorrowedMessage(std::move(other)).Swap(*this);
    return *this;
  }
  ~BorrowedMessage() { GiveBack(); }

  // Empty when acknowledged, given back or moved from.
  ConstBytes bytes() const {
    return ConstBytes(static_cast<const uint8_t*>(message_.data),
                      message_.data == nullptr ? 0 : message_.size);
  }
  // The same as text.
  std::string_view text() const {
    return std::string_view(static_cast<const char*>(message_.data), bytes().size());
  }
  // Its size, position and earlier deliveries.
  const ipq_message& info() const { return message_; }
  // Takes it off the queue. An Error with kFailedPrecondition if that, or giving back, was done.
  void Acknowledge() { internal::Check(ipq_subscriber_acknowledge(subscriber_.get(), &message_)); }
  // Puts it back for any subscriber. Does nothing after Acknowledge.
  void GiveBack() noexcept {
    if (message_.token != 0) ipq_subscriber_give_back(subscriber_.get(), &message_);
  }

 private:
  friend class Subscriber;
  BorrowedMessage(std::shared_ptr<ipq_subscriber> subscriber, const ipq_message& message)
      : subscriber_(std::move(subscriber)), message_(message) {}
  void Swap(BorrowedMessage& other) {
    std::swap(subscriber_, other.subscriber_);
    std::swap(message_, other.message_);
  }

  std::shared_ptr<ipq_subscriber> subscriber_;
  ipq_message message_ = internal::Sized<ipq_message>();
};

// Takes messages out of a queue. Movable; any thread may use it.
class Subscriber {
 public:
  explicit Subscriber(const Options& options) {
    const ipq_options raw = options.raw();
    ipq_subscriber* subscriber;
    internal::Check(ipq_subscriber_open(&raw, &subscriber));
    subscriber_.reset(subscriber, ipq_subscriber_free);
  }
  Subscriber(Subscriber&&) noexcept = default;
  Subscriber& operator=(Subscriber&& other) noexcept {
    std::swap(subscriber_, other.subscriber_);
    return *this;
  }
  ~Subscriber() {
    if (subscriber_ != nullptr) ipq_subscriber_close(subscriber_.get());
  }

  // The size of the message, which is copied to the front of `buffer`. Nothing: the queue is empty.
  // kOutOfRange: the buffer is too small; `info->size` is what it needs, and the message stays.
  std::optional<size_t> TryDequeue(Bytes buffer, ipq_message* info = nullptr) {
    return Into(buffer, info, IPQ_UNAVAILABLE, [&](ipq_message* message) {
      return ipq_subscriber_try_dequeue(subscriber_.get(), buffer.data(), buffer.size(), message);
    });
  }
  // Nothing: the time is over.
  std::optional<size_t> Dequeue(Bytes buffer, const Wait& wait, ipq_message* info = nullptr) {
    return Into(buffer, info, IPQ_DEADLINE_EXCEEDED, [&](ipq_message* message) {
      return ipq_subscriber_dequeue(subscriber_.get(), buffer.data(), buffer.size(), message,
                                    wait.timeout_ns(), wait.stop());
    });
  }
  // The same into a new string.
  std::optional<std::string> TryDequeue(ipq_message* info = nullptr) {
    return Copy(TryBorrow(), info);
  }
  // Nothing: the time is over.
  std::optional<std::string> Dequeue(const Wait& wait, ipq_message* info = nullptr) {
    return Copy(Borrow(wait), info);
  }
  // Waits for ever.
  std::string Dequeue() { return *Dequeue(Wait()); }

  // Lends the next message in place. Nothing: the queue is empty.
  std::optional<BorrowedMessage> TryBorrow() {
    ipq_message message = internal::Sized<ipq_message>();
    if (!internal::CheckBut(ipq_subscriber_try_borrow(subscriber_.get(), &message),
                            IPQ_UNAVAILABLE)) {
      return std::nullopt;
    }
    return BorrowedMessage(subscriber_, message);
  }
  // Nothing: the time is over.
  std::optional<BorrowedMessage> Borrow(const Wait& wait = {}) {
    ipq_message message = internal::Sized<ipq_message>();
    if (!internal::CheckBut(
            ipq_subscriber_borrow(subscriber_.get(), &message, wait.timeout_ns(), wait.stop()),
            IPQ_DEADLINE_EXCEEDED)) {
      return std::nullopt;
    }
    return BorrowedMessage(subscriber_, message);
  }

  // Hands up to `max` messages that are there to `handle`, one after the other, as
  // `const BorrowedMessage&`; each is taken off the queue when its call returns, and given back if
  // it throws. How many there were.
  template <typename Handle>
  size_t TryDequeueBatch(size_t max, const Handle& handle) {
    return max == 0 ? 0 : Drain(TryBorrow(), max, handle);
  }
  // The same, waiting for the first one; 0 when the time is over.
  template <typename Handle>
  size_t DequeueBatch(size_t max, const Handle& handle, const Wait& wait = {}) {
    return max == 0 ? 0 : Drain(Borrow(wait), max, handle);
  }

  // For a queue that has lost its name: from now on the calls take what is left in it.
  void DrainNameless() { internal::Check(ipq_subscriber_drain_nameless(subscriber_.get())); }
  // For ipq_wait_any.
  void Arm(ipq_alarm& alarm) { internal::Check(ipq_subscriber_arm(subscriber_.get(), &alarm)); }

  // Bytes of payload that may wait, and the size of the largest message.
  int64_t capacity() const { return ipq_subscriber_capacity(subscriber_.get()); }
  size_t max_message_size() const { return ipq_subscriber_max_message_size(subscriber_.get()); }
  // How long a call that waits polls before it sleeps; 20 microseconds at first.
  void SetSpin(std::chrono::nanoseconds spin) {
    internal::Check(ipq_subscriber_set_spin(subscriber_.get(), spin.count()));
  }
  // About how many messages wait. kUnimplemented: a Cloudtoid queue.
  int64_t depth() const {
    int64_t depth = 0;
    internal::Check(ipq_subscriber_depth(subscriber_.get(), &depth));
    return depth;
  }
  // What this endpoint has counted since it was opened.
  ipq_counters counters() const {
    ipq_counters counters = internal::Sized<ipq_counters>();
    internal::Check(ipq_subscriber_counters(subscriber_.get(), &counters));
    return counters;
  }
  // As Publisher::Close. Messages that it has lent stay usable.
  void Close() { internal::Check(ipq_subscriber_close(subscriber_.get())); }
  // For the functions of interprocess.h. It stays this object's.
  ipq_subscriber* raw() const { return subscriber_.get(); }

 private:
  template <typename Take>
  std::optional<size_t> Into(Bytes, ipq_message* info, int nothing, const Take& take) {
    ipq_message own = internal::Sized<ipq_message>();
    ipq_message* message = info != nullptr ? info : &own;
    message->struct_size = sizeof *message;
    if (!internal::CheckBut(take(message), nothing)) return std::nullopt;
    return message->size;
  }
  static std::optional<std::string> Copy(std::optional<BorrowedMessage> message,
                                         ipq_message* info) {
    if (!message.has_value()) return std::nullopt;
    std::string text(message->text());
    if (info != nullptr) *info = message->info();
    message->Acknowledge();
    return text;
  }
  template <typename Handle>
  size_t Drain(std::optional<BorrowedMessage> message, size_t max, const Handle& handle) {
    if (!message.has_value()) return 0;
    for (size_t count = 1;; ++count) {
      handle(static_cast<const BorrowedMessage&>(*message));
      if (count == max) {
        message->Acknowledge();
        return count;
      }
      if (!internal::CheckBut(
              ipq_subscriber_acknowledge_and_try_borrow(subscriber_.get(), &message->message_),
              IPQ_UNAVAILABLE)) {
        return count;
      }
    }
  }

  std::shared_ptr<ipq_subscriber> subscriber_;
};

// Removes the queue of that name with all its messages, whoever uses it.
inline void RemoveQueue(const std::string& name, const std::string& directory = "",
                        ipq_protocol protocol = IPQ_NATIVE) {
  internal::Check(ipq_remove_queue(name.c_str(), directory.c_str(), protocol));
}

// Where queues live if the options name no directory.
inline std::string DefaultDirectory(ipq_protocol protocol = IPQ_NATIVE) {
  size_t length = 0;
  const int code = ipq_default_directory(protocol, nullptr, 0, &length);
  if (code != IPQ_OUT_OF_RANGE) internal::Check(code);
  std::string directory(length + 1, '\0');
  internal::Check(ipq_default_directory(protocol, &directory[0], directory.size(), &length));
  directory.resize(length);
  return directory;
}

}  // namespace ipq

#endif  // INTERPROCESS_HPP_
