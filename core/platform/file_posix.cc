// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/reserve.h"

namespace interprocess::platform {

File::File(File&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      directory_(std::exchange(other.directory_, -1)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    Close();
    handle_ = std::exchange(other.handle_, -1);
    path_ = std::move(other.path_);
    temporary_ = std::exchange(other.temporary_, {});
    directory_ = std::exchange(other.directory_, -1);
  }
  return *this;
}

File::~File() { Close(); }

void File::Close() {
  if (!temporary_.empty()) unlinkat(directory_, temporary_.c_str(), 0);
  temporary_.clear();
  // Not repeated when interrupted: the handle is gone all the same.
  if (directory_ >= 0) close(std::exchange(directory_, -1));
  if (handle_ >= 0) close(std::exchange(handle_, -1));
}

absl::StatusOr<int64_t> File::Size() const {
  struct stat found;
  if (fstat(handle_, &found) != 0) return OsError("fstat", path_, errno);
  return int64_t{found.st_size};
}

absl::StatusOr<FileIdentity> File::Identity() const {
  struct stat found;
  if (fstat(handle_, &found) != 0) return OsError("fstat", path_, errno);
  return FileIdentity{static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
}

absl::StatusOr<Permission> File::WhoMay() const {
  struct stat found;
  if (fstat(handle_, &found) != 0) return OsError("fstat", path_, errno);
  for (const Access access : {Access::kEveryone, Access::kGroup}) {
    if ((found.st_mode & ModeOf(access)) == ModeOf(access)) return access;
  }
  return Access::kOwner;
}

absl::Status File::SetSize(int64_t bytes, bool reserve) {
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("set size of '", path_, "': ", bytes, " is negative"));
  }
  // Going beyond this limit is answered by a signal that ends the process.
  rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      static_cast<uint64_t>(bytes) > limit.rlim_cur) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "set size of '", path_, "': ", bytes, " bytes wanted, but the process may make files of ",
        limit.rlim_cur, " bytes at most (RLIMIT_FSIZE)"));
  }
  if (reserve && bytes > 0) return ReserveSpace(handle_, path_, bytes);
  if (RetryOnInterrupt([&] { return ftruncate(handle_, bytes); }) != 0) {
    return OsError("ftruncate", path_, errno);
  }
  return absl::OkStatus();
}

}  // namespace interprocess::platform
