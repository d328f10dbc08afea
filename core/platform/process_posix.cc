// SPDX-License-Identifier: MIT

#include <sys/random.h>
#include <unistd.h>

#include <cstdint>

#include "core/platform/clock.h"
#include "core/platform/process.h"

namespace interprocess::platform {

int64_t ProcessId() { return getpid(); }

uint64_t RandomWord() {
  uint64_t word = 0;
  if (getentropy(&word, sizeof(word)) != 0) {
    // No source of randomness (an old or a closed-in system): time and process tell draws apart.
    word = static_cast<uint64_t>(MonotonicNanos()) * 0x9e3779b97f4a7c15u ^
           static_cast<uint64_t>(ProcessId()) << 32;
  }
  return word;
}

uint32_t UserId() { return geteuid(); }

}  // namespace interprocess::platform
