// SPDX-License-Identifier: MIT

// One thread that waits for messages of several queues.

#ifndef INTERPROCESS_WAIT_ANY_H_
#define INTERPROCESS_WAIT_ANY_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/alarm.h"

namespace interprocess {

// The most alarms that one call takes.
inline constexpr int kMaxAlarms = 128;

// Sleeps until an alarm's word changes, for the smallest of their limits and `timeout` at most. May
// return early for no reason: look which have changed. Example:
//
//   Alarm alarms[2];
//   while (!done) {
//     for (int i = 0; i < 2; ++i) {
//       auto armed = subscriber[i].Arm(alarms[i]);
//       if (!armed.ok()) return armed.status();
//       alarms[i] = *armed;
//       TakeAll(subscriber[i]);  // after Arm: a later enqueue changes the word
//     }
//     WaitAny(alarms, absl::InfiniteDuration());
//   }
void WaitAny(absl::Span<const Alarm> alarms, absl::Duration timeout);

// Ends a sleep of WaitAny in this process. Thread-safe.
class Bell {
 public:
  // Take it before the last look at what the bell is rung for.
  Alarm alarm() const {
    // seq_cst: before that look.
    return {&word_, word_.load(std::memory_order_seq_cst), absl::InfiniteDuration()};
  }
  // Ends the sleeps that were entered with its alarm. It never waits.
  void Ring();

 private:
  std::atomic<uint32_t> word_{0};
};

}  // namespace interprocess

#endif  // INTERPROCESS_WAIT_ANY_H_
