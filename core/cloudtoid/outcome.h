// What the steps of both Cloudtoid formats come to.

#ifndef INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_
#define INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_

#include <cstdint>

namespace interprocess::cloudtoid {

enum class Outcome {
  kDone,
  kFull,       // no room now
  kNone,       // no message
  kHeldUp,     // there may be one, but somebody else reads, or has not finished writing it
  kTooLarge,   // there is one that is larger than wanted; it stays
  kDamaged,    // what stands in the memory cannot be
  kExhausted,  // the positions are used up
  kAgain,      // something was put right: look again
};

// A message that this endpoint holds; nobody else reads while it does.
struct Claimed {
  int64_t position = 0;  // the read offset as it stands in the header
  int64_t offset = 0;    // of the record in the ring
  int32_t size = 0;
  bool redelivered = false;  // another reader held it, and died or let its time run out
  int64_t key = 0;           // what the read lock was taken with
};

// How often a call loses the offsets to others, in a row, before it gives up: more than ever
// happens. What something else changes all the time must not keep it for ever.
inline constexpr int kMaxRoomRaces = 1 << 20;

// How long a record may stand unfinished at the head, and a reader's lock last, in both formats.
inline constexpr int64_t kPatienceNanos = 10'000'000'000;

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_OUTCOME_H_
