// SPDX-License-Identifier: MIT

// On Linux, for tests: what a source of another system takes for granted.

#ifndef INTERPROCESS_CORE_PLATFORM_STAND_INS_STAND_INS_H_
#define INTERPROCESS_CORE_PLATFORM_STAND_INS_STAND_INS_H_

#include <semaphore.h>
#include <time.h>

// FreeBSD's, for the one way in which it is called.
inline int sem_clockwait_np(sem_t* semaphore, clockid_t clock, int, const timespec* deadline,
                            timespec*) {
  return sem_clockwait(semaphore, clock, deadline);
}

#endif  // INTERPROCESS_CORE_PLATFORM_STAND_INS_STAND_INS_H_
