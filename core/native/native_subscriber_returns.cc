// SPDX-License-Identifier: MIT

// How a subscriber's messages in place end, and how it finds what was put back, by whomever.

#include <algorithm>
#include <utility>

#include "core/base/step.h"
#include "core/native/native_subscriber.h"
#include "core/native/returns.h"

namespace interprocess::native {
namespace {

// The claims that one call scans at the most: a fraction of a millisecond.
constexpr uint64_t kScanStep = uint64_t{1} << 17;

}  // namespace

bool NativeSubscriber::IsOwn(uint64_t position) const {
  // relaxed: of our own words none is out of date.
  return memory_.claim(position).word.load(std::memory_order_relaxed) ==
         Ring::ClaimedWord(id_, memory_.ring().LapOf(position));
}

absl::Status NativeSubscriber::Acknowledge(uint64_t position) {
  Release(memory_.claim(position).word, Ring::DoneWord(memory_.ring().LapOf(position)));
  holds_.Drop([this](uint64_t other) { return IsOwn(other); });
  NotifySpace();
  return absl::OkStatus();
}

void NativeSubscriber::PutBack(uint64_t position) {
  std::atomic<uint64_t>& about = memory_.slot(position).about;
  // relaxed: ours until the exchange.
  about.store(about.load(std::memory_order_relaxed) + Slot::About(0, 1u << kMetaDeliveriesShift),
              std::memory_order_relaxed);
  // release: the marks come before.
  memory_.claim(position).word.store(Ring::ReturnedWord(memory_.ring().LapOf(position)),
                                     std::memory_order_release);
  INTERPROCESS_STEP("subscriber.gave_back");
  CountReturned(memory_, position);
  WakeSome(memory_.header().data, attachment_->environment());
}

void NativeSubscriber::GiveBack(uint64_t position) {
  PutBack(position);
  holds_.Drop([this](uint64_t other) { return IsOwn(other); });
}

NativeSubscriber::Outcome NativeSubscriber::ClaimPutBack(uint64_t position, size_t max_size,
                                                         Claimed* claimed) {
  return ClaimSlot(position, max_size, claimed);
}

void NativeSubscriber::StartScan(uint64_t target) {
  // acquire, both: as a walk. What lies below them is done, or is ours and others' to take in turn.
  const uint64_t released = memory_.header().released.load(std::memory_order_acquire);
  const uint64_t head = memory_.header().head.load(std::memory_order_acquire);
  const uint64_t end = std::max(position_, head);
  all_done_ = std::max(all_done_, end - std::min(end, memory_.ring().slots()));
  if (released <= end) all_done_ = std::max(all_done_, released);
  scan_next_ = std::min(all_done_, end);
  scan_end_ = end;
  scan_target_ = target;
}

NativeSubscriber::Outcome NativeSubscriber::Scan(size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  const uint64_t stop = std::min(scan_end_, scan_next_ + kScanStep);
  for (; scan_next_ < stop; ++scan_next_) {
    const uint64_t lap = ring.LapOf(scan_next_);
    // acquire: pairs with the putting back.
    const uint64_t claim = memory_.claim(scan_next_).word.load(std::memory_order_acquire);
    if (claim == Ring::ReturnedWord(lap)) {
      const Outcome outcome = ClaimPutBack(scan_next_, max_size, claimed);
      if (outcome != Outcome::kTaken) return outcome;
    } else if (scan_next_ == all_done_ && Ring::IsDone(claim, lap)) {
      ++all_done_;
    }
  }
  // Others begin there. release: pairs with StartScan. relaxed: only forwards.
  if (all_done_ > memory_.header().released.load(std::memory_order_relaxed)) {
    memory_.header().released.store(all_done_, std::memory_order_release);
  }
  if (scan_next_ == scan_end_) returns_seen_ = std::max(returns_seen_, scan_target_);
  return Outcome::kNone;
}

NativeSubscriber::Outcome NativeSubscriber::ClaimReturned(size_t max_size, Claimed* claimed) {
  const Ring& ring = memory_.ring();
  // acquire: pairs with the count that followed the putting back.
  const uint64_t returns = memory_.header().returns.load(std::memory_order_acquire);
  while (returns_seen_ != returns && scan_next_ == scan_end_) {
    const uint64_t count = returns_seen_ + 1;
    // acquire: pairs with the entry's store.
    const uint64_t entry =
        memory_.header().returned[count % kReturnedLog].load(std::memory_order_acquire);
    // Written over, not yet written, or from before we came.
    if (returns - returns_seen_ > kReturnedLog || !ReturnedEntry::IsOf(entry, count)) {
      if (scanned_) return Outcome::kNone;
      StartScan(returns);
      break;
    }
    const uint64_t position = ReturnedEntry::PositionOf(entry);
    // acquire: as in Scan.
    if (memory_.claim(position).word.load(std::memory_order_acquire) ==
        Ring::ReturnedWord(ring.LapOf(position))) {
      const Outcome outcome = ClaimPutBack(position, max_size, claimed);
      if (outcome == Outcome::kTooLarge || outcome == Outcome::kDamaged) return outcome;
      if (outcome == Outcome::kClaimed) {
        ++returns_seen_;
        return outcome;
      }
    }
    ++returns_seen_;
  }
  // At most once a call, whatever others put back meanwhile.
  if (scan_next_ == scan_end_ || std::exchange(scanned_, true)) return Outcome::kNone;
  return Scan(max_size, claimed);
}

// By the hint: what is skipped was claimed, but some of it may have been put back since, and
// counted before we came near. So it is looked through, once.
void NativeSubscriber::JumpTo(uint64_t position) {
  const uint64_t skipped = std::exchange(position_, position);
  // acquire: pairs with the count that followed the putting back.
  const uint64_t returns = memory_.header().returns.load(std::memory_order_acquire);
  if (returns == 0) return;
  const uint64_t slots = memory_.ring().slots();
  if (scan_next_ == scan_end_) {
    scan_next_ = std::max(skipped, position - std::min(position, slots));
    scan_target_ = returns_seen_;
  }
  scan_end_ = std::max(scan_end_, position);
}

}  // namespace interprocess::native
