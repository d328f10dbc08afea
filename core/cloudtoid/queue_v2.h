// SPDX-License-Identifier: MIT

// The steps of Cloudtoid's version 2 on a queue's memory.

#ifndef INTERPROCESS_CORE_CLOUDTOID_QUEUE_V2_H_
#define INTERPROCESS_CORE_CLOUDTOID_QUEUE_V2_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "core/cloudtoid/environment.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/outcome.h"
#include "core/cloudtoid/record.h"

namespace interprocess::cloudtoid {

// One endpoint's view of a queue. A publisher takes room by moving the write offset. The endpoint
// that has the read lock reads. The lock ends by itself after ten seconds, even if its reader was
// only stopped. What a reader has copied is sound if it still has the lock; if not, the reader
// moves nothing. The format has no protection for a reader that is stopped for nine seconds within
// the few stores that follow this check.
//
// A publisher of another library that is delayed between its look at the offsets and its
// reservation can move the write offset past the read offset. The offsets are then further apart
// than the capacity, and the oldest messages lie under the newest. A reader here does what the
// original's reader does. It delivers the record at the read offset, if there is one. If there is
// none, the reader treats the place as a record that nobody finishes. A publisher here takes no
// room until the offsets are at most a capacity apart.
//
// One thread at a time uses an object. `memory` has FileSizeV2(capacity) bytes at a multiple of 16,
// and outlives the object.
class QueueV2 {
 public:
  // Another reader may take a message whose reader's time has run out, so a view needs a copy.
  static constexpr bool kViewsStay = false;

  QueueV2(uint8_t* memory, int64_t capacity, Environment& environment)
      : header_(*reinterpret_cast<HeaderV2*>(memory)),
        ring_(memory + kRingOffsetV2, capacity),
        environment_(environment) {}

  int64_t capacity() const { return ring_.capacity(); }
  const RecordRing& ring() const { return ring_; }
  // What is wrong with the memory, after kDamaged.
  const char* damage() const { return damage_; }

  // Returns kDone, kFull or kDamaged. `message` has at most capacity - 8 bytes.
  Outcome Enqueue(absl::Span<const uint8_t> message);
  // Enqueues messages until one does not go in, and stores how many went in.
  Outcome EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done);
  bool HasRoom(size_t size);

  // Returns kDone, kNone, kHeldUp, kTooLarge (with the size in `claimed`) or kDamaged. After kDone
  // the caller reads the body, and then calls Finish or PutBack.
  Outcome Claim(size_t max_size, Claimed* claimed);
  // True if the bytes that were read of the message until now are sound.
  bool StillOurs(const Claimed& claimed) const { return Holds(claimed.key); }
  // Takes the message off the queue. Returns false if the lock's time ran out before: then the
  // bytes that were read are not sound, and another reader gets the message.
  bool Finish(const Claimed& claimed);
  void PutBack(const Claimed& claimed);

  bool HasData() const;
  // Changes when a reader makes room.
  int64_t read_offset() const { return header_.read_offset.load(std::memory_order_relaxed); }
  // True if no message was enqueued behind the claimed one.
  bool IsLast(const Claimed& claimed) const {
    return Moved(claimed.position, RecordSize(claimed.size)) ==
           header_.write_offset.load(std::memory_order_acquire);
  }
  // The caller has taken a permit from the semaphore.
  void OnPermit();
  // The caller has waited and stops waiting. If there is another message, another waiter is told.
  void Relay();
  // True if a message may come without a permit for it.
  bool MustPoll() const { return false; }

 private:
  // An unfinished record at the head, when it was first seen, and how much was reserved then.
  struct Observation {
    int64_t read = -1;
    int64_t extent = 0;
    int64_t since_ns = 0;
    int64_t write = 0;  // at the last look
    int64_t looked_ns = 0;
  };

  int64_t OffsetOf(int64_t position) const {
    return position >= capacity() ? position - capacity() : position;
  }
  int64_t Moved(int64_t position, int64_t by) const {
    const int64_t sum = position + by;
    return sum >= 2 * capacity() ? sum - 2 * capacity() : sum;
  }
  int64_t Distance(int64_t from, int64_t to) const {
    return to >= from ? to - from : to - from + 2 * capacity();
  }
  bool IsPosition(int64_t position) const {
    return position >= 0 && position < 2 * capacity() && position % 8 == 0;
  }
  Outcome Damaged(const char* what) {
    damage_ = what;
    return Outcome::kDamaged;
  }
  Outcome TakeRoom(int64_t need, int64_t* offset);
  bool TakeLock(int64_t* key, bool* expired);
  bool LockHasRunOut(int64_t lock, int64_t now);
  bool Holds(int64_t key) const;
  // True if the lock is still this endpoint's and has most of its time left. Takes the lock anew if
  // it is old.
  bool Renew(int64_t* key);
  void Unlock(int64_t key);
  Outcome ClaimLocked(size_t max_size, bool expired, Claimed* claimed);
  // True if the head has stood unfinished for kPatienceNanos.
  bool Observe(int64_t read, int64_t write);
  // Moves the read offset past the unfinished record, and past the bytes that are lost with it.
  void Skip(int64_t read, int64_t write, int64_t key);
  bool Advance(int64_t position, int64_t offset, int64_t size, int64_t key);
  bool MoveReadOffset(int64_t position, int64_t size, int64_t key);

  HeaderV2& header_;
  RecordRing ring_;
  Environment& environment_;
  const char* damage_ = "";
  Observation observed_;
  int64_t seen_lock_ = 0;
  int64_t seen_lock_since_ns_ = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_QUEUE_V2_H_
