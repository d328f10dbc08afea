// SPDX-License-Identifier: MIT

// Bytes of messages, however a program holds them.

#ifndef INTERPROCESS_BYTES_H_
#define INTERPROCESS_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace interprocess {
namespace internal {

template <typename Byte>
inline constexpr bool kIsByte = std::is_same_v<std::remove_cv_t<Byte>, uint8_t> ||
                                std::is_same_v<std::remove_cv_t<Byte>, char> ||
                                std::is_same_v<std::remove_cv_t<Byte>, std::byte>;

// What the bytes of a container are, const or not; void if it has none.
template <typename Container, typename = void>
struct ByteOf {
  using Type = void;
};
template <typename Container>
struct ByteOf<Container, std::void_t<decltype(std::declval<Container&>().data()),
                                     decltype(std::declval<Container&>().size())>> {
  using Type = std::remove_pointer_t<decltype(std::declval<Container&>().data())>;
};

template <typename Container>
using IfBytes = std::enable_if_t<kIsByte<typename ByteOf<Container>::Type>, int>;
template <typename Container>
using IfMutableBytes = std::enable_if_t<kIsByte<typename ByteOf<Container>::Type> &&
                                            !std::is_const_v<typename ByteOf<Container>::Type>,
                                        int>;

}  // namespace internal

// Bytes to read: of a std::string, a string_view or a literal, and of a vector, array or span of
// uint8_t, char or std::byte. A `char` array is text that ends with a zero. Valid as long as what
// it was made from.
class ConstBytes {
 public:
  // All bytes of a container.
  template <typename Container, internal::IfBytes<const Container> = 0>
  ConstBytes(const Container& container)  // NOLINT(google-explicit-constructor)
      : ConstBytes(container.data(), container.size()) {}
  // The text up to its zero, which is not part of it.
  ConstBytes(const char* text)  // NOLINT(google-explicit-constructor)
      : ConstBytes(absl::string_view(text)) {}
  // All bytes of an array that is no text.
  template <typename Byte, size_t size,
            std::enable_if_t<internal::kIsByte<Byte> && !std::is_same_v<Byte, char>, int> = 0>
  ConstBytes(const Byte (&array)[size])  // NOLINT(google-explicit-constructor)
      : ConstBytes(array, size) {}
  // `size` bytes from `data`, which may be null if `size` is 0.
  template <typename Byte, std::enable_if_t<internal::kIsByte<Byte>, int> = 0>
  ConstBytes(const Byte* data, size_t size) : span_(reinterpret_cast<const uint8_t*>(data), size) {}

  // The bytes, at the place where they were.
  absl::Span<const uint8_t> span() const { return span_; }

 private:
  absl::Span<const uint8_t> span_;
};

// Bytes to write: of a vector, array, span or std::string of uint8_t, char or std::byte, as long as
// it is. Valid as long as what it was made from.
class MutableBytes {
 public:
  // All bytes of a container, which keeps its size.
  template <typename Container,
            internal::IfMutableBytes<std::remove_reference_t<Container>> = 0>
  MutableBytes(Container&& container)  // NOLINT(google-explicit-constructor)
      : MutableBytes(container.data(), container.size()) {}
  // All bytes of an array.
  template <typename Byte, size_t size, std::enable_if_t<internal::kIsByte<Byte>, int> = 0>
  MutableBytes(Byte (&array)[size])  // NOLINT(google-explicit-constructor)
      : MutableBytes(array, size) {}
  // `size` bytes from `data`, which may be null if `size` is 0.
  template <typename Byte, std::enable_if_t<internal::kIsByte<Byte>, int> = 0>
  MutableBytes(Byte* data, size_t size) : span_(reinterpret_cast<uint8_t*>(data), size) {}

  // The bytes, at the place where they were.
  absl::Span<uint8_t> span() const { return span_; }

 private:
  absl::Span<uint8_t> span_;
};

// Messages of a batch, from any container of what ConstBytes is made from, or from a list in
// braces. Up to 32 take no memory beside it; none at all is taken for spans of uint8_t. Valid as
// long as what it was made from.
class MessageBatch {
 public:
  MessageBatch(std::initializer_list<ConstBytes> messages) { Add(messages); }
  template <
      typename Container,
      std::enable_if_t<std::is_convertible_v<
                           decltype(*std::begin(std::declval<const Container&>())), ConstBytes>,
                       int> = 0>
  MessageBatch(const Container& messages) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::is_convertible_v<const Container&, Messages>) {
      messages_ = messages;
    } else {
      Add(messages);
    }
  }
  MessageBatch(const MessageBatch&) = delete;
  MessageBatch& operator=(const MessageBatch&) = delete;

  // The bytes of each message, in the order of the container.
  absl::Span<const absl::Span<const uint8_t>> messages() const { return messages_; }

 private:
  using Messages = absl::Span<const absl::Span<const uint8_t>>;

  template <typename Container>
  void Add(const Container& messages) {
    for (const auto& message : messages) spans_.push_back(ConstBytes(message).span());
    messages_ = spans_;
  }

  absl::InlinedVector<absl::Span<const uint8_t>, 32> spans_;
  Messages messages_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_BYTES_H_
