// SPDX-License-Identifier: MIT

// What a subscriber does where the next message is not simply READY at its own position:
// reservations that hold it up, which it passes by, others that are ahead of it, their dead owners.

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "core/base/step.h"
#include "core/native/native_subscriber.h"
#include "core/platform/cpu.h"

namespace interprocess::native {
namespace {

// The steps that are taken one by one before the shared hint is looked at.
constexpr uint64_t kStepsBeforeHint = 8;

}  // namespace

ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::TooLarge(uint64_t position,
                                                                             uint64_t about,
                                                                             Claimed* claimed) {
  const uint64_t lap = memory_.ring().LapOf(position);
  // acquire: after the load of `about`. Claimed or of another lap by now: what was read means
  // nothing, or nothing any more.
  std::atomic_thread_fence(std::memory_order_acquire);
  const uint64_t claim = memory_.claim(position).word.load(std::memory_order_acquire);
  if (claim != Ring::FreeWord(lap) && claim != Ring::ReturnedWord(lap)) return Outcome::kTaken;
  claimed->position = position;
  claimed->size = Slot::LengthOf(about);
  // For the caller to know; one that claims it may change it meanwhile.
  claimed->meta = Slot::MetaOf(about);
  return claimed->size <= memory_.max_message_size() ? Outcome::kTooLarge
                                                     : Damaged(position, "length");
}

// After a claim failed, for its word was `claim`.
ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::ClaimAfter(uint64_t position,
                                                                               uint64_t claim) {
  const uint64_t lap = memory_.ring().LapOf(position);
  // What was put back is claimed as what was never claimed. acq_rel: as in ClaimSlot.
  if (claim == Ring::ReturnedWord(lap)) {
    if (alone_) {
      memory_.claim(position).word.store(Ring::ClaimedWord(id_, lap), std::memory_order_release);
      return Outcome::kClaimed;
    }
    if (memory_.claim(position).word.compare_exchange_strong(claim, Ring::ClaimedWord(id_, lap),
                                                             std::memory_order_acq_rel,
                                                             std::memory_order_acquire)) {
      return Outcome::kClaimed;
    }
  }
  holds_.End();
  if (Ring::IsDone(claim, lap) || Ring::IsClaimOf(claim, lap)) return Outcome::kTaken;
  return Damaged(position, "claim");
}

NativeSubscriber::Outcome NativeSubscriber::ClaimReady(uint64_t position, size_t max_size,
                                                       Claimed* claimed) {
  // What was passed by before it may have been committed before it, by the same publisher: it goes
  // first. Looked at after `position` was seen READY.
  if (ABSL_PREDICT_FALSE(!passed_.empty())) {
    Outcome outcome = ClaimPassed(position, max_size, claimed);
    if (outcome != Outcome::kNone) return outcome;
  }
  return ClaimSlot(position, max_size, claimed);
}

NativeSubscriber::Outcome NativeSubscriber::ClaimPassed(uint64_t below, size_t max_size,
                                                        Claimed* claimed) {
  const Ring& ring = memory_.ring();
  // Claimed, resolved or lapped since: no longer ours to look for. acquire, here and below: a READY
  // that is seen is followed by looks at all before it.
  passed_.erase(std::remove_if(passed_.begin(), passed_.end(),
                               [&](uint64_t position) {
                                 const uint64_t lap = ring.LapOf(position);
                                 const uint64_t word =
                                     memory_.slot(position).word.load(std::memory_order_acquire);
                                 if (!Ring::IsCommitted(word, lap)) return false;
                                 if (word == Ring::VoidWord(lap)) {
                                   if (SkipVoid(memory_, position)) NotifySpace();
                                   return true;
                                 }
                                 // What was put back is found as that.
                                 return word != Ring::ReadyWord(lap) ||
                                        memory_.claim(position).word.load(
                                            std::memory_order_acquire) != Ring::FreeWord(lap);
                               }),
                passed_.end());
  // The lowest that is READY, found by looks that each came after the one before was seen READY: of
  // two that one publisher committed one after the other, the first is never overlooked.
  size_t lowest = passed_.size();
  size_t end = std::lower_bound(passed_.begin(), passed_.end(), below) - passed_.begin();
  for (size_t i = 0; i < end; ++i) {
    // acquire: as above.
    const uint64_t word = memory_.slot(passed_[i]).word.load(std::memory_order_acquire);
    if (word != Ring::ReadyWord(ring.LapOf(passed_[i]))) continue;
    lowest = end = i;
    i = static_cast<size_t>(-1);
  }
  if (lowest == passed_.size()) return Outcome::kNone;
  Outcome outcome = ClaimSlot(passed_[lowest], max_size, claimed);
  if (outcome == Outcome::kClaimed || outcome == Outcome::kTaken) {
    passed_.erase(passed_.begin() + static_cast<ptrdiff_t>(lowest));
  }
  return outcome;
}

// Whether `owner`, which has reserved `position`, says so.
bool NativeSubscriber::IsSoundUncommitted(uint32_t owner, uint64_t position) const {
  if (owner == 0 || owner > memory_.max_participants()) return false;
  if (MayHold(memory_.participant(owner), position)) return true;
  // It says that it does not any more only after it has committed. acquire: after what it says.
  return Ring::IsCommitted(memory_.slot(position).word.load(std::memory_order_acquire),
                           memory_.ring().LapOf(position));
}

// Whether a reservation that holds us up was resolved, or is to be passed by.
bool NativeSubscriber::MayPassBy(uint32_t owner, uint64_t position) {
  // One that has several reservations open holds us up once, not once for each.
  const bool known = owner == slow_owner_ && (owner == dead_owner_ || !passed_.empty());
  if (!known) {
    const int64_t now = attachment_->environment().NowNanos();
    if (held_position_ != position) {
      held_position_ = position;
      held_since_ns_ = now;
      return false;
    }
    if (now - held_since_ns_ < kPassByNanos) return false;
  }
  slow_owner_ = owner;
  // One that was alive a moment ago, and is passed by, is asked after later.
  if ((!known || owner == dead_owner_) && recovery_.ResolveIfDead(owner, position)) {
    dead_owner_ = owner;
    return true;
  }
  dead_owner_ = 0;
  // In a sound queue none of them has two reservations that stand; this call's may be out of date.
  if (passed_.size() >= memory_.ring().slots()) return false;
  INTERPROCESS_STEP("subscriber.passes_by");
  passed_.push_back(position);
  position_ = position + 1;
  run_stop_ = 0;
  return true;
}

// Where the own position's slot word is `slot`, of an earlier lap. kNone: nothing to take there.
// kTaken: something has changed.
NativeSubscriber::Outcome NativeSubscriber::LookAtReservation(uint64_t position, uint64_t slot) {
  const Ring& ring = memory_.ring();
  const uint64_t lap = ring.LapOf(position);
  looked_at_ = platform::Ticks();
  // acquire: what its publisher did before it reserved is seen.
  const uint64_t reserved = memory_.reservation(position).word.load(std::memory_order_acquire);
  if (!ring.IsTaken(reserved, lap)) {
    held_up_ = !passed_.empty();
    if (!ring.IsNext(reserved, lap)) return Damaged(position, "reservation");
    // The message of the lap before was committed, unless it is still being written: then it holds
    // up the whole ring.
    if (lap == 0 ? slot == 0 : Ring::IsCommittedAt(slot, lap - 1)) return Outcome::kNone;
    if (lap == 0 || !Ring::IsCommitted(slot + (uint64_t{1} << 2), lap - 1) ||
        !IsSoundUncommitted(ring.ReserverOf(reserved), position - ring.slots())) {
      return Damaged(position, "slot");
    }
    return Outcome::kNone;
  }
  // acquire: the slot after its reservation.
  if (Ring::IsCommitted(memory_.slot(position).word.load(std::memory_order_acquire), lap)) {
    return Outcome::kTaken;
  }
  // Nobody reserves the entry again before the slot is committed.
  const uint32_t owner = ring.ReserverOf(reserved);
  if (!ring.IsReserved(reserved, lap)) return Damaged(position, "slot");
  if (owner != slow_owner_ && !IsSoundUncommitted(owner, position)) {
    return Damaged(position, "slot");
  }
  held_up_ = true;
  return MayPassBy(owner, position) ? Outcome::kTaken : Outcome::kNone;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimAtOwnPosition(size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  for (uint64_t looks = 1; ABSL_PREDICT_TRUE(looks < memory_.max_steps()); ++looks) {
    const uint64_t position = position_;
    const uint64_t lap = ring.LapOf(position);
    // acquire: pairs with the commit; what is read of the slot comes after.
    const uint64_t word = memory_.slot(position).word.load(std::memory_order_acquire);
    if (ABSL_PREDICT_TRUE(word == Ring::ReadyWord(lap))) {
      // One that is behind the others passes what they have taken by reading alone: a swap for each
      // would keep it behind them. acquire: as in ClaimSlot.
      const uint64_t claim = memory_.claim(position).word.load(std::memory_order_acquire);
      if (claim == Ring::FreeWord(lap) || claim == Ring::ReturnedWord(lap)) {
        Outcome outcome = ClaimReady(position, max_size, claimed);
        if (outcome == Outcome::kClaimed && claimed->position == position) {
          position_ = position + 1;
          if (passed_.empty()) TellHead();
        }
        if (outcome != Outcome::kTaken) return outcome;
        // That, or one that was passed by and goes before it.
        continue;
      }
      if (!Ring::IsDone(claim, lap) && !Ring::IsClaimOf(claim, lap)) {
        return Damaged(position, "claim");
      }
    } else if (word == Ring::VoidWord(lap)) {
      if (SkipVoid(memory_, position)) NotifySpace();
    } else if (!Ring::IsCommitted(word, lap)) {
      Outcome outcome = LookAtReservation(position, word);
      if (outcome != Outcome::kTaken) return outcome;
      continue;
    } else {
      // Others are a ring ahead: a position of a later lap was reserved, so all that lies a ring
      // below it was done.
      const uint64_t reached =
          ring.PositionOf(Ring::CommittedLapOf(word), ring.IndexOf(position)) + 1 - ring.slots();
      if (reached <= position || reached - position > uint64_t{1} << 62) {
        return Damaged(position, "slot");
      }
      position_ = reached;
      looks = kStepsBeforeHint * (looks / kStepsBeforeHint) + kStepsBeforeHint - 1;
      // acquire: as in the constructor.
      const uint64_t head = memory_.header().head.load(std::memory_order_acquire);
      if (head > position_) JumpTo(head);
      continue;
    }
    // Others were here.
    position_ = position + 1;
    if (looks % kStepsBeforeHint == 0) {
      // acquire: as in the constructor.
      const uint64_t head = memory_.header().head.load(std::memory_order_acquire);
      if (head > position_) JumpTo(head);
    }
  }
  return Outrun();
}

// After more steps than a file takes that nobody writes, where each entry is passed twice at most:
// others took, one after the other, what was to be taken. That is no damage, and for a call that
// comes later.
NativeSubscriber::Outcome NativeSubscriber::Outrun() {
  held_up_ = true;  // so that a sleep is short
  return Outcome::kNone;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimNextSlowly(size_t max_size, Claimed* claimed) {
  scanned_ = false;
  Outcome outcome = Outcome::kTaken;
  for (uint64_t lost = 0; outcome == Outcome::kTaken && lost < memory_.max_steps(); ++lost) {
    outcome = ClaimReturned(max_size, claimed);
    if (outcome == Outcome::kNone && !passed_.empty()) {
      outcome = ClaimPassed(UINT64_MAX, max_size, claimed);
    }
    if (outcome == Outcome::kNone) outcome = ClaimAtOwnPosition(max_size, claimed);
    // A scan that a jump has made due, before the call says that there is nothing.
    if (outcome == Outcome::kNone && !scanned_ && scan_next_ != scan_end_) {
      outcome = Outcome::kTaken;
    }
  }
  if (outcome == Outcome::kTaken) outcome = Outrun();
  if (outcome == Outcome::kNone) {
    CountEmpty();
    PublishCounters();
    if (!passed_.empty()) ProbePassedOwners();
  }
  return outcome;
}

void NativeSubscriber::ProbePassedOwners() {
  held_up_ = true;
  const int64_t now = attachment_->environment().NowNanos();
  if (now < next_probe_ns_) return;
  next_probe_ns_ = now + kHeldSleepNanos / 2;
  const Ring& ring = memory_.ring();
  uint32_t asked = 0;  // one that has many reservations is asked after once
  for (const uint64_t position : passed_) {
    // acquire: what its owner did before is seen by one that resolves it.
    const uint64_t word = memory_.reservation(position).word.load(std::memory_order_acquire);
    if (!ring.IsReserved(word, ring.LapOf(position))) continue;
    const uint32_t owner = ring.ReserverOf(word);
    if (owner == asked) continue;
    if (!recovery_.ResolveIfDead(owner, position)) asked = owner;
  }
}

}  // namespace interprocess::native
