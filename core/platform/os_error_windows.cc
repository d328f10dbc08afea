// SPDX-License-Identifier: MIT

#include <windows.h>

#include <cwctype>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/os_error.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

// ERROR_DISK_QUOTA_EXCEEDED, which not every header has.
constexpr int kDiskQuotaExceeded = 1295;

absl::StatusCode StatusCodeOf(int code) {
  switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
      return absl::StatusCode::kNotFound;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_PRIVILEGE_NOT_HELD:
    case ERROR_SHARING_VIOLATION:
      return absl::StatusCode::kPermissionDenied;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
      return absl::StatusCode::kAlreadyExists;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case kDiskQuotaExceeded:
    case ERROR_FILE_TOO_LARGE:
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_NOT_ENOUGH_QUOTA:
    case ERROR_TOO_MANY_OPEN_FILES:
      return absl::StatusCode::kResourceExhausted;
    case ERROR_DIRECTORY:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_CANT_RESOLVE_FILENAME:
    case ERROR_NONE_MAPPED:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kInternal;
  }
}

// The system's text, in the user's language.
std::string TextOf(int code) {
  wchar_t text[512];
  DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                static_cast<DWORD>(code), 0, text, ARRAYSIZE(text), nullptr);
  while (length > 0 && std::iswspace(text[length - 1])) --length;
  return length == 0 ? "unknown error" : ToUtf8(text, length);
}

}  // namespace

absl::Status OsError(absl::string_view call, absl::string_view object, int code) {
  return absl::Status(StatusCodeOf(code),
                      absl::StrCat(call, " '", object, "': ", TextOf(code), " (error ", code, ")"));
}

}  // namespace interprocess::platform
