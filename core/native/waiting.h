// Sleeping until the queue changes, and waking those who sleep.

#ifndef INTERPROCESS_CORE_NATIVE_WAITING_H_
#define INTERPROCESS_CORE_NATIVE_WAITING_H_

#include <atomic>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/native/environment.h"
#include "core/native/layout.h"
#include "interprocess/wait_options.h"

namespace interprocess::native {

inline constexpr int64_t kMillisecond = 1'000'000;

// A reservation that is not committed for so long is passed by.
inline constexpr int64_t kPassByNanos = kMillisecond;
// The longest sleep while a slot's owner holds the waiter up: the owner may be dead.
inline constexpr int64_t kHeldSleepNanos = 5 * kMillisecond;
// The longest sleep otherwise: a wake-up that a notifier died owing comes no later. Each costs an
// idle waiter about 60 µs of CPU, and twelve of them in 5 s stay below 1 ms.
inline constexpr int64_t kIdleSleepNanos = 400 * kMillisecond;
// The longest sleep after the flag was set, where no barrier reaches every participant: a
// notifier's look at the flag may have run before its change was seen. One look after this time,
// when every such change has long been seen, closes the gap.
inline constexpr int64_t kUnfencedSleepNanos = kMillisecond;
// How often the dead are looked for, by whoever comes first.
inline constexpr int64_t kLookNanos = 50 * kMillisecond;

// Ends the sleeps on `word`, also those that are about to begin. The caller has said why before,
// and a waiter reads `seq` before it looks for reasons. By any thread.
void CountUpAndWake(WaitWord& word, Environment& environment);

// The same after a change of the queue, where the flag said that somebody sleeps.
void WakeSleepers(WaitWord& word, Environment& environment);

// After a change of the queue that was made with a release store or more. No fence stands between
// that store and this look: who goes to sleep makes one for both (Barrier), after it set the flag
// and before its last look at the queue. So either this load (relaxed) sees the flag, or that look
// the change.
inline void Notify(WaitWord& word, Environment& environment) {
  // Against the compiler only.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (word.flag.load(std::memory_order_relaxed) != 0) WakeSleepers(word, environment);
}

// The first half of a sleep on `word`: `seq`, which whoever notifies after this counts up, and
// whether every participant saw the flag before this returns. A look at the queue follows, then the
// sleep while `seq` stays.
struct RaisedFlag {
  uint32_t seq;
  bool fenced;
};
RaisedFlag RaiseFlag(const Header& header, WaitWord& word, Environment& environment);

// One waiting call.
struct Wait {
  // Tries to do what is waited for: Unavailable or ResourceExhausted to go on waiting, anything
  // else ends the wait.
  absl::FunctionRef<absl::Status()> attempt;
  // The longest that the next sleep may last, asked after an attempt.
  absl::FunctionRef<int64_t()> sleep_limit;
  // A sleep begins; one ended without a wake-up.
  absl::FunctionRef<void()> on_sleep;
  absl::FunctionRef<void()> on_timeout;
};

// Attempts, polls, sleeps. Cancelled before the first attempt if a stop was asked for before;
// DeadlineExceeded, Cancelled; FailedPrecondition when `closed` is set meanwhile (the closer counts
// `word.seq` up and wakes). An error of the system's where it refuses what sleeping needs.
absl::Status WaitFor(const Header& header, WaitWord& word, Environment& environment,
                     const std::atomic<bool>& closed, const WaitOptions& options, const Wait& wait);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_WAITING_H_
