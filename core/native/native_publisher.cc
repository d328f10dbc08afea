// SPDX-License-Identifier: MIT

#include "core/native/native_publisher.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "core/base/copy_bytes.h"
#include "core/base/step.h"
#include "core/platform/process.h"

namespace interprocess::native {
namespace {

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
  last_end_ = kUnknownEnd;
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

// Reserves `position`, for which room was found, of the lap that `lap_` is of. False if another was
// quicker: the word of `entry` is not `word` any more.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::Take(uint64_t position,
                                                               Reservation& entry, uint64_t word,
                                                               uint64_t end, uint64_t need,
                                                               size_t size, Reserved* reserved) {
  Slot& slot = memory_.slot(position);
  INTERPROCESS_STEP("publisher.has_room");
  holds_.Begin(position);
  INTERPROCESS_STEP("publisher.announced");
  const uint64_t own = lap_.reserved | need;
  if (ABSL_PREDICT_FALSE(alone_)) {
    // release: as below. Nobody else reserves.
    entry.word.store(own, std::memory_order_release);
  } else if (ABSL_PREDICT_FALSE(!entry.word.compare_exchange_strong(
                 word, own, std::memory_order_acq_rel, std::memory_order_relaxed))) {
    // acq_rel: release, whoever sees the position taken sees what we saw; acquire as in the load of
    // `word`.
    return false;
  }
  INTERPROCESS_STEP("publisher.reserved");
  last_end_ = Ring::EndOf(end + need);
  // release: who reads this end sees what we saw.
  entry.end.store(lap_.end | last_end_, std::memory_order_release);
  INTERPROCESS_STEP("publisher.end_stored");
  position_ = position + 1;
  // Wanted soon, and exclusively: these lines were last a subscriber's. Perhaps behind the ring's
  // end, here and below: a prefetch does not fault.
  platform::PrefetchForWrite(&slot + kSlotsAhead);
  reserved->position = position;
  reserved->slot = &slot;
  if (size <= kInlineBytes) {
    reserved->meta = 0;
    reserved->bytes = slot.bytes;
  } else {
    const uint64_t units = UnitsFor(size);
    // From the ring's beginning if it skipped. NeedAt saw to it that it ends inside the ring,
    // whatever `end` was.
    const uint64_t offset = need == units ? memory_.ring().IndexOf(end) * kUnit : 0;
    reserved->meta = kMetaExternal;
    // relaxed: the slot is ours until the commit.
    slot.start.store(offset, std::memory_order_relaxed);
    reserved->bytes = memory_.payload_at(offset);
    platform::PrefetchForWrite(reserved->bytes + kMessagesAhead * units * kUnit);
  }
  return true;
}

ABSL_ATTRIBUTE_NOINLINE bool NativePublisher::FindRoom(uint64_t position, uint64_t end,
                                                       uint64_t need) {
  if (position - released_ >= memory_.ring().slots() && FindSlot(position) != RoomFound::kRoom) {
    return false;
  }
  return need == 0 || HasPayload(end, need) || FindPayload(position, end, need) == RoomFound::kRoom;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativePublisher::ReserveAtOnce(size_t size,
                                                                        Reserved* reserved) {
  const uint64_t slots = memory_.ring().slots();
  const uint64_t position = position_;
  const uint64_t end = last_end_;
  Reservation& entry = memory_.reservation(position);
  // acquire: as in ReserveSlot.
  const uint64_t word = entry.word.load(std::memory_order_acquire);
  if (ABSL_PREDICT_FALSE(position - lap_.first >= slots || word - lap_.before >= lap_.width ||
                         end == kUnknownEnd)) {
    return false;
  }
  const uint64_t need = size <= kInlineBytes ? 0 : NeedAt(end, UnitsFor(size));
  if (ABSL_PREDICT_FALSE(position - released_ >= slots || (need > 0 && !HasPayload(end, need))) &&
      !FindRoom(position, end, need)) {
    return false;
  }
  // relaxed: as in ReserveSlot.
  if (ABSL_PREDICT_FALSE(memory_.header().line.load(std::memory_order_relaxed) != 0)) return false;
  return ABSL_PREDICT_TRUE(Take(position, entry, word, end, need, size, reserved));
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
    if (position - released_ >= ring.slots()) {
      const RoomFound found = FindSlot(position);
      if (found == RoomFound::kDamaged) return Damaged(released_, "claim");
      if (found != RoomFound::kRoom) return Outcome::kFull;
    }
    uint64_t end = last_end_;
    if (end == kUnknownEnd && !ReadEndBefore(memory_, position, &end)) {
      // Then ours was reserved as well. acquire: as ours.
      const uint64_t before =
          memory_.reservation(position - 1).word.load(std::memory_order_acquire);
      if (!ring.IsTaken(before, ring.LapOf(position - 1)))
        return Damaged(position - 1, "reservation");
      continue;
    }
    uint64_t need = 0;
    if (size > kInlineBytes) {
      need = NeedAt(end, UnitsFor(size));
      if (!HasPayload(end, need)) {
        const RoomFound found = FindPayload(position, end, need);
        if (found == RoomFound::kDamaged) return Damaged(released_, "claim");
        if (found == RoomFound::kMoved) continue;
        if (found != RoomFound::kRoom) return Outcome::kFull;
      }
    }
    // relaxed: whose turn it is, which nothing else rests on.
    const uint64_t line = memory_.header().line.load(std::memory_order_relaxed);
    if (line != 0 && !MayPass(line, position, end, need)) return Outcome::kFull;
    if (Take(position, entry, word, end, need, size, reserved)) return Outcome::kReserved;
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

// After commits, of which `position` is the last; by any thread.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativePublisher::Count(uint64_t position,
                                                                uint64_t messages, uint64_t bytes) {
  data_.Notify();
  // release: pairs with the constructor. A hint, never believed over a word; now and then, for its
  // line is every publisher's.
  if (messages > 1 || position % kHintStep == 0) {
    memory_.header().tail.store(position + 1, std::memory_order_release);
  }
  Add(record_.messages, messages);
  Add(record_.bytes, bytes);
}

absl::Status NativePublisher::TryEnqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(message.size() > max_message_size_)) return TooLarge(message.size());
  Reserved reserved;
  if (ABSL_PREDICT_FALSE(!ReserveAtOnce(message.size(), &reserved))) {
    // Not by abseil's macro, here and below: it would copy the text of not_now().
    const absl::StatusOr<Reserved> slowly = ReserveSlowly(message.size());
    if (!slowly.ok()) return slowly.status();
    reserved = *slowly;
  }
  base::CopyBytes(reserved.bytes, message.data(), message.size());
  Describe(*reserved.slot, message.size(), reserved.meta);
  CommitSlot(*reserved.slot, lap_.ready);
  holds_.End();
  INTERPROCESS_STEP("publisher.let_go");
  Count(reserved.position, 1, message.size());
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
    Count(reserved.position, done, bytes);
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
  Count(position, 1, size);
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
