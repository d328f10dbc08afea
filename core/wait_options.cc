// SPDX-License-Identifier: MIT

#include "interprocess/wait_options.h"

#include <algorithm>
#include <utility>

namespace interprocess {

WaitOptions::WaitOptions(absl::Duration timeout, StopToken token) : stop(std::move(token)) {
  // A century is for ever, and does not overflow the clock.
  constexpr absl::Duration kForEver = absl::Hours(24 * 365 * 100);
  if (timeout >= kForEver) return;
  deadline = std::chrono::steady_clock::now() +
             absl::ToChronoNanoseconds(std::max(timeout, absl::ZeroDuration()));
}

}  // namespace interprocess
