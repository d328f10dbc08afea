// SPDX-License-Identifier: MIT

// macOS has no timed wait on a named semaphore, tells no value, and masks the mode by the umask for
// good.

#include <semaphore.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/platform/semaphore.h"
#include "core/platform/semaphore_calls.h"

namespace interprocess::platform {

// 31 with the slash.
const size_t kMaxSemaphoreNameLength = kPortableSemaphoreNameLength;

int WaitUntil(sem_t* semaphore, int64_t deadline) { return PollUntil(semaphore, deadline); }

int SetMode(const std::string&, mode_t) { return 0; }

}  // namespace interprocess::platform
