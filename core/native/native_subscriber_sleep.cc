// SPDX-License-Identifier: MIT

// What a subscriber does now and then, and when it has to wait: looks for the dead, and sleep.

#include <algorithm>

#include "absl/base/attributes.h"
#include "core/native/native_subscriber.h"
#include "core/native/waiter.h"
#include "core/platform/cpu.h"

namespace interprocess::native {
namespace {

// A busy subscriber reads the clock at least once in this many calls, and more often if they are
// slow: about every ten milliseconds.
constexpr uint32_t kMaxCallsPerClock = 64;
constexpr int64_t kClockNanos = 10 * kMillisecond;
// Where that many calls took less than this, the clock rests.
constexpr int64_t kQuickNanos = 2 * kMillisecond;
// How often it looks for the dead, if nobody else does.
constexpr int64_t kOwnLookNanos = 50 * kMillisecond;

}  // namespace

// Where the own position has come to the end of the run. True if it ended for the clock alone, and
// a counter that costs less says that the clock need not be looked at yet.
ABSL_ATTRIBUTE_NOINLINE bool NativeSubscriber::RunGoesOn() {
  const uint64_t lap_end = lap_.first + memory_.ring().slots();
  if (run_stop_ == 0 || position_ >= lap_end || calls_per_clock_ != kMaxCallsPerClock ||
      platform::Ticks() - last_clock_ticks_ >= platform::TicksOf(kQuickNanos)) {
    return false;
  }
  clock_position_ = position_ + kMaxCallsPerClock;
  run_stop_ = std::min(lap_end, clock_position_);
  return true;
}

void NativeSubscriber::LookNowAndThen() {
  // The pace adapts: calls that took long get a look at the clock each, quick ones one in 64.
  const int64_t now = attachment_->environment().NowNanos();
  const int64_t took = now - last_clock_ns_;
  last_clock_ns_ = now;
  last_clock_ticks_ = platform::Ticks();
  calls_per_clock_ = took > kClockNanos ? 1 : std::min(2 * calls_per_clock_, kMaxCallsPerClock);
  clock_position_ = position_ + calls_per_clock_;
  PublishCounters();
  if (now - next_look_ns_ < 0) return;
  next_look_ns_ = now + kOwnLookNanos;
  recovery_.LookForDead(kLookBudgetNanos);
}

// Those that were woken with us may have gone back to sleep, or died: what there is besides is for
// others that sleep.
ABSL_ATTRIBUTE_NOINLINE void NativeSubscriber::PassOn() {
  pass_on_ = false;
  // acquire: as in ClaimAtOwnPosition.
  const bool more = memory_.header().returns.load(std::memory_order_acquire) != returns_seen_ ||
                    !passed_.empty() ||
                    Ring::IsCommitted(memory_.slot(position_).word.load(std::memory_order_acquire),
                                      memory_.ring().LapOf(position_));
  if (more) WakeSome(memory_.header().data, attachment_->environment());
}

void NativeSubscriber::PrepareSleep() {
  sleeper_.Prepare();
  pass_on_ = true;
  run_stop_ = 0;
  looked_at_ = 0;
}

int64_t NativeSubscriber::SleepLimit() {
  if (scan_next_ != scan_end_) return 0;
  if (!held_up_) return kIdleSleepNanos;
  return passed_.empty() ? kPassByNanos : sleeper_.HeldLimit();
}

absl::Status NativeSubscriber::Sleep(int64_t timeout_ns) {
  PublishCounters();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kData), std::memory_order_relaxed);
  record_.sleeps.store(record_.sleeps.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  absl::StatusOr<bool> woken = sleeper_.Sleep(std::min(SleepLimit(), timeout_ns));
  if (!woken.ok()) return woken.status();
  if (!*woken) recovery_.LookForDead(kPatientLookNanos);
  return absl::OkStatus();
}

void NativeSubscriber::EndSleeps() {
  sleeper_.End();
  // Without having taken anything: what there is is for others that sleep.
  if (pass_on_) PassOn();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kNothing), std::memory_order_relaxed);
}

Alarm NativeSubscriber::Arm(const Alarm& before) {
  // One that sleeps on a semaphore sleeps on one alone.
  if (kWaiterKind != WaiterKind::kWord) return {};
  WaitWord& word = memory_.header().data;
  pass_on_ = true;
  run_stop_ = 0;
  looked_at_ = 0;
  const absl::Duration limit = absl::Nanoseconds(std::max(SleepLimit(), int64_t{1}));
  // Armed still: the flag stands and nobody was notified, so the barrier is saved. Should the flag
  // be another waiter's, which has not made its barrier yet, a message that it may hide is found by
  // that waiter, or after the limit.
  if (before.word == &word.seq && IsUp(word, before.value)) {
    return {&word.seq, before.value, limit};
  }
  const auto [seq, fenced] = RaiseFlag(memory_.header(), word, attachment_->environment());
  return {&word.seq, seq, fenced ? limit : std::min(limit, absl::Nanoseconds(kUnfencedSleepNanos))};
}

void NativeSubscriber::PublishCounters() {
  // relaxed: statistics only, written by this thread.
  record_.messages.store(messages_, std::memory_order_relaxed);
  record_.bytes.store(bytes_, std::memory_order_relaxed);
  record_.full_or_empty.store(empty_, std::memory_order_relaxed);
}

void NativeSubscriber::WakeWaiters() {
  CountUpAndWake(memory_.header().data, attachment_->environment());
}

}  // namespace interprocess::native
