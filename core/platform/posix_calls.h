// Small helpers for POSIX system calls. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_
#define INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_

#include <cerrno>

namespace interprocess::platform {

// Repeats a call that returns -1 and sets errno for as long as signals interrupt it.
template <typename Call>
auto RetryOnInterrupt(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_POSIX_CALLS_H_
