// SPDX-License-Identifier: MIT

// What POSIX systems do not agree on about named semaphores. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_SEMAPHORE_CALLS_H_
#define INTERPROCESS_CORE_PLATFORM_SEMAPHORE_CALLS_H_

#include <semaphore.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace interprocess::platform {

// Takes a permit, waiting until MonotonicNanos() is `deadline` or, before that, a signal comes. 0,
// or -1 and errno: ETIMEDOUT, EINTR.
int WaitUntil(sem_t* semaphore, int64_t deadline);

// WaitUntil for systems without a wait that ends by a clock that is never set: looks, and pauses
// between the looks, at first 20 µs, growing to 5 ms.
int PollUntil(sem_t* semaphore, int64_t deadline);

// Gives the semaphore `name` (without its slash), which this process has just made, the permission
// bits `mode`, whatever the umask has left of them. 0, or -1 and errno.
int SetMode(const std::string& name, mode_t mode);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_SEMAPHORE_CALLS_H_
