// SPDX-License-Identifier: MIT

// On Linux, for tests: of macOS's header what is used of it, by futexes.

#ifndef INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_OS_SYNC_WAIT_ON_ADDRESS_H_
#define INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_OS_SYNC_WAIT_ON_ADDRESS_H_

#include <limits.h>
#include <linux/futex.h>
#include <os/clock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OS_SYNC_WAIT_ON_ADDRESS_SHARED = 1, OS_SYNC_WAKE_BY_ADDRESS_SHARED = 1 };

inline int os_sync_wait_on_address_with_timeout(void* address, uint64_t value, size_t, int,
                                                os_clockid_t, uint64_t timeout_ns) {
  const timespec timeout = {static_cast<time_t>(timeout_ns / 1'000'000'000),
                            static_cast<decltype(timespec::tv_nsec)>(timeout_ns % 1'000'000'000)};
  return static_cast<int>(
      syscall(SYS_futex, address, FUTEX_WAIT, static_cast<uint32_t>(value), &timeout, nullptr, 0));
}

inline int os_sync_wake_by_address_all(void* address, size_t, int) {
  return static_cast<int>(syscall(SYS_futex, address, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0));
}

inline int os_sync_wake_by_address_any(void* address, size_t, int) {
  return static_cast<int>(syscall(SYS_futex, address, FUTEX_WAKE, 1, nullptr, nullptr, 0));
}

#endif  // INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_OS_SYNC_WAIT_ON_ADDRESS_H_
