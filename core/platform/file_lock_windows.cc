// SPDX-License-Identifier: MIT

#include <windows.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/file_lock.h"
#include "core/platform/private_handle.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

// The lock is on one byte far behind the end of any file: locks here keep others from reading.
constexpr DWORD kOffsetHigh = DWORD{1} << 29;

}  // namespace

absl::StatusOr<FileLock> FileLock::Open(const std::string& path, bool create) {
  return OpenAs(path, create ? OPEN_ALWAYS : OPEN_EXISTING);
}

absl::StatusOr<FileLock> FileLock::Create(const std::string& path) {
  return OpenAs(path, CREATE_NEW);
}

absl::StatusOr<FileLock> FileLock::OpenAs(const std::string& path, uint32_t how) {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, ExtendedPath(path));
  FileLock result;
  result.path_ = path;
  result.handle_ = PrivateHandle::Open([&] {
    return AsNumber(CreateFileW(wide.c_str(), GENERIC_READ | GENERIC_WRITE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                how, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  });
  if (result.handle_.get() < 0) return LastError("open", path);
  const HANDLE handle = AsHandle(result.handle_.get());
  FILE_ATTRIBUTE_TAG_INFO info;
  if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof info)) {
    return LastError("GetFileInformationByHandleEx", path);
  }
  if (GetFileType(handle) != FILE_TYPE_DISK ||
      (info.FileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("open '", path, "': it is no regular file"));
  }
  return result;
}

absl::StatusOr<FileIdentity> FileLock::Identity() const {
  return IdentityOfHandle(AsHandle(handle_.get()), path_);
}

absl::StatusOr<bool> FileLock::TryLock(FileLockMode mode) {
  Unlock();
  const HANDLE handle = AsHandle(handle_.get());
  OVERLAPPED place = {};
  place.OffsetHigh = kOffsetHigh;
  const DWORD flags =
      LOCKFILE_FAIL_IMMEDIATELY |
      (mode == FileLockMode::kExclusive ? DWORD{LOCKFILE_EXCLUSIVE_LOCK} : DWORD{0});
  if (LockFileEx(handle, flags, 0, 1, 0, &place)) return true;
  if (GetLastError() == ERROR_LOCK_VIOLATION) return false;
  return LastError("LockFileEx", path_);
}

void FileLock::Unlock() {
  OVERLAPPED place = {};
  place.OffsetHigh = kOffsetHigh;
  // An error says that it has no lock.
  UnlockFileEx(AsHandle(handle_.get()), 0, 1, 0, &place);
}

}  // namespace interprocess::platform
