#include "core/native/native_publisher.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "core/base/copy_bytes.h"
#include "core/base/step.h"
#include "core/native/clearing.h"
#include "core/native/waiting.h"
#include "core/platform/process.h"

namespace interprocess::native {
namespace {

// A walk over released slots stops after so many once there is room: the rest may still be in a
// subscriber's cache, and is not needed yet.
constexpr uint64_t kWalkStep = 64;

// How far ahead lines are fetched; measured, between two cores that are far apart.
constexpr uint64_t kSlotsAhead = 4;
constexpr uint64_t kMessagesAhead = 4;

// To a counter of the participant's record, relaxed: statistics only. Two threads that commit at
// one moment may count one message: an exchange would cost as much as the commit.
void Add(std::atomic<uint64_t>& counter, uint64_t count) {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

NativePublisher::NativePublisher(std::unique_ptr<Attachment> attachment)
    : attachment_(std::move(attachment)),
      memory_(attachment_->memory()),
      record_(attachment_->record()),
      id_(attachment_->id()),
      recovery_(memory_, attachment_->environment(), id_),
      sleeper_(memory_.header(), memory_.header().space, attachment_->environment()),
      // relaxed: a hint; the words tell how far publishers are.
      position_(memory_.header().tail.load(std::memory_order_relaxed)) {}

void NativePublisher::WakeWaiters() {
  CountUpAndWake(memory_.header().space, attachment_->environment());
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::TooLarge(size_t size) const {
  return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes is larger than ",
                                                 max_message_size(),
                                                 ", the largest this queue takes"));
}

// Others have reserved our position: on to where publishers are.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::Advance(uint64_t word, uint64_t lost) {
  const Ring& ring = memory_.ring();
  // Position x of a slot was reserved, so all before x were; a FREE word stands for a lap that has
  // not begun.
  uint64_t reached =
      ring.PositionOf(ring.LapFrom(word, ring.LapOf(position_)), ring.IndexOf(position_)) + 1;
  if (Ring::StateOf(word) == SlotState::kFree) reached -= ring.slots();
  const bool far = reached > position_ + 1;
  position_ = std::max(position_ + 1, reached);
  // Far behind, or losing every race: the hint (relaxed) saves steps.
  if (far || lost % 8 == 7) {
    position_ = std::max(position_, memory_.header().tail.load(std::memory_order_relaxed));
  }
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline NativePublisher::Outcome NativePublisher::ReserveSlot(
    size_t size, Room* room) {
  const Ring& ring = memory_.ring();
  const uint64_t units = size <= kInlineBytes ? 0 : (size + kUnit - 1) / kUnit;
  for (uint64_t lost = 0; ABSL_PREDICT_TRUE(lost < memory_.max_steps()); ++lost) {
    const uint64_t position = position_;
    const uint64_t lap = ring.LapOf(position);
    Slot& slot = memory_.slot(position);
    // acquire: pairs with the release that freed the slot, so that what its last owner read there
    // is read before we write.
    uint64_t word = slot.word.load(std::memory_order_acquire);
    if (ABSL_PREDICT_FALSE(word != Ring::FreeWord(lap))) {
      if (!ring.IsTaken(word, lap)) {
        // The word is of the lap before.
        blocked_position_ = position - ring.slots();
        blocked_word_ = word;
        return Outcome::kFull;
      }
      Advance(word, lost);
      continue;
    }
    const uint64_t end = position == own_next_ ? own_end_ : ReadEndBefore(memory_, position);
    uint64_t need = 0;
    if (units != 0) {
      // A message never wraps: the units that it skips at the ring's end count as its own.
      const uint64_t left = memory_.payload_units() - ring.IndexOf(end);
      need = units <= left ? units : units + left;
      if (ABSL_PREDICT_FALSE(!HasRoom(end, need))) {
        RoomFound found = FindRoom(position, word, end, need);
        if (found == RoomFound::kFull) return Outcome::kFull;
        if (found == RoomFound::kMoved) {
          lost += walk_ / kWalkStep;  // a walk is work as well
          continue;
        }
      }
    }
    if (units != 0) {
      // A poller may have looked at it since; on its way while the slot is reserved.
      platform::PrefetchForWrite(memory_.payload(need == units ? ring.IndexOf(end) * kUnit : 0, 0));
    }
    INTERPROCESS_STEP("publisher.has_room");
    // acq_rel: release, so that whoever sees the position taken sees what we saw; acquire as above.
    if (ABSL_PREDICT_FALSE(!slot.word.compare_exchange_strong(
            word, ring.ReservedWord(id_, need, lap), std::memory_order_acq_rel,
            std::memory_order_relaxed))) {
      continue;
    }
    INTERPROCESS_STEP("publisher.reserved");
    // release: who reads this end and then a word sees the reservation that the end belongs to.
    slot.end.store(end + need, std::memory_order_release);
    INTERPROCESS_STEP("publisher.end_stored");
    own_next_ = position_ = position + 1;
    own_end_ = end + need;
    // Wanted soon, and exclusively: these lines were last a subscriber's.
    platform::PrefetchForWrite(&memory_.slot(position + kSlotsAhead));
    room->position = position;
    // relaxed, what follows: the slot is ours until the commit.
    if (units == 0) {
      slot.meta.store(0, std::memory_order_relaxed);
      room->bytes = absl::MakeSpan(slot.bytes, size);
    } else {
      // From the ring's beginning if it skipped. Masked, so inside the ring whatever `end` was.
      const uint64_t offset = need == units ? ring.IndexOf(end) * kUnit : 0;
      slot.meta.store(kMetaExternal, std::memory_order_relaxed);
      slot.start.store(offset, std::memory_order_relaxed);
      room->bytes = absl::MakeSpan(memory_.payload(offset, size), size);
      // Perhaps behind the ring's end: a prefetch does not fault.
      platform::PrefetchForWrite(room->bytes.data() + kMessagesAhead * units * kUnit);
    }
    return Outcome::kReserved;
  }
  return Outcome::kDamaged;
}

NativePublisher::RoomFound NativePublisher::FindRoom(uint64_t position, uint64_t word, uint64_t end,
                                                     uint64_t need) {
  const Ring& ring = memory_.ring();
  // The word at `position` is FREE of its lap, so position - slots was released, and so was all
  // before it: start there at the latest, for the ends of older slots were written over.
  uint64_t walked = walked_;
  if (position >= ring.slots()) walked = std::max(walked, position - ring.slots());
  const uint64_t began = walked;
  uint64_t start = room_start_;
  uint64_t blocking = 0;
  while (true) {
    const uint64_t stop = std::min(position, walked + kWalkStep);
    const uint64_t from = walked;
    while (walked < stop) {
      // acquire: the `end` of a released slot, and what its owner read of the payload, come before.
      blocking = memory_.slot(walked).word.load(std::memory_order_acquire);
      if (blocking != Ring::FreeWord(ring.LapOf(walked) + 1)) break;
      ++walked;
    }
    if (walked >= position) {
      start = end;  // everything is released
    } else if (walked > from) {
      // acquire: if this is a later lap's, the last look at the word below sees that.
      start = memory_.slot(walked - 1).end.load(std::memory_order_acquire);
    }
    if (walked < stop || walked >= position || end + need - start <= memory_.payload_units()) break;
  }
  INTERPROCESS_STEP("publisher.walked");
  // Only while our position is still free were none of the ends above written over (acquire, and it
  // is the last load: it comes after them).
  const bool moved = memory_.slot(position).word.load(std::memory_order_acquire) != word;
  walk_ = walked - began;
  if (moved) {
    // Whoever took the position is quicker than a long walk, and would be the next time. What was
    // walked over stands if the last slot passed is still free after its `end` was read (acquire,
    // both, in this order): then that end was not written over.
    if (walked > began) {
      const Slot& last = memory_.slot(walked - 1);
      start = last.end.load(std::memory_order_acquire);
      if (last.word.load(std::memory_order_acquire) == Ring::FreeWord(ring.LapOf(walked - 1) + 1)) {
        walked_ = walked;
        room_start_ = start;
      }
    }
    return RoomFound::kMoved;
  }
  walked_ = walked;
  room_start_ = start;
  if (HasRoom(end, need)) return RoomFound::kRoom;
  blocked_position_ = walked;
  blocked_word_ = blocking;
  return RoomFound::kFull;
}

bool NativePublisher::RecoverWhenFull() {
  Add(record_.full_or_empty, 1);
  const int64_t now = attachment_->environment().NowNanos();
  if (now < next_probe_ns_) return false;
  next_probe_ns_ = now + kMillisecond;
  // First the one that is in the way; then all, as often as anybody may look.
  bool resolved =
      Ring::IsOwned(blocked_word_) && recovery_.ResolveIfDead(blocked_position_, blocked_word_);
  return recovery_.LookForDead(position_) > 0 || resolved;
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::ReserveAfter(Outcome outcome, size_t size,
                                                                   Room* room) {
  if (outcome == Outcome::kFull && RecoverWhenFull()) outcome = ReserveSlot(size, room);
  if (outcome == Outcome::kReserved) return absl::OkStatus();
  if (outcome == Outcome::kFull) return absl::ResourceExhaustedError("");
  return absl::DataLossError(absl::StrCat("'", attachment_->path(),
                                          "' is not a sound queue: its slots change in ways that "
                                          "no participant changes them"));
}

inline void NativePublisher::CommitSlot(uint64_t position, size_t size) {
  Slot& slot = memory_.slot(position);
  // relaxed: the slot is ours until the next store.
  slot.length.store(static_cast<uint32_t>(size), std::memory_order_relaxed);
  INTERPROCESS_STEP("publisher.written");
  // release: publishes the message.
  slot.word.store(Ring::ReadyWord(memory_.ring().LapOf(position)), std::memory_order_release);
  INTERPROCESS_STEP("publisher.committed");
  Notify(memory_.header().data, attachment_->environment());
  // relaxed: a hint, never believed over a word. Now and then, for its line is every publisher's.
  if (position % kHintStep == 0) {
    memory_.header().tail.store(position + 1, std::memory_order_relaxed);
  }
  Add(record_.messages, 1);
  Add(record_.bytes, size);
}

absl::Status NativePublisher::TryEnqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(message.size() > max_message_size())) return TooLarge(message.size());
  Room room;
  Outcome outcome = ReserveSlot(message.size(), &room);
  if (ABSL_PREDICT_FALSE(outcome != Outcome::kReserved)) {
    absl::Status status = ReserveAfter(outcome, message.size(), &room);
    if (!status.ok()) return status;
  }
  base::CopyBytes(room.bytes.data(), message.data(), message.size());
  CommitSlot(room.position, message.size());
  return absl::OkStatus();
}

absl::Status NativePublisher::Commit(uint64_t position, size_t size) {
  if (memory_.clear_on_release()) ClearOwn(position, size);
  CommitSlot(position, size);
  return absl::OkStatus();
}

void NativePublisher::ClearOwn(uint64_t position, size_t keep) {
  // relaxed: our own word.
  const uint64_t word = memory_.slot(position).word.load(std::memory_order_relaxed);
  // It is, unless something else has changed it.
  if (Ring::StateOf(word) == SlotState::kReserved) ClearReserved(memory_, position, word, keep);
}

void NativePublisher::Abort(uint64_t position) {
  if (memory_.clear_on_release()) ClearOwn(position, 0);
  // release: whoever takes the slot next comes after what we did there.
  memory_.slot(position).word.store(Ring::FreeWord(memory_.ring().LapOf(position) + 1),
                                    std::memory_order_release);
  INTERPROCESS_STEP("publisher.aborted");
  Notify(memory_.header().space, attachment_->environment());
  Notify(memory_.header().data, attachment_->environment());
}

absl::StatusOr<size_t> NativePublisher::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  for (absl::Span<const uint8_t> message : messages) {
    if (message.size() > max_message_size()) return TooLarge(message.size());
  }
  absl::Status status;
  uint64_t bytes = 0;
  size_t done = 0;
  Room room;
  for (; done < messages.size(); ++done) {
    const absl::Span<const uint8_t> message = messages[done];
    Outcome outcome = ReserveSlot(message.size(), &room);
    if (ABSL_PREDICT_FALSE(outcome != Outcome::kReserved)) {
      status = ReserveAfter(outcome, message.size(), &room);
      if (!status.ok()) break;
    }
    base::CopyBytes(room.bytes.data(), message.data(), message.size());
    Slot& slot = memory_.slot(room.position);
    // relaxed: as in CommitSlot.
    slot.length.store(static_cast<uint32_t>(message.size()), std::memory_order_relaxed);
    INTERPROCESS_STEP("publisher.batch_written");
    // release: publishes the message.
    slot.word.store(Ring::ReadyWord(memory_.ring().LapOf(room.position)),
                    std::memory_order_release);
    bytes += message.size();
  }
  if (done > 0) {
    INTERPROCESS_STEP("publisher.batch_committed");
    Notify(memory_.header().data, attachment_->environment());
    // relaxed: a hint.
    memory_.header().tail.store(room.position + 1, std::memory_order_relaxed);
    Add(record_.messages, done);
    Add(record_.bytes, bytes);
  }
  if (status.ok() || absl::IsResourceExhausted(status)) return done;
  return status;
}

absl::StatusOr<PublisherEngine::Room> NativePublisher::TryReserve(size_t size) {
  if (size > max_message_size()) return TooLarge(size);
  Room room;
  Outcome outcome = ReserveSlot(size, &room);
  if (outcome != Outcome::kReserved) {
    absl::Status status = ReserveAfter(outcome, size, &room);
    if (!status.ok()) return status;
  }
  return room;
}

absl::Status NativePublisher::Sleep(int64_t timeout_ns) {
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kSpace), std::memory_order_relaxed);
  Add(record_.sleeps, 1);
  const int64_t limit = Ring::IsOwned(blocked_word_) ? kHeldSleepNanos : kIdleSleepNanos;
  absl::StatusOr<bool> woken = sleeper_.Sleep(std::min(limit, timeout_ns));
  if (!woken.ok()) return woken.status();
  if (!*woken) recovery_.LookForDead(position_);
  return absl::OkStatus();
}

void NativePublisher::EndSleeps() {
  sleeper_.End();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kNothing), std::memory_order_relaxed);
}

}  // namespace interprocess::native
