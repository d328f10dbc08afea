// SPDX-License-Identifier: MIT

#include <semaphore.h>
#include <sys/types.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/platform/semaphore.h"
#include "core/platform/semaphore_calls.h"

namespace interprocess::platform {

// Its file's name is that of the semaphore, of up to 255 bytes, with four put before it.
const size_t kMaxSemaphoreNameLength = 251;

int WaitUntil(sem_t* semaphore, int64_t deadline) {
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  timespec time;
  time.tv_sec = static_cast<time_t>(deadline / kNanosPerSecond);
  time.tv_nsec = static_cast<decltype(timespec::tv_nsec)>(deadline % kNanosPerSecond);
  return sem_clockwait_np(semaphore, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

// Where the C library keeps its file is no part of its interface: the umask stands.
int SetMode(const std::string&, mode_t) { return 0; }

}  // namespace interprocess::platform
