// SPDX-License-Identifier: MIT

#include "core/native/native_publisher.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "core/base/copy_bytes.h"
#include "core/base/step.h"
#include "core/platform/cpu.h"

namespace interprocess::native {
namespace {

// How far ahead lines are fetched; measured, between two cores that are far apart.
constexpr uint64_t kSlotsAhead = 4;
constexpr uint64_t kMessagesAhead = 4;

}  // namespace

NativePublisher::NativePublisher(std::unique_ptr<Attachment> attachment)
    : attachment_(std::move(attachment)),
      memory_(attachment_->memory()),
      record_(attachment_->record()),
      id_(attachment_->id()),
      alone_(memory_.one_publisher()),
      max_message_size_(memory_.max_message_size()),
      holds_(record_),
      recovery_(memory_, attachment_->environment(), id_),
      data_(memory_.header().data, attachment_->environment()),
      sleeper_(memory_.header(), memory_.header().space, attachment_->environment()),
      front_sleeper_(memory_.header(), memory_.header().front, attachment_->environment()),
      // acquire: the words of what was reserved below it are seen.
      position_(memory_.header().tail.load(std::memory_order_acquire)) {
  StartLap(memory_.ring().LapOf(position_));
}

void NativePublisher::WakeWaiters() {
  CountUpAndWake(memory_.header().space, attachment_->environment());
  CountUpAndWake(memory_.header().front, attachment_->environment());
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::TooLarge(size_t size) const {
  return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes is larger than ",
                                                 max_message_size(),
                                                 ", the largest this queue takes"));
}

ABSL_ATTRIBUTE_NOINLINE NativePublisher::Outcome NativePublisher::Damaged(uint64_t position,
                                                                          const char* word) {
  damaged_position_ = position;
  damaged_word_ = word;
  return Outcome::kDamaged;
}

// Others have reserved our position: on to where publishers are.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::Advance(uint64_t word, uint64_t lost) {
  const Ring& ring = memory_.ring();
  // A position of that entry was reserved, so all before it were.
  const uint64_t reached =
      ring.PositionOf(ring.ReservedLapFrom(word, ring.LapOf(position_)), ring.IndexOf(position_)) +
      1;
  const bool far = reached > position_ + 1;
  position_ = reached;
  run_.stop = 0;
  // Far behind, or losing every race: the hint saves steps. acquire: as in the constructor.
  if (far || lost % 8 == 7) {
    position_ = std::max(position_, memory_.header().tail.load(std::memory_order_acquire));
  }
}

ABSL_ATTRIBUTE_NOINLINE void NativePublisher::StartLap(uint64_t lap) {
  const Ring& ring = memory_.ring();
  lap_ = {ring.PositionOf(lap, 0),        ring.LapField(lap),    ring.LapField(1),
          ring.ReservedWord(id_, 0, lap), Ring::EndWord(lap, 0), Ring::ReadyWord(lap)};
}

// After the own position was reserved, whose message ends at `end`: what is known of the next ones.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::StartRun(uint64_t end) {
  const Ring& ring = memory_.ring();
  // A publisher that has slept has others to wake before its next call.
  run_.stop = pass_on_ ? 0 : std::min(lap_.first, released_) + ring.slots();
  const uint64_t used = std::min(Ring::Distance(room_start_, end), ring.slots());
  run_.end = lap_.end | end;
  // Not up to where the words of ends begin anew.
  run_.end_limit = run_.end + std::min({ring.slots() - used, ring.slots() - ring.IndexOf(end),
                                        Ring::Distance(end, UINT64_MAX)});
}

// Reserves `position`, for which room was found, of the lap that `lap_` is of: `end` is the end
// behind the message, `need` the units up to there. False if another was quicker: the word of
// `entry` is not `word` any more.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::Take(uint64_t position,
                                                               Reservation& entry, uint64_t word,
                                                               uint64_t end, uint64_t need) {
  INTERPROCESS_STEP("publisher.has_room");
  holds_.Begin(position);
  INTERPROCESS_STEP("publisher.announced");
  const uint64_t own = lap_.reserved | need;
  if (alone_) {
    // release: as below. Nobody else reserves.
    entry.word.store(own, std::memory_order_release);
  } else if (ABSL_PREDICT_FALSE(!entry.word.compare_exchange_strong(
                 word, own, std::memory_order_acq_rel, std::memory_order_relaxed))) {
    // acq_rel: release, one that sees the position taken sees what we saw; acquire as in the load
    // of `word`.
    return false;
  }
  INTERPROCESS_STEP("publisher.reserved");
  // release: one that reads this end sees what we saw.
  entry.end.store(end, std::memory_order_release);
  INTERPROCESS_STEP("publisher.end_stored");
  return true;
}

