// SPDX-License-Identifier: MIT

// How long a waiting call waits, and what else ends it.

#ifndef INTERPROCESS_WAIT_OPTIONS_H_
#define INTERPROCESS_WAIT_OPTIONS_H_

#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "interprocess/stop_token.h"

namespace interprocess {

// A waiting call first tries; then it polls for `spin`, then it sleeps in the kernel. It ends with
// DeadlineExceeded at the deadline and with Cancelled when a stop is asked for. A stop that was
// asked for before the call ends it before anything is tried; a deadline that has passed still
// allows the one try. The clock is monotonic: setting the time of day changes no wait.
struct WaitOptions {
  WaitOptions() = default;
  explicit WaitOptions(StopToken token) : stop(std::move(token)) {}
  // At most `timeout` from now, when this is made: make one for each call. A negative one is 0,
  // absl::InfiniteDuration() waits for ever.
  explicit WaitOptions(absl::Duration timeout, StopToken token = {});

  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  StopToken stop;
  // Polling answers within a fraction of a microsecond but uses the core; sleeping costs a wake-up
  // (about 5 to 50 µs). Zero sleeps at once.
  absl::Duration spin = absl::Microseconds(20);
};

}  // namespace interprocess

#endif  // INTERPROCESS_WAIT_OPTIONS_H_
