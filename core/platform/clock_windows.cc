// SPDX-License-Identifier: MIT

#include <windows.h>

#include <cstdint>

#include "core/platform/clock.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

int64_t TicksPerSecond() {
  // Constant for as long as the system runs.
  static const int64_t ticks = [] {
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return int64_t{frequency.QuadPart};
  }();
  return ticks;
}

}  // namespace

int64_t MonotonicNanos() {
  LARGE_INTEGER now;
  QueryPerformanceCounter(&now);
  const int64_t second = TicksPerSecond();
  // In two parts, or the product overflows after a quarter of an hour.
  return now.QuadPart / second * kNanosPerSecond + now.QuadPart % second * kNanosPerSecond / second;
}

int64_t CoarseWallNanos() {
  FILETIME now;
  GetSystemTimeAsFileTime(&now);
  return NanosSince1970(now);
}

int64_t CoarseMonotonicNanos() { return MonotonicNanos(); }

}  // namespace interprocess::platform
