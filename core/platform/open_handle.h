// SPDX-License-Identifier: MIT

// Where all handles of this library come from on POSIX systems. None is ever 0, 1 or 2: a program
// that has closed its standard streams may still print to them, and what it prints must not reach a
// queue's file.

#ifndef INTERPROCESS_CORE_PLATFORM_OPEN_HANDLE_H_
#define INTERPROCESS_CORE_PLATFORM_OPEN_HANDLE_H_

#include <sys/types.h>

namespace interprocess::platform {

// Opens like openat, with O_CLOEXEC, again when a signal interrupts it; -1 and errno. AT_FDCWD is
// the current directory.
int OpenHandle(int directory, const char* path, int flags, mode_t mode = 0);

// Another handle of what `handle` has open, with O_CLOEXEC; -1 and errno.
int CopyHandle(int handle);

// While one lives, 0, 1 and 2 are not free: each that the process has closed is taken by a handle
// that refuses reading and writing, as a closed one does. For calls that open something themselves
// (sem_open, getgrnam_r, opendir). Thread-safe; fork() must not be called while one lives in the
// same thread.
class LowHandleGuard {
 public:
  LowHandleGuard();
  LowHandleGuard(const LowHandleGuard&) = delete;
  LowHandleGuard& operator=(const LowHandleGuard&) = delete;
  ~LowHandleGuard();

  // Makes fork() take the guards' lock from now on. A lock that is held while a guard is made must
  // be registered with pthread_atfork after this call.
  static void WatchForks();
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_OPEN_HANDLE_H_
