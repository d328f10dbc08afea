// The slot's word: one 64-bit state machine for each slot of the ring.
//
//   bits 61-63  state
//   FREE        lap in bits 0-60: free for that lap (a file of zeros is FREE of lap 0)
//   RESERVED    owner in 48-60, payload units above the lap, lap below: a publisher is writing
//   READY       lap in bits 0-60: committed
//   CLAIMED     owner in 48-60, lap in bits 0-47: a subscriber is reading
//
// A position counts slots from 0 and only grows; position p is slot p % slots in lap p / slots. In
// RESERVED the 48 bits below the owner are split by the size of the ring: units need one bit more
// than a slot's number (a message may skip to the ring's beginning), the lap gets the rest, so that
// it wraps only after 2^47 messages, whatever the size.

#ifndef INTERPROCESS_CORE_NATIVE_SLOT_WORD_H_
#define INTERPROCESS_CORE_NATIVE_SLOT_WORD_H_

#include <cstdint>

#include "absl/numeric/bits.h"

namespace interprocess::native {

enum class SlotState : uint32_t { kFree = 0, kReserved = 1, kReady = 2, kClaimed = 3 };

// Where a word's lap stands, seen from a lap of one's own.
enum class Lap { kBehind, kSame, kAhead };

class Ring {
 public:
  // `slots` is a power of two.
  explicit Ring(uint64_t slots) : mask_(slots - 1), shift_(absl::countr_zero(slots)) {}

  uint64_t slots() const { return mask_ + 1; }
  uint64_t IndexOf(uint64_t position) const { return position & mask_; }
  uint64_t LapOf(uint64_t position) const { return position >> shift_; }
  uint64_t PositionOf(uint64_t lap, uint64_t index) const { return (lap << shift_) | index; }

  static constexpr uint64_t FreeWord(uint64_t lap) { return lap & kLapMask; }
  static constexpr uint64_t ReadyWord(uint64_t lap) {
    return Tag(SlotState::kReady) | (lap & kLapMask);
  }
  static constexpr uint64_t ClaimedWord(uint32_t owner, uint64_t lap) {
    return Tag(SlotState::kClaimed) | Owner(owner) | (lap & kLowMask);
  }
  uint64_t ReservedWord(uint32_t owner, uint64_t units, uint64_t lap) const {
    return Tag(SlotState::kReserved) | Owner(owner) | (units << reserved_lap_bits()) |
           (lap & reserved_lap_mask());
  }

  // Values 4 to 7 stand in no sound queue.
  static constexpr SlotState StateOf(uint64_t word) {
    return static_cast<SlotState>(word >> kStateShift);
  }
  static constexpr uint32_t OwnerOf(uint64_t word) {
    return static_cast<uint32_t>(word >> kOwnerShift) & 0x1fff;
  }
  // True for words that name their owner.
  static constexpr bool IsOwned(uint64_t word) {
    return StateOf(word) == SlotState::kReserved || StateOf(word) == SlotState::kClaimed;
  }
  uint64_t UnitsOf(uint64_t reserved) const { return (reserved & kLowMask) >> reserved_lap_bits(); }

  // A wrapped lap that is one less than ours counts as behind, any other difference as ahead: a
  // word at a position of ours is never more than one lap behind it.
  Lap Compare(uint64_t word, uint64_t lap) const {
    uint64_t mask = LapMaskOf(word);
    uint64_t difference = (word - lap) & mask;
    if (difference == 0) return Lap::kSame;
    if (mask == kLapMask) return (word & mask) < lap ? Lap::kBehind : Lap::kAhead;
    return difference == mask ? Lap::kBehind : Lap::kAhead;
  }
  // The whole lap of a word, as seen from a position's lap nearby.
  uint64_t LapFrom(uint64_t word, uint64_t lap) const {
    uint64_t mask = LapMaskOf(word);
    if (mask == kLapMask) return word & mask;
    uint64_t difference = (word - lap) & mask;
    return difference == mask ? lap - 1 : lap + difference;
  }
  // The position at `lap` of that slot has been reserved at some time.
  bool IsTaken(uint64_t word, uint64_t lap) const {
    Lap where = Compare(word, lap);
    return where == Lap::kAhead || (where == Lap::kSame && StateOf(word) != SlotState::kFree);
  }

 private:
  static constexpr int kStateShift = 61;
  static constexpr int kOwnerShift = 48;
  static constexpr uint64_t kLapMask = (uint64_t{1} << kStateShift) - 1;
  static constexpr uint64_t kLowMask = (uint64_t{1} << kOwnerShift) - 1;
  static constexpr uint64_t Tag(SlotState state) {
    return static_cast<uint64_t>(state) << kStateShift;
  }
  static constexpr uint64_t Owner(uint32_t owner) { return uint64_t{owner} << kOwnerShift; }

  int reserved_lap_bits() const { return 47 - shift_; }
  uint64_t reserved_lap_mask() const { return (uint64_t{1} << reserved_lap_bits()) - 1; }
  uint64_t LapMaskOf(uint64_t word) const {
    switch (StateOf(word)) {
      case SlotState::kReserved:
        return reserved_lap_mask();
      case SlotState::kClaimed:
        return kLowMask;
      default:
        return kLapMask;
    }
  }

  uint64_t mask_;
  int shift_;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_SLOT_WORD_H_
