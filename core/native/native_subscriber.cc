#include "core/native/native_subscriber.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/base/prefetch.h"
#include "absl/strings/str_cat.h"
#include "core/native/clearing.h"
#include "core/native/copy_bytes.h"
#include "core/native/step.h"
#include "core/native/waiter.h"
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

MessageInfo NativeSubscriber::Claimed::info() const {
  MessageInfo info;
  info.size = size;
  info.earlier_deliveries = meta >> kMetaDeliveriesShift;
  info.redelivered = (meta & kMetaRedelivered) != 0;
  return info;
}

NativeSubscriber::NativeSubscriber(std::unique_ptr<Attachment> attachment,
                                   const std::atomic<bool>& closed)
    : attachment_(std::move(attachment)),
      closed_(closed),
      memory_(attachment_->memory()),
      record_(attachment_->record()),
      id_(attachment_->id()),
      recovery_(memory_, attachment_->environment(), id_),
      // acquire: pairs with the store of the hint, before which everything below it was claimed.
      position_(memory_.header().head.load(std::memory_order_acquire)) {}

void NativeSubscriber::WakeWaiters() { attachment_->Wake(memory_.header().data); }

ABSL_ATTRIBUTE_ALWAYS_INLINE inline NativeSubscriber::Outcome NativeSubscriber::ClaimSlot(
    uint64_t position, size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  Slot& slot = memory_.slot(position);
  const uint64_t lap = ring.LapOf(position);
  uint64_t ready = Ring::ReadyWord(lap);
  // Read before the claim, so that a message that does not fit stays untouched. It is this
  // message's if the CAS below finds the word as it was: the length does not change while a slot is
  // READY of one lap. relaxed: ordered by the acquire load of the word before.
  const uint32_t size = slot.length.load(std::memory_order_relaxed);
  if (ABSL_PREDICT_FALSE(size > max_size)) {
    // acquire: after the load above. Another lap by now: what was read means nothing.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (slot.word.load(std::memory_order_acquire) != ready) return Outcome::kLost;
    claimed->position = position;
    claimed->size = size;
    claimed->meta = slot.meta.load(std::memory_order_relaxed);
    return size <= memory_.max_message_size() ? Outcome::kTooLarge : Outcome::kDamaged;
  }
  INTERPROCESS_STEP("subscriber.seen_ready");
  // acq_rel: acquire, what the publisher wrote; release, whoever sees the claim sees what we saw.
  if (!slot.word.compare_exchange_strong(ready, Ring::ClaimedWord(id_, lap),
                                         std::memory_order_acq_rel, std::memory_order_relaxed)) {
    return Outcome::kLost;
  }
  INTERPROCESS_STEP("subscriber.claimed");
  // Not before the claim: where `start` lies, the next publisher may be writing a message.
  claimed->meta = slot.meta.load(std::memory_order_relaxed);
  claimed->position = position;
  claimed->size = size;
  const bool external = (claimed->meta & kMetaExternal) != 0;
  claimed->bytes = external ? memory_.payload(slot.start.load(std::memory_order_relaxed), size)
                            : (size <= kInlineBytes ? slot.bytes : nullptr);
  if (ABSL_PREDICT_FALSE(claimed->bytes == nullptr)) {
    // As it was, for whoever comes to mend it.
    slot.word.store(Ring::ReadyWord(lap), std::memory_order_release);
    return Outcome::kDamaged;
  }
  // Perhaps behind the ring's end: a prefetch does not fault.
  if (external) next_bytes_ = claimed->bytes + (size + kUnit - 1) / kUnit * kUnit;
  return Outcome::kClaimed;
}

