// SPDX-License-Identifier: MIT

#include <time.h>

#include <cstdint>

#include "core/platform/clock.h"

namespace interprocess::platform {
namespace {

int64_t ReadClock(clockid_t clock) {
  timespec now;
  if (clock_gettime(clock, &now) != 0) return 0;
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t CoarseWallNanos() { return ReadClock(CLOCK_REALTIME_COARSE); }

int64_t CoarseMonotonicNanos() { return ReadClock(CLOCK_MONOTONIC_COARSE); }

}  // namespace interprocess::platform
