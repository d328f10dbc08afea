// SPDX-License-Identifier: MIT

// Messages that their receiver can check, and the book that is kept on them.

#ifndef INTERPROCESS_TESTS_STRESS_TRAFFIC_H_
#define INTERPROCESS_TESTS_STRESS_TRAFFIC_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tests/stress/shared_memory.h"

namespace interprocess::stress {

// SplitMix64: quick, and a stream for every seed.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t word = (state_ += 0x9e3779b97f4a7c15);
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
  }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

 private:
  uint64_t state_;
};

// Who sent a message, and which of the sender's it is.
struct MessageId {
  uint32_t publisher = 0;  // below 2^20
  uint64_t sequence = 0;   // below 2^43; counts from 0
  // An earlier reservation of the same publisher was committed after this message's successor: no
  // order is promised for it.
  bool unordered = false;

  uint64_t Pack() const { return uint64_t{publisher} << 44 | sequence << 1 | (unordered ? 1 : 0); }
  static MessageId Unpack(uint64_t word);
};

// The smallest message that carries an id.
inline constexpr size_t kIdBytes = 16;

// Fills `bytes`, at least kIdBytes: the id, the length, a check on both, and a pseudo-random body
// that all three determine.
void WriteMessage(absl::Span<uint8_t> bytes, const MessageId& id);

// Checks every byte. Empty if the message is whole; else what is wrong with it.
std::string ReadMessage(absl::Span<const uint8_t> bytes, MessageId* id);

// Only the id and its check, for a buffer whose message may be cut off: false if there is none.
bool ReadId(absl::Span<const uint8_t> bytes, MessageId* id);

// What happened to each message: one byte a message, in memory that all processes share.
class Ledger {
 public:
  // Takes address space for `publishers` times `messages` bytes; only what is used takes memory.
  Ledger(uint32_t publishers, uint64_t messages);

  uint64_t messages_per_publisher() const { return messages_; }

  void MarkAttempted(uint32_t publisher, uint64_t sequence);  // before it is committed
  void MarkEnqueued(uint32_t publisher, uint64_t sequence);   // after the call said OK
  // A subscriber has it, and is about to take it off the queue. Empty, or what is wrong; `first`
  // says whether it was never delivered before.
  std::string MarkDelivered(const MessageId& id, bool redelivered, bool* first);

  bool WasDelivered(const MessageId& id) const;
  bool WasRedelivered(const MessageId& id) const;

  struct Account {
    uint64_t attempted = 0;
    uint64_t enqueued = 0;
    uint64_t delivered = 0;
    std::vector<MessageId> lost;  // enqueued, not delivered
  };
  // Of publishers [first, end).
  Account Audit(uint32_t first, uint32_t end) const;

 private:
  enum : uint8_t { kAttempted = 1, kEnqueued = 2, kDelivered = 4, kRedelivered = 8 };
  // Relaxed throughout: that a message was attempted before it is delivered, the queue itself has
  // to make visible.
  std::atomic<uint8_t>& At(uint32_t publisher, uint64_t sequence) const;

  uint32_t publishers_;
  uint64_t messages_;
  SharedArray<std::atomic<uint8_t>> states_;
};

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_TRAFFIC_H_
