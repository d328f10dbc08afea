// Waiting calls of the Cloudtoid engines: try, poll, sleep.

#ifndef INTERPROCESS_CORE_CLOUDTOID_WAITING_H_
#define INTERPROCESS_CORE_CLOUDTOID_WAITING_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "interprocess/wait_options.h"

namespace interprocess::cloudtoid {

inline constexpr int64_t kMicrosecond = 1'000;
inline constexpr int64_t kMillisecond = 1'000'000;

// The longest sleep on the semaphore: a permit that its publisher died owing, or that went to a
// semaphore which has lost its name, is made up for as soon. Each costs an idle waiter about 60 µs
// of CPU.
inline constexpr int64_t kIdleSleepNanos = 400 * kMillisecond;
// Where neither format tells a waiter when to go on, it looks again and again: for room, for the
// end of another's read lock, for a record that is being written, for a permit that is owed. First
// after kFirstPollNanos, then after twice as long, and so on.
inline constexpr int64_t kFirstPollNanos = 20 * kMicrosecond;
inline constexpr int64_t kLongestPollNanos = 5 * kMillisecond;

// Grows from poll to poll.
class PollPause {
 public:
  int64_t Next() {
    const int64_t pause = pause_;
    pause_ = std::min(2 * pause_, kLongestPollNanos);
    return pause;
  }
  void Reset() { pause_ = kFirstPollNanos; }

 private:
  int64_t pause_ = kFirstPollNanos;
};

struct Wait {
  // Tries to do what is waited for: Unavailable or ResourceExhausted to go on waiting, anything
  // else ends the wait.
  absl::FunctionRef<absl::Status()> attempt;
  // Sleeps for so long at most, or not at all if `ended` says so after it was made known that this
  // sleeps. May end early for no reason.
  absl::FunctionRef<void(int64_t timeout_ns, absl::FunctionRef<bool()> ended)> sleep;
  // Ends a sleep. Called by another thread, when a stop was asked for.
  absl::FunctionRef<void()> wake;
};

// Cancelled before the first attempt if a stop was asked for before; DeadlineExceeded, Cancelled;
// FailedPrecondition when `closed` is set meanwhile (the closer wakes).
absl::Status WaitFor(const std::atomic<bool>& closed, const WaitOptions& options, const Wait& wait);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_WAITING_H_