// Where the message of `position`, which is ours, goes: into its slot, or if it has `units`, to
// `offset` in the payload.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::Place(uint64_t position, uint64_t units,
                                                                uint64_t offset,
                                                                Reserved* reserved) {
  Slot& slot = memory_.slot(position);
  // Wanted soon, and exclusively: these lines were last a subscriber's. Perhaps behind the ring's
  // end, here and below: a prefetch does not fault.
  platform::PrefetchForWrite(&slot + kSlotsAhead);
  reserved->position = position;
  reserved->slot = &slot;
  if (units == 0) {
    reserved->meta = 0;
    reserved->bytes = slot.bytes;
  } else {
    reserved->meta = kMetaExternal;
    // relaxed: the slot is ours until the commit.
    slot.start.store(offset, std::memory_order_relaxed);
    reserved->bytes = memory_.payload_at(offset);
    platform::PrefetchForWrite(reserved->bytes + kMessagesAhead * units * kUnit);
  }
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::ReserveAtOnce(size_t size,
                                                                        Reserved* reserved) {
  const uint64_t position = position_;
  if (ABSL_PREDICT_FALSE(position >= run_.stop)) return false;
  const uint64_t units = size <= kInlineBytes ? 0 : UnitsFor(size);
  const uint64_t end = run_.end + units;
  Reservation& entry = memory_.reservation(position);
  // acquire: as in ReserveSlot.
  const uint64_t word = entry.word.load(std::memory_order_acquire);
  if (ABSL_PREDICT_FALSE(end > run_.end_limit || word - lap_.before >= lap_.width)) return false;
  // relaxed: as in ReserveSlot.
  if (ABSL_PREDICT_FALSE(memory_.header().line.load(std::memory_order_relaxed) != 0)) return false;
  position_ = position + 1;
  if (ABSL_PREDICT_FALSE(!Take(position, entry, word, end, units))) {
    position_ = position;
    run_.stop = 0;
    return false;
  }
  run_.end = end;
  // Not from `run_.end`: a load behind the compare-and-swap would hold up the copy.
  Place(position, units, memory_.ring().IndexOf(end - units) * kUnit, reserved);
  return true;
}

ABSL_ATTRIBUTE_NOINLINE NativePublisher::Outcome NativePublisher::ReserveSlot(size_t size,
                                                                              Reserved* reserved) {
  const Ring& ring = memory_.ring();
  for (uint64_t lost = 0; ABSL_PREDICT_TRUE(lost < memory_.max_steps()); ++lost) {
    const uint64_t position = position_;
    const uint64_t lap = ring.LapOf(position);
    if (position - lap_.first >= ring.slots()) StartLap(lap);
    Reservation& entry = memory_.reservation(position);
    // acquire: what was done before the position was reserved in the lap before is seen.
    const uint64_t word = entry.word.load(std::memory_order_acquire);
    if (!ring.IsNext(word, lap)) {
      if (!ring.IsTaken(word, lap)) return Damaged(position, "reservation");
      Advance(word, lost);
      continue;
    }
    RoomFound found = FindRoom(position, 0, 0);
    if (found == RoomFound::kDamaged) return Damaged(released_, "claim");
    if (found != RoomFound::kRoom) return Outcome::kFull;
    uint64_t end;
    if (!ReadEndBefore(memory_, position, &end)) {
      // Then ours was reserved as well. acquire: as ours.
      const uint64_t before =
          memory_.reservation(position - 1).word.load(std::memory_order_acquire);
      if (!ring.IsTaken(before, ring.LapOf(position - 1)))
        return Damaged(position - 1, "reservation");
      continue;
    }
    const uint64_t units = size <= kInlineBytes ? 0 : UnitsFor(size);
    const uint64_t need = units == 0 ? 0 : NeedAt(end, units);
    found = FindRoom(position, end, need);
    if (found == RoomFound::kDamaged) return Damaged(released_, "claim");
    if (found == RoomFound::kMoved) continue;
    if (found != RoomFound::kRoom) return Outcome::kFull;
    // relaxed: whose turn it is, which nothing else rests on.
    const uint64_t line = memory_.header().line.load(std::memory_order_relaxed);
    if (line != 0 && !MayPass(line, position, end, need)) return Outcome::kFull;
    const uint64_t behind = Ring::EndOf(end + need);
    if (!Take(position, entry, word, lap_.end | behind, need)) continue;
    position_ = position + 1;
    // From the ring's beginning if it skipped. NeedAt saw to it that it ends inside the ring,
    // whatever `end` was.
    Place(position, units, need == units ? ring.IndexOf(end) * kUnit : 0, reserved);
    StartRun(behind);
    return Outcome::kReserved;
  }
  return Damaged(position_, "reservation");
}

ABSL_ATTRIBUTE_NOINLINE absl::StatusOr<NativePublisher::Reserved> NativePublisher::ReserveSlowly(
    size_t size) {
  Reserved reserved;
  Outcome outcome = ReserveSlot(size, &reserved);
  if (outcome == Outcome::kFull && RecoverWhenFull()) outcome = ReserveSlot(size, &reserved);
  if (outcome == Outcome::kReserved) return reserved;
  // Nothing was taken.
  holds_.End();
  wanted_units_ = size <= kInlineBytes ? 0 : UnitsFor(size);
  if (outcome == Outcome::kFull) return not_now();
  return absl::DataLossError(absl::StrCat("'", attachment_->path(), "' is not a sound queue: the ",
                                          damaged_word_, " word of position ", damaged_position_,
                                          " is none that a participant leaves there"));
}

// Says what the message of `slot` is, which is ours: the last step before a commit of it alone.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::Describe(Slot& slot, size_t size,
                                                                   uint32_t meta) {
  // relaxed: the slot is ours until the commit.
  slot.about.store(Slot::About(size, meta), std::memory_order_relaxed);
  INTERPROCESS_STEP("publisher.written");
}

