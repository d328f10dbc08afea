#include "core/cloudtoid/queue_v2.h"

#include <algorithm>

#include "absl/base/optimization.h"
#include "core/cloudtoid/step.h"
#include "core/platform/word_pair.h"

namespace interprocess::cloudtoid {
namespace {

// After so many rounds in which something was put right, the caller looks again later.
constexpr int kMaxRounds = 64;
// A look that comes later than this after the one before may have missed that much went by.
constexpr int64_t kLongestBlinkNanos = 100'000'000;
// A lock that was taken longer ago than this is renewed before a message is taken off.
constexpr int64_t kRenewTicks = kTicksPerSecond;
// Permits taken from a semaphore that was counted up while nobody waited, between two looks.
constexpr int kMaxDrain = 1024;

}  // namespace

inline Outcome QueueV2::TakeRoom(int64_t need, int64_t* offset) {
  for (int lost = 0; ABSL_PREDICT_TRUE(lost < kMaxRoomRaces); ++lost) {
    // acquire, both. The read offset's pairs with the reader's release: what it cleared is clear
    // before we write there. Which is loaded first does not matter, for both are compared below.
    const int64_t write = header_.write_offset.load(std::memory_order_acquire);
    INTERPROCESS_CLOUDTOID_STEP("publisher.loaded_one_offset");
    const int64_t read = header_.read_offset.load(std::memory_order_acquire);
    const bool sound = IsPosition(read) && IsPosition(write);
    if (ABSL_PREDICT_FALSE(!sound || Distance(read, write) + need > capacity())) {
      // Not of one moment? Then look again.
      if (header_.write_offset.load(std::memory_order_acquire) != write ||
          header_.read_offset.load(std::memory_order_acquire) != read) {
        continue;
      }
      // Also if another library's publisher has run over: readers make room.
      return sound ? Outcome::kFull : Damaged("an offset is not one that the capacity allows");
    }
    INTERPROCESS_CLOUDTOID_STEP("publisher.saw_room");
    // While this was stopped here, the others may have gone round twice: then the write offset
    // stands where it stood, for it is modulo twice the capacity, but the read offset that was
    // loaded says nothing of now. To exchange the write offset alone would take room that is not
    // there. So both are compared in the step that moves the write offset: whatever went by since
    // they were loaded, in the moment of the exchange the header says that there is room, and
    // nothing but the header says so.
    //
    // seq_cst, of which two are needed: release, whoever sees the offset sees what we saw; acquire,
    // nothing of ours comes before.
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
  // The length before the body (the fence is a release): should this process end in between, the
  // record has a known end. This also clears what another library's reader may have left there.
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
  // Perhaps taken before the clock was set back. No reader has it for longer than its time,
  // whatever the clock says.
  const int64_t nanos = environment_.NowNanos();
  if (lock != seen_lock_) {
    seen_lock_ = lock;
    seen_lock_since_ns_ = nanos;
  }
  return nanos - seen_lock_since_ns_ > kPatienceNanos;
}

inline bool QueueV2::TakeLock(int64_t* key, bool* expired) {
  // relaxed: the exchange below orders.
  int64_t lock = header_.read_lock.load(std::memory_order_relaxed);
  const int64_t now = environment_.NowTicks();
  *expired = lock != 0;
  if (ABSL_PREDICT_FALSE(*expired) && !LockHasRunOut(lock, now)) return false;
  *key = now;
  // acq_rel: acquire, what the last reader did was done before; release, for who takes it over.
  return header_.read_lock.compare_exchange_strong(lock, now, std::memory_order_acq_rel,
                                                   std::memory_order_relaxed);
}

inline void QueueV2::Unlock(int64_t key) {
  // release: for the next reader. Not a store: it may be another's by now.
  header_.read_lock.compare_exchange_strong(key, 0, std::memory_order_release,
                                            std::memory_order_relaxed);
}

bool QueueV2::Observe(int64_t read, int64_t write) {
  const int64_t now = environment_.NowNanos();
  // The same offset again, after a blink in which the queue was not still, may be another lap's.
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
  // The header last (the fence is a release), so that a reader that takes over in between finds the
  // record's end.
  std::atomic_thread_fence(std::memory_order_release);
  ring_.header(offset).store(0, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.cleared");
  return MoveReadOffset(position, size, key);
}

bool QueueV2::MoveReadOffset(int64_t position, int64_t size, int64_t key) {
  // release: what was cleared is clear for who writes there next. Only if nobody else moved it.
  const bool moved = header_.read_offset.compare_exchange_strong(
      position, Moved(position, size), std::memory_order_release, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.moved");
  if (moved) Unlock(key);
  return moved;
}

void QueueV2::Skip(int64_t read, int64_t write, int64_t key) {
  const int64_t offset = OffsetOf(read);
  // All of it was reserved before the head was first seen. Where a publisher has run over, that may
  // be more than the ring holds; if no record's end is known in what it holds, nor is one behind.
  const int64_t held = std::min(observed_.extent, capacity());
  int64_t size = AbandonedBytes(ring_, offset, held);
  if (size == held) size = observed_.extent;
  // The bytes of the first positions are already those of positions a capacity further on, which
  // are not passed over.
  const int64_t overrun = std::max<int64_t>(Distance(read, write) - capacity(), 0);
  bool moved;
  if (ABSL_PREDICT_TRUE(overrun == 0)) {
    moved = Advance(read, offset, size, key);
  } else {
    if (size > overrun) ring_.Clear(ring_.Add(offset, overrun), size - overrun);
    moved = MoveReadOffset(read, size, key);
  }
  if (!moved) return;
  // What lies behind was reserved as long ago, up to where the extent ends.
  observed_.extent -= size;
  observed_.read = observed_.extent > 0 ? Moved(read, size) : -1;
}

inline Outcome QueueV2::ClaimLocked(size_t max_size, bool expired, Claimed* claimed) {
  // acquire, both. Nobody but us moves the read offset.
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  if (read == write) return Outcome::kNone;
  if (ABSL_PREDICT_FALSE(!IsPosition(read) || !IsPosition(write))) {
    return Damaged("an offset is not one that the capacity allows");
  }
  // A record that begins here has at most so many bytes. (The capacity, if a publisher has run
  // over: then the bytes here are those of a message that was enqueued later.)
  const int64_t extent = std::min(Distance(read, write), capacity());
  const int64_t offset = OffsetOf(read);
  // acquire: pairs with the commit.
  uint64_t word = ring_.header(offset).load(std::memory_order_acquire);
  const int32_t length = LengthOf(word);
  const int32_t state = StateOf(word);
  const bool fits = LengthFits(length, extent);
  if (ABSL_PREDICT_FALSE(state != kRecordReady || !fits)) {
    // Claimed by the one whose lock has run out: its time is over. Otherwise nobody knows by whom.
    const bool given_up = Observe(read, write) || (state == kRecordClaimed && expired);
    // One who was stopped since it took the lock may be looking at what its new owner is doing.
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
  // acq_rel: acquire, the body; release, whoever sees the claim sees what we saw.
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
  // acquire: what was read under the lock comes before this look.
  std::atomic_thread_fence(std::memory_order_acquire);
  return header_.read_lock.load(std::memory_order_relaxed) == key;
}

bool QueueV2::Renew(int64_t* key) {
  const int64_t now = environment_.NowTicks();
  if (ABSL_PREDICT_TRUE(now >= *key && now - *key <= kRenewTicks)) {
    return Holds(*key);
  }
  // acq_rel, as when it was taken. Fails if it is another's.
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
  // A lock whose time is out, or nearly, may be taken from under the stores below.
  int64_t key = claimed.key;
  if (ABSL_PREDICT_FALSE(!Renew(&key))) return false;
  // No longer one to be delivered again, but its end is known. (release fence: before the rest.)
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordFree, claimed.size), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.taken");
  // The message is ours, also if this was stopped for so long that another has gone past the record
  // as one that nobody would finish.
  Advance(claimed.position, claimed.offset, RecordSize(claimed.size), key);
  return true;
}

void QueueV2::PutBack(const Claimed& claimed) {
  if (!StillOurs(claimed)) return;
  uint64_t word = RecordWord(kRecordClaimed, claimed.size);
  // release: our reads come before. An exchange: it may be another's by now.
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
  // The semaphore counts every message, also those that were taken without waiting. Whoever leaves
  // with a message relays, so a permit that was another's is not lost.
  for (int i = 0; i < kMaxDrain && environment_.TryTakePermit(); ++i) {
  }
}

void QueueV2::Relay() {
  if (HasData() && !environment_.HasPermit()) environment_.Post();
}

}  // namespace interprocess::cloudtoid
