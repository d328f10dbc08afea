// SPDX-License-Identifier: MIT

// On Linux, for tests: of macOS's header what is used of it.

#ifndef INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_CLOCK_H_
#define INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_CLOCK_H_

// NOLINTNEXTLINE(readability-identifier-naming): the name in macOS.
enum os_clockid_t { OS_CLOCK_MACH_ABSOLUTE_TIME = 32 };

#endif  // INTERPROCESS_CORE_PLATFORM_STAND_INS_OS_CLOCK_H_
