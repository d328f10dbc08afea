// SPDX-License-Identifier: MIT

// Sleeping until the queue changes, and waking those who sleep.

#ifndef INTERPROCESS_CORE_NATIVE_WAITING_H_
#define INTERPROCESS_CORE_NATIVE_WAITING_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/native/environment.h"
#include "core/native/layout.h"

namespace interprocess::native {

inline constexpr int64_t kMillisecond = 1'000'000;

// A reservation that is not committed for so long is passed by.
inline constexpr int64_t kPassByNanos = kMillisecond;
// The longest sleep of the waiter that looks whether the owner of a slot that holds it up has died.
inline constexpr int64_t kHeldSleepNanos = 5 * kMillisecond;
// How long the second waiter that looks sleeps, should the first have died or stopped. Both
// together find a death within 10 ms, and their looks drift apart.
inline constexpr int64_t kSecondHeldSleepNanos = 8 * kMillisecond;
// How long others leave the look to a waiter that says it makes it, in sleeps of that one.
inline constexpr int64_t kWatchSleeps = 2;
// The longest sleep otherwise: a wake-up that a notifier died owing comes no later. Each costs an
// idle waiter about 60 µs of CPU, and twelve of them in 5 s stay below 1 ms.
inline constexpr int64_t kIdleSleepNanos = 400 * kMillisecond;
// The longest sleep after the flag was set, where no barrier reaches every participant: a
// notifier's look at the flag may have run before its change was seen. One look after this time,
// when every such change has long been seen, closes the gap.
inline constexpr int64_t kUnfencedSleepNanos = kMillisecond;
// How many sleepers a change wakes: two, so that one which is killed or stopped on its way keeps
// nobody from the change.
inline constexpr int kWakeAtOnce = 2;
// A notifier that has just woken sleepers leaves further ones to those for this long.
inline constexpr int64_t kSpareWakeNanos = 50'000;

// Ends the sleeps on `word`, also those that are about to begin. The caller has said why before,
// and a waiter reads `seq` before it looks for reasons. By any thread.
void CountUpAndWake(WaitWord& word, Environment& environment);

// Where `flag` says that somebody sleeps: ends the sleeps of two, and all that are about to begin.
// The count that it made, 0 if nobody sleeps. One that stops or dies in here leaves the flag up, so
// that the next notifier wakes.
uint32_t WakeSome(WaitWord& word, Environment& environment);

// Whether anybody sleeps, after a change of the queue that was made with a release store or more.
// No fence stands between that store and this look: one that goes to sleep makes one for both
// (Barrier), after it set the flag and before its last look at the queue. So either this load
// (relaxed) sees the flag, or that look the change.
inline bool IsFlagUp(const WaitWord& word) {
  // Against the compiler only.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return word.flag.load(std::memory_order_relaxed) != 0;
}

// The same of two.
inline bool IsFlagUp(const WaitWord& word, const WaitWord& other) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return (word.flag.load(std::memory_order_relaxed) | other.flag.load(std::memory_order_relaxed)) !=
         0;
}

// Wakes those who sleep on `word` after one participant's changes of the queue. By any thread.
class Notifier {
 public:
  Notifier(WaitWord& word, Environment& environment) : word_(word), environment_(environment) {}

  void Notify() {
    if (ABSL_PREDICT_FALSE(IsFlagUp(word_))) Wake();
  }
  // Where the flag is up. Leaves it to those that this has woken, for a while, unless somebody has
  // gone to sleep since.
  void Wake();

 private:
  WaitWord& word_;
  Environment& environment_;
  std::atomic<uint32_t> count_{0};    // that the last wake-up made
  std::atomic<uint64_t> woke_at_{0};  // in ticks
};

// The first half of a sleep on `word`: `seq`, which one that notifies after this counts up, and
// whether every participant saw the flag before this returns. A look at the queue follows, then the
// sleep while `seq` stays.
struct RaisedFlag {
  uint32_t seq;
  bool fenced;
};
RaisedFlag RaiseFlag(const Header& header, WaitWord& word, Environment& environment);

// True if the flag that was raised at `seq` is up still, and nobody was notified since.
bool IsUp(const WaitWord& word, uint32_t seq);

// The sleeps of one endpoint on `word`. Used by one thread at a time.
class Sleeper {
 public:
  Sleeper(const Header& header, WaitWord& word, Environment& environment)
      : header_(header), word_(word), environment_(environment) {}

  // Raises the flag. The caller looks at the queue after it.
  void Prepare();
  // The longest sleep of a waiter that an owner holds up: short for two of all, which look whether
  // the owner has died. Before Sleep.
  int64_t HeldLimit();
  // For at most `timeout_ns`, unless `word` was counted up since Prepare. Whether it was. An error
  // if the system refuses what a sleep needs.
  absl::StatusOr<bool> Sleep(int64_t timeout_ns);
  // After the last sleep of a call.
  void End();

 private:
  bool GiveUpWatch();

  const Header& header_;
  WaitWord& word_;
  Environment& environment_;
  RaisedFlag flag_{};
  // Since when every participant may have seen the flag, where no barrier says so. It counts from
  // the first Prepare, and anew from each that finds another `seq`.
  bool flag_is_up_ = false;
  int64_t flag_since_ns_ = 0;
  int64_t watches_until_ = 0;  // 0: does not
  size_t watch_ = 0;           // as the first or the second
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_WAITING_H_
