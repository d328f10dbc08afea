// Small helpers for POSIX system calls. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_
#define INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_

#include <sys/types.h>

#include <cerrno>

#include "core/platform/directory.h"

namespace interprocess::platform {

// Repeats a call that returns -1 and sets errno for as long as signals interrupt it.
template <typename Call>
auto RetryOnInterrupt(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

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
