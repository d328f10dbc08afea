// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {
namespace {

// Lease n is the byte at this offset plus n: far behind the end of any file, and far enough from
// the largest offset for every n. All processes that share a file must agree on it, so it is as
// fixed as the file's format.
constexpr int64_t kLeaseBase = int64_t{1} << 61;

static_assert(sizeof(off_t) == sizeof(int64_t), "leases lie behind what 32 bits can say");

struct flock LockOn(uint32_t first, uint32_t count, int type) {
  struct flock lock = {};
  lock.l_type = static_cast<decltype(lock.l_type)>(type);
  lock.l_whence = SEEK_SET;
  lock.l_start = kLeaseBase + first;
  lock.l_len = count;
  lock.l_pid = 0;  // required of open file description locks
  return lock;
}

absl::Status LockError(absl::string_view call, const std::string& path, int error) {
  absl::Status status = OsError(call, path, error);
  // What systems say that do not know the call.
  if (error != EINVAL && error != ENOSYS && error != EOPNOTSUPP) return status;
  return absl::UnimplementedError(absl::StrCat(
      status.message(), ": this system, or its file system, has no open-file-description locks, ",
      "which queues need"));
}

// A new open file description of what `file` has open, whether or not it still has its name.
int OpenAgain(const File& file) {
  const int mode = fcntl(file.handle(), F_GETFL);
  if (mode == -1) return -1;
  const int flags = (mode & O_ACCMODE) | O_NOCTTY | O_NONBLOCK;
  const std::string link = absl::StrCat("/proc/self/fd/", file.handle());
  const int handle = OpenHandle(AT_FDCWD, link.c_str(), flags);
  if (handle >= 0 || (errno != ENOENT && errno != ENOTDIR)) return handle;
  // No /proc here: by its name, which the caller's comparison makes as good.
  return OpenHandle(AT_FDCWD, file.path().c_str(), flags | O_NOFOLLOW);
}

}  // namespace

const bool kLeasesLeaveFiles = false;

absl::StatusOr<LeaseFile> LeaseFile::Open(const File& file) {
  ABSL_ASSIGN_OR_RETURN(const FileIdentity wanted, file.Identity());
  LeaseFile result;
  result.path_ = file.path();
  result.handle_ = PrivateHandle::Open([&file] { return OpenAgain(file); });
  if (result.handle_.get() < 0) return OsError("open for leases", file.path(), errno);
  struct stat found;
  if (fstat(result.handle_.get(), &found) != 0) return OsError("fstat", file.path(), errno);
  if (FileIdentity{found.st_dev, found.st_ino} != wanted) {
    return absl::NotFoundError(
        absl::StrCat("open for leases '", file.path(), "': the path leads to another file by now"));
  }
  // Both calls, before anything is built on them: neither takes anything.
  ABSL_RETURN_IF_ERROR(result.Unlock(0));
  ABSL_RETURN_IF_ERROR(result.IsHeldExclusively(0, 1).status());
  return result;
}

absl::StatusOr<Handle> LeaseFile::OpenHandle() const {
  if (handle_.IsIntact()) return handle_.get();
  return absl::FailedPreconditionError(absl::StrCat("leases of '", path_, "': ", handle_.WhyNot()));
}

absl::StatusOr<bool> LeaseFile::TryLock(uint32_t lease, LeaseMode mode) {
  ABSL_ASSIGN_OR_RETURN(const Handle handle, OpenHandle());
  struct flock lock = LockOn(lease, 1, mode == LeaseMode::kExclusive ? F_WRLCK : F_RDLCK);
  if (RetryOnInterrupt([&] { return fcntl(handle, F_OFD_SETLK, &lock); }) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return LockError("fcntl(F_OFD_SETLK)", path_, errno);
}

absl::Status LeaseFile::Unlock(uint32_t lease) {
  ABSL_ASSIGN_OR_RETURN(const Handle handle, OpenHandle());
  struct flock lock = LockOn(lease, 1, F_UNLCK);
  if (RetryOnInterrupt([&] { return fcntl(handle, F_OFD_SETLK, &lock); }) == 0) {
    return absl::OkStatus();
  }
  return LockError("fcntl(F_OFD_SETLK)", path_, errno);
}

absl::StatusOr<bool> LeaseFile::IsHeldExclusively(uint32_t first, uint32_t count) const {
  // A look at one lease comes often, and does no harm to another file.
  absl::StatusOr<Handle> handle = handle_.get();
  if (count != 1 || *handle < 0) handle = OpenHandle();
  ABSL_RETURN_IF_ERROR(handle.status());
  if (count == 0) return false;  // a length of 0 would mean "to the end"
  // A shared lock is stopped by nothing but an exclusive one of another open file description.
  struct flock lock = LockOn(first, count, F_RDLCK);
  if (RetryOnInterrupt([&] { return fcntl(*handle, F_OFD_GETLK, &lock); }) != 0) {
    return LockError("fcntl(F_OFD_GETLK)", path_, errno);
  }
  return lock.l_type != F_UNLCK;
}

void LeaseFile::Close() { handle_.Close(); }

}  // namespace interprocess::platform
