// SPDX-License-Identifier: MIT

// The times for which the Cloudtoid engines sleep between two tries.

#ifndef INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_
#define INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_

#include <algorithm>
#include <cstdint>

namespace interprocess::cloudtoid {

inline constexpr int64_t kMicrosecond = 1'000;
inline constexpr int64_t kMillisecond = 1'000'000;

// The longest sleep on the semaphore. A publisher that owes a permit may die, or post to a
// semaphore that has lost its name. Then the waiter looks after this time. Each look costs an idle
// waiter about 60 µs of CPU.
inline constexpr int64_t kIdleSleepNanos = 400 * kMillisecond;

// Neither format tells a waiter that there is room, that another reader's lock has ended, that a
// record is complete, or that a permit that is owed has been posted. So a waiter for one of these
// polls. The first pause is kFirstPollNanos. Each pause is a quarter longer than the one before, so
// it is about a quarter of the time that the waiter has waited until then.
inline constexpr int64_t kFirstPollNanos = 20 * kMicrosecond;
inline constexpr int64_t kLongestPollNanos = 5 * kMillisecond;

// Before its first pause a publisher watches the read offset for this long. A reader at work makes
// room within that time. A sleep takes several times as long, and a reader that empties the queue
// meanwhile goes to sleep as well.
inline constexpr int64_t kWatchNanos = 25 * kMicrosecond;
// A publisher that has watched in vain watches half as long next time, but never shorter than this.
inline constexpr int64_t kShortestWatchNanos = 5 * kMicrosecond;
// A publisher sleeps after it has seen the reader move this often without enough room.
inline constexpr int kMovesPerSleep = 16;

// The pause before the next look.
class PollPause {
 public:
  int64_t Next() {
    const int64_t pause = pause_;
    pause_ = std::min(pause_ + pause_ / 4, kLongestPollNanos);
    return pause;
  }
  void Reset() { pause_ = kFirstPollNanos; }

 private:
  int64_t pause_ = kFirstPollNanos;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_SLEEPS_H_
