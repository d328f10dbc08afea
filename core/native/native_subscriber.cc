#include "core/native/native_subscriber.h"

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/base/prefetch.h"
#include "absl/strings/str_cat.h"
#include "core/base/copy_bytes.h"
#include "core/base/step.h"
#include "core/native/clearing.h"
#include "core/native/waiter.h"
#include "core/native/waiting.h"

namespace interprocess::native {
MessageInfo NativeSubscriber::Claimed::info() const {
  MessageInfo info;
  info.size = size;
  info.earlier_deliveries = meta >> kMetaDeliveriesShift;
  info.redelivered = (meta & kMetaRedelivered) != 0;
  return info;
}

NativeSubscriber::NativeSubscriber(std::unique_ptr<Attachment> attachment)
    : attachment_(std::move(attachment)),
      memory_(attachment_->memory()),
      record_(attachment_->record()),
      id_(attachment_->id()),
      recovery_(memory_, attachment_->environment(), id_),
      sleeper_(memory_.header(), memory_.header().data, attachment_->environment()),
      // acquire: pairs with the store of the hint, before which everything below it was claimed.
      position_(memory_.header().head.load(std::memory_order_acquire)) {}

void NativeSubscriber::WakeWaiters() {
  CountUpAndWake(memory_.header().data, attachment_->environment());
}

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
    // relaxed: for the caller to know; who claims it may change it meanwhile.
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
  // Not before the claim: where `start` lies, the next publisher may be writing a message. relaxed,
  // here and below: the slot is ours.
  claimed->meta = slot.meta.load(std::memory_order_relaxed);
  claimed->position = position;
  claimed->size = size;
  const bool external = (claimed->meta & kMetaExternal) != 0;
  claimed->bytes = external ? memory_.payload(slot.start.load(std::memory_order_relaxed), size)
                            : (size <= kInlineBytes ? slot.bytes : nullptr);
  if (ABSL_PREDICT_FALSE(claimed->bytes == nullptr)) {
    // As it was, for whoever comes to mend it. release: as any word that gives a slot up.
    slot.word.store(Ring::ReadyWord(lap), std::memory_order_release);
    return Outcome::kDamaged;
  }
  // Perhaps behind the ring's end: a prefetch does not fault.
  if (external) next_bytes_ = claimed->bytes + (size + kUnit - 1) / kUnit * kUnit;
  return Outcome::kClaimed;
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
    // acquire: as above.
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
  base::CopyBytes(buffer.data(), claimed.bytes, claimed.size);
  Release(claimed.position);
  Count(claimed.size);
  return claimed.size;
}

absl::StatusOr<size_t> NativeSubscriber::TryDequeueBatch(size_t max, Handler handle,
                                                         const std::atomic<bool>& closed) {
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
    // relaxed: the handler itself may have set it.
    if (closed.load(std::memory_order_relaxed)) return done + 1;
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
  // Armed still: the flag stands and nobody was notified, so the barrier is saved. Should the flag
  // be another waiter's, who has not made its barrier yet, a message that it may hide is found by
  // that waiter, or after the limit. seq_cst: as in RaiseFlag.
  if (before.word == &word.seq && word.flag.load(std::memory_order_seq_cst) != 0 &&
      word.seq.load(std::memory_order_seq_cst) == before.value) {
    return {&word.seq, before.value, limit};
  }
  const auto [seq, fenced] = RaiseFlag(memory_.header(), word, attachment_->environment());
  return {&word.seq, seq, fenced ? limit : std::min(limit, absl::Nanoseconds(kUnfencedSleepNanos))};
}

absl::Status NativeSubscriber::Sleep(int64_t timeout_ns) {
  PublishCounters();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kData), std::memory_order_relaxed);
  record_.sleeps.store(record_.sleeps.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  absl::StatusOr<bool> woken = sleeper_.Sleep(std::min(SleepLimit(), timeout_ns));
  if (!woken.ok()) return woken.status();
  if (!*woken) recovery_.LookForDead(position_);
  return absl::OkStatus();
}

void NativeSubscriber::EndSleeps() {
  sleeper_.End();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kNothing), std::memory_order_relaxed);
}

}  // namespace interprocess::native
