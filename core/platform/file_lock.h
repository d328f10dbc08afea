// SPDX-License-Identifier: MIT

// Locks on whole files, by which the users of a file know of each other.

#ifndef INTERPROCESS_CORE_PLATFORM_FILE_LOCK_H_
#define INTERPROCESS_CORE_PLATFORM_FILE_LOCK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {

enum class FileLockMode { kShared, kExclusive };

// An open file description of its own, which is never mapped, and at most one lock on it (flock).
// Other descriptions' locks exclude it, in this process as well. The lock ends with this object, or
// with the process; a forked child does not keep it. Movable, thread-compatible.
class FileLock {
 public:
  // Opens the file; with `create`, makes it if it is missing, with mode 0666 less the umask. A
  // symbolic link is not followed. NotFound, PermissionDenied, InvalidArgument.
  static absl::StatusOr<FileLock> Open(const std::string& path, bool create);
  // Makes the file, with that mode. AlreadyExists if there is something of that name.
  static absl::StatusOr<FileLock> Create(const std::string& path);

  FileLock() = default;

  const std::string& path() const { return path_; }
  absl::StatusOr<FileIdentity> Identity() const;

  // Takes the lock in that mode, also in place of the one it has; that one is lost in any case.
  // False if another is in the way. Never waits.
  absl::StatusOr<bool> TryLock(FileLockMode mode);

  // Gives up the lock that it has, and stays open.
  void Unlock();

  void Close() { handle_.Close(); }

 private:
  // `how` is the system's: what is to be done if the file is there, and if it is not.
  static absl::StatusOr<FileLock> OpenAs(const std::string& path, uint32_t how);

  PrivateHandle handle_;
  std::string path_;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_FILE_LOCK_H_
