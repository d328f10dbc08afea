// The steps of version 2, on plain memory.

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

// One endpoint's view of a queue. Publishers take room by moving the write offset; whoever has the
// read lock reads. The lock ends by itself after ten seconds, also for a reader that is only
// stopped: what it read until then is good if the lock is still its own, and it moves nothing
// otherwise. (A reader that is stopped between that look and the next few stores cannot be told
// from one that goes on: the format has no fence for it.)
//
// A publisher of another library that is delayed between its look at the offsets and its
// reservation can move the write offset past the read offset: then these are further apart than the
// capacity, and the messages that come first lie under later ones. A reader here meets that as the
// original's does. It delivers what lies at the read offset, as long as those are records; what is
// none counts as a record that nobody finishes. A publisher here takes no room until the offsets
// are a capacity apart again.
//
// Used by one thread at a time. `memory` has FileSizeV2(capacity) bytes, lies at a multiple of 16,
// and outlives this.
class QueueV2 {
 public:
  // A message in the memory may be taken from under its reader when its time has run out.
  static constexpr bool kViewsStay = false;

  QueueV2(uint8_t* memory, int64_t capacity, Environment& environment)
      : header_(*reinterpret_cast<HeaderV2*>(memory)),
        ring_(memory + kRingOffsetV2, capacity),
        environment_(environment) {}

  int64_t capacity() const { return ring_.capacity(); }
  const RecordRing& ring() const { return ring_; }
  // What is wrong, after kDamaged.
  const char* damage() const { return damage_; }

  // kDone, kFull, kDamaged. A message has at most capacity - 8 bytes.
  Outcome Enqueue(absl::Span<const uint8_t> message);
  // Counts those that went in, until one does not.
  Outcome EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done);
  bool HasRoom(size_t size);

  // kDone, kNone, kHeldUp, kTooLarge (with the size), kDamaged. After kDone the caller reads the
  // body, and ends it by Finish or PutBack.
  Outcome Claim(size_t max_size, Claimed* claimed);
  // True if what was read of the message until now is sound.
  bool StillOurs(const Claimed& claimed) const { return Holds(claimed.key); }
  // Takes the message off the queue. False if the lock's time ran out and it was not: what was read
  // is not sound, and others have it or will.
  bool Finish(const Claimed& claimed);
  void PutBack(const Claimed& claimed);

  bool HasData() const;
  // True if nothing was enqueued behind a claimed message.
  bool IsLast(const Claimed& claimed) const {
    return Moved(claimed.position, RecordSize(claimed.size)) ==
           header_.write_offset.load(std::memory_order_acquire);
  }
  // After a permit was taken from the semaphore.
  void OnPermit();
  // By one who waited and leaves: if there is more, another waiter is to know.
  void Relay();
  // True if a message may come without a permit for it.
  bool MustPoll() const { return false; }

 private:
  // An unfinished record at the head, since when, and how much was reserved then.
  struct Observation {
    int64_t read = -1;
    int64_t extent = 0;
    int64_t since_ns = 0;
    int64_t write = 0;  // when last looked at
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
  // True if the lock is still ours, with most of its time left: taken anew if need be.
  bool Renew(int64_t* key);
  void Unlock(int64_t key);
  Outcome ClaimLocked(size_t max_size, bool expired, Claimed* claimed);
  // True if the head has stood unfinished for long enough to be given up.
  bool Observe(int64_t read, int64_t write);
  // Passes over the record at the read offset, and what is lost with it.
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
