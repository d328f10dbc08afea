// How long the Cloudtoid engines sleep between two tries.

#ifndef INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_
#define INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_

#include <algorithm>
#include <cstdint>

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

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_
