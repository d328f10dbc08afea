// SPDX-License-Identifier: MIT

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/reserve.h"

namespace interprocess::platform::internal {

absl::Status ReserveByWriting(int handle, const std::string& path, int64_t bytes) {
  static constexpr char kZeros[64 << 10] = {};
  for (int64_t done = 0; done < bytes;) {
    const size_t piece =
        static_cast<size_t>(std::min<int64_t>(int64_t{sizeof kZeros}, bytes - done));
    const ssize_t written = RetryOnInterrupt([&] { return pwrite(handle, kZeros, piece, done); });
    if (written < 0) return OsError("pwrite", path, errno);
    if (written == 0) return OsError("pwrite", path, ENOSPC);
    done += written;
  }
  return absl::OkStatus();
}

}  // namespace interprocess::platform::internal
