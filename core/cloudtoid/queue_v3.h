// SPDX-License-Identifier: MIT

// The steps of Cloudtoid's version 3 on a queue's memory.

#ifndef INTERPROCESS_CORE_CLOUDTOID_QUEUE_V3_H_
#define INTERPROCESS_CORE_CLOUDTOID_QUEUE_V3_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/base/optimization.h"
#include "absl/types/span.h"
#include "core/cloudtoid/environment.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/outcome.h"
#include "core/cloudtoid/record.h"

namespace interprocess::cloudtoid {

// One participant's view of a queue. A publisher says in its slot that a call of it is active, and
// takes room by moving the write offset. The participant whose id is in `reader` reads, as long as
// it lives. Leases tell the living from the dead. A reader clears what the dead left unfinished. It
// first closes the gate, which keeps new enqueues out, and sees that no living publisher is active.
//
// One thread at a time uses an object. `memory` has FileSizeV3(capacity) bytes, and outlives the
// object.
class QueueV3 {
 public:
  // Nobody takes a message from a living reader, so a view needs no copy.
  static constexpr bool kViewsStay = true;

  // `slot` is the publisher's slot, or -1 for a subscriber.
  QueueV3(uint8_t* memory, int64_t capacity, Environment& environment, int64_t id, int slot)
      : header_(*reinterpret_cast<HeaderV3*>(memory)),
        ring_(memory + kRingOffsetV3, capacity),
        environment_(environment),
        id_(id),
        active_(slot < 0 ? nullptr : &header_.publishers[slot].active) {}

  int64_t capacity() const { return ring_.capacity(); }
  const RecordRing& ring() const { return ring_; }
  const char* damage() const { return damage_; }

  // As QueueV2's. Also return kExhausted when the positions are used up, and kFull while a reader
  // recovers.
  Outcome Enqueue(absl::Span<const uint8_t> message);
  Outcome EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done);
  bool HasRoom(size_t size) const;

  Outcome Claim(size_t max_size, Claimed* claimed);
  bool StillOurs(const Claimed& /*claimed*/) const { return true; }
  bool Finish(const Claimed& claimed);
  void PutBack(const Claimed& claimed);

  bool HasData() const;
  // Changes when a reader makes room.
  int64_t read_offset() const { return header_.read_offset.load(std::memory_order_relaxed); }
  // True if no message was enqueued behind the claimed one.
  bool IsLast(const Claimed& claimed) const {
    return claimed.position + RecordSize(claimed.size) ==
           header_.write_offset.load(std::memory_order_acquire);
  }
  void OnPermit();
  void Relay();
  // True if a permit is in the semaphore, or a participant owes one. If that participant is dead or
  // stopped, no permit comes.
  bool MustPoll() const { return header_.pending.load(std::memory_order_relaxed) != 0; }

 private:
  // A position's offset in the ring. Positions come in order, so this hardly ever divides.
  int64_t OffsetOf(int64_t position) {
    const int64_t ahead = position - known_position_;
    if (ABSL_PREDICT_TRUE(ahead >= 0 && ahead <= capacity())) {
      known_offset_ = ring_.Add(known_offset_, ahead);
    } else {
      known_offset_ = position % capacity();
    }
    known_position_ = position;
    return known_offset_;
  }
  Outcome Damaged(const char* what) {
    damage_ = what;
    return Outcome::kDamaged;
  }
  // Between these two calls the publisher counts as active. EnterGate returns false if the gate is
  // closed.
  bool EnterGate();
  void LeaveGate();
  void ReopenOrphanedGate();
  Outcome TakeRoom(int64_t need, int64_t* offset);
  Outcome Put(absl::Span<const uint8_t> message);
  void Notify();
  // True if this participant is the reader now.
  bool BecomeReader();
  void RepairDeadReader(int64_t reader);
  void LeaveReader();
  Outcome ClaimAsReader(size_t max_size, Claimed* claimed);
  // The reader has found an unfinished record at the head. Returns kHeldUp, or kAgain if it has
  // cleared something.
  Outcome RecoverAt(int64_t read);
  bool LivingPublisherIsActive();
  void Advance(int64_t position, int64_t offset, int64_t size);

  HeaderV3& header_;
  RecordRing ring_;
  Environment& environment_;
  const int64_t id_;
  std::atomic<int32_t>* const active_;
  const char* damage_ = "";
  int64_t known_position_ = 0;
  int64_t known_offset_ = 0;
  int64_t observed_read_ = -1;
  int64_t observed_since_ns_ = 0;
  int64_t next_probe_ns_ = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_QUEUE_V3_H_
