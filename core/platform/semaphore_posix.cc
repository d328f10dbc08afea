// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/clock.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/semaphore.h"
#include "core/platform/semaphore_calls.h"

namespace interprocess::platform {
namespace {

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("semaphore '': the name is empty");
  if (name.size() > kMaxSemaphoreNameLength) {
    return absl::InvalidArgumentError(absl::StrCat("semaphore '", absl::CHexEscape(name),
                                                   "': its name has ", name.size(), " bytes, ",
                                                   kMaxSemaphoreNameLength, " at most may be"));
  }
  if (name.find('/') != name.npos || name.find('\0') != name.npos) {
    return absl::InvalidArgumentError(absl::StrCat("semaphore '", absl::CHexEscape(name),
                                                   "': the name holds a slash or a NUL byte"));
  }
  return absl::OkStatus();
}

std::string SystemName(const std::string& name) { return absl::StrCat("/", name); }

sem_t* SemaphoreOf(void* handle) { return static_cast<sem_t*>(handle); }

// sem_open, repeated while signals interrupt it; null and errno.
template <typename... More>
sem_t* OpenCall(const std::string& name, int flags, More... more) {
  const std::string system_name = SystemName(name);
  LowHandleGuard guard;
  sem_t* result;
  do {
    result = sem_open(system_name.c_str(), flags, more...);
  } while (result == SEM_FAILED && errno == EINTR);
  return result == SEM_FAILED ? nullptr : result;
}

}  // namespace

absl::StatusOr<NamedSemaphore> NamedSemaphore::Open(const std::string& name,
                                                    const SemaphoreOptions& options) {
  if (absl::Status sound = CheckName(name); !sound.ok()) return sound;
  if (options.initial_value > kMaxSemaphoreInitialValue) {
    return absl::InvalidArgumentError(absl::StrCat("semaphore '", name, "': initial value ",
                                                   options.initial_value, " is above ",
                                                   kMaxSemaphoreInitialValue));
  }
  const mode_t mode = options.mode.has_value() ? static_cast<mode_t>(*options.mode & 0777)
                                               : ModeOf(options.access.who);
  NamedSemaphore result;
  result.name_ = name;
  // Opening and making apart: only its maker gives it a mode, and a system may refuse to "make" one
  // that another user has made.
  while (true) {
    if (options.open != SemaphoreOpen::kCreateNew) {
      result.handle_ = OpenCall(name, 0);
      if (result.is_open()) return result;
      if (errno != ENOENT || options.open == SemaphoreOpen::kOpenExisting) {
        return OsError("sem_open", name, errno);
      }
    }
    result.handle_ = OpenCall(name, O_CREAT | O_EXCL, mode, options.initial_value);
    if (result.is_open()) break;
    if (errno != EEXIST || options.open == SemaphoreOpen::kCreateNew) {
      return OsError("sem_open(O_CREAT)", name, errno);
    }
  }
  if (!options.apply_umask && SetMode(name, mode) != 0 && errno != ENOENT) {
    // ENOENT: another has removed it already.
    absl::Status failed = OsError("chmod semaphore", name, errno);
    (void)sem_unlink(SystemName(name).c_str());
    return failed;
  }
  return result;
}

absl::Status NamedSemaphore::Remove(const std::string& name) {
  if (absl::Status sound = CheckName(name); !sound.ok()) return sound;
  if (sem_unlink(SystemName(name).c_str()) == 0) return absl::OkStatus();
  return OsError("sem_unlink", name, errno);
}

NamedSemaphore::NamedSemaphore(NamedSemaphore&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), name_(std::move(other.name_)) {}

NamedSemaphore& NamedSemaphore::operator=(NamedSemaphore&& other) noexcept {
  if (this != &other) {
    Close();
    handle_ = std::exchange(other.handle_, nullptr);
    name_ = std::move(other.name_);
  }
  return *this;
}

absl::Status NamedSemaphore::Post() const {
  if (RetryOnInterrupt([&] { return sem_post(SemaphoreOf(handle_)); }) == 0) {
    return absl::OkStatus();
  }
  // At the maximum, every waiter has permits enough. (Systems differ in what they call it.)
  if (errno == EOVERFLOW || errno == ERANGE) return absl::OkStatus();
  return OsError("sem_post", name_, errno);
}

bool NamedSemaphore::TryWait() const {
  return RetryOnInterrupt([&] { return sem_trywait(SemaphoreOf(handle_)); }) == 0;
}

absl::StatusOr<bool> NamedSemaphore::Wait(int64_t timeout_ns) const {
  if (TryWait()) return true;
  if (timeout_ns <= 0) return false;
  const int64_t now = MonotonicNanos();
  const int64_t deadline = now + std::min(timeout_ns, std::numeric_limits<int64_t>::max() - now);
  if (RetryOnInterrupt([&] { return WaitUntil(SemaphoreOf(handle_), deadline); }) == 0) return true;
  if (errno == ETIMEDOUT) return false;
  return OsError("wait for semaphore", name_, errno);
}

absl::StatusOr<int> NamedSemaphore::Value() const {
  int value = 0;
  if (sem_getvalue(SemaphoreOf(handle_), &value) == 0) return std::max(value, 0);
  if (errno == ENOSYS) {
    return absl::UnimplementedError(
        absl::StrCat("sem_getvalue '", name_, "': this system does not tell"));
  }
  return OsError("sem_getvalue", name_, errno);
}

void NamedSemaphore::Close() {
  if (handle_ != nullptr) sem_close(SemaphoreOf(std::exchange(handle_, nullptr)));
}

}  // namespace interprocess::platform
