// SPDX-License-Identifier: MIT

// The results of the steps of both Cloudtoid formats.

#ifndef INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_
#define INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_

#include <cstdint>

namespace interprocess::cloudtoid {

enum class Outcome {
  kDone,
  kFull,       // no room now
  kNone,       // no message
  kHeldUp,     // there may be a message, but another participant reads, or is writing it
  kTooLarge,   // the next message is larger than the caller takes; it stays
  kDamaged,    // the memory holds a value that no participant writes
  kExhausted,  // the positions are used up
  kAgain,      // the call has repaired something: the caller tries again
};

// A message that this endpoint holds. No other endpoint reads meanwhile.
struct Claimed {
  int64_t position = 0;  // the read offset as it stands in the header
  int64_t offset = 0;    // the record's offset in the ring
  int32_t size = 0;
  bool redelivered = false;  // another reader held it, and died or let its time run out
  int64_t key = 0;           // the value that this endpoint put into the read lock
};

// A call that reserves room gives up after it has lost the offsets to others this many times in a
// row. Participants never cause that many losses. A program that keeps changing the offsets must
// not keep a call for ever.
inline constexpr int kMaxRoomRaces = 1 << 20;

// The time that a record may stand unfinished at the head, and that a reader's lock lasts, in both
// formats.
inline constexpr int64_t kPatienceNanos = 10'000'000'000;

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_