// `slot` is ours, and described; `ready` is the ReadyWord of its lap.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::CommitSlot(Slot& slot, uint64_t ready) {
  // release: publishes the message.
  slot.word.store(ready, std::memory_order_release);
  INTERPROCESS_STEP("publisher.committed");
}

// After commits, all below `end`; by any thread.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::Count(uint64_t end, uint64_t messages,
                                                                uint64_t bytes) {
  // release: pairs with the constructor. A hint, never believed over a word; now and then, for its
  // line is every publisher's.
  if (messages > 1 || end % kHintStep == 0) {
    memory_.header().tail.store(end, std::memory_order_release);
  }
  // Statistics: two threads that commit at one moment may count one message. An exchange would cost
  // as much as the commit.
  Participant& record = record_;
  platform::AddAsOnlyWriter(record.messages, messages);
  platform::AddAsOnlyWriter(record.bytes, bytes);
}

// Where `message` has its room.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::Send(absl::Span<const uint8_t> message,
                                                               const Reserved& reserved) {
  base::CopyBytes(reserved.bytes, message.data(), message.size());
  Describe(*reserved.slot, message.size(), reserved.meta);
  CommitSlot(*reserved.slot, lap_.ready);
  holds_.End();
  INTERPROCESS_STEP("publisher.let_go");
  Count(position_, 1, message.size());
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::WakeAndEnd() {
  data_.Wake();
  EndCall();
  return absl::OkStatus();
}

absl::Status NativePublisher::EnqueueAndEnd(absl::Span<const uint8_t> message) {
  Reserved reserved;
  // No larger ones: with a call of memcpy in here, small ones would save more registers.
  if (ABSL_PREDICT_FALSE(message.size() > kUnit) ||
      ABSL_PREDICT_FALSE(!ReserveAtOnce(message.size(), &reserved))) {
    return PublisherEngine::EnqueueAndEnd(message);
  }
  Send(message, reserved);
  if (ABSL_PREDICT_FALSE(IsFlagUp(memory_.header().data))) return WakeAndEnd();
  EndCall();
  return absl::OkStatus();
}

absl::Status NativePublisher::TryEnqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(message.size() > max_message_size_)) return TooLarge(message.size());
  Reserved reserved;
  if (!ReserveAtOnce(message.size(), &reserved)) {
    // Not by abseil's macro, here and below: it would copy the text of not_now().
    const absl::StatusOr<Reserved> slowly = ReserveSlowly(message.size());
    if (!slowly.ok()) return slowly.status();
    reserved = *slowly;
  }
  Send(message, reserved);
  data_.Notify();
  if (ABSL_PREDICT_FALSE(pass_on_)) PassOn();
  return absl::OkStatus();
}

