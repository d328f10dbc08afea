// SPDX-License-Identifier: MIT

#include <windows.h>

#include <cstdint>

#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "core/platform/windows_calls.h"

// RtlGenRandom, under the name that advapi32 exports it by.
extern "C" BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

namespace interprocess::platform {

int64_t ProcessId() { return GetCurrentProcessId(); }

int64_t ProcessStartTime() {
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) return 0;
  return NanosSince1970(created);
}

uint32_t UserId() { return 0; }
uint32_t UserIdOutside() { return 0; }

uint64_t RandomWord() {
  uint64_t word = 0;
  if (!SystemFunction036(&word, sizeof word)) {
    // Time and process tell draws apart.
    word = static_cast<uint64_t>(MonotonicNanos()) * 0x9e3779b97f4a7c15u ^
           static_cast<uint64_t>(ProcessId()) << 32;
  }
  return word;
}

}  // namespace interprocess::platform