// After a claim at the own position.
inline void NativeSubscriber::MoveOn(uint64_t position) {
  position_ = position + 1;
  // release: everything below was claimed before; a newcomer may start here. Not while something is
  // passed by: only this subscriber's list knows of it.
  if (position % kHintStep == 0 && passed_.empty()) {
    memory_.header().head.store(position + 1, std::memory_order_release);
  }
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

inline void NativeSubscriber::Release(uint64_t position) {
  Slot& slot = memory_.slot(position);
  INTERPROCESS_STEP("subscriber.read");
  if (ABSL_PREDICT_FALSE(memory_.clear_on_release())) ClearMessage(memory_, position);
  // release: our reads of the slot and the payload come before; the next publisher acquires.
  slot.word.store(Ring::FreeWord(memory_.ring().LapOf(position) + 1), std::memory_order_release);
  INTERPROCESS_STEP("subscriber.released");
  Notify(memory_.header().space, attachment_->environment());
}

inline void NativeSubscriber::Count(size_t size) {
  messages_ += 1;
  bytes_ += size;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimPassed(uint64_t below, size_t max_size,
                                                        Claimed* claimed) {
  const Ring& ring = memory_.ring();
  // Claimed, resolved or lapped since: no longer ours to look for. acquire, here and below: a READY
  // that is seen is followed by looks at all before it.
  passed_.erase(std::remove_if(passed_.begin(), passed_.end(),
                               [&](uint64_t position) {
                                 uint64_t word =
                                     memory_.slot(position).word.load(std::memory_order_acquire);
                                 if (ring.Compare(word, ring.LapOf(position)) != Lap::kSame) {
                                   return true;
                                 }
                                 return Ring::StateOf(word) != SlotState::kReserved &&
                                        Ring::StateOf(word) != SlotState::kReady;
                               }),
                passed_.end());
  // The lowest that is READY, found by looks that each came after the one before was seen READY: of
  // two that one publisher committed one after the other, the first is never overlooked.
  size_t lowest = passed_.size();
  size_t end = std::lower_bound(passed_.begin(), passed_.end(), below) - passed_.begin();
  for (size_t i = 0; i < end; ++i) {
    if (!MayLook()) return Outcome::kDamaged;
    uint64_t word = memory_.slot(passed_[i]).word.load(std::memory_order_acquire);
    if (word != Ring::ReadyWord(ring.LapOf(passed_[i]))) continue;
    lowest = end = i;
    i = static_cast<size_t>(-1);
  }
  if (lowest == passed_.size()) return Outcome::kNone;
  Outcome outcome = ClaimSlot(passed_[lowest], max_size, claimed);
  if (outcome == Outcome::kClaimed) passed_.erase(passed_.begin() + lowest);
  return outcome;
}

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
      position_ = std::max(position_, memory_.header().head.load(std::memory_order_acquire));
    }
  }
  return Outcome::kDamaged;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline NativeSubscriber::Outcome NativeSubscriber::ClaimNext(
    size_t max_size, Claimed* claimed) {
  if (ABSL_PREDICT_FALSE(--calls_to_clock_ == 0)) LookNowAndThen();
  const uint64_t position = position_;
  // Where the next message lies if it follows the last one: on its way while the word is.
  absl::PrefetchToLocalCache(next_bytes_);
  const uint64_t lap = memory_.ring().LapOf(position);
  // relaxed: a line that hardly ever changes, looked at properly when it has.
  if (ABSL_PREDICT_TRUE(memory_.header().returns.load(std::memory_order_relaxed) == returns_seen_ &&
                        passed_.empty())) {
    // acquire: as in ClaimAtOwnPosition.
    const uint64_t word = memory_.slot(position).word.load(std::memory_order_acquire);
    if (ABSL_PREDICT_TRUE(word == Ring::ReadyWord(lap))) {
      Outcome outcome = ClaimSlot(position, max_size, claimed);
      if (ABSL_PREDICT_TRUE(outcome == Outcome::kClaimed)) {
        MoveOn(position);
        return outcome;
      }
      if (outcome != Outcome::kLost) return outcome;
    } else if (word == Ring::FreeWord(lap)) {
      held_up_ = false;
      ++empty_;
      PublishCounters();
      return Outcome::kNone;
    }
  }
  return ClaimNextSlowly(max_size, claimed);
}

ABSL_ATTRIBUTE_NOINLINE NativeSubscriber::Outcome NativeSubscriber::ClaimNextSlowly(
    size_t max_size, Claimed* claimed) {
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

absl::Status NativeSubscriber::Acknowledge(uint64_t position) {
  Release(position);
  return absl::OkStatus();
}

void NativeSubscriber::GiveBack(uint64_t position) {
  Slot& slot = memory_.slot(position);
  // relaxed: ours until the exchange.
  slot.meta.store(slot.meta.load(std::memory_order_relaxed) + (1u << kMetaDeliveriesShift),
                  std::memory_order_relaxed);
  // release, both: the message is there before the count says so.
  slot.word.store(Ring::ReadyWord(memory_.ring().LapOf(position)), std::memory_order_release);
  INTERPROCESS_STEP("subscriber.gave_back");
  memory_.header().returns.fetch_add(1, std::memory_order_release);
  INTERPROCESS_STEP("subscriber.counted_return");
  Notify(memory_.header().data, attachment_->environment());
}

void NativeSubscriber::PublishCounters() {
  // relaxed: for people, and written by this thread only.
  record_.messages.store(messages_, std::memory_order_relaxed);
  record_.bytes.store(bytes_, std::memory_order_relaxed);
  record_.full_or_empty.store(empty_, std::memory_order_relaxed);
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
      return absl::DataLossError(absl::StrCat("'", attachment_->path(),
                                              "' is not a sound queue: near position ", position_,
                                              " a slot's words make no sense"));
    default:
      return absl::UnavailableError("");
  }
}

