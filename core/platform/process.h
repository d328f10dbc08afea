// SPDX-License-Identifier: MIT

// What names this process, and what tells it from others.

#ifndef INTERPROCESS_CORE_PLATFORM_PROCESS_H_
#define INTERPROCESS_CORE_PLATFORM_PROCESS_H_

#include <cstdint>

namespace interprocess::platform {

int64_t ProcessId();
// When the process started, in nanoseconds of the wall clock since 1970 (0 if the system does not
// tell); with the id it names a process in reports. Never used to tell whether one lives.
int64_t ProcessStartTime();
// The user's id as a number (0 on systems without).
uint32_t UserId();
// That id as the parent of this process's user namespace knows it (UserId, where the system does
// not tell, or has no such namespaces): in containers of different users, 0 is not one user.
uint32_t UserIdOutside();

// 64 bits that no other process is likely to draw.
uint64_t RandomWord();

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_PROCESS_H_
