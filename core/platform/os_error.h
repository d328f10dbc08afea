// SPDX-License-Identifier: MIT

// Turns the operating system's error codes into absl::Status.

#ifndef INTERPROCESS_CORE_PLATFORM_OS_ERROR_H_
#define INTERPROCESS_CORE_PLATFORM_OS_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace interprocess::platform {

// "open '/dev/shm/q.ipq': Permission denied (errno 13)", "open 'C:\q.ipq': Access is denied.
// (error 5)": `code` is an errno, or what GetLastError() tells. The status code follows the error
// code: missing things are NotFound, refused ones PermissionDenied, existing ones AlreadyExists, no
// space, memory or locks left, or a file beyond its limit, ResourceExhausted, a link or a file
// where a directory is wanted, and too long a name, InvalidArgument, all else Internal.
absl::Status OsError(absl::string_view call, absl::string_view object, int code);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_OS_ERROR_H_
