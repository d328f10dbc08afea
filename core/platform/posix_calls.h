// SPDX-License-Identifier: MIT

// Small helpers for POSIX system calls. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_
#define INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_

#include <sys/types.h>

#include <cerrno>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/platform/directory.h"

namespace interprocess::platform {

// Repeats a call that returns -1 and sets errno for as long as signals interrupt it.
template <typename Call>
auto RetryOnInterrupt(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// Calls `try_lock`, which must not wait (0, or -1 and errno), until it has the lock or fails with
// anything but EWOULDBLOCK, for `timeout` at most: Unavailable, naming the directory `path`. Polls,
// because a waiting flock cannot be told to give up.
absl::Status WaitForLock(absl::FunctionRef<int()> try_lock, const std::string& path,
                         absl::Duration timeout);

// The permission bits of what is made with `access`.
inline mode_t ModeOf(Access access) {
  switch (access) {
    case Access::kOwner:
      return 0600;
    case Access::kGroup:
      return 0660;
    case Access::kEveryone:
      return 0666;
  }
  return 0600;
}

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_
