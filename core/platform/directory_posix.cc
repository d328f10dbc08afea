// SPDX-License-Identifier: MIT

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/nameless_file.h"
#include "core/platform/open_handle.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/private_handle.h"
#include "core/platform/process.h"

namespace interprocess::platform {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

const char* KindOf(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISREG(mode)) return "a file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

absl::Status WrongKind(absl::string_view path, mode_t mode, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("open '", path, "': it is ", KindOf(mode), ", not ", wanted));
}

// A name must not lead out of its directory.
absl::Status CheckName(absl::string_view name) {
  if (!name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
      !absl::StrContains(name, '\0')) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no name for a file"));
}

// The group of this name or number.
absl::StatusOr<gid_t> GroupOf(const std::string& account) {
  uint32_t number;
  if (absl::SimpleAtoi(account, &number)) return gid_t{number};
  std::vector<char> text(1024);
  LowHandleGuard guard;
  group entry;
  group* found = nullptr;
  int error;
  while ((error = getgrnam_r(account.c_str(), &entry, text.data(), text.size(), &found)) ==
         ERANGE) {
    text.resize(2 * text.size());
  }
  if (found != nullptr) return found->gr_gid;
  if (error != 0) return OsError("getgrnam_r", account, error);
  return absl::NotFoundError(absl::StrCat("there is no group '", account, "'"));
}

// Lets the users that `permission` names use the new file. The umask may have narrowed it.
absl::Status Permit(int handle, const Permission& permission, const std::string& path) {
  mode_t mode = ModeOf(permission.who);
  if (!permission.account.empty()) {
    ABSL_ASSIGN_OR_RETURN(const gid_t members, GroupOf(permission.account));
    if (fchown(handle, static_cast<uid_t>(-1), members) != 0) {
      return OsError(absl::StrCat("give to group '", permission.account, "'"), path, errno);
    }
    mode |= ModeOf(Access::kGroup);
  }
  if (fchmod(handle, mode) != 0) return OsError("fchmod", path, errno);
  return absl::OkStatus();
}

// A name that nobody else uses now: the process and a moment. O_EXCL is what makes it sure.
std::string NewTemporaryName() {
  return absl::StrCat(".", ProcessId(), "-", MonotonicNanos(), ".tmp");
}

}  // namespace

absl::StatusOr<Directory> Directory::OpenForReading(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("the directory's path is empty");
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("directory '", absl::CHexEscape(path), "' contains a NUL byte"));
  }
  // With a slash at its end a symbolic link would be followed.
  std::string bare = path;
  while (bare.size() > 1 && bare.back() == '/') bare.pop_back();
  const int handle = OpenHandle(AT_FDCWD, bare.c_str(), kDirectoryFlags);
  if (handle >= 0) return Directory(handle, std::move(bare));

  const int error = errno;
  struct stat found;
  // EMLINK: what FreeBSD says of a link that is not followed.
  if ((error == ENOTDIR || error == ELOOP || error == EMLINK) && lstat(bare.c_str(), &found) == 0 &&
      !S_ISDIR(found.st_mode)) {
    return WrongKind(bare, found.st_mode, "a directory");
  }
  return OsError("open", bare, error);
}

absl::Status Directory::CheckWritable() const {
  if (faccessat(handle_, ".", W_OK | X_OK, AT_EACCESS) == 0) return absl::OkStatus();
  // Advice only, for an error that comes early: a filter that refuses the question (EPERM, ENOSYS)
  // says nothing of the directory.
  if (errno != EACCES && errno != EROFS) return absl::OkStatus();
  return OsError("write in directory", path_, errno);
}

absl::StatusOr<Directory> Directory::Open(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(Directory result, OpenForReading(path));
  ABSL_RETURN_IF_ERROR(result.CheckWritable());
  return result;
}

