// SPDX-License-Identifier: MIT

// Linked with --wrap=clock_gettime: the library's calls come here.

#include "tests/fuzz/fake_clock.h"

#include <time.h>

#include <atomic>

extern "C" {
int __real_clock_gettime(clockid_t clock, timespec* time);
int __wrap_clock_gettime(clockid_t clock, timespec* time);
}

namespace interprocess::fuzz {
namespace {

std::atomic<int64_t> now{1'000'000'000'000};

}  // namespace

void AdvanceClock(int64_t nanos) { now.fetch_add(nanos, std::memory_order_relaxed); }

}  // namespace interprocess::fuzz

int __wrap_clock_gettime(clockid_t clock, timespec* time) {
  if (clock != CLOCK_MONOTONIC) return __real_clock_gettime(clock, time);
  const int64_t nanos = interprocess::fuzz::now.load(std::memory_order_relaxed);
  time->tv_sec = nanos / 1'000'000'000;
  time->tv_nsec = nanos % 1'000'000'000;
  return 0;
}
