// SPDX-License-Identifier: MIT

#include "core/native/native_subscriber.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/base/prefetch.h"
#include "absl/strings/str_cat.h"
#include "core/base/copy_bytes.h"
#include "core/base/step.h"
#include "core/native/returns.h"
#include "core/platform/cpu.h"

namespace interprocess::native {
namespace {

// Reservations that a subscriber passes by without taking memory in a call.
constexpr size_t kPassedAtFirst = 256;
// How often in a row another may be quicker until the hint is looked at.
constexpr int kQuickTries = 4;
// How often a poller that finds nothing looks at the reservation, for the publishers' sake, whose
// line it takes.
constexpr int64_t kReservationLookNanos = 20'000;

}  // namespace

NativeSubscriber::NativeSubscriber(std::unique_ptr<Attachment> attachment)
    : attachment_(std::move(attachment)),
      memory_(attachment_->memory()),
      record_(attachment_->record()),
      id_(attachment_->id()),
      alone_(memory_.one_subscriber()),
      holds_(record_),
      recovery_(memory_, attachment_->environment(), id_),
      space_(memory_.header().space, attachment_->environment()),
      front_(memory_.header().front, attachment_->environment()),
      sleeper_(memory_.header(), memory_.header().data, attachment_->environment()),
      // acquire: pairs with the store of the hint, before which everything below it was claimed.
      position_(memory_.header().head.load(std::memory_order_acquire)) {
  lap_ = LapOf(position_);
  clock_position_ = position_ + 1;
  passed_.reserve(kPassedAtFirst);
}

NativeSubscriber::Lap NativeSubscriber::LapOf(uint64_t position) const {
  const uint64_t lap = memory_.ring().LapOf(position);
  return {memory_.ring().PositionOf(lap, 0), Ring::ReadyWord(lap), Ring::FreeWord(lap),
          Ring::ClaimedWord(id_, lap), Ring::DoneWord(lap)};
}

// After a call that has taken a message the long way: the next ones may be shorter.
ABSL_ATTRIBUTE_NOINLINE void NativeSubscriber::StartRun() {
  if (pass_on_) PassOn();
  if (!passed_.empty()) return;
  if (position_ - lap_.first >= memory_.ring().slots()) lap_ = LapOf(position_);
  run_stop_ = std::min(lap_.first + memory_.ring().slots(), clock_position_);
}

ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::Damaged(uint64_t position,
                                                                            const char* word) {
  damaged_position_ = position;
  damaged_word_ = word;
  return Outcome::kDamaged;
}

// Claims `position`, of which `claim` is the word, if that is `*seen`. False if it is not: `*seen`
// is its word.
template <bool kAlone>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativeSubscriber::Take(uint64_t position,
                                                                std::atomic<uint64_t>& claim,
                                                                uint64_t claimed, uint64_t* seen) {
  INTERPROCESS_STEP("subscriber.seen_ready");
  holds_.Begin(position);
  INTERPROCESS_STEP("subscriber.announced");
  uint64_t word = *seen;
  if constexpr (kAlone) {
    // acquire, release: as below. Nobody else claims; of the dead, others may put back.
    word = claim.load(std::memory_order_acquire);
    if (ABSL_PREDICT_TRUE(word == *seen)) {
      claim.store(claimed, std::memory_order_release);
      return true;
    }
  } else if (ABSL_PREDICT_TRUE(claim.compare_exchange_strong(
                 word, claimed, std::memory_order_acq_rel, std::memory_order_acquire))) {
    // acq_rel: acquire, the one that had it before has written its marks; release, one that sees
    // the claim sees what we saw.
    return true;
  }
  *seen = word;
  return false;
}

// What `slot`, which is ours, holds. False if its length is none that a participant leaves there.
template <bool kSmall>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativeSubscriber::Fill(Slot& slot, uint64_t about,
                                                                Claimed* claimed) {
  INTERPROCESS_STEP("subscriber.claimed");
  const uint32_t size = Slot::LengthOf(about);
  claimed->size = size;
  if constexpr (!kSmall) claimed->meta = Slot::MetaOf(about);
  if ((about & Slot::About(0, kMetaExternal)) == 0) {
    claimed->bytes = slot.bytes;
    return ABSL_PREDICT_TRUE(size <= kInlineBytes);
  }
  // Not before the claim: where `start` lies, the next publisher may be writing a message. relaxed:
  // the slot is ours.
  const uint64_t start = slot.start.load(std::memory_order_relaxed);
  // A unit lies in the payload where a smaller message does.
  if (ABSL_PREDICT_FALSE(kSmall ? start > memory_.payload_bytes() - kUnit
                                : !memory_.IsPayload(start, size))) {
    return false;
  }
  claimed->bytes = memory_.payload_at(start);
  // Perhaps behind the ring's end: a prefetch does not fault.
  next_bytes_ = claimed->bytes + (kSmall ? kUnit : (size + kUnit - 1) / kUnit * kUnit);
  return true;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimSlot(uint64_t position, size_t max_size,
                                                      Claimed* claimed) {
  Slot& slot = memory_.slot(position);
  // Read before the claim, so that a message that does not fit stays untouched. It is this
  // message's if the claim succeeds: until a claim is done nobody writes here. relaxed: ordered by
  // the acquire load of the word before.
  uint64_t about = slot.about.load(std::memory_order_relaxed);
  if (Slot::LengthOf(about) > max_size) return TooLarge(position, about, claimed);
  std::atomic<uint64_t>& claim = memory_.claim(position).word;
  const Lap lap = LapOf(position);
  uint64_t seen = lap.free;
  if (!(alone_ ? Take<true>(position, claim, lap.claimed, &seen)
               : Take<false>(position, claim, lap.claimed, &seen))) {
    const Outcome outcome = ClaimAfter(position, seen);
    if (outcome != Outcome::kClaimed) return outcome;
    // With the marks of the one that had it. relaxed: the slot is ours.
    about = slot.about.load(std::memory_order_relaxed);
  }
  claimed->position = position;
  claimed->claim = &claim;
  claimed->done = lap.done;
  if (!Fill<false>(slot, about, claimed)) {
    // As it was, for one that comes to mend it. release: as any word that gives a slot up.
    claim.store(seen, std::memory_order_release);
    holds_.End();
    return Damaged(position, "length");
  }
  return Outcome::kClaimed;
}

template <bool kAlone, bool kSmall>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool NativeSubscriber::ClaimAtOnce(size_t max_size,
                                                                       Claimed* claimed) {
  // Where the next message lies if it follows the last one: on its way while the word is.
  absl::PrefetchToLocalCache(next_bytes_);
  const uint64_t position = position_;
  Slot& slot = memory_.slot(position);
  std::atomic<uint64_t>& claim = memory_.claim(position).word;
  // acquire: as in ClaimAtOwnPosition.
  if (ABSL_PREDICT_FALSE(position >= run_stop_ ||
                         slot.word.load(std::memory_order_acquire) != lap_.ready)) {
    return false;
  }
  // relaxed: as in ClaimSlot.
  const uint64_t about = slot.about.load(std::memory_order_relaxed);
  if (ABSL_PREDICT_FALSE(Slot::LengthOf(about) > max_size)) return false;
  if (kSmall && ABSL_PREDICT_FALSE(Slot::LengthOf(about) > kUnit)) return false;
  // relaxed: a line that hardly ever changes, looked at properly when it has.
  if (ABSL_PREDICT_FALSE(memory_.header().returns.load(std::memory_order_relaxed) !=
                         returns_seen_)) {
    return false;
  }
  uint64_t seen = lap_.free;
  if (!Take<kAlone>(position, claim, lap_.claimed, &seen)) {
    holds_.End();
    // Others were here. What was put back, and damage, is for ClaimNext.
    if (Ring::IsClaimedOrDone(seen, lap_.free)) position_ = position + 1;
    return false;
  }
  claimed->position = position;
  claimed->claim = &claim;
  claimed->done = lap_.done;
  if (ABSL_PREDICT_FALSE(!Fill<kSmall>(slot, about, claimed))) {
    // ClaimNext finds the same. release: as in ClaimSlot.
    claim.store(lap_.free, std::memory_order_release);
    holds_.End();
    return false;
  }
  position_ = position + 1;
  TellHead(position + 1);
  return true;
}

// At once, or else slowly.
ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::ClaimDue(size_t max_size,
                                                                             Claimed* claimed) {
  if (alone_ ? ClaimAtOnce<true, false>(max_size, claimed)
             : ClaimAtOnce<false, false>(max_size, claimed)) {
    return Outcome::kClaimed;
  }
  return ClaimNext(max_size, claimed);
}

ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::ClaimNext(size_t max_size,
                                                                              Claimed* claimed) {
  if (position_ >= --clock_position_) LookNowAndThen();
  const Ring& ring = memory_.ring();
  // relaxed: as in ClaimAtOnce.
  if (memory_.header().returns.load(std::memory_order_relaxed) == returns_seen_ &&
      passed_.empty()) {
    for (int lost = 0; lost < kQuickTries; ++lost) {
      const uint64_t position = position_;
      const uint64_t lap = ring.LapOf(position);
      // acquire: as in ClaimAtOwnPosition.
      const uint64_t word = memory_.slot(position).word.load(std::memory_order_acquire);
      if (word == Ring::ReadyWord(lap)) {
        Outcome outcome = ClaimSlot(position, max_size, claimed);
        if (outcome != Outcome::kClaimed && outcome != Outcome::kTaken) return outcome;
        position_ = position + 1;
        if (outcome == Outcome::kTaken) continue;
        TellHead();
        return outcome;
      }
      if (!Ring::IsCommitted(word, lap) &&
          platform::Ticks() - looked_at_ < platform::TicksOf(kReservationLookNanos)) {
        CountEmpty();
        return Outcome::kNone;
      }
      break;
    }
  }
  return ClaimNextSlowly(max_size, claimed);
}

inline void NativeSubscriber::Count(const Claimed& claimed) {
  messages_ += 1;
  bytes_ += claimed.size;
  if (ABSL_PREDICT_FALSE((claimed.meta & kMetaRedelivered) != 0)) ++redelivered_;
}

ABSL_ATTRIBUTE_NOINLINE absl::Status NativeSubscriber::StatusOf(Outcome outcome,
                                                                const Claimed& claimed) const {
  switch (outcome) {
    case Outcome::kClaimed:
      return absl::OkStatus();
    case Outcome::kTooLarge:
      return absl::OutOfRangeError(
          absl::StrCat("the next message has ", claimed.size, " bytes, the buffer fewer"));
    case Outcome::kDamaged:
      return absl::DataLossError(absl::StrCat(
          "'", attachment_->path(), "' is not a sound queue: the ", damaged_word_,
          " word of position ", damaged_position_, " is none that a participant leaves there"));
    default:
      return not_now();
  }
}

// What was claimed, to `to`.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void NativeSubscriber::Receive(const Claimed& claimed,
                                                                   const uint64_t& done,
                                                                   uint8_t* to) {
  base::CopyBytes(to, claimed.bytes, claimed.size);
  Release(*claimed.claim, done);
  holds_.End();
  INTERPROCESS_STEP("subscriber.let_go");
}

ABSL_ATTRIBUTE_NOINLINE int64_t NativeSubscriber::WakeAfterTake(size_t size) {
  NotifySpace();
  return static_cast<int64_t>(size);
}

ABSL_ATTRIBUTE_NOINLINE int64_t NativeSubscriber::TakeAfterAll(absl::Span<uint8_t> buffer,
                                                               MessageInfo* info) {
  if (position_ >= run_stop_) return RunGoesOn() ? DequeueAtOnce(buffer, info) : -1;
  // relaxed: ClaimAtOnce looks again.
  if (memory_.slot(position_).word.load(std::memory_order_relaxed) != lap_.ready) return -1;
  // With a call of memcpy, for which small ones would save more registers.
  Claimed claimed;
  if (!(alone_ ? ClaimAtOnce<true, false>(buffer.size(), &claimed)
               : ClaimAtOnce<false, false>(buffer.size(), &claimed))) {
    return -1;
  }
  if (info != nullptr) *info = claimed.info();
  Receive(claimed, claimed.done, buffer.data());
  NotifySpace();
  Count(claimed);
  return static_cast<int64_t>(claimed.size);
}

template <bool kAlone>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int64_t NativeSubscriber::TakeAtOnce(absl::Span<uint8_t> buffer,
                                                                         MessageInfo* info) {
  Claimed claimed;
  // No larger ones: with a call of memcpy in here, small ones would save more registers.
  if (ABSL_PREDICT_FALSE((!ClaimAtOnce<kAlone, true>(buffer.size(), &claimed)))) {
    return TakeAfterAll(buffer, info);
  }
  if (info != nullptr) {
    // relaxed: the slot is ours.
    claimed.meta =
        Slot::MetaOf(memory_.slot(claimed.position).about.load(std::memory_order_relaxed));
    *info = claimed.info();
  }
  ABSL_ASSUME(claimed.size <= kUnit);
  Receive(claimed, lap_.done, buffer.data());
  // It was not put back, so it is not redelivered.
  messages_ += 1;
  bytes_ += claimed.size;
  if (ABSL_PREDICT_FALSE(IsFlagUp(memory_.header().front, memory_.header().space))) {
    return WakeAfterTake(claimed.size);
  }
  return static_cast<int64_t>(claimed.size);
}

int64_t NativeSubscriber::DequeueAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info) {
  return TakeAtOnce<false>(buffer, info);
}

