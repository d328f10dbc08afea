// SPDX-License-Identifier: MIT

#include <windows.h>
#include <winioctl.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/security_windows.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

bool SetEnd(HANDLE handle, int64_t bytes) {
  FILE_END_OF_FILE_INFO end;
  end.EndOfFile.QuadPart = bytes;
  return SetFileInformationByHandle(handle, FileEndOfFileInfo, &end, sizeof end);
}

// What this user may still take of the file's volume; the largest number if it does not tell.
int64_t FreeBytes(const std::string& path) {
  absl::StatusOr<std::wstring> place = ExtendedPath(path);
  ULARGE_INTEGER available;
  if (!place.ok()) return INT64_MAX;
  place->resize(place->rfind(L'\\') + 1);
  if (!GetDiskFreeSpaceExW(place->c_str(), &available, nullptr, nullptr)) return INT64_MAX;
  return static_cast<int64_t>(available.QuadPart);
}

absl::Status NotEnough(const std::string& path, int64_t wanted, int64_t available) {
  return absl::ResourceExhaustedError(absl::StrCat("reserve space for '", path, "': ", wanted,
                                                   " bytes wanted, ", available,
                                                   " bytes available in its file system"));
}

}  // namespace

File::File(File&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    Close();
    handle_ = std::exchange(other.handle_, -1);
    path_ = std::move(other.path_);
    temporary_ = std::exchange(other.temporary_, {});
  }
  return *this;
}

File::~File() { Close(); }

void File::Close() {
  // A temporary name that stays, because the file is mapped still, goes with a later Remove.
  if (!temporary_.empty()) DeleteOnClose(AsHandle(handle_));
  temporary_.clear();
  if (handle_ >= 0) CloseHandle(AsHandle(std::exchange(handle_, -1)));
}

absl::StatusOr<int64_t> File::Size() const {
  LARGE_INTEGER size;
  if (!GetFileSizeEx(AsHandle(handle_), &size)) return LastError("GetFileSizeEx", path_);
  return int64_t{size.QuadPart};
}

absl::StatusOr<FileIdentity> File::Identity() const {
  return IdentityOfHandle(AsHandle(handle_), path_);
}

absl::StatusOr<Permission> File::WhoMay() const {
  return PermissionOfFile(AsHandle(handle_), path_);
}

absl::Status File::SetSize(int64_t bytes, bool reserve) {
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("set size of '", path_, "': ", bytes, " is negative"));
  }
  const HANDLE handle = AsHandle(handle_);
  DWORD returned;
  if (reserve) {
    const int64_t available = FreeBytes(path_);
    if (available < bytes) return NotEnough(path_, bytes, available);
    // A directory may have its files compressed, which then have no space of their own.
    USHORT format = COMPRESSION_FORMAT_NONE;
    DeviceIoControl(handle, FSCTL_SET_COMPRESSION, &format, sizeof format, nullptr, 0, &returned,
                    nullptr);
  } else {
    // Where the file system has no sparse files the space is taken after all.
    DeviceIoControl(handle, FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &returned, nullptr);
  }
  // Unless the file is sparse this takes the space.
  if (SetEnd(handle, bytes)) return absl::OkStatus();
  const absl::Status status = LastError("SetFileInformationByHandle(FileEndOfFileInfo)", path_);
  SetEnd(handle, 0);
  if (!reserve || !absl::IsResourceExhausted(status)) return status;
  return NotEnough(path_, bytes, FreeBytes(path_));
}

}  // namespace interprocess::platform
