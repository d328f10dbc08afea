// SPDX-License-Identifier: MIT

#include <time.h>

#include <cstdint>

#include "core/platform/clock.h"

namespace interprocess::platform {

int64_t CoarseWallNanos() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t CoarseMonotonicNanos() { return MonotonicNanos(); }

}  // namespace interprocess::platform
