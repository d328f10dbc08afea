// SPDX-License-Identifier: MIT

#include "core/cloudtoid/queue_v3.h"

#include <limits>

#include "core/cloudtoid/step.h"

namespace interprocess::cloudtoid {
namespace {

constexpr int kMaxRounds = 64;
// The time between two probes of another reader's lease. A probe is three system calls.
constexpr int64_t kProbeNanos = 20'000'000;
// The time that a record stands unfinished before a reader looks which publishers are active. The
// format allows ten seconds. With proof that all publishers that might finish the record are dead
// there is nothing to wait for. But a closed gate refuses the enqueues of others for a moment.
constexpr int64_t kUnfinishedNanos = 100'000'000;

bool ArePositions(int64_t read, int64_t write) {
  return read >= 0 && write >= read && (read | write) % 8 == 0;
}

}  // namespace

inline bool QueueV3::EnterGate() {
  // seq_cst, both. A reader closes the gate and then looks at the slots: either it sees this store,
  // or this thread sees the gate closed.
  active_->store(1, std::memory_order_seq_cst);
  INTERPROCESS_CLOUDTOID_STEP("publisher.active");
  if (ABSL_PREDICT_TRUE(header_.gate.load(std::memory_order_seq_cst) == kGateOpen)) return true;
  LeaveGate();
  return false;
}

inline void QueueV3::LeaveGate() {
  // release: the stores of the call come before.
  active_->store(0, std::memory_order_release);
}

void QueueV3::ReopenOrphanedGate() {
  // A reader closes the gate, and opens it before it stops reading. A gate that is closed while
  // nobody reads, or while the reader is dead, was left behind. Only the reader recovers, so this
  // becomes the reader first.
  if (!BecomeReader()) return;
  header_.gate.store(kGateOpen, std::memory_order_release);
  LeaveReader();
}

inline Outcome QueueV3::TakeRoom(int64_t need, int64_t* offset) {
  for (int lost = 0; ABSL_PREDICT_TRUE(lost < kMaxRoomRaces); ++lost) {
    // Loads the read offset first (acquire: before the load below). It only grows, so there is at
    // least as much room as it says. acquire also pairs with the reader's release: the reader has
    // cleared the room before.
    const int64_t read = header_.read_offset.load(std::memory_order_acquire);
    INTERPROCESS_CLOUDTOID_STEP("publisher.loaded_one_offset");
    int64_t write = header_.write_offset.load(std::memory_order_acquire);
    const bool sound = ArePositions(read, write);
    const int64_t used = sound ? write - read : 0;
    if (ABSL_PREDICT_FALSE(!sound || used > capacity() - need)) {
      if (header_.read_offset.load(std::memory_order_acquire) != read) continue;
      if (!sound) return Damaged("an offset is not one that a queue has");
      if (used > capacity()) return Damaged("the offsets are further apart than the capacity");
      return Outcome::kFull;
    }
    if (ABSL_PREDICT_FALSE(write > std::numeric_limits<int64_t>::max() - need)) {
      return Outcome::kExhausted;
    }
    INTERPROCESS_CLOUDTOID_STEP("publisher.saw_room");
    // acq_rel. release: a thread that sees the new offset sees what this thread saw. acquire: this
    // thread writes to the ring only after the exchange.
    if (ABSL_PREDICT_TRUE(header_.write_offset.compare_exchange_strong(
            write, write + need, std::memory_order_acq_rel, std::memory_order_relaxed))) {
      *offset = OffsetOf(write);
      return Outcome::kDone;
    }
  }
  return Damaged("its offsets change in ways that no participant changes them");
}

inline Outcome QueueV3::Put(absl::Span<const uint8_t> message) {
  const auto length = static_cast<int32_t>(message.size());
  int64_t offset = 0;
  const Outcome outcome = TakeRoom(RecordSize(length), &offset);
  if (ABSL_PREDICT_FALSE(outcome != Outcome::kDone)) return outcome;
  INTERPROCESS_CLOUDTOID_STEP("publisher.reserved");
  std::atomic<uint64_t>& header = ring_.header(offset);
  // Stores the length before the body (the fence is a release). If this process ends in between,
  // the record has a known end.
  header.store(RecordWord(kRecordFree, length), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("publisher.length_stored");
  ring_.CopyIn(offset, message.data(), message.size());
  INTERPROCESS_CLOUDTOID_STEP("publisher.written");
  // release: publishes the body.
  header.store(RecordWord(kRecordReady, length), std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("publisher.committed");
  return Outcome::kDone;
}

inline void QueueV3::Notify() {
  // A waiter that takes the last permit clears the flag before it looks for messages (OnPermit).
  // The fence puts the commit before the load below. So either the waiter sees the message, or this
  // thread sees the flag cleared. It only loads the flag first, because the flag is hardly ever
  // clear. A store would take the cache line from the reader, and cost both a fifth of their speed.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (ABSL_PREDICT_TRUE(header_.pending.load(std::memory_order_relaxed) != 0)) return;
  // Several publishers may see the flag cleared, and one of them owes the permit. seq_cst, as the
  // exchange of the original.
  if (header_.pending.exchange(1, std::memory_order_seq_cst) == 0) {
    INTERPROCESS_CLOUDTOID_STEP("publisher.owes_permit");
    environment_.Post();
  }
}

Outcome QueueV3::Enqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(!EnterGate())) {
    ReopenOrphanedGate();
    return Outcome::kFull;
  }
  const Outcome outcome = Put(message);
  if (ABSL_PREDICT_TRUE(outcome == Outcome::kDone)) Notify();
  LeaveGate();
  return outcome;
}

Outcome QueueV3::EnqueueBatch(absl::Span<const absl::Span<const uint8_t>> messages, size_t* done) {
  *done = 0;
  if (messages.empty()) return Outcome::kDone;
  if (!EnterGate()) {
    ReopenOrphanedGate();
    return Outcome::kFull;
  }
  Outcome outcome = Outcome::kDone;
  while (*done < messages.size() && (outcome = Put(messages[*done])) == Outcome::kDone) ++*done;
  if (*done > 0) Notify();
  LeaveGate();
  return outcome;
}

bool QueueV3::HasRoom(size_t size) const {
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  return !ArePositions(read, write) ||
         write - read <= capacity() - RecordSize(static_cast<int64_t>(size));
}

inline bool QueueV3::BecomeReader() {
  // acq_rel. acquire: the last reader's stores come before this reader's loads. release: a reader
  // that takes over sees this one's stores.
  int64_t reader = 0;
  if (ABSL_PREDICT_TRUE(header_.reader.compare_exchange_strong(
          reader, id_, std::memory_order_acq_rel, std::memory_order_relaxed))) {
    return true;
  }
  const int64_t now = environment_.NowNanos();
  if (now < next_probe_ns_) return false;
  next_probe_ns_ = now + kProbeNanos;
  if (reader == id_ || !environment_.IsProvenDead(reader)) return false;
  // The dead reader may have closed the gate. Only the reader may open it, and that is now this
  // participant.
  if (!header_.reader.compare_exchange_strong(reader, id_, std::memory_order_acq_rel,
                                              std::memory_order_relaxed)) {
    return false;
  }
  INTERPROCESS_CLOUDTOID_STEP("subscriber.replaced_the_dead");
  header_.gate.store(kGateOpen, std::memory_order_release);
  return true;
}

inline void QueueV3::LeaveReader() {
  // release: the next reader sees this one's stores. An exchange, because another reader has taken
  // over if this one was taken for dead.
  int64_t reader = id_;
  header_.reader.compare_exchange_strong(reader, 0, std::memory_order_release,
                                         std::memory_order_relaxed);
}

void QueueV3::Advance(int64_t position, int64_t offset, int64_t size) {
  ring_.Clear(ring_.Add(offset, kRecordHeader), size - kRecordHeader);
  // Clears the header last (the fence is a release), so that a reader that takes over finds the
  // record's end.
  std::atomic_thread_fence(std::memory_order_release);
  ring_.header(offset).store(0, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.cleared");
  // release: a publisher that sees the new offset finds the room cleared.
  header_.read_offset.store(position + size, std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.moved");
}

bool QueueV3::LivingPublisherIsActive() {
  for (PublisherSlotV3& slot : header_.publishers) {
    // seq_cst: this load comes after the gate was closed, see EnterGate.
    if (slot.active.load(std::memory_order_seq_cst) == 0) continue;
    const int64_t participant = slot.participant.load(std::memory_order_acquire);
    // A publisher that is just taking the slot of a dead one has not stored its own count yet.
    if (participant == 0 || participant == id_ || !environment_.IsProvenDead(participant)) {
      return true;
    }
  }
  return false;
}

Outcome QueueV3::RecoverAt(int64_t read) {
  const int64_t now = environment_.NowNanos();
  if (observed_read_ != read) {
    observed_read_ = read;
    observed_since_ns_ = now;
    return Outcome::kHeldUp;
  }
  if (now - observed_since_ns_ < kUnfinishedNanos) return Outcome::kHeldUp;
  observed_since_ns_ = now;  // if a publisher is alive, the next look comes as much later
  // The first look leaves the gate open.
  if (LivingPublisherIsActive()) return Outcome::kHeldUp;
  INTERPROCESS_CLOUDTOID_STEP("subscriber.saw_nobody_active");
  // seq_cst: this store comes before the loads of the slots.
  header_.gate.store(kGateClosed, std::memory_order_seq_cst);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.closed_gate");
  Outcome outcome = Outcome::kHeldUp;
  const int64_t offset = OffsetOf(read);
  const bool abandoned = !LivingPublisherIsActive();
  // The record may have been committed while the gate was being closed. acquire: pairs with the
  // commit.
  const uint64_t word = ring_.header(offset).load(std::memory_order_acquire);
  if (abandoned && StateOf(word) == kRecordFree) {
    // No publisher reserves, and all unfinished records belong to the dead. acquire, as in
    // ClaimAsReader. That load may have returned an older value.
    const int64_t write = header_.write_offset.load(std::memory_order_acquire);
    if (ArePositions(read, write) && write > read && write - read <= capacity()) {
      Advance(read, offset, AbandonedBytes(ring_, offset, write - read));
      outcome = Outcome::kAgain;
    } else {
      outcome = Damaged("the offsets are not those of a queue of this capacity");
    }
  } else if (StateOf(word) != kRecordFree) {
    outcome = Outcome::kAgain;
  }
  header_.gate.store(kGateOpen, std::memory_order_release);
  return outcome;
}

inline Outcome QueueV3::ClaimAsReader(size_t max_size, Claimed* claimed) {
  // acquire, both. Only the reader moves the read offset.
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  if (read == write) return Outcome::kNone;
  if (ABSL_PREDICT_FALSE(!ArePositions(read, write) || write - read > capacity())) {
    return Damaged("the offsets are not those of a queue of this capacity");
  }
  if (ABSL_PREDICT_FALSE(header_.gate.load(std::memory_order_relaxed) != kGateOpen)) {
    // Nobody else recovers while this participant reads, so the closed gate was left behind.
    header_.gate.store(kGateOpen, std::memory_order_release);
  }
  const int64_t extent = write - read;
  const int64_t offset = OffsetOf(read);
  std::atomic<uint64_t>& header = ring_.header(offset);
  // acquire: pairs with the commit.
  const uint64_t word = header.load(std::memory_order_acquire);
  const int32_t length = LengthOf(word);
  const int32_t state = StateOf(word);
  if (ABSL_PREDICT_FALSE(state == kRecordFree)) return RecoverAt(read);
  if (ABSL_PREDICT_FALSE(state != kRecordReady && state != kRecordClaimed)) {
    return Damaged("the state of a record is not one that a record has");
  }
  if (ABSL_PREDICT_FALSE(!LengthFits(length, extent))) {
    return Damaged("a record is longer than what was enqueued");
  }
  claimed->position = read;
  claimed->offset = offset;
  claimed->size = length;
  // Only the reader claims, and that is now this participant: the one that claimed before is dead.
  claimed->redelivered = state == kRecordClaimed;
  if (ABSL_PREDICT_FALSE(static_cast<size_t>(length) > max_size)) return Outcome::kTooLarge;
  // relaxed: only a reader that takes over from this one loads it.
  header.store(RecordWord(kRecordClaimed, length), std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.claimed");
  return Outcome::kDone;
}

Outcome QueueV3::Claim(size_t max_size, Claimed* claimed) {
  for (int round = 0; round < kMaxRounds; ++round) {
    // relaxed: the exchange gives the order. A reader that died is found even if no message waits.
    if (header_.reader.load(std::memory_order_relaxed) == 0 && !HasData()) return Outcome::kNone;
    if (!BecomeReader()) return HasData() ? Outcome::kHeldUp : Outcome::kNone;
    INTERPROCESS_CLOUDTOID_STEP("subscriber.locked");
    const Outcome outcome = ClaimAsReader(max_size, claimed);
    if (ABSL_PREDICT_TRUE(outcome == Outcome::kDone)) return outcome;
    LeaveReader();
    if (outcome != Outcome::kAgain) return outcome;
  }
  return Outcome::kHeldUp;
}

bool QueueV3::Finish(const Claimed& claimed) {
  INTERPROCESS_CLOUDTOID_STEP("subscriber.read");
  // From here on nobody delivers the record again, and its end stays known. The fence is a release:
  // this store comes before the stores that clear the record.
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordFree, claimed.size), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.taken");
  Advance(claimed.position, claimed.offset, RecordSize(claimed.size));
  LeaveReader();
  return true;
}

void QueueV3::PutBack(const Claimed& claimed) {
  // release: this reader's loads come before.
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordReady, claimed.size), std::memory_order_release);
  LeaveReader();
}

bool QueueV3::HasData() const {
  return header_.read_offset.load(std::memory_order_acquire) !=
         header_.write_offset.load(std::memory_order_acquire);
}

void QueueV3::OnPermit() {
  // Only a waiter that took a permit calls this. seq_cst, as the exchange of the original. The
  // fence puts the exchange before the look for messages (see Notify), whose loads are only
  // acquire.
  header_.pending.exchange(0, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void QueueV3::Relay() {
  if (HasData()) Notify();
}

}  // namespace interprocess::cloudtoid
