// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/semaphore.h"
#include "core/platform/semaphore_calls.h"

namespace interprocess::platform {
namespace {

#ifdef __GLIBC__
constexpr char kFilePrefix[] = "/dev/shm/sem.";
#else
constexpr char kFilePrefix[] = "/dev/shm/";
#endif

[[maybe_unused]] timespec TimeOf(int64_t nanos) {
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  timespec time;
  time.tv_sec = static_cast<time_t>(nanos / kNanosPerSecond);
  time.tv_nsec = static_cast<decltype(time.tv_nsec)>(nanos % kNanosPerSecond);
  return time;
}

}  // namespace

// Of the 255 bytes of a file's name "sem." takes four in glibc.
const size_t kMaxSemaphoreNameLength = 251;

int WaitUntil(sem_t* semaphore, int64_t deadline) {
#ifdef __GLIBC__
  const timespec time = TimeOf(deadline);
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &time);
#else
  return PollUntil(semaphore, deadline);
#endif
}

int SetMode(const std::string& name, mode_t mode) {
  return fchmodat(AT_FDCWD, absl::StrCat(kFilePrefix, name).c_str(), mode, AT_SYMLINK_NOFOLLOW);
}

}  // namespace interprocess::platform
