// SPDX-License-Identifier: MIT

// Backing a file with space where there is no call for it, or none that all file systems follow.

#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/platform/posix_calls.h"
#include "core/platform/reserve.h"

namespace interprocess::platform {
namespace {

int64_t FreeBytes(int handle) {
  constexpr int64_t kUnknown = std::numeric_limits<int64_t>::max();
  struct statvfs system;
  if (RetryOnInterrupt([&] { return fstatvfs(handle, &system); }) != 0) return kUnknown;
  const uint64_t blocks = geteuid() == 0 ? system.f_bfree : system.f_bavail;
  const uint64_t block = system.f_frsize;
  if (block == 0 || blocks > static_cast<uint64_t>(kUnknown) / block) return kUnknown;
  return static_cast<int64_t>(blocks * block);
}

absl::Status NotEnough(const std::string& path, int64_t wanted, int64_t available,
                       const std::string& why) {
  return absl::ResourceExhaustedError(absl::StrCat("reserve space for '", path, "': ", wanted,
                                                   " bytes wanted, ", available,
                                                   " bytes available in its file system", why));
}

}  // namespace

absl::Status ReserveSpace(int handle, const std::string& path, int64_t bytes) {
  const int64_t available = FreeBytes(handle);
  if (available < bytes) return NotEnough(path, bytes, available, "");
  absl::Status status = internal::ReserveByWriting(handle, path, bytes);
  if (status.ok()) return status;
  // What was had goes back; the caller drops the file in any case.
  (void)RetryOnInterrupt([&] { return ftruncate(handle, 0); });
  if (!absl::IsResourceExhausted(status)) return status;
  return NotEnough(path, bytes, FreeBytes(handle), absl::StrCat(" (", status.message(), ")"));
}

}  // namespace interprocess::platform
