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
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "interprocess.h"

namespace ipq {

enum class Code {
  kCancelled = IPQ_CANCELLED,
  kInvalidArgument = IPQ_INVALID_ARGUMENT,
  kDeadlineExceeded = IPQ_DEADLINE_EXCEEDED,
  kNotFound = IPQ_NOT_FOUND,
  kAlreadyExists = IPQ_ALREADY_EXISTS,
  kPermissionDenied = IPQ_PERMISSION_DENIED,
  kResourceExhausted = IPQ_RESOURCE_EXHAUSTED,
  kFailedPrecondition = IPQ_FAILED_PRECONDITION,
  kOutOfRange = IPQ_OUT_OF_RANGE,
  kUnimplemented = IPQ_UNIMPLEMENTED,
  kInternal = IPQ_INTERNAL,
  kUnavailable = IPQ_UNAVAILABLE,
  kDataLoss = IPQ_DATA_LOSS,
};

// The one error: what() says what was tried, on what, and why it failed.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& text) : std::runtime_error(text), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

namespace internal {

[[noreturn]] inline void Throw(int code) { throw Error(static_cast<Code>(code), ipq_last_error()); }

inline void Check(int code) {
  if (code != IPQ_OK) Throw(code);
}

// True for OK, false for the code that is no error here.
inline bool CheckBut(int code, int no_error) {
  if (code == IPQ_OK) return true;
  if (code != no_error) Throw(code);
  return false;
}

template <typename Struct>
Struct Sized() {
  Struct sized = {};
  sized.struct_size = sizeof sized;
  return sized;
}

template <typename Object>
using Handle = std::unique_ptr<Object, void (*)(Object*)>;

}  // namespace internal

// Some bytes: a pointer and a size, as std::span<std::byte> will be.
template <typename Byte>
class BasicBytes {
 public:
  constexpr BasicBytes() = default;
  constexpr BasicBytes(Byte* data, size_t size) : data_(data), size_(size) {}
  // Of a text that ends with a zero, which is not part of it.
  template <typename Text,
            typename = std::enable_if_t<std::is_const_v<Byte> && std::is_same_v<Text, char>>>
  BasicBytes(const Text* text)  // NOLINT(runtime/explicit): as std::string_view
      : data_(reinterpret_cast<Byte*>(text)), size_(std::char_traits<char>::length(text)) {}
  // Of anything with data() and size(): std::string_view, std::string, std::vector, std::array.
  template <typename Container, typename Pointer = decltype(std::declval<Container&>().data()),
            typename = std::enable_if_t<sizeof(std::remove_pointer_t<Pointer>) == 1 &&
                                        (std::is_const_v<Byte> ||
                                         !std::is_const_v<std::remove_pointer_t<Pointer>>)>>
  BasicBytes(Container&& container)  // NOLINT(runtime/explicit): as std::span
      : data_(reinterpret_cast<Byte*>(container.data())), size_(container.size()) {}

  constexpr Byte* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr Byte* begin() const { return data_; }
  constexpr Byte* end() const { return data_ + size_; }
  constexpr Byte& operator[](size_t index) const { return data_[index]; }

 private:
  Byte* data_ = nullptr;
  size_t size_ = 0;
};
using Bytes = BasicBytes<uint8_t>;
using ConstBytes = BasicBytes<const uint8_t>;

struct Options {
  Options() = default;
  explicit Options(std::string queue_name) : name(std::move(queue_name)) {}

  // As in ipq_options, with its defaults.
  std::string name;
  std::string directory;
  int64_t capacity = int64_t{1} << 20;
  ipq_protocol protocol = IPQ_NATIVE;
  ipq_mode mode = IPQ_OPEN_OR_CREATE;
  ipq_access access = IPQ_OWNER;
  std::string account;
  int max_participants = 1024;
  bool keep_undelivered = true;
  bool reserve_space = true;
  bool across_sessions = false;
  bool one_publisher = false;
  bool one_subscriber = false;

