// SPDX-License-Identifier: MIT

// What the messages hold, so that every one of them is verified.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_PAYLOAD_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "benchmarks/harness/crew.h"

namespace interprocess::benchmarks {

inline constexpr int kMaxPublishers = 64;
inline constexpr size_t kMinMessageSize = 24;
inline constexpr size_t kBufferAlignment = 64;

// The head of a message: its sender, and which of the sender's messages it is, from 1.
struct Head {
  static constexpr int kSequenceBits = 48;
  static uint64_t Make(uint64_t publisher, uint64_t sequence) {
    return publisher << kSequenceBits | sequence;
  }
  static uint64_t Publisher(uint64_t head) { return head >> kSequenceBits; }
  static uint64_t Sequence(uint64_t head) { return head & ((uint64_t{1} << kSequenceBits) - 1); }
};

inline uint64_t LoadWord(const uint8_t* at) {
  uint64_t word;
  memcpy(&word, at, sizeof(word));
  return word;
}

inline void StoreWord(uint8_t* at, uint64_t word) { memcpy(at, &word, sizeof(word)); }

// A message of `size` bytes carries its head in the first word, a function of it in the last, and
// another in a word between that moves from message to message: one after the other all bytes are
// sampled, at a cost that does not grow with the size.
class Stamp {
 public:
  static void Write(uint64_t head, uint8_t* message, size_t size) {
    StoreWord(message, head);
    StoreWord(message + Sample(head, size), head * kSampleFactor);
    StoreWord(message + size - 8, ~head);
  }

  static bool Verify(const uint8_t* message, size_t size) {
    const uint64_t head = LoadWord(message);
    return LoadWord(message + size - 8) == ~head &&
           LoadWord(message + Sample(head, size)) == head * kSampleFactor;
  }

  // Writes into `to` what makes it pass as a copy of `message`.
  static void Copy(const uint8_t* message, uint8_t* to, size_t size) {
    Write(LoadWord(message), to, size);
  }

 private:
  static constexpr uint64_t kSampleFactor = 0x9e3779b97f4a7c15;

  // A multiple of 8 that leaves the first and the last word alone.
  static size_t Sample(uint64_t head, size_t size) {
    const uint64_t places = (size - 16) / 8;
    const uint64_t random = (head * kSampleFactor) >> 32;
    return 8 + 8 * static_cast<size_t>((random * places) >> 32);
  }
};

// A buffer on lines of its own.
class Buffer {
 public:
  explicit Buffer(size_t size)
      : memory_(size + 2 * kBufferAlignment, 0xa5), size_(size), offset_(OffsetToAligned()) {}

  absl::Span<uint8_t> span() { return absl::MakeSpan(memory_.data() + offset_, size_); }

 private:
  size_t OffsetToAligned() const {
    const auto address = reinterpret_cast<uintptr_t>(memory_.data());
    return (kBufferAlignment - address % kBufferAlignment) % kBufferAlignment;
  }
  std::vector<uint8_t> memory_;
  size_t size_;
  size_t offset_;
};

// Makes one publisher's messages, all in one buffer.
class Outbox {
 public:
  Outbox(int publisher, size_t size) : publisher_(publisher), buffer_(size) {}

  // Valid until the next call.
  absl::Span<const uint8_t> Next() { return Write(++sequence_); }
  // The message after which there is none.
  absl::Span<const uint8_t> Last() { return Write(0); }

  uint64_t count() const { return sequence_; }
  // The sum of all heads.
  uint64_t checksum() const { return checksum_; }

 private:
  absl::Span<const uint8_t> Write(uint64_t sequence) {
    const absl::Span<uint8_t> message = buffer_.span();
    const uint64_t head = Head::Make(publisher_, sequence);
    checksum_ += head;
    Stamp::Write(head, message.data(), message.size());
    return message;
  }

  const uint64_t publisher_;
  Buffer buffer_;
  uint64_t sequence_ = 0;
  uint64_t checksum_ = 0;
};

// Verifies what one subscriber gets: size, stamps, and that each publisher's messages come in the
// order in which they were sent.
class Inbox {
 public:
  explicit Inbox(size_t size) : size_(size) {}

  // False if it was a publisher's last.
  bool Take(absl::Span<const uint8_t> message) {
    if (message.size() != size_ || !Stamp::Verify(message.data(), size_)) Complain(message);
    const uint64_t head = LoadWord(message.data());
    const uint64_t publisher = Head::Publisher(head);
    const uint64_t sequence = Head::Sequence(head);
    if (publisher >= kMaxPublishers) Complain(message);
    if (sequence == 0) return false;
    if (sequence <= last_[publisher]) Complain(message);
    last_[publisher] = sequence;
    ++count_;
    checksum_ += head;
    return true;
  }

  uint64_t count() const { return count_; }
  uint64_t checksum() const { return checksum_; }

 private:
  [[noreturn]] void Complain(absl::Span<const uint8_t> message) const {
    const uint64_t head = message.size() >= 8 ? LoadWord(message.data()) : 0;
    FailMeasurement(absl::StrCat("wrong message: ", message.size(), " bytes of ", size_,
                                 ", sequence ", Head::Sequence(head), " of publisher ",
                                 Head::Publisher(head), " after ", count_, " messages"));
  }

  const size_t size_;
  uint64_t count_ = 0;
  uint64_t checksum_ = 0;
  uint64_t last_[kMaxPublishers] = {};
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_PAYLOAD_H_
