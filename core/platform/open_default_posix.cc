// SPDX-License-Identifier: MIT

// The directory that queues live in by default: its making, its checks and its end.

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/platform/directory.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {
namespace {

constexpr mode_t kOwnerBits = 0700;
// How often others may remove the directory between two steps of its making: many more than ever
// happens.
constexpr int kMaxRaces = 1000;

bool LacksOwnerBits(const struct stat& found) {
  return found.st_uid == geteuid() && (found.st_mode & kOwnerBits) != kOwnerBits;
}

// Gives its owner back what a umask has taken from a directory that cannot be opened for that. True
// if it did. Nothing but a directory of this user is changed.
bool GiveBackOwnerBits(const std::string& path) {
#ifdef O_PATH
  const int handle = OpenHandle(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (handle < 0) return false;
  struct stat found;
  // By this link: a handle that is a path only is none that fchmod takes.
  const std::string link = absl::StrCat("/proc/self/fd/", handle);
  const bool done = fstat(handle, &found) == 0 && LacksOwnerBits(found) &&
                    chmod(link.c_str(), (found.st_mode & 07777) | kOwnerBits) == 0;
  close(handle);
  return done;
#else
  struct stat found;
  return lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && LacksOwnerBits(found) &&
         fchmodat(AT_FDCWD, path.c_str(), (found.st_mode & 07777) | kOwnerBits,
                  AT_SYMLINK_NOFOLLOW) == 0;
#endif
}

}  // namespace

absl::StatusOr<Directory> Directory::OpenDefault() {
  const std::string path = DefaultDirectory();
  for (int lost = 0;; ++lost) {
    const bool made = RetryOnInterrupt([&] { return mkdir(path.c_str(), kOwnerBits); }) == 0;
    if (!made && errno != EEXIST) return OsError("mkdir", path, errno);
    absl::StatusOr<Directory> result = OpenDefaultForReading();
    // The last user of its last queue has just removed it.
    if (absl::IsNotFound(result.status()) && lost < kMaxRaces) continue;
    ABSL_RETURN_IF_ERROR(result.status());
    struct stat found;
    if (fstat(result->handle_, &found) != 0) return OsError("fstat", path, errno);
    // The umask narrowed what is new, or what a process made that was stopped before this line.
    if (LacksOwnerBits(found) &&
        fchmod(result->handle_, (found.st_mode & 07777) | kOwnerBits) != 0) {
      return OsError("fchmod", path, errno);
    }
    ABSL_RETURN_IF_ERROR(result->CheckWritable());
    return result;
  }
}

absl::StatusOr<Directory> Directory::OpenDefaultForReading() {
  const std::string path = DefaultDirectory();
  absl::StatusOr<Directory> result = OpenForReading(path);
  if (absl::IsPermissionDenied(result.status()) && GiveBackOwnerBits(path)) {
    result = OpenForReading(path);
  }
  ABSL_RETURN_IF_ERROR(result.status());
  struct stat found;
  if (fstat(result->handle_, &found) != 0) return OsError("fstat", path, errno);
  if (found.st_uid != geteuid()) {
    return absl::PermissionDeniedError(absl::StrCat(
        "directory '", path, "' belongs to user ", found.st_uid, ", not to this one (", geteuid(),
        "); it goes when its last queue does; until then name another directory in the options"));
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("directory '", path, "': other users may write in it (mode ",
                     absl::StrFormat("%04o", found.st_mode & 07777), ")"));
  }
  return result;
}

bool Directory::IsGone() const {
  struct stat found;
  return fstat(handle_, &found) == 0 && found.st_nlink == 0;
}

void Directory::RemoveIfEmpty() const {
  // From inside: the process may have another root by now, in which the path leads elsewhere.
  const std::string name = absl::StrCat("../", path_.substr(path_.rfind('/') + 1));
  struct stat named, own;
  if (fstatat(handle_, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
      fstat(handle_, &own) != 0 || named.st_dev != own.st_dev || named.st_ino != own.st_ino) {
    return;
  }
  unlinkat(handle_, name.c_str(), AT_REMOVEDIR);
}

}  // namespace interprocess::platform
