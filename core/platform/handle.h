// SPDX-License-Identifier: MIT

// What the system calls an open file by.

#ifndef INTERPROCESS_CORE_PLATFORM_HANDLE_H_
#define INTERPROCESS_CORE_PLATFORM_HANDLE_H_

#include <cstdint>

namespace interprocess::platform {

// A file descriptor; on Windows a HANDLE as a number. -1 is none in both.
#ifdef _WIN32
using Handle = intptr_t;
#else
using Handle = int;
#endif

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_HANDLE_H_
