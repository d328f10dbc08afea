// The steps of version 3, on plain memory.

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

// One participant's view of a queue. Publishers say in their slots that a call of theirs is active,
// and take room by moving the write offset; whoever's id stands in `reader` reads, for as long as
// it lives. Both are told from the dead by their leases. What the dead left unfinished is cleared
// while the gate keeps enqueues out, and no slot of the living is active.
//
// Used by one thread at a time. `memory` has FileSizeV3(capacity) bytes and outlives this.
class QueueV3 {
 public:
  // A living reader's message stays where it is.
  static constexpr bool kViewsStay = true;

  // `slot` is the publisher's, -1 for a subscriber.
  QueueV3(uint8_t* memory, int64_t capacity, Environment& environment, int64_t id, int slot)
      : header_(*reinterpret_cast<HeaderV3*>(memory)),
        ring_(memory + kRingOffsetV3, capacity),
        environment_(environment),
        id_(id),
        active_(slot < 0 ? nullptr : &header_.publishers[slot].active) {}

  int64_t capacity() const { return ring_.capacity(); }
  const RecordRing& ring() const { return ring_; }
  const char* damage() const { return damage_; }

  // As QueueV2's; kExhausted when the positions are used up. While somebody recovers, kFull.
  Outcome Enqueue(absl::Span<const uint8_t> message);
  Outcome EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done);
  bool HasRoom(size_t size) const;

  Outcome Claim(size_t max_size, Claimed* claimed);
  bool StillOurs(const Claimed& /*claimed*/) const { return true; }
  bool Finish(const Claimed& claimed);
  void PutBack(const Claimed& claimed);

  bool HasData() const;
  // True if nothing was enqueued behind a claimed message.
  bool IsLast(const Claimed& claimed) const {
    return claimed.position + RecordSize(claimed.size) ==
           header_.write_offset.load(std::memory_order_acquire);
  }
  void OnPermit();
  void Relay();
  // A permit is in the semaphore, or somebody owes one: if that one is dead or stopped, none comes.
  bool MustPoll() const { return header_.pending.load(std::memory_order_relaxed) != 0; }

 private:
  // A position's place in the ring. Positions come in order, so it is hardly ever divided.
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
  // Between them, this publisher counts as active. False if the gate is closed.
  bool EnterGate();
  void LeaveGate();
  void ReopenOrphanedGate();
  Outcome TakeRoom(int64_t need, int64_t* offset);
  Outcome Put(absl::Span<const uint8_t> message);
  void Notify();
  // True when this participant is the reader.
  bool BecomeReader();
  void RepairDeadReader(int64_t reader);
  void LeaveReader();
  Outcome ClaimAsReader(size_t max_size, Claimed* claimed);
  // At an unfinished head, as the reader: kHeldUp, or kAgain when something was cleared.
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
