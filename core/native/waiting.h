// Sleeping until the queue changes, and waking those who sleep.

#ifndef INTERPROCESS_CORE_NATIVE_WAITING_H_
#define INTERPROCESS_CORE_NATIVE_WAITING_H_

#include <atomic>
#include <cstdint>

#include "absl/status/statusor.h"
#include "core/native/environment.h"
#include "core/native/layout.h"

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

// The sleeps of one endpoint on `word`. Used by one thread at a time.
class Sleeper {
 public:
  Sleeper(const Header& header, WaitWord& word, Environment& environment)
      : header_(header), word_(word), environment_(environment) {}

  // Raises the flag. The caller looks at the queue after it.
  void Prepare();
  // For at most `timeout_ns`, unless `word` was counted up since Prepare. Whether it was. An error
  // if the system refuses what a sleep needs.
  absl::StatusOr<bool> Sleep(int64_t timeout_ns);
  // After the last sleep of a call.
  void End() { flag_is_up_ = false; }

 private:
  const Header& header_;
  WaitWord& word_;
  Environment& environment_;
  RaisedFlag flag_{};
  // Since when every participant may have seen the flag, where no barrier says so. It counts from
  // the first Prepare, and anew from each that finds another `seq`.
  bool flag_is_up_ = false;
  int64_t flag_since_ns_ = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_WAITING_H_
