// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/open_handle.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {
namespace {

constexpr int kFirstHandle = 3;

#ifdef O_PATH
constexpr int kFillerFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
constexpr int kFillerFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif

// What takes the place of closed streams, for all guards that live.
struct Fillers {
  static void Lock() { pthread_mutex_lock(&mutex); }
  static void Unlock() { pthread_mutex_unlock(&mutex); }

  // In a forked child, which has no guard: the thread that forked had none.
  static void Drop() {
    Close();
    guards = 0;
    Unlock();
  }

  static void Open() {
    for (int number = 0; number < kFirstHandle; ++number) {
      if (fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
      // The lowest number that is free, which another thread may have taken meanwhile.
      const int handle = RetryOnInterrupt([] { return open("/", kFillerFlags); });
      if (handle < 0) return;
      if (handle >= kFirstHandle) {
        close(handle);
      } else if (fstat(handle, &what[handle]) == 0) {
        held[handle] = true;
      }
    }
  }

  static void Close() {
    for (int number = 0; number < kFirstHandle; ++number) {
      struct stat found;
      // Another thread may have made it a stream by dup2 since.
      if (held[number] && fstat(number, &found) == 0 && found.st_dev == what[number].st_dev &&
          found.st_ino == what[number].st_ino) {
        close(number);
      }
      held[number] = false;
    }
  }

  static pthread_mutex_t mutex;
  static bool watches_forks;
  static int guards;
  static bool held[kFirstHandle];
  static struct stat what[kFirstHandle];
};

pthread_mutex_t Fillers::mutex = PTHREAD_MUTEX_INITIALIZER;
bool Fillers::watches_forks = false;
int Fillers::guards = 0;
bool Fillers::held[kFirstHandle] = {};
struct stat Fillers::what[kFirstHandle] = {};

}  // namespace

void LowHandleGuard::WatchForks() {
  Fillers::Lock();
  if (!Fillers::watches_forks) {
    Fillers::watches_forks = pthread_atfork(&Fillers::Lock, &Fillers::Unlock, &Fillers::Drop) == 0;
  }
  Fillers::Unlock();
}

LowHandleGuard::LowHandleGuard() {
  WatchForks();
  Fillers::Lock();
  ++Fillers::guards;
  Fillers::Open();
  Fillers::Unlock();
}

LowHandleGuard::~LowHandleGuard() {
  const int error = errno;
  Fillers::Lock();
  if (--Fillers::guards == 0) Fillers::Close();
  Fillers::Unlock();
  errno = error;
}

int OpenHandle(int directory, const char* path, int flags, mode_t mode) {
  LowHandleGuard guard;
  const int handle =
      RetryOnInterrupt([&] { return openat(directory, path, flags | O_CLOEXEC, mode); });
  if (handle < 0 || handle >= kFirstHandle) return handle;
  // Another thread closed a stream just now.
  const int copy = CopyHandle(handle);
  const int error = errno;
  close(handle);
  errno = error;
  return copy;
}

int CopyHandle(int handle) {
  const int copy = fcntl(handle, F_DUPFD_CLOEXEC, kFirstHandle);
  // EINVAL: the process may have no number so high.
  if (copy < 0 && errno == EINVAL) errno = EMFILE;
  return copy;
}

}  // namespace interprocess::platform