absl::StatusOr<size_t> NativeSubscriber::TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) {
  Claimed claimed;
  Outcome outcome = ClaimNext(buffer.size(), &claimed);
  if (info != nullptr && (outcome == Outcome::kClaimed || outcome == Outcome::kTooLarge)) {
    *info = claimed.info();
  }
  if (ABSL_PREDICT_FALSE(outcome != Outcome::kClaimed)) return StatusOf(outcome, claimed);
  CopyBytes(buffer.data(), claimed.bytes, claimed.size);
  Release(claimed.position);
  Count(claimed.size);
  return claimed.size;
}

absl::StatusOr<size_t> NativeSubscriber::TryDequeueBatch(size_t max, Handler handle) {
  size_t done = 0;
  Claimed claimed;
  Outcome outcome = Outcome::kNone;
  for (; done < max; ++done) {
    outcome = ClaimNext(memory_.max_message_size(), &claimed);
    if (outcome != Outcome::kClaimed) break;
    // Taken off the queue when the handler returns, or given back if it throws.
    struct Undo {
      NativeSubscriber* self;
      uint64_t position;
      ~Undo() {
        if (self != nullptr) self->GiveBack(position);
      }
    } undo{this, claimed.position};
    handle(claimed.view());
    undo.self = nullptr;
    Release(claimed.position);
    Count(claimed.size);
    // relaxed: the handler may have closed the endpoint itself.
    if (closed_.load(std::memory_order_relaxed)) return done + 1;
  }
  if (done > 0 || max == 0) return done;
  return StatusOf(outcome, claimed);
}

absl::StatusOr<SubscriberEngine::Claim> NativeSubscriber::TryBorrow() {
  Claimed claimed;
  Outcome outcome = ClaimNext(memory_.max_message_size(), &claimed);
  if (outcome != Outcome::kClaimed) return StatusOf(outcome, claimed);
  Count(claimed.size);
  return Claim{claimed.position, claimed.view()};
}

int64_t NativeSubscriber::SleepLimit() const {
  if (!held_up_) return kIdleSleepNanos;
  return passed_.empty() ? kPassByNanos : kHeldSleepNanos;
}

Alarm NativeSubscriber::Arm(const Alarm& before) {
  // Who sleeps on a semaphore sleeps on one alone.
  if (kWaiterKind != WaiterKind::kWord) return {};
  WaitWord& word = memory_.header().data;
  const absl::Duration limit = absl::Nanoseconds(SleepLimit());
  // Armed still: the flag stands and nobody was notified, so the barrier is saved. Should the flag be
  // another waiter's, who has not made its barrier yet, a message that it may hide is found by that
  // waiter, or after the limit.
  // seq_cst: as in RaiseFlag.
  if (before.word == &word.seq && word.flag.load(std::memory_order_seq_cst) != 0 &&
      word.seq.load(std::memory_order_seq_cst) == before.value) {
    return {&word.seq, before.value, limit};
  }
  const auto [seq, fenced] = RaiseFlag(memory_.header(), word, attachment_->environment());
  return {&word.seq, seq, fenced ? limit : std::min(limit, absl::Nanoseconds(kUnfencedSleepNanos))};
}

absl::Status NativeSubscriber::WaitForData(const WaitOptions& wait,
                                           absl::FunctionRef<absl::Status()> attempt) {
  bool slept = false;
  absl::Status status = WaitFor(
      memory_.header(), memory_.header().data, attachment_->environment(), closed_, wait,
      {attempt,
       [&] { return SleepLimit(); },
       [&] {
         // relaxed, for people.
         slept = true;
         PublishCounters();
         record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kData), std::memory_order_relaxed);
         record_.sleeps.store(record_.sleeps.load(std::memory_order_relaxed) + 1,
                              std::memory_order_relaxed);
       },
       [&] { recovery_.LookForDead(position_); }});
  if (slept) {
    record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kNothing), std::memory_order_relaxed);
  }
  return status;
}

absl::StatusOr<size_t> NativeSubscriber::Dequeue(absl::Span<uint8_t> buffer,
                                                 const WaitOptions& wait, MessageInfo* info) {
  absl::StatusOr<size_t> result;
  absl::Status status = WaitForData(wait, [&] {
    result = TryDequeue(buffer, info);
    return result.status();
  });
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<size_t> NativeSubscriber::DequeueBatch(size_t max, Handler handle,
                                                      const WaitOptions& wait) {
  absl::StatusOr<size_t> result;
  absl::Status status = WaitForData(wait, [&] {
    result = TryDequeueBatch(max, handle);
    return result.status();
  });
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<SubscriberEngine::Claim> NativeSubscriber::Borrow(const WaitOptions& wait) {
  absl::StatusOr<Claim> result;
  absl::Status status = WaitForData(wait, [&] {
    result = TryBorrow();
    return result.status();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace interprocess::native
