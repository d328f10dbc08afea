// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdint>

#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/platform/file_lock.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {

absl::StatusOr<FileLock> FileLock::Open(const std::string& path, bool create) {
  return OpenAs(path, create ? O_CREAT : 0);
}

absl::StatusOr<FileLock> FileLock::Create(const std::string& path) {
  return OpenAs(path, O_CREAT | O_EXCL);
}

absl::StatusOr<FileLock> FileLock::OpenAs(const std::string& path, uint32_t how) {
  // O_NONBLOCK: a FIFO is opened without waiting, and refused below.
  const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | static_cast<int>(how);
  FileLock result;
  result.path_ = path;
  result.handle_ =
      PrivateHandle::Open([&] { return OpenHandle(AT_FDCWD, path.c_str(), flags, 0666); });
  if (result.handle_.get() < 0) return OsError("open", path, errno);
  struct stat found;
  if (fstat(result.handle_.get(), &found) != 0) return OsError("fstat", path, errno);
  if (!S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("open '", path, "': it is no regular file"));
  }
  return result;
}

namespace {

// The number of a handle that something else has closed may be another file's by now.
absl::Status CheckIntact(const PrivateHandle& handle, const std::string& path) {
  if (handle.IsIntact()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("lock '", path, "': ", handle.WhyNot()));
}

}  // namespace

absl::StatusOr<FileIdentity> FileLock::Identity() const {
  ABSL_RETURN_IF_ERROR(CheckIntact(handle_, path_));
  struct stat found;
  if (fstat(handle_.get(), &found) != 0) return OsError("fstat", path_, errno);
  return FileIdentity{static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
}

absl::StatusOr<bool> FileLock::TryLock(FileLockMode mode) {
  ABSL_RETURN_IF_ERROR(CheckIntact(handle_, path_));
  const int operation = (mode == FileLockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  if (RetryOnInterrupt([&] { return flock(handle_.get(), operation); }) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return OsError("flock", path_, errno);
}

void FileLock::Unlock() {
  if (!handle_.IsIntact()) return;
  RetryOnInterrupt([&] { return flock(handle_.get(), LOCK_UN); });
}

}  // namespace interprocess::platform