  // Valid as long as this object is, unchanged.
  ipq_options raw() const {
    ipq_options options;
    ipq_options_init(&options);
    options.name = name.c_str();
    options.directory = directory.c_str();
    options.capacity = capacity;
    options.protocol = protocol;
    options.mode = mode;
    options.access = access;
    options.account = account.c_str();
    options.max_participants = max_participants;
    options.keep_undelivered = keep_undelivered;
    options.reserve_space = reserve_space;
    options.across_sessions = across_sessions;
    options.one_publisher = one_publisher;
    options.one_subscriber = one_subscriber;
    return options;
  }
};

// Ends calls that wait, from any thread.
class Stop {
 public:
  Stop() : stop_(nullptr, ipq_stop_free) {
    ipq_stop* stop;
    internal::Check(ipq_stop_new(&stop));
    stop_.reset(stop);
  }
  void Raise() { internal::Check(ipq_stop_raise(stop_.get())); }
  void Clear() { internal::Check(ipq_stop_clear(stop_.get())); }
  bool raised() const { return ipq_stop_is_raised(stop_.get()) != 0; }
  ipq_stop* raw() const { return stop_.get(); }

 private:
  internal::Handle<ipq_stop> stop_;
};

// How long a call waits: for ever, for a time, until it is stopped.
class Wait {
 public:
  Wait() = default;
  Wait(Stop& stop) : stop_(stop.raw()) {}  // NOLINT(runtime/explicit): an argument as it is
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> timeout)  // NOLINT(runtime/explicit)
      : timeout_ns_(NanosecondsOf(timeout)) {}
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> timeout, Stop& stop)
      : timeout_ns_(NanosecondsOf(timeout)), stop_(stop.raw()) {}

  int64_t timeout_ns() const { return timeout_ns_; }
  ipq_stop* stop() const { return stop_; }

 private:
  // At least 0; what is too long for the number is for ever.
  template <typename Rep, typename Period>
  static int64_t NanosecondsOf(std::chrono::duration<Rep, Period> timeout) {
    using Duration = std::chrono::duration<Rep, Period>;
    if (timeout <= Duration::zero()) return 0;
    if (timeout >= std::chrono::duration<double>(9e9)) return IPQ_FOREVER;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(timeout).count();
  }

  int64_t timeout_ns_ = IPQ_FOREVER;
  ipq_stop* stop_ = nullptr;
};

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
  void Commit(size_t size) {
    internal::Check(ipq_publisher_commit(publisher_.get(), &room_, size));
  }
  void Commit() { Commit(room_.size); }
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

  int64_t capacity() const { return ipq_publisher_capacity(publisher_.get()); }
  size_t max_message_size() const { return ipq_publisher_max_message_size(publisher_.get()); }
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
  void Close() { internal::Check(ipq_publisher_close(publisher_.get())); }
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
  std::string_view text() const {
    return std::string_view(static_cast<const char*>(message_.data), bytes().size());
  }
  // Its size, position and earlier deliveries.
  const ipq_message& info() const { return message_; }
  void Acknowledge() { internal::Check(ipq_subscriber_acknowledge(subscriber_.get(), &message_)); }
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
  std::optional<std::string> Dequeue(const Wait& wait, ipq_message* info = nullptr) {
    return Copy(Borrow(wait), info);
  }
  std::string Dequeue() { return *Dequeue(Wait()); }

  std::optional<BorrowedMessage> TryBorrow() {
    ipq_message message = internal::Sized<ipq_message>();
    if (!internal::CheckBut(ipq_subscriber_try_borrow(subscriber_.get(), &message),
                            IPQ_UNAVAILABLE)) {
      return std::nullopt;
    }
    return BorrowedMessage(subscriber_, message);
  }
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

  void DrainNameless() { internal::Check(ipq_subscriber_drain_nameless(subscriber_.get())); }
  // For ipq_wait_any.
  void Arm(ipq_alarm& alarm) { internal::Check(ipq_subscriber_arm(subscriber_.get(), &alarm)); }

  int64_t capacity() const { return ipq_subscriber_capacity(subscriber_.get()); }
  size_t max_message_size() const { return ipq_subscriber_max_message_size(subscriber_.get()); }
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
  void Close() { internal::Check(ipq_subscriber_close(subscriber_.get())); }
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
