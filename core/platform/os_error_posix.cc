// SPDX-License-Identifier: MIT

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/os_error.h"

namespace interprocess::platform {
namespace {

// strerror_r returns the text in one C library, and 0 with the text in `buffer` in the others.
[[maybe_unused]] const char* TextOf(const char* text, const char*) { return text; }
[[maybe_unused]] const char* TextOf(int failed, const char* buffer) {
  return failed == 0 ? buffer : "unknown error";
}

absl::StatusCode StatusCodeOf(int code) {
  switch (code) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case ENOMEM:
    case EFBIG:
#ifdef EDQUOT
    case EDQUOT:
#endif
    case ENOLCK:
    case EMFILE:
    case ENFILE:
      return absl::StatusCode::kResourceExhausted;
    case ELOOP:
    case EMLINK:  // what FreeBSD says of a link that is not followed
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status OsError(absl::string_view call, absl::string_view object, int code) {
  char buffer[256] = "";
  const char* text = TextOf(strerror_r(code, buffer, sizeof buffer), buffer);
  return absl::Status(StatusCodeOf(code),
                      absl::StrCat(call, " '", object, "': ", text, " (errno ", code, ")"));
}

}  // namespace interprocess::platform
