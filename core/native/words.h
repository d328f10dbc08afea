// SPDX-License-Identifier: MIT

// The words of the protocol, each of 64 bits. A position counts reservations from 0 and only grows;
// position p has entry p % slots of each ring, in lap p / slots. A file of zeros is an empty queue.
//
//   reservation  lap + 1 | owner (13 bits) | units (log2(slots) + 1 bits). Names which reserved the
//                position last, for good; units are those of payload, with what was skipped.
//   end          lap + 1 (24 bits) | end of the payload, in units (40 bits)
//   slot         lap + 1 (62 bits) | 1 READY, 2 VOID (aborted, or its publisher died)
//   claim        lap (48 bits) | 0 FREE, 1 RETURNED, 0x4000 + owner CLAIMED. Done is FREE of the
//                next lap.
//
// Laps are compared by the sign of a difference, never for being unequal: one that comes late must
// not take a later lap's word for one that it may change. Where a lap has fewer bits than a
// position needs, it wraps after 2^49 messages at the earliest.

#ifndef INTERPROCESS_CORE_NATIVE_WORDS_H_
#define INTERPROCESS_CORE_NATIVE_WORDS_H_

#include <cstdint>

#include "absl/numeric/bits.h"

namespace interprocess::native {

enum class SlotState : uint32_t { kNone = 0, kReady = 1, kVoid = 2 };
enum class ClaimState : uint32_t { kFree, kReturned, kClaimed, kUnknown };

class Ring {
 public:
  // `slots` is a power of two.
  explicit Ring(uint64_t slots) : mask_(slots - 1), shift_(absl::countr_zero(slots)) {}

  uint64_t slots() const { return mask_ + 1; }
  uint64_t IndexOf(uint64_t position) const { return position & mask_; }
  uint64_t LapOf(uint64_t position) const { return position >> shift_; }
  uint64_t PositionOf(uint64_t lap, uint64_t index) const { return (lap << shift_) | index; }

  // Reservations. Words whose lap field is of `lap` begin at LapField(lap).
  uint64_t LapField(uint64_t lap) const { return lap << lap_shift(); }
  uint64_t ReservedWord(uint32_t owner, uint64_t units, uint64_t lap) const {
    return LapField(lap + 1) | uint64_t{owner} << units_bits() | units;
  }
  // The position at `lap` has been reserved at some time.
  bool IsTaken(uint64_t reservation, uint64_t lap) const {
    return static_cast<int64_t>(reservation - LapField(lap + 1)) >= 0;
  }
  // Last reserved in the lap before: the position at `lap` is the next. Neither this nor taken: no
  // sound queue has that word at a position that publishers have come to.
  bool IsNext(uint64_t reservation, uint64_t lap) const {
    return (reservation ^ LapField(lap)) >> lap_shift() == 0;
  }
  // Reserved at `lap`, and at no later one.
  bool IsReserved(uint64_t reservation, uint64_t lap) const { return IsNext(reservation, lap + 1); }
  uint32_t ReserverOf(uint64_t reservation) const {
    return static_cast<uint32_t>(reservation >> units_bits()) & kOwnerMask;
  }
  uint64_t UnitsOf(uint64_t reservation) const {
    return reservation & ((uint64_t{1} << units_bits()) - 1);
  }
  // The lap that a word which is taken says, as seen from `lap`, which it is not behind.
  uint64_t ReservedLapFrom(uint64_t reservation, uint64_t lap) const {
    return lap + ((reservation - LapField(lap + 1)) >> lap_shift());
  }

  // Ends.
  static constexpr uint64_t EndWord(uint64_t lap, uint64_t end) {
    return (lap + 1) << kEndBits | (end & kEndMask);
  }
  static constexpr bool IsEndOf(uint64_t word, uint64_t lap) {
    return ((word >> kEndBits) ^ (lap + 1)) << kEndBits == 0;
  }
  static constexpr uint64_t EndOf(uint64_t word) { return word & kEndMask; }
  // From one end to a later one.
  static constexpr uint64_t Distance(uint64_t from, uint64_t to) { return (to - from) & kEndMask; }

  // Slots.
  static constexpr uint64_t ReadyWord(uint64_t lap) { return (lap + 1) << 2 | 1; }
  static constexpr uint64_t VoidWord(uint64_t lap) { return (lap + 1) << 2 | 2; }
  static constexpr SlotState SlotStateOf(uint64_t word) { return static_cast<SlotState>(word & 3); }
  // Committed at `lap`, or since.
  static constexpr bool IsCommitted(uint64_t word, uint64_t lap) {
    return static_cast<int64_t>(word - ((lap + 1) << 2)) >= 0;
  }
  static constexpr bool IsCommittedAt(uint64_t word, uint64_t lap) {
    return word >> 2 == ((lap + 1) & kSlotLapMask);
  }
  // Of a word that is committed at some lap.
  static constexpr uint64_t CommittedLapOf(uint64_t word) { return (word >> 2) - 1; }