int64_t ExclusiveSubscriber::DequeueAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info) {
  return TakeAtOnce<true>(buffer, info);
}

absl::StatusOr<size_t> NativeSubscriber::TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) {
  Claimed claimed;
  const Outcome outcome = ClaimDue(buffer.size(), &claimed);
  if (outcome != Outcome::kClaimed) {
    if (info != nullptr && outcome == Outcome::kTooLarge) *info = claimed.info();
    return StatusOf(outcome, claimed);
  }
  if (info != nullptr) *info = claimed.info();
  Receive(claimed, claimed.done, buffer.data());
  NotifySpace();
  Count(claimed);
  if (position_ >= run_stop_) StartRun();
  return claimed.size;
}

absl::StatusOr<size_t> NativeSubscriber::TryDequeueBatch(size_t max, Handler handle,
                                                         const std::atomic<bool>& closed) {
  size_t done = 0;
  Claimed claimed;
  Outcome outcome = Outcome::kNone;
  for (; done < max; ++done) {
    const bool at_once = alone_ ? ClaimAtOnce<true, false>(SIZE_MAX, &claimed)
                                : ClaimAtOnce<false, false>(SIZE_MAX, &claimed);
    if (ABSL_PREDICT_FALSE(!at_once)) {
      outcome = ClaimNext(memory_.max_message_size(), &claimed);
      if (outcome != Outcome::kClaimed) break;
    }
    if (ABSL_PREDICT_FALSE(position_ >= run_stop_)) StartRun();
    // Taken off the queue when the handler returns, or given back if it throws.
    struct Undo {
      NativeSubscriber* self;
      uint64_t position;
      ~Undo() {
        if (self == nullptr) return;
        self->PutBack(position);
        self->holds_.End();
      }
    } undo{this, claimed.position};
    handle(claimed.view());
    undo.self = nullptr;
    Release(*claimed.claim, claimed.done);
    holds_.End();
    NotifySpace();
    Count(claimed);
    // relaxed: the handler itself may have set it.
    if (closed.load(std::memory_order_relaxed)) return done + 1;
  }
  if (done > 0 || max == 0) return done;
  return StatusOf(outcome, claimed);
}

absl::StatusOr<SubscriberEngine::Claim> NativeSubscriber::TryBorrow() {
  Claimed claimed;
  const Outcome outcome = ClaimDue(memory_.max_message_size(), &claimed);
  if (outcome != Outcome::kClaimed) return StatusOf(outcome, claimed);
  holds_.Keep(claimed.position);
  Count(claimed);
  if (position_ >= run_stop_) StartRun();
  return Claim{claimed.position, claimed.view()};
}

}  // namespace interprocess::native
