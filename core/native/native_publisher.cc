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

// Reserves `position`, for which room was found, of the lap that `lap_` is of: `end` is the end
// behind the message, `need` the units up to there. False if another was quicker: the word of
// `entry` is not `word` any more.
template <bool kAlone>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::Take(uint64_t position,
                                                               Reservation& entry, uint64_t word,
                                                               uint64_t end, uint64_t need) {
  INTERPROCESS_STEP("publisher.has_room");
  holds_.Begin(position);
  INTERPROCESS_STEP("publisher.announced");
  const uint64_t own = lap_.reserved | need;
  if constexpr (kAlone) {
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

template <bool kAlone>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::ReserveAtOnce(size_t size, Next* next,
                                                                        Reserved* reserved) {
  const uint64_t position = next->position;
  if (ABSL_PREDICT_FALSE(position >= run_.stop)) return false;
  const uint64_t units = size <= kInlineBytes ? 0 : UnitsFor(size);
  const uint64_t end = next->end + units;
  Reservation& entry = memory_.reservation(position);
  // acquire: as in ReserveSlot.
  const uint64_t word = entry.word.load(std::memory_order_acquire);
  if (ABSL_PREDICT_FALSE(end > run_.end_limit || word - lap_.before >= lap_.width)) return false;
  // relaxed: as in ReserveSlot. Nobody is in line before the only publisher.
  if (!kAlone && ABSL_PREDICT_FALSE(memory_.header().line.load(std::memory_order_relaxed) != 0)) {
    return false;
  }
  if (ABSL_PREDICT_FALSE(!Take<kAlone>(position, entry, word, end, units))) {
    run_.stop = 0;
    return false;
  }
  next->position = position + 1;
  next->end = end;
  // Not from `next->end`: a load behind the compare-and-swap would hold up the copy.
  Place(position, units, memory_.ring().IndexOf(end - units) * kUnit, reserved);
  return true;
}

// At once, or else slowly.
ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::Reserve(size_t size, Reserved* reserved) {
  Next next{position_, run_.end};
  if (!(alone_ ? ReserveAtOnce<true>(size, &next, reserved)
               : ReserveAtOnce<false>(size, &next, reserved))) {
    return ReserveSlowly(size, reserved);
  }
  position_ = next.position;
  run_.end = next.end;
  return absl::OkStatus();
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
      if (!ring.IsTaken(before, ring.LapOf(position - 1))) {
        return Damaged(position - 1, "reservation");
      }
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
    const uint64_t own_end = lap_.end | behind;
    if (!(alone_ ? Take<true>(position, entry, word, own_end, need)
                 : Take<false>(position, entry, word, own_end, need))) {
      continue;
    }
    position_ = position + 1;
    // From the ring's beginning if it skipped. NeedAt saw to it that it ends inside the ring,
    // whatever `end` was.
    Place(position, units, need == units ? ring.IndexOf(end) * kUnit : 0, reserved);
    StartRun(behind);
    return Outcome::kReserved;
  }
  return Damaged(position_, "reservation");
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::ReserveSlowly(size_t size,
                                                                    Reserved* reserved) {
  Outcome outcome = ReserveSlot(size, reserved);
  if (outcome == Outcome::kFull && RecoverWhenFull()) outcome = ReserveSlot(size, reserved);
  if (outcome == Outcome::kReserved) return absl::OkStatus();
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
  Count(reserved.position + 1, 1, message.size());
}

ABSL_ATTRIBUTE_NOINLINE bool NativePublisher::WakeAfterSend() {
  data_.Wake();
  return true;
}

// With a call of memcpy, for which small ones would save more registers.
ABSL_ATTRIBUTE_NOINLINE bool NativePublisher::SendLargeAtOnce(absl::Span<const uint8_t> message) {
  if (message.size() > max_message_size_) return false;
  Reserved reserved;
  Next next{position_, run_.end};
  if (!(alone_ ? ReserveAtOnce<true>(message.size(), &next, &reserved)
               : ReserveAtOnce<false>(message.size(), &next, &reserved))) {
    return false;
  }
  position_ = next.position;
  run_.end = next.end;
  Send(message, reserved);
  data_.Notify();
  return true;
}

template <bool kAlone>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::SendAtOnce(
    absl::Span<const uint8_t> message) {
  Reserved reserved;
  Next next{position_, run_.end};
  if (ABSL_PREDICT_FALSE(message.size() > kUnit)) return SendLargeAtOnce(message);
  if (ABSL_PREDICT_FALSE(!ReserveAtOnce<kAlone>(message.size(), &next, &reserved))) return false;
  position_ = next.position;
  run_.end = next.end;
  Send(message, reserved);
  if (ABSL_PREDICT_FALSE(IsFlagUp(memory_.header().data))) return WakeAfterSend();
  return true;
}

bool NativePublisher::EnqueueAtOnce(absl::Span<const uint8_t> message) {
  return SendAtOnce<false>(message);
}

bool ExclusivePublisher::EnqueueAtOnce(absl::Span<const uint8_t> message) {
  return SendAtOnce<true>(message);
}

absl::Status NativePublisher::TryEnqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(message.size() > max_message_size_)) return TooLarge(message.size());
  Reserved reserved;
  // Not by abseil's macro, here and below: it would copy the text of not_now().
  if (absl::Status status = Reserve(message.size(), &reserved); !status.ok()) return status;
  Send(message, reserved);
  data_.Notify();
  if (ABSL_PREDICT_FALSE(pass_on_)) PassOn();
  return absl::OkStatus();
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::SendInBatch(
    absl::Span<const uint8_t> message, const Reserved& reserved) {
  base::CopyBytes(reserved.bytes, message.data(), message.size());
  // relaxed: as in Describe. A step of its own: those before it in the batch are committed.
  reserved.slot->about.store(Slot::About(message.size(), reserved.meta), std::memory_order_relaxed);
  INTERPROCESS_STEP("publisher.batch_written");
  CommitSlot(*reserved.slot, lap_.ready);
}

// As many of `messages` as `run_` goes on for; how many. Each is reserved by a step of its own, for
// a word names one position; what else a call does is done once for all.
template <bool kAlone>
ABSL_ATTRIBUTE_NOINLINE size_t
NativePublisher::SendRun(absl::Span<const absl::Span<const uint8_t>> messages, uint64_t* bytes) {
  Next next{position_, run_.end};
  Reserved reserved;
  size_t sent = 0;
  for (; sent < messages.size(); ++sent) {
    const absl::Span<const uint8_t> message = messages[sent];
    if (ABSL_PREDICT_FALSE(!ReserveAtOnce<kAlone>(message.size(), &next, &reserved))) break;
    SendInBatch(message, reserved);
    *bytes += message.size();
  }
  position_ = next.position;
  run_.end = next.end;
  return sent;
}

absl::StatusOr<size_t> NativePublisher::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  for (absl::Span<const uint8_t> message : messages) {
    if (message.size() > max_message_size_) return TooLarge(message.size());
  }
  absl::Status status;
  uint64_t bytes = 0;
  size_t done = 0;
  while (done < messages.size()) {
    const auto rest = messages.subspan(done);
    if (const size_t sent = alone_ ? SendRun<true>(rest, &bytes) : SendRun<false>(rest, &bytes);
        sent > 0) {
      done += sent;
      continue;
    }
    Reserved reserved;
    status = ReserveSlowly(messages[done].size(), &reserved);
    if (!status.ok()) break;
    SendInBatch(messages[done], reserved);
    bytes += messages[done].size();
    ++done;
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
  if (absl::Status status = Reserve(size, &reserved); !status.ok()) return status;
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
