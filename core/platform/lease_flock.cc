// SPDX-License-Identifier: MIT

// Leases where the system has no locks on bytes that belong to an open file: each lease that
// anybody holds is a file of its own beside the queue's, locked as a whole by flock. Its name is
// made of the queue file's number, so it follows the file through renaming within its directory.
//
// A lock counts only while the file that it is on still has its name: a holder drops its lease by
// taking the name away while it holds the lock exclusively, and a participant that gets a lock on a
// file without a name tries again. So no two hold a lease on two files of one name.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {
namespace {

constexpr int kOpenFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

// A look at whether a lease is held takes it, shared, for a few microseconds. Who wants it
// exclusively and meets one asks again, so often and after so long.
constexpr int kMoreTries = 4;
constexpr timespec kPause = {0, 100'000};

std::string NameOf(const std::string& prefix, uint32_t lease) {
  return absl::StrCat(prefix, lease, ".lease");
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

// Opens a lease's file, making it if asked to; -1 and errno.
int OpenLease(int directory, const std::string& name, Access access, bool make) {
  while (true) {
    // For reading, so that a user who may only look at a queue can look at its leases.
    int handle = OpenHandle(directory, name.c_str(), O_RDONLY | kOpenFlags);
    if (handle >= 0 || errno != ENOENT || !make) return handle;
    handle = OpenHandle(directory, name.c_str(), O_RDONLY | O_CREAT | O_EXCL | kOpenFlags,
                        ModeOf(access));
    if (handle < 0 && errno == EEXIST) continue;
    // The umask may have narrowed it.
    if (handle >= 0 && fchmod(handle, ModeOf(access)) != 0) {
      const int error = errno;
      close(handle);
      errno = error;
      return -1;
    }
    return handle;
  }
}

int Lock(int handle, LeaseMode mode) {
  const int operation = (mode == LeaseMode::kExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  return RetryOnInterrupt([&] { return flock(handle, operation); });
}

bool HasName(int handle) {
  struct stat found;
  return fstat(handle, &found) == 0 && found.st_nlink != 0;
}

// True, false (another holds it), or an error of `path`'s.
absl::StatusOr<bool> TryLockOnce(int directory, const std::string& name, const std::string& path,
                                 Access access, LeaseMode mode, PrivateHandle* held) {
  while (true) {
    PrivateHandle handle =
        PrivateHandle::Open([&] { return OpenLease(directory, name, access, /*make=*/true); });
    if (handle.get() < 0) return OsError("open", path, errno);
    if (Lock(handle.get(), mode) != 0) {
      if (errno == EWOULDBLOCK) return false;
      return OsError("flock", path, errno);
    }
    if (!HasName(handle.get())) continue;
    *held = std::move(handle);
    return true;
  }
}

absl::StatusOr<bool> IsLockedExclusively(int directory, const std::string& name,
                                         const std::string& path) {
  PrivateHandle handle = PrivateHandle::Open(
      [&] { return OpenLease(directory, name, Access::kOwner, /*make=*/false); });
  if (handle.get() < 0) {
    if (errno == ENOENT) return false;
    return OsError("open", path, errno);
  }
  if (Lock(handle.get(), LeaseMode::kShared) == 0) return false;
  // A file without its name is that of a holder that is just dropping the lease.
  if (errno == EWOULDBLOCK) return HasName(handle.get());
  return OsError("flock", path, errno);
}

}  // namespace

const bool kLeasesLeaveFiles = true;

absl::StatusOr<LeaseFile> LeaseFile::Open(const File& file) {
  ABSL_ASSIGN_OR_RETURN(const FileIdentity identity, file.Identity());
  ABSL_ASSIGN_OR_RETURN(const Permission access, file.WhoMay());
  LeaseFile result;
  result.path_ = file.path();
  result.access_ = access.who;
  result.prefix_ = absl::StrCat(".", absl::Hex(identity.inode, absl::kZeroPad16), ".");
  const std::string directory = DirectoryOf(file.path());
  result.handle_ = PrivateHandle::Open([&directory] {
    return platform::OpenHandle(AT_FDCWD, directory.c_str(), O_RDONLY | O_DIRECTORY);
  });
  if (result.handle_.get() < 0) return OsError("open for leases", directory, errno);
  return result;
}

absl::StatusOr<Handle> LeaseFile::OpenHandle() const {
  if (!handle_.IsIntact()) {
    return absl::FailedPreconditionError(
        absl::StrCat("leases of '", path_, "': ", handle_.WhyNot()));
  }
  for (const auto& [lease, held] : held_) {
    if (held.IsIntact()) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("lease ", lease, " of '", path_, "': ", held.WhyNot()));
  }
  return handle_.get();
}

absl::StatusOr<bool> LeaseFile::TryLock(uint32_t lease, LeaseMode mode) {
  ABSL_ASSIGN_OR_RETURN(const Handle directory, OpenHandle());
  const std::string name = NameOf(prefix_, lease);
  const std::string path = absl::StrCat(path_, ", lease ", lease);
  auto held = held_.find(lease);
  if (held != held_.end()) {
    if (Lock(held->second.get(), mode) == 0) return true;
    if (errno != EWOULDBLOCK) return OsError("flock", path, errno);
    // The lock that it had may be gone with the attempt.
    if (Lock(held->second.get(), LeaseMode::kShared) == 0) return false;
    held_.erase(held);
    return absl::InternalError(absl::StrCat("flock '", path, "': lost to another in changing it"));
  }
  const int tries = mode == LeaseMode::kExclusive ? 1 + kMoreTries : 1;
  for (int attempt = 1;; ++attempt) {
    PrivateHandle handle;
    absl::StatusOr<bool> locked = TryLockOnce(directory, name, path, access_, mode, &handle);
    if (locked.ok() && *locked) held_[lease] = std::move(handle);
    if (!locked.ok() || *locked || attempt == tries) return locked;
    nanosleep(&kPause, nullptr);
  }
}

absl::Status LeaseFile::Unlock(uint32_t lease) {
  ABSL_ASSIGN_OR_RETURN(const Handle directory, OpenHandle());
  auto held = held_.find(lease);
  if (held == held_.end()) return absl::OkStatus();
  PrivateHandle handle = std::move(held->second);
  held_.erase(held);
  // Nobody else has it then, in any mode. Who else has it when we do not get it so far does this.
  if (Lock(handle.get(), LeaseMode::kExclusive) == 0) {
    unlinkat(directory, NameOf(prefix_, lease).c_str(), 0);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> LeaseFile::IsHeldExclusively(uint32_t first, uint32_t count) const {
  // A look at one lease comes often, and does no harm to another file.
  absl::StatusOr<Handle> directory = handle_.get();
  if (count != 1 || *directory < 0) directory = OpenHandle();
  ABSL_RETURN_IF_ERROR(directory.status());
  if (count == 0) return false;
  if (count == 1) {
    if (held_.count(first) != 0) return false;
    return IsLockedExclusively(*directory, NameOf(prefix_, first), path_);
  }
  // Those that have files, however wide the range.
  const int listed = platform::OpenHandle(*directory, ".", O_RDONLY | O_DIRECTORY);
  if (listed < 0) return OsError("open the directory of", path_, errno);
  DIR* stream = fdopendir(listed);
  if (stream == nullptr) {
    const int error = errno;
    close(listed);
    return OsError("fdopendir", path_, error);
  }
  absl::StatusOr<bool> result = false;
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    absl::string_view number = name;
    uint32_t lease;
    if (!absl::ConsumePrefix(&number, prefix_) || !absl::ConsumeSuffix(&number, ".lease") ||
        !absl::SimpleAtoi(number, &lease) || lease < first || lease - first >= count ||
        held_.count(lease) != 0) {
      continue;
    }
    result = IsLockedExclusively(*directory, name, path_);
    if (!result.ok() || *result) break;
  }
  closedir(stream);
  return result;
}

void LeaseFile::Close() {
  // Their files too, as far as nobody else has them.
  while (!held_.empty() && handle_.get() >= 0) Unlock(held_.begin()->first).IgnoreError();
  held_.clear();
  handle_.Close();
}

}  // namespace interprocess::platform
