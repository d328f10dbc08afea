// SPDX-License-Identifier: MIT

#include "core/native/waiting.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/step.h"
#include "core/platform/cpu.h"

namespace interprocess::native {
namespace {

// What `flag` is raised to by one that has read `seq`: it grows with every wake-up, so that a flag
// raised after a wake-up is told from one raised before. Never 0.
uint32_t FlagAfter(uint32_t seq) { return seq + 1 == 0 ? 1 : seq + 1; }

constexpr int kMaxLost = 1000;

bool IsBefore(uint32_t flag, uint32_t other) { return static_cast<int32_t>(other - flag) > 0; }

}  // namespace

void CountUpAndWake(WaitWord& word, Environment& environment) {
  // seq_cst: after the reason, and before the look of one that reads this count.
  word.seq.fetch_add(1, std::memory_order_seq_cst);
  environment.WakeAll(word.seq);
}

uint32_t WakeSome(WaitWord& word, Environment& environment) {
  // seq_cst throughout: a waiter that raises the flag after this look has not yet looked at the
  // queue, and reads the new `seq`, or finds what it looks for.
  uint32_t seen = word.flag.load(std::memory_order_seq_cst);
  if (seen == 0) return 0;
  const uint32_t count = word.seq.fetch_add(1, std::memory_order_seq_cst) + 1;
  INTERPROCESS_STEP("notify.counted");
  const bool more = environment.WakeSome(word.seq, kWakeAtOnce);
  INTERPROCESS_STEP("notify.woken");
  // The flag goes last, and only the one that was seen: a waiter that has raised it higher since
  // would not be found by the next notifier. One that has raised it to the same does not sleep, for
  // `seq` has changed.
  if (!more) word.flag.compare_exchange_strong(seen, 0, std::memory_order_seq_cst);
  INTERPROCESS_STEP("notify.flag_cleared");
  return count;
}

void Notifier::Wake() {
  // relaxed: one that went to sleep without having seen our change has raised the flag before our
  // look at it (Notify), and higher than our count if it did after that.
  const uint32_t flag = word_.flag.load(std::memory_order_relaxed);
  // relaxed: of two threads each may wake, or find that the other has.
  if (!IsBefore(count_.load(std::memory_order_relaxed), flag) &&
      platform::Ticks() - woke_at_.load(std::memory_order_relaxed) <
          platform::TicksOf(kSpareWakeNanos)) {
    return;
  }
  count_.store(WakeSome(word_, environment_), std::memory_order_relaxed);
  woke_at_.store(platform::Ticks(), std::memory_order_relaxed);
}

RaisedFlag RaiseFlag(const Header& header, WaitWord& word, Environment& environment) {
  // seq_cst throughout: `seq` is read before the last look, so that one that changes the queue
  // after that look either finds the flag and counts `seq` up, which ends or prevents the sleep, or
  // made the change early enough for the look.
  const uint32_t seq = word.seq.load(std::memory_order_seq_cst);
  INTERPROCESS_STEP("wait.read_seq");
  const uint32_t raised = FlagAfter(seq);
  // It only grows while it is up: a lower one could be taken back by a notifier that saw the other.
  uint32_t flag = word.flag.load(std::memory_order_seq_cst);
  // Each that is quicker has read another `seq`: no sound queue makes this lose often.
  for (int lost = 0; (flag == 0 || IsBefore(flag, raised)) && lost < kMaxLost &&
                     !word.flag.compare_exchange_strong(flag, raised, std::memory_order_seq_cst);
       ++lost) {
  }
  INTERPROCESS_STEP("wait.flag_set");
  // seq_cst: set, for good, by one that joined without taking part, before its first look at a
  // flag.
  bool fenced = header.no_barrier.load(std::memory_order_seq_cst) == 0;
  if (!fenced) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  } else if (word.fenced.load(std::memory_order_seq_cst) != raised) {
    // One barrier for all that raise the flag to this: since the one that made it, the flag was up,
    // unless `seq` was counted up since we read it, and then we do not sleep.
    // Not if a filter of system calls that was installed since the queue was opened refuses it.
    fenced = environment.Barrier();
    if (fenced) word.fenced.store(raised, std::memory_order_seq_cst);
  }
  INTERPROCESS_STEP("wait.fenced");
  return {seq, fenced};
}

bool IsUp(const WaitWord& word, uint32_t seq) {
  // seq_cst: as in RaiseFlag.
  const uint32_t flag = word.flag.load(std::memory_order_seq_cst);
  return flag != 0 && !IsBefore(flag, FlagAfter(seq)) &&
         word.seq.load(std::memory_order_seq_cst) == seq;
}

void Sleeper::Prepare() {
  const RaisedFlag raised = RaiseFlag(header_, word_, environment_);
  if (!flag_is_up_ || raised.seq != flag_.seq) flag_since_ns_ = environment_.NowNanos();
  flag_is_up_ = true;
  flag_ = raised;
}

int64_t Sleeper::HeldLimit() {
  const int64_t now = environment_.NowNanos();
  constexpr int64_t kSleeps[] = {kHeldSleepNanos, kSecondHeldSleepNanos};
  for (size_t i = 0; i < std::size(kSleeps); ++i) {
    // relaxed: a look too many or too few. A time further away than anybody says is nobody's.
    const int64_t watched = word_.watched[i].load(std::memory_order_relaxed);
    const bool own = watches_until_ != 0 && watch_ == i && watched == watches_until_;
    const int64_t watch = kWatchSleeps * kSleeps[i];
    if (!own && watched > now && watched - now <= 2 * watch) continue;
    if (!own) GiveUpWatch();
    watch_ = i;
    watches_until_ = now + watch;
    word_.watched[i].store(watches_until_, std::memory_order_relaxed);
    return kSleeps[i];
  }
  watches_until_ = 0;
  return kIdleSleepNanos;
}

// False if it was another's by now, or there was none.
bool Sleeper::GiveUpWatch() {
  int64_t until = std::exchange(watches_until_, 0);
  // relaxed: as in HeldLimit.
  return until != 0 &&
         word_.watched[watch_].compare_exchange_strong(until, 0, std::memory_order_relaxed);
}

absl::StatusOr<bool> Sleeper::Sleep(int64_t timeout_ns) {
  // Not one short sleep, which anything may end early: short ones until this much time has passed.
  if (!flag_.fenced && environment_.NowNanos() - flag_since_ns_ < kUnfencedSleepNanos) {
    timeout_ns = std::min(timeout_ns, kUnfencedSleepNanos);
  }
  INTERPROCESS_STEP("wait.sleeps");
  absl::Status status = environment_.Sleep(word_.seq, flag_.seq, timeout_ns);
  INTERPROCESS_STEP("wait.woken");
  if (!status.ok()) return status;
  // relaxed: a look for the dead too many or too few.
  return word_.seq.load(std::memory_order_relaxed) != flag_.seq;
}

void Sleeper::End() {
  flag_is_up_ = false;
  // Another is to look after the owner now.
  if (GiveUpWatch()) WakeSome(word_, environment_);
}

}  // namespace interprocess::native
