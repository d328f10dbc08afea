// SPDX-License-Identifier: MIT

#include "interprocess/wait_options.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace interprocess {
namespace {

using Moment = std::chrono::steady_clock::time_point;

Moment FromNow(absl::Duration time) {
  // A century is for ever, and does not overflow the clock.
  constexpr absl::Duration kForEver = absl::Hours(24 * 365 * 100);
  if (time >= kForEver) return Moment::max();
  return std::chrono::steady_clock::now() +
         absl::ToChronoNanoseconds(std::max(time, absl::ZeroDuration()));
}

}  // namespace

WaitOptions WaitOptions::Until(absl::Time deadline, StopToken token) {
  WaitOptions options(std::move(token));
  options.deadline = FromNow(deadline - absl::Now());
  return options;
}

Moment WaitOptions::End() const { return std::min(FromNow(timeout), deadline); }

}  // namespace interprocess