absl::StatusOr<size_t> NativePublisher::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  for (absl::Span<const uint8_t> message : messages) {
    if (message.size() > max_message_size_) return TooLarge(message.size());
  }
  absl::Status status;
  uint64_t bytes = 0;
  size_t done = 0;
  Reserved reserved;
  for (; done < messages.size(); ++done) {
    const absl::Span<const uint8_t> message = messages[done];
    if (ABSL_PREDICT_FALSE(!ReserveAtOnce(message.size(), &reserved))) {
      absl::StatusOr<Reserved> slowly = ReserveSlowly(message.size());
      if (!slowly.ok()) {
        status = slowly.status();
        break;
      }
      reserved = *slowly;
    }
    base::CopyBytes(reserved.bytes, message.data(), message.size());
    // relaxed: as in Describe. A step of its own: those before it in the batch are committed.
    reserved.slot->about.store(Slot::About(message.size(), reserved.meta),
                               std::memory_order_relaxed);
    INTERPROCESS_STEP("publisher.batch_written");
    CommitSlot(*reserved.slot, lap_.ready);
    bytes += message.size();
  }
  if (done > 0) {
    holds_.End();
    INTERPROCESS_STEP("publisher.batch_committed");
    Count(position_, done, bytes);
    data_.Notify();
    if (ABSL_PREDICT_FALSE(pass_on_)) PassOn();
  }
  if (status.ok() || absl::IsResourceExhausted(status)) return done;
  return status;
}

absl::StatusOr<PublisherEngine::Room> NativePublisher::TryReserve(size_t size) {
  if (size > max_message_size_) return TooLarge(size);
  Reserved reserved;
  if (!ReserveAtOnce(size, &reserved)) {
    const absl::StatusOr<Reserved> slowly = ReserveSlowly(size);
    if (!slowly.ok()) return slowly.status();
    reserved = *slowly;
  }
  // relaxed: the slot is ours.
  reserved.slot->about.store(Slot::About(0, reserved.meta), std::memory_order_relaxed);
  holds_.Keep(reserved.position);
  if (ABSL_PREDICT_FALSE(pass_on_)) PassOn();
  return Room{reserved.position, absl::MakeSpan(reserved.bytes, size)};
}

bool NativePublisher::IsOwn(uint64_t position) const {
  const Ring& ring = memory_.ring();
  const uint64_t lap = ring.LapOf(position);
  // relaxed: of our own words none is out of date.
  const uint64_t word = memory_.reservation(position).word.load(std::memory_order_relaxed);
  return ring.IsReserved(word, lap) && ring.ReserverOf(word) == id_ &&
         !Ring::IsCommitted(memory_.slot(position).word.load(std::memory_order_relaxed), lap);
}

absl::Status NativePublisher::Commit(uint64_t position, size_t size) {
  Slot& slot = memory_.slot(position);
  // relaxed: the slot is ours.
  const uint64_t about = slot.about.load(std::memory_order_relaxed);
  Describe(slot, size, Slot::MetaOf(about));
  CommitSlot(slot, Ring::ReadyWord(memory_.ring().LapOf(position)));
  holds_.Drop([this](uint64_t other) { return IsOwn(other); });
  Count(position + 1, 1, size);
  data_.Notify();
  return absl::OkStatus();
}

void NativePublisher::Abort(uint64_t position) {
  // release: the next owner of the slot comes after what we did there.
  memory_.slot(position).word.store(Ring::VoidWord(memory_.ring().LapOf(position)),
                                    std::memory_order_release);
  INTERPROCESS_STEP("publisher.voided");
  // A subscriber may have been quicker.
  SkipVoid(memory_, position);
  INTERPROCESS_STEP("publisher.aborted");
  holds_.Drop([this](uint64_t other) { return IsOwn(other); });
  WakeSome(memory_.header().front, attachment_->environment());
  WakeSome(memory_.header().space, attachment_->environment());
  data_.Notify();
}

}  // namespace interprocess::native
