// SPDX-License-Identifier: MIT

// What all of the C++17 interface has in common: errors, bytes, options, and how long a call waits.
// Programs include interprocess.hpp.

#ifndef INTERPROCESS_BASE_HPP_
#define INTERPROCESS_BASE_HPP_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "interprocess.h"

namespace ipq {

// What kind of error it is: the codes of interprocess.h, which says when each occurs.
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
  // What kind it is.
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

  // Where they are and how many, and what loops over them. No index is checked.
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
// Bytes to write.
using Bytes = BasicBytes<uint8_t>;
// Bytes to read.
using ConstBytes = BasicBytes<const uint8_t>;

// Which queue, and how to make it. Only the name has no default.
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
  // While it is raised, calls that it was passed to end at once: an Error with kCancelled.
  void Raise() { internal::Check(ipq_stop_raise(stop_.get())); }
  // Takes the raising back, for calls that begin from now on.
  void Clear() { internal::Check(ipq_stop_clear(stop_.get())); }
  // Whether it is raised.
  bool raised() const { return ipq_stop_is_raised(stop_.get()) != 0; }
  // For the functions of interprocess.h. It stays this object's.
  ipq_stop* raw() const { return stop_.get(); }

 private:
  internal::Handle<ipq_stop> stop_;
};

// How long a call waits: for ever, for a time, until it is stopped.
class Wait {
 public:
  Wait() = default;
  // Until `stop` is raised.
  Wait(Stop& stop) : stop_(stop.raw()) {}  // NOLINT(runtime/explicit): an argument as it is
  // For that time; 0 or less allows one try.
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> timeout)  // NOLINT(runtime/explicit)
      : timeout_ns_(NanosecondsOf(timeout)) {}
  // Until one of both.
  template <typename Rep, typename Period>
  Wait(std::chrono::duration<Rep, Period> timeout, Stop& stop)
      : timeout_ns_(NanosecondsOf(timeout)), stop_(stop.raw()) {}

  // What the functions of interprocess.h take.
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

}  // namespace ipq

#endif  // INTERPROCESS_BASE_HPP_
