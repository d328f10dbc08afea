// What a subscriber does where the next message is not simply READY at its own position: messages
// put back behind it, reservations that hold it up, others that are ahead of it, the dead.

#include <algorithm>
#include <utility>

#include "absl/base/optimization.h"
#include "core/native/native_subscriber.h"
#include "core/base/step.h"
#include "core/native/waiting.h"

namespace interprocess::native {
namespace {

// A busy subscriber reads the clock at least once in so many calls, and more often if they are
// slow: about every ten milliseconds.
constexpr uint32_t kMaxCallsPerClock = 64;
constexpr int64_t kClockNanos = 10 * kMillisecond;

// The owners of reservations passed by are asked after so many at a time; a look at all leases
// finds any other that is dead.
constexpr size_t kMaxProbes = 1024;

// The steps that are taken one by one before the shared hint is looked at.
constexpr uint32_t kStepsBeforeHint = 8;

}  // namespace

NativeSubscriber::Outcome NativeSubscriber::ClaimReturned(size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  // acquire: pairs with the count that followed the putting back.
  const uint64_t returns = memory_.header().returns.load(std::memory_order_acquire);
  while (returns_seen_ != returns) {
    if (scan_next_ == scan_end_) {
      scan_target_ = returns;
      scan_end_ = position_;
      scan_next_ = position_ - std::min(position_, ring.slots());
    }
    while (scan_next_ < scan_end_) {
      if (!MayLook()) return Outcome::kDamaged;
      // acquire: pairs with the putting back, as the commit does in ClaimAtOwnPosition.
      uint64_t word = memory_.slot(scan_next_).word.load(std::memory_order_acquire);
      // It may be READY still, if what was claimed or lost is one that goes before it.
      if (word == Ring::ReadyWord(ring.LapOf(scan_next_))) {
        return ClaimReady(scan_next_, max_size, claimed);
      }
      ++scan_next_;
    }
    returns_seen_ = scan_target_;
  }
  return Outcome::kNone;
}

bool NativeSubscriber::PassByOrResolve(uint64_t position, uint64_t word) {
  const uint32_t owner = Ring::OwnerOf(word);
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
  if ((!known || owner == dead_owner_) && recovery_.ResolveIfDead(position, word)) {
    dead_owner_ = owner;
    return true;
  }
  dead_owner_ = 0;
  // In a sound queue none of them has two reservations that stand; this call's may be out of date.
  if (passed_.size() >= memory_.ring().slots()) return false;
  INTERPROCESS_STEP("subscriber.passes_by");
  passed_.push_back(position);
  position_ = position + 1;
  return true;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimAtOwnPosition(size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  for (uint64_t looks = 1; ABSL_PREDICT_TRUE(MayLook()); ++looks) {
    const uint64_t position = position_;
    const uint64_t lap = ring.LapOf(position);
    // acquire: pairs with the commit; what is read of the slot comes after.
    const uint64_t word = memory_.slot(position).word.load(std::memory_order_acquire);
    if (ABSL_PREDICT_TRUE(word == Ring::ReadyWord(lap))) {
      Outcome outcome = ClaimReady(position, max_size, claimed);
      if (outcome == Outcome::kClaimed && claimed->position == position) {
        MoveOn(position);
      }
      return outcome;
    }
    if (!ring.IsTaken(word, lap)) return Outcome::kNone;
    if (Ring::StateOf(word) == SlotState::kReserved && ring.Compare(word, lap) == Lap::kSame) {
      held_up_ = true;
      if (!PassByOrResolve(position, word)) return Outcome::kNone;
      continue;
    }
    // Others were here. If a position of a later lap is taken, all that lies a ring below it was
    // released.
    uint64_t reached = ring.PositionOf(ring.LapFrom(word, lap), ring.IndexOf(position)) + 1;
    reached -= Ring::StateOf(word) == SlotState::kFree ? 2 * ring.slots() : ring.slots();
    const bool far = ring.Compare(word, lap) == Lap::kAhead && reached > position + 1 &&
                     reached - position < (uint64_t{1} << 62);
    position_ = far ? reached : position + 1;
    if (far || looks % kStepsBeforeHint == 0) {
      // acquire: as in the constructor.
      const uint64_t head = memory_.header().head.load(std::memory_order_acquire);
      if (head <= position_) continue;
      const uint64_t skipped = position_;
      position_ = head;
      if (returns_seen_ == 0) continue;
      // What is skipped was claimed, but some of it may have been put back since, and counted
      // before we came near: a count that we have seen. So it is looked through, once.
      scan_next_ = std::max(skipped, head - std::min(head, ring.slots()));
      scan_end_ = head;
      scan_target_ = std::exchange(returns_seen_, 0);
      return Outcome::kLost;
    }
  }
  return Outcome::kDamaged;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimNextSlowly(size_t max_size, Claimed* claimed) {
  held_up_ = false;
  // Rings enough for scans that others keep making necessary while they are quicker as well.
  looks_left_ = 4 * memory_.max_steps();
  Outcome outcome = Outcome::kLost;
  while (outcome == Outcome::kLost) {
    if (!MayLook()) return Outcome::kDamaged;
    outcome = ClaimReturned(max_size, claimed);
    if (outcome == Outcome::kNone && !passed_.empty()) {
      outcome = ClaimPassed(UINT64_MAX, max_size, claimed);
    }
    if (outcome == Outcome::kNone) outcome = ClaimAtOwnPosition(max_size, claimed);
  }
  if (outcome == Outcome::kNone) {
    ++empty_;
    if (!passed_.empty()) ProbePassedOwners();
  }
  return outcome;
}

void NativeSubscriber::ProbePassedOwners() {
  held_up_ = true;
  const int64_t now = attachment_->environment().NowNanos();
  if (now < next_probe_ns_) return;
  next_probe_ns_ = now + kHeldSleepNanos / 2;
  for (size_t i = 0; i < std::min(passed_.size(), kMaxProbes); ++i) {
    const uint64_t position = passed_[i];
    // acquire: what its owner did before is seen by who resolves it.
    uint64_t word = memory_.slot(position).word.load(std::memory_order_acquire);
    if (memory_.ring().Compare(word, memory_.ring().LapOf(position)) == Lap::kSame) {
      recovery_.ResolveIfDead(position, word);
    }
  }
}

void NativeSubscriber::LookNowAndThen() {
  // The pace adapts: calls that took long get a look at the clock each, quick ones one in 64.
  const int64_t now = attachment_->environment().NowNanos();
  const int64_t took = now - last_clock_ns_;
  last_clock_ns_ = now;
  calls_per_clock_ = took > kClockNanos ? 1 : std::min(2 * calls_per_clock_, kMaxCallsPerClock);
  calls_to_clock_ = calls_per_clock_;
  PublishCounters();
  if (now - next_look_ns_ < 0) return;
  next_look_ns_ = now + kLookNanos;
  recovery_.LookForDead(position_);
}

}  // namespace interprocess::native