Directory::Directory(Directory&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), path_(std::move(other.path_)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  if (this != &other) {
    if (handle_ >= 0) close(handle_);
    handle_ = std::exchange(other.handle_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

Directory::~Directory() {
  if (handle_ >= 0) close(handle_);
}

std::string Directory::PathOf(const std::string& name) const {
  return absl::StrCat(path_, absl::EndsWith(path_, "/") ? "" : "/", name);
}

absl::StatusOr<File> Directory::OpenFile(const std::string& name, bool read_only) const {
  ABSL_RETURN_IF_ERROR(CheckName(name));
  const std::string path = PathOf(name);
  // O_NONBLOCK: a FIFO that has somebody at its other end, or has not, is opened without waiting.
  const int flags = (read_only ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const int handle = OpenHandle(handle_, name.c_str(), flags);
  struct stat found;
  if (handle < 0) {
    const int error = errno;
    if (fstatat(handle_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(found.st_mode)) {
      return WrongKind(path, found.st_mode, "a regular file");
    }
    return OsError("open", path, error);
  }
  File result(handle, path);
  if (fstat(handle, &found) != 0) return OsError("fstat", path, errno);
  if (!S_ISREG(found.st_mode)) return WrongKind(path, found.st_mode, "a regular file");
  return result;
}

absl::Status Directory::CheckNotPlanted(const File& file) const {
  struct stat directory, found;
  if (fstat(handle_, &directory) != 0) return OsError("fstat", path_, errno);
  if (fstat(file.handle(), &found) != 0) return OsError("fstat", file.path(), errno);
  if ((directory.st_mode & S_IWOTH) == 0 || found.st_uid == geteuid() ||
      found.st_uid == directory.st_uid) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "'", file.path(), "' belongs to user ", found.st_uid, ", not to this one (", geteuid(),
      "), in a directory where everybody may make files; ask for access by group or everyone if it "
      "is to be shared"));
}

absl::StatusOr<File> Directory::CreateUnpublished(const Permission& permission) const {
  absl::StatusOr<File> nameless = CreateNameless(permission);
  if (!absl::IsUnimplemented(nameless.status())) return nameless;
  return CreateTemporary(permission);
}

absl::StatusOr<File> Directory::CreateNameless(const Permission& permission) const {
  File file(OpenNamelessFile(handle_, ModeOf(permission.who)), path_);
  if (!file.is_open()) {
    if (errno == EOPNOTSUPP) return absl::UnimplementedError("no nameless files here");
    return OsError("create a file in", path_, errno);
  }
  ABSL_RETURN_IF_ERROR(Permit(file.handle_, permission, absl::StrCat("a file in ", path_)));
  return file;
}

absl::StatusOr<File> Directory::CreateTemporary(const Permission& permission) const {
  std::string name;
  int handle = -1;
  do {
    name = NewTemporaryName();
    handle = OpenHandle(handle_, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
                        ModeOf(permission.who));
  } while (handle < 0 && errno == EEXIST);
  const std::string path = PathOf(name);
  if (handle < 0) return OsError("create", path, errno);
  File file(handle, path);
  file.directory_ = CopyHandle(handle_);
  if (file.directory_ < 0) {
    const int error = errno;
    unlinkat(handle_, name.c_str(), 0);
    return OsError("copy the handle of", path_, error);
  }
  file.temporary_ = std::move(name);
  ABSL_RETURN_IF_ERROR(Permit(handle, permission, path));
  return file;
}

absl::Status Directory::Publish(File& file, const std::string& name) const {
  ABSL_RETURN_IF_ERROR(CheckName(name));
  const std::string path = PathOf(name);
  if (file.temporary_.empty()) {
    if (NameFile(file.handle_, handle_, name) != 0) return OsError("link", path, errno);
  } else {
    if (RetryOnInterrupt([&] {
          return linkat(file.directory_, file.temporary_.c_str(), handle_, name.c_str(), 0);
        }) != 0) {
      return OsError("link", path, errno);
    }
    // A temporary name that stays is a blemish; the file is published all the same.
    unlinkat(file.directory_, file.temporary_.c_str(), 0);
    close(std::exchange(file.directory_, -1));
    file.temporary_.clear();
  }
  file.path_ = path;
  return absl::OkStatus();
}

absl::StatusOr<FileIdentity> Directory::Identity() const {
  struct stat found;
  if (fstat(handle_, &found) != 0) return OsError("fstat", path_, errno);
  return FileIdentity{found.st_dev, found.st_ino};
}

absl::StatusOr<FileIdentity> Directory::IdentityOf(const std::string& name) const {
  ABSL_RETURN_IF_ERROR(CheckName(name));
  struct stat found;
  if (fstatat(handle_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return OsError("fstatat", PathOf(name), errno);
  }
  return FileIdentity{found.st_dev, found.st_ino};
}

absl::Status Directory::Remove(const std::string& name, const FileIdentity& identity) const {
  absl::StatusOr<FileIdentity> found = IdentityOf(name);
  if (absl::IsNotFound(found.status()) || (found.ok() && *found != identity)) {
    return absl::OkStatus();
  }
  ABSL_RETURN_IF_ERROR(found.status());
  if (unlinkat(handle_, name.c_str(), 0) != 0 && errno != ENOENT) {
    return OsError("unlink", PathOf(name), errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Directory::List(const std::string& suffix) const {
  // Opened anew: a position in the entries is shared by all copies of a handle.
  const int handle = OpenHandle(handle_, ".", kDirectoryFlags);
  if (handle < 0) return OsError("open", path_, errno);
  DIR* stream = fdopendir(handle);
  if (stream == nullptr) {
    const int error = errno;
    close(handle);
    return OsError("fdopendir", path_, error);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != ".." && absl::EndsWith(name, suffix)) names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return OsError("readdir", path_, error);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status WaitForLock(absl::FunctionRef<int()> try_lock, const std::string& path,
                         absl::Duration timeout) {
  constexpr int64_t kFirstPause = 100'000;
  constexpr int64_t kLongestPause = 10'000'000;
  const int64_t start = MonotonicNanos();
  for (int64_t pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    if (try_lock() == 0) return absl::OkStatus();
    if (errno != EWOULDBLOCK) return OsError("flock", path, errno);
    const absl::Duration waited = absl::Nanoseconds(MonotonicNanos() - start);
    if (waited >= timeout) {
      return absl::UnavailableError(absl::StrCat(
          "lock directory '", path, "': another holds it, waited ", absl::FormatDuration(waited)));
    }
    const timespec request = absl::ToTimespec(std::min(absl::Nanoseconds(pause), timeout - waited));
    nanosleep(&request, nullptr);
  }
}

absl::StatusOr<DirectoryLock> Directory::Lock(absl::Duration timeout) const {
  // A description of its own, so that two locks in one process exclude each other too.
  PrivateHandle lock =
      PrivateHandle::Open([this] { return OpenHandle(handle_, ".", kDirectoryFlags); });
  const int handle = lock.get();
  if (handle < 0) return OsError("open", path_, errno);
  ABSL_RETURN_IF_ERROR(WaitForLock(
      [handle] { return RetryOnInterrupt([&] { return flock(handle, LOCK_EX | LOCK_NB); }); },
      path_, timeout));
  return DirectoryLock(std::move(lock));
}

std::string AbsolutePath(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

}  // namespace interprocess::platform
