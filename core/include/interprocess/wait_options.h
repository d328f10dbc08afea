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
// DeadlineExceeded when `timeout` is over or the deadline has come, and with Cancelled when a stop
// is asked for. A stop that was asked for before the call ends it before anything is tried; no time
// that is left still allows the one try. The clock is monotonic: setting the time of day changes no
// wait. One object serves any number of calls, one after the other or at one time. Example:
//
//   subscriber.Dequeue(absl::Seconds(1));
//   const WaitOptions patience = WaitOptions::For(absl::Seconds(1), source.token());
//   while (subscriber.Dequeue(buffer, patience).ok()) ...  // a second for each
//   const WaitOptions until = WaitOptions::Until(absl::Now() + absl::Seconds(1));
//   while (subscriber.Dequeue(buffer, until).ok()) ...  // a second for all
struct WaitOptions {
  WaitOptions() = default;
  // Implicit, so that a call takes a duration or a token in their place.
  WaitOptions(StopToken token)  // NOLINT(google-explicit-constructor)
      : stop(std::move(token)) {}
  WaitOptions(absl::Duration for_each_call)  // NOLINT(google-explicit-constructor)
      : timeout(for_each_call) {}
  WaitOptions(absl::Duration for_each_call, StopToken token)
      : timeout(for_each_call), stop(std::move(token)) {}

  // Each call waits at most `timeout`. A negative one is 0, absl::InfiniteDuration() waits for
  // ever.
  static WaitOptions For(absl::Duration timeout, StopToken token = {}) {
    return WaitOptions(timeout, std::move(token));
  }
  // All calls wait until `deadline` at most: as far from now as the time of day says at this
  // moment.
  static WaitOptions Until(absl::Time deadline, StopToken token = {});

  // When a call that begins now ends at the latest; max() for never.
  std::chrono::steady_clock::time_point End() const;

  // Of each call, from when it begins.
  absl::Duration timeout = absl::InfiniteDuration();
  // Of all calls. What comes first, this or the end of `timeout`, ends a call.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  StopToken stop;
  // Polling answers within a fraction of a microsecond but uses the core; sleeping costs a wake-up
  // (about 5 to 50 µs). Zero sleeps at once.
  absl::Duration spin = absl::Microseconds(20);
};

}  // namespace interprocess

#endif  // INTERPROCESS_WAIT_OPTIONS_H_
