// SPDX-License-Identifier: MIT

#include "core/cloudtoid/queue_v2.h"

#include <algorithm>

#include "absl/base/optimization.h"
#include "core/cloudtoid/step.h"
#include "core/platform/word_pair.h"

namespace interprocess::cloudtoid {
namespace {

// A claim repairs at most this many records per call. Then the caller tries again later.
constexpr int kMaxRounds = 64;
// Between two looks that are further apart than this, the head may have gone round and come back.
constexpr int64_t kLongestBlinkNanos = 100'000'000;
// A reader renews a lock that is older than this before it takes a message off.
constexpr int64_t kRenewTicks = kTicksPerSecond;
// The most permits that one call takes from a semaphore that grew while nobody waited.
constexpr int kMaxDrain = 1024;

}  // namespace

inline Outcome QueueV2::TakeRoom(int64_t need, int64_t* offset) {
  for (int lost = 0; ABSL_PREDICT_TRUE(lost < kMaxRoomRaces); ++lost) {
    // acquire, both. The load of the read offset pairs with the reader's release: the reader has
    // cleared the room before this publisher writes there. The order of the loads does not matter,
    // because the exchange below compares both.
    const int64_t write = header_.write_offset.load(std::memory_order_acquire);
    INTERPROCESS_CLOUDTOID_STEP("publisher.loaded_one_offset");
    const int64_t read = header_.read_offset.load(std::memory_order_acquire);
    const bool sound = IsPosition(read) && IsPosition(write);
    if (ABSL_PREDICT_FALSE(!sound || Distance(read, write) + need > capacity())) {
      // The two values may be of different moments. Then this looks again.
      if (header_.write_offset.load(std::memory_order_acquire) != write ||
          header_.read_offset.load(std::memory_order_acquire) != read) {
        continue;
      }
      // The queue is also full if another library's publisher has run over.
      return sound ? Outcome::kFull : Damaged("an offset is not one that the capacity allows");
    }
    INTERPROCESS_CLOUDTOID_STEP("publisher.saw_room");
    // The others may go round the ring twice while this thread is stopped here. The write offset
    // counts modulo twice the capacity, so it then has its old value, and the read offset has
    // another one. An exchange of the write offset alone would succeed, and take room that is not
    // there. So one step compares both offsets and moves the write offset. It succeeds only if the
    // header has both values at that moment. These two values alone decide how much room there is,
    // so there is room at that moment.
    //
    // seq_cst. It needs release: a thread that sees the new offset sees what this thread saw. It
    // needs acquire: this thread writes to the ring only after the exchange.
    if (ABSL_PREDICT_TRUE(platform::CompareExchangePair(header_.read_offset, {read, write},
                                                        {read, Moved(write, need)}))) {
      *offset = OffsetOf(write);
      return Outcome::kDone;
    }
  }
  return Damaged("its offsets change in ways that no participant changes them");
}

Outcome QueueV2::Enqueue(absl::Span<const uint8_t> message) {
  const auto length = static_cast<int32_t>(message.size());
  int64_t offset = 0;
  const Outcome outcome = TakeRoom(RecordSize(length), &offset);
  if (ABSL_PREDICT_FALSE(outcome != Outcome::kDone)) return outcome;
  INTERPROCESS_CLOUDTOID_STEP("publisher.reserved");
  std::atomic<uint64_t>& header = ring_.header(offset);
  // Stores the length before the body (the fence is a release). If this process ends in between,
  // the record has a known end. The store also clears what another library's reader may have left.
  header.store(RecordWord(kRecordFree, length), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("publisher.length_stored");
  ring_.CopyIn(offset, message.data(), message.size());
  INTERPROCESS_CLOUDTOID_STEP("publisher.written");
  // release: publishes the body.
  header.store(RecordWord(kRecordReady, length), std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("publisher.committed");
  environment_.Post();
  return Outcome::kDone;
}

Outcome QueueV2::EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done) {
  for (*done = 0; *done < messages.size(); ++*done) {
    const Outcome outcome = Enqueue(messages[*done]);
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

bool QueueV2::HasRoom(size_t size) {
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  return !IsPosition(read) || !IsPosition(write) ||
         Distance(read, write) + RecordSize(static_cast<int64_t>(size)) <= capacity();
}

bool QueueV2::LockHasRunOut(int64_t lock, int64_t now) {
  if (lock < 0 || now - lock > kLockTicks) return true;
  // The lock may have been taken before the clock was set back. It ends when this endpoint has seen
  // it for as long as a lock lasts, whatever the clock says.
  const int64_t nanos = environment_.NowNanos();
  if (lock != seen_lock_) {
    seen_lock_ = lock;
    seen_lock_since_ns_ = nanos;
  }
  return nanos - seen_lock_since_ns_ > kPatienceNanos;
}

inline bool QueueV2::TakeLock(int64_t* key, bool* expired) {
  // relaxed: the exchange below gives the order.
  int64_t lock = header_.read_lock.load(std::memory_order_relaxed);
  const int64_t now = environment_.NowTicks();
  *expired = lock != 0;
  if (ABSL_PREDICT_FALSE(*expired) && !LockHasRunOut(lock, now)) return false;
  *key = now;
  // acq_rel. acquire: the last reader's stores come before this reader's loads. release: a reader
  // that takes the lock over sees this one's stores.
  return header_.read_lock.compare_exchange_strong(lock, now, std::memory_order_acq_rel,
                                                   std::memory_order_relaxed);
}

inline void QueueV2::Unlock(int64_t key) {
  // release: the next reader sees this one's stores. An exchange, because the lock may be another
  // reader's by now.
  header_.read_lock.compare_exchange_strong(key, 0, std::memory_order_release,
                                            std::memory_order_relaxed);
}

bool QueueV2::Observe(int64_t read, int64_t write) {
  const int64_t now = environment_.NowNanos();
  // An equal read offset may be of another lap, if the last look is long ago and the write offset
  // has moved since.
  const bool same = observed_.read == read &&
                    (now - observed_.looked_ns <= kLongestBlinkNanos || observed_.write == write);
  if (!same) {
    observed_.read = read;
    observed_.extent = Distance(read, write);
    observed_.since_ns = now;
  }
  observed_.write = write;
  observed_.looked_ns = now;
  return same && now - observed_.since_ns > kPatienceNanos;
}

bool QueueV2::Advance(int64_t position, int64_t offset, int64_t size, int64_t key) {
  ring_.Clear(ring_.Add(offset, kRecordHeader), size - kRecordHeader);
  // Clears the header last (the fence is a release), so that a reader that takes over in between
  // finds the record's end.
  std::atomic_thread_fence(std::memory_order_release);
  ring_.header(offset).store(0, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.cleared");
  return MoveReadOffset(position, size, key);
}

bool QueueV2::MoveReadOffset(int64_t position, int64_t size, int64_t key) {
  // release: a publisher that sees the new offset finds the room cleared. An exchange, because
  // another reader may have moved the offset.
  const bool moved = header_.read_offset.compare_exchange_strong(
      position, Moved(position, size), std::memory_order_release, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.moved");
  if (moved) Unlock(key);
  return moved;
}

void QueueV2::Skip(int64_t read, int64_t write, int64_t key) {
  const int64_t offset = OffsetOf(read);
  // The extent was reserved before the head was first seen. It is more than the ring holds if a
  // publisher has run over. A publisher that has run over by more than another lap brings the write
  // offset back close to the read offset; what lies beyond the write offset is not skipped. If no
  // record's end is found in the ring, all of the extent is skipped.
  observed_.extent = std::min(observed_.extent, Distance(read, write));
  const int64_t held = std::min(observed_.extent, capacity());
  int64_t size = AbandonedBytes(ring_, offset, held);
  if (size == held) size = observed_.extent;
  // Where a publisher has run over, the bytes at the first positions belong to positions a capacity
  // further on. These are not skipped, so their bytes are not cleared.
  const int64_t overrun = std::max<int64_t>(Distance(read, write) - capacity(), 0);
  bool moved;
  if (ABSL_PREDICT_TRUE(overrun == 0)) {
    moved = Advance(read, offset, size, key);
  } else {
    if (size > overrun) ring_.Clear(ring_.Add(offset, overrun), size - overrun);
    moved = MoveReadOffset(read, size, key);
  }
  if (!moved) return;
  // The rest of the extent was reserved as long ago, so this does not wait for it again.
  observed_.extent -= size;
  observed_.read = observed_.extent > 0 ? Moved(read, size) : -1;
}

inline Outcome QueueV2::ClaimLocked(size_t max_size, bool expired, Claimed* claimed) {
  // acquire, both. Only the reader that has the lock moves the read offset.
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  if (read == write) return Outcome::kNone;
  if (ABSL_PREDICT_FALSE(!IsPosition(read) || !IsPosition(write))) {
    return Damaged("an offset is not one that the capacity allows");
  }
  // The most bytes that a record has here. If a publisher has run over, that is the capacity.
  const int64_t extent = std::min(Distance(read, write), capacity());
  const int64_t offset = OffsetOf(read);
  // acquire: pairs with the publisher's commit.
  uint64_t word = ring_.header(offset).load(std::memory_order_acquire);
  const int32_t length = LengthOf(word);
  const int32_t state = StateOf(word);
  const bool fits = LengthFits(length, extent);
  if (ABSL_PREDICT_FALSE(state != kRecordReady || !fits)) {
    // A reader whose lock has run out has no claim any more. If the lock had not run out, nobody
    // knows which reader made the claim, and this waits for as long as a reader may take.
    const bool given_up = Observe(read, write) || (state == kRecordClaimed && expired);
    // This thread may have been stopped since it took the lock. Then it looks at what the lock's
    // new owner is doing, and changes nothing.
    if (!given_up || !Renew(&claimed->key)) return Outcome::kHeldUp;
    if (state != kRecordClaimed || !fits) {
      Skip(read, write, claimed->key);
      return Outcome::kAgain;
    }
  }
  claimed->position = read;
  claimed->offset = offset;
  claimed->size = length;
  claimed->redelivered = state == kRecordClaimed;
  if (ABSL_PREDICT_FALSE(static_cast<size_t>(length) > max_size)) return Outcome::kTooLarge;
  // acq_rel. acquire: the body is read after this. release: a thread that sees the claim sees what
  // this thread saw.
  if (!ring_.header(offset).compare_exchange_strong(word, RecordWord(kRecordClaimed, length),
                                                    std::memory_order_acq_rel,
                                                    std::memory_order_relaxed)) {
    return Outcome::kAgain;
  }
  observed_.read = -1;
  INTERPROCESS_CLOUDTOID_STEP("subscriber.claimed");
  return Outcome::kDone;
}

Outcome QueueV2::Claim(size_t max_size, Claimed* claimed) {
  for (int round = 0; round < kMaxRounds; ++round) {
    if (!HasData()) return Outcome::kNone;
    bool expired = false;
    if (!TakeLock(&claimed->key, &expired)) return Outcome::kHeldUp;
    INTERPROCESS_CLOUDTOID_STEP("subscriber.locked");
    const Outcome outcome = ClaimLocked(max_size, expired, claimed);
    if (ABSL_PREDICT_TRUE(outcome == Outcome::kDone)) return outcome;
    Unlock(claimed->key);
    if (outcome != Outcome::kAgain) return outcome;
  }
  return Outcome::kHeldUp;
}

bool QueueV2::Holds(int64_t key) const {
  // acquire: the reads under the lock come before this load.
  std::atomic_thread_fence(std::memory_order_acquire);
  return header_.read_lock.load(std::memory_order_relaxed) == key;
}

bool QueueV2::Renew(int64_t* key) {
  const int64_t now = environment_.NowTicks();
  if (ABSL_PREDICT_TRUE(now >= *key && now - *key <= kRenewTicks)) {
    return Holds(*key);
  }
  // acq_rel, as in TakeLock. Fails if the lock is another reader's.
  int64_t lock = *key;
  if (!header_.read_lock.compare_exchange_strong(lock, now, std::memory_order_acq_rel,
                                                 std::memory_order_relaxed)) {
    return false;
  }
  *key = now;
  return true;
}

bool QueueV2::Finish(const Claimed& claimed) {
  INTERPROCESS_CLOUDTOID_STEP("subscriber.read");
  // Another reader may take an old lock while this one does the stores below.
  int64_t key = claimed.key;
  if (ABSL_PREDICT_FALSE(!Renew(&key))) return false;
  // From here on nobody delivers the record again, and its end stays known. The fence is a release:
  // this store comes before the stores that clear the record.
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordFree, claimed.size), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.taken");
  // The message is this reader's, even if this thread is stopped here until another reader skips
  // the record as one that nobody finishes.
  Advance(claimed.position, claimed.offset, RecordSize(claimed.size), key);
  return true;
}

void QueueV2::PutBack(const Claimed& claimed) {
  if (!StillOurs(claimed)) return;
  uint64_t word = RecordWord(kRecordClaimed, claimed.size);
  // release: this reader's loads come before. An exchange, because the record may be another
  // reader's by now.
  ring_.header(claimed.offset)
      .compare_exchange_strong(word, RecordWord(kRecordReady, claimed.size),
                               std::memory_order_release, std::memory_order_relaxed);
  Unlock(claimed.key);
}

bool QueueV2::HasData() const {
  return header_.read_offset.load(std::memory_order_acquire) !=
         header_.write_offset.load(std::memory_order_acquire);
}

void QueueV2::OnPermit() {
  // The semaphore also counts messages that were taken without waiting. A waiter that leaves with a
  // message relays, so no permit is lost that another waiter needs.
  for (int i = 0; i < kMaxDrain && environment_.TryTakePermit(); ++i) {
  }
}

void QueueV2::Relay() {
  if (HasData() && !environment_.HasPermit()) environment_.Post();
}

}  // namespace interprocess::cloudtoid
