// SPDX-License-Identifier: MIT

#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

#include "core/platform/clock.h"
#include "core/platform/semaphore_calls.h"

namespace interprocess::platform {

int PollUntil(sem_t* semaphore, int64_t deadline) {
  constexpr int64_t kFirstPause = 20'000;
  constexpr int64_t kLongestPause = 5'000'000;
  for (int64_t pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    if (sem_trywait(semaphore) == 0) return 0;
    if (errno != EAGAIN) return -1;
    const int64_t left = deadline - MonotonicNanos();
    if (left <= 0) {
      errno = ETIMEDOUT;
      return -1;
    }
    const timespec request = {0, static_cast<decltype(timespec::tv_nsec)>(std::min(pause, left))};
    if (nanosleep(&request, nullptr) != 0) return -1;
  }
}

}  // namespace interprocess::platform
