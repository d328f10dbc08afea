// SPDX-License-Identifier: MIT

// The clocks of the machine.

#ifndef INTERPROCESS_CORE_PLATFORM_CLOCK_H_
#define INTERPROCESS_CORE_PLATFORM_CLOCK_H_

#include <cstdint>

namespace interprocess::platform {

// CLOCK_MONOTONIC (Windows: QueryPerformanceCounter) in nanoseconds: one clock for all processes of
// the machine, never set back.
int64_t MonotonicNanos();

// The time of day since 1970 in nanoseconds, to a few milliseconds, at the price of a few
// instructions.
int64_t CoarseWallNanos();

// The clock of MonotonicNanos as it was at most a few milliseconds ago, where the system keeps such
// a time at the price of a few instructions; else as it is.
int64_t CoarseMonotonicNanos();

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_CLOCK_H_
