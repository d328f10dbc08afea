#include "core/cloudtoid/queue_v3.h"

#include <limits>

#include "core/cloudtoid/step.h"

namespace interprocess::cloudtoid {
namespace {

constexpr int kMaxRounds = 64;
// How often a foreign reader's lease is probed, and whether an unfinished head is abandoned: a
// probe is three system calls.
constexpr int64_t kProbeNanos = 20'000'000;
// A record stands unfinished for so long before the gate is closed to look who is active. The
// format allows ten seconds; with proof that all who might finish it are dead there is nothing to
// wait for, but a closed gate turns others' enqueues away for a moment.
constexpr int64_t kUnfinishedNanos = 100'000'000;

bool ArePositions(int64_t read, int64_t write) {
  return read >= 0 && write >= read && (read | write) % 8 == 0;
}

}  // namespace

inline bool QueueV3::EnterGate() {
  // seq_cst, both: whoever closes the gate and then looks at the slots sees this, or this sees the
  // gate closed.
  active_->store(1, std::memory_order_seq_cst);
  INTERPROCESS_CLOUDTOID_STEP("publisher.active");
  if (ABSL_PREDICT_TRUE(header_.gate.load(std::memory_order_seq_cst) == kGateOpen)) return true;
  LeaveGate();
  return false;
}

inline void QueueV3::LeaveGate() {
  // release: the call's stores come before.
  active_->store(0, std::memory_order_release);
}

void QueueV3::ReopenOrphanedGate() {
  // A gate is closed by the reader, who opens it before it stops being that. Where nobody reads, or
  // a dead one does, it was left behind. Looked at as the reader, so nobody else recovers.
  if (!BecomeReader()) return;
  header_.gate.store(kGateOpen, std::memory_order_release);
  LeaveReader();
}

inline Outcome QueueV3::TakeRoom(int64_t need, int64_t* offset) {
  for (int lost = 0; ABSL_PREDICT_TRUE(lost < kMaxRoomRaces); ++lost) {
    // The read offset first (acquire: before the load below): it only grows, so what is free by it
    // is free. acquire also pairs with the reader's release: what it cleared is clear.
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
    // acq_rel: release, whoever sees the offset sees what we saw; acquire, nothing of ours before.
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
  // The length before the body (the fence is a release): should this process end in between, the
  // record has a known end.
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
  // Whoever took the last permit clears the flag before it looks for messages (OnPermit), so either
  // it sees ours or we see the flag cleared: the fence puts the commit before the look. A look
  // alone, for the flag is hardly ever clear, and to write the line that the reader needs as well
  // costs both a fifth of their speed.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (ABSL_PREDICT_TRUE(header_.pending.load(std::memory_order_relaxed) != 0)) return;
  // Of several who see it cleared one owes the permit. seq_cst: as the originals' exchange.
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
  // acq_rel: acquire, what the last reader did was done before; release, for who takes it over.
  int64_t reader = 0;
  if (ABSL_PREDICT_TRUE(header_.reader.compare_exchange_strong(
          reader, id_, std::memory_order_acq_rel, std::memory_order_relaxed))) {
    return true;
  }
  const int64_t now = environment_.NowNanos();
  if (now < next_probe_ns_) return false;
  next_probe_ns_ = now + kProbeNanos;
  if (reader == id_ || !environment_.IsProvenDead(reader)) return false;
  // It may have closed the gate. Nobody but the reader does that, and now we are it.
  if (!header_.reader.compare_exchange_strong(reader, id_, std::memory_order_acq_rel,
                                              std::memory_order_relaxed)) {
    return false;
  }
  INTERPROCESS_CLOUDTOID_STEP("subscriber.replaced_the_dead");
  header_.gate.store(kGateOpen, std::memory_order_release);
  return true;
}

inline void QueueV3::LeaveReader() {
  // release: for the next reader. Not a store: if we were taken for dead, it is another's.
  int64_t reader = id_;
  header_.reader.compare_exchange_strong(reader, 0, std::memory_order_release,
                                         std::memory_order_relaxed);
}

void QueueV3::Advance(int64_t position, int64_t offset, int64_t size) {
  ring_.Clear(ring_.Add(offset, kRecordHeader), size - kRecordHeader);
  // The header last (the fence is a release), so that who takes over from us finds the record's
  // end.
  std::atomic_thread_fence(std::memory_order_release);
  ring_.header(offset).store(0, std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.cleared");
  // release: what was cleared is clear for who writes there next.
  header_.read_offset.store(position + size, std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.moved");
}

bool QueueV3::LivingPublisherIsActive() {
  for (PublisherSlotV3& slot : header_.publishers) {
    // seq_cst: after the gate was closed, see EnterGate.
    if (slot.active.load(std::memory_order_seq_cst) == 0) continue;
    const int64_t participant = slot.participant.load(std::memory_order_acquire);
    // One that is just claiming the slot of a dead one has not its own count there yet.
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
  observed_since_ns_ = now;  // look again as late, should somebody be alive
  // First without disturbing anybody.
  if (LivingPublisherIsActive()) return Outcome::kHeldUp;
  INTERPROCESS_CLOUDTOID_STEP("subscriber.saw_nobody_active");
  // seq_cst: before the looks at the slots.
  header_.gate.store(kGateClosed, std::memory_order_seq_cst);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.closed_gate");
  Outcome outcome = Outcome::kHeldUp;
  const int64_t offset = OffsetOf(read);
  const bool abandoned = !LivingPublisherIsActive();
  // Committed while the gate was being closed? acquire: pairs with the commit.
  const uint64_t word = ring_.header(offset).load(std::memory_order_acquire);
  if (abandoned && StateOf(word) == kRecordFree) {
    // Nobody reserves, and all that is unfinished belongs to the dead. acquire: as of the first
    // look, which says nothing of this one's value.
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
  // acquire, both. Nobody but us moves the read offset.
  const int64_t read = header_.read_offset.load(std::memory_order_acquire);
  const int64_t write = header_.write_offset.load(std::memory_order_acquire);
  if (read == write) return Outcome::kNone;
  if (ABSL_PREDICT_FALSE(!ArePositions(read, write) || write - read > capacity())) {
    return Damaged("the offsets are not those of a queue of this capacity");
  }
  if (ABSL_PREDICT_FALSE(header_.gate.load(std::memory_order_relaxed) != kGateOpen)) {
    // Nobody else recovers while we read: it was left behind.
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
    return Damaged("a record's state is none");
  }
  if (ABSL_PREDICT_FALSE(!LengthFits(length, extent))) {
    return Damaged("a record is longer than what was enqueued");
  }
  claimed->position = read;
  claimed->offset = offset;
  claimed->size = length;
  claimed->redelivered = state == kRecordClaimed;  // by a reader that is dead, for we read
  if (ABSL_PREDICT_FALSE(static_cast<size_t>(length) > max_size)) return Outcome::kTooLarge;
  // relaxed: read only by who takes over from us.
  header.store(RecordWord(kRecordClaimed, length), std::memory_order_relaxed);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.claimed");
  return Outcome::kDone;
}

Outcome QueueV3::Claim(size_t max_size, Claimed* claimed) {
  for (int round = 0; round < kMaxRounds; ++round) {
    // relaxed: the exchange orders. A reader that died is found even if nothing waits.
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
  // No longer one to be delivered again, but its end is known. (release fence: before the rest.)
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordFree, claimed.size), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_CLOUDTOID_STEP("subscriber.taken");
  Advance(claimed.position, claimed.offset, RecordSize(claimed.size));
  LeaveReader();
  return true;
}

void QueueV3::PutBack(const Claimed& claimed) {
  // release: our reads come before.
  ring_.header(claimed.offset)
      .store(RecordWord(kRecordReady, claimed.size), std::memory_order_release);
  LeaveReader();
}

bool QueueV3::HasData() const {
  return header_.read_offset.load(std::memory_order_acquire) !=
         header_.write_offset.load(std::memory_order_acquire);
}

void QueueV3::OnPermit() {
  // Only who took a permit may do this. seq_cst: as the originals' exchange. It is the fence that
  // puts it before the look for messages (Notify), for that look is an acquire only.
  header_.pending.exchange(0, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void QueueV3::Relay() {
  if (HasData()) Notify();
}

}  // namespace interprocess::cloudtoid