  // Claims.
  static constexpr uint64_t FreeWord(uint64_t lap) { return lap << kClaimLapShift; }
  static constexpr uint64_t ReturnedWord(uint64_t lap) { return lap << kClaimLapShift | 1; }
  static constexpr uint64_t ClaimedWord(uint32_t owner, uint64_t lap) {
    return lap << kClaimLapShift | kClaimedBit | owner;
  }
  static constexpr uint64_t DoneWord(uint64_t lap) { return FreeWord(lap + 1); }
  // Done at `lap`, or since.
  static constexpr bool IsDone(uint64_t claim, uint64_t lap) {
    return static_cast<int64_t>(claim - DoneWord(lap)) >= 0;
  }
  // The same of four, with one branch.
  static constexpr bool AreDone(uint64_t lap, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    const uint64_t done = DoneWord(lap);
    return static_cast<int64_t>((a - done) | (b - done) | (c - done) | (d - done)) >= 0;
  }
  // Claimed at the lap of the FreeWord `free`, or done at that or since: nothing to take there.
  static constexpr bool IsClaimedOrDone(uint64_t claim, uint64_t free) {
    return static_cast<int64_t>(claim - (free | kClaimedBit)) >= 0;
  }
  // Of `lap`, and not done. Neither this nor done: no sound queue has that word at a position that
  // subscribers have come to.
  static constexpr bool IsClaimOf(uint64_t claim, uint64_t lap) {
    return (claim ^ FreeWord(lap)) >> kClaimLapShift == 0;
  }
  static constexpr ClaimState ClaimStateOf(uint64_t claim) {
    const uint64_t low = claim & 0xffff;
    if (low == 0) return ClaimState::kFree;
    if (low == 1) return ClaimState::kReturned;
    return (low & ~uint64_t{kOwnerMask}) == kClaimedBit ? ClaimState::kClaimed
                                                        : ClaimState::kUnknown;
  }
  static constexpr uint32_t ClaimerOf(uint64_t claim) {
    return static_cast<uint32_t>(claim) & kOwnerMask;
  }
  static constexpr uint64_t ClaimLapOf(uint64_t claim) { return claim >> kClaimLapShift; }

 private:
  static constexpr uint32_t kOwnerMask = 0x1fff;
  static constexpr int kOwnerBits = 13;
  static constexpr int kEndBits = 40;
  static constexpr uint64_t kEndMask = (uint64_t{1} << kEndBits) - 1;
  static constexpr uint64_t kSlotLapMask = (uint64_t{1} << 62) - 1;
  static constexpr int kClaimLapShift = 16;
  static constexpr uint64_t kClaimedBit = 0x4000;

  int units_bits() const { return shift_ + 1; }
  int lap_shift() const { return shift_ + 1 + kOwnerBits; }

  uint64_t mask_;
  int shift_;
};

// An entry of Header::returned: where the message is that was counted as number `count`.
class ReturnedEntry {
 public:
  static constexpr uint64_t Of(uint64_t count, uint64_t position) {
    return position << kTagBits | TagOf(count);
  }
  // False if the entry is another count's: not yet written, or written over.
  static constexpr bool IsOf(uint64_t entry, uint64_t count) {
    return (entry & kTagMask) == TagOf(count);
  }
  static constexpr uint64_t PositionOf(uint64_t entry) { return entry >> kTagBits; }

 private:
  static constexpr int kTagBits = 14;
  static constexpr uint64_t kTagMask = (uint64_t{1} << kTagBits) - 1;
  // Never 0, which an entry is that was never written.
  static constexpr uint64_t TagOf(uint64_t count) { return count / 256 % kTagMask + 1; }
};

// Header::line: which publisher is first in line for room, how much it needs, and since when it
// waits.
class LineWord {
 public:
  static constexpr uint64_t Of(uint32_t owner, uint64_t units, int64_t now_ns) {
    return uint64_t{owner} << 51 | (units & kUnitsMask) << kTimeBits | TimeOf(now_ns);
  }
  static constexpr uint32_t OwnerOf(uint64_t word) { return static_cast<uint32_t>(word >> 51); }
  static constexpr uint64_t UnitsOf(uint64_t word) { return word >> kTimeBits & kUnitsMask; }
  // True if `word` has waited for longer, by more than a millisecond.
  static constexpr bool IsOlder(uint64_t word, uint64_t other) {
    const uint64_t ahead = (other - word) & kTimeMask;
    return ahead > 1 && ahead < kTimeMask / 2;
  }

 private:
  static constexpr int kTimeBits = 20;
  static constexpr uint64_t kTimeMask = (uint64_t{1} << kTimeBits) - 1;
  static constexpr uint64_t kUnitsMask = (uint64_t{1} << 31) - 1;
  static constexpr uint64_t TimeOf(int64_t now_ns) {
    return static_cast<uint64_t>(now_ns / 1'000'000) & kTimeMask;
  }
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_WORDS_H_
