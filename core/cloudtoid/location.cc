// SPDX-License-Identifier: MIT

#include "core/cloudtoid/location.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"

namespace interprocess::cloudtoid {

std::string DefaultDirectoryOf(Protocol protocol) {
  if (protocol == Protocol::kCloudtoidV2Fork) return "/dev/shm";
  // The directory for temporary files. Rust takes an empty TMPDIR for the current directory.
  const char* named = std::getenv("TMPDIR");
  if (named != nullptr && *named != '\0') return named;
  return named != nullptr && protocol == Protocol::kCloudtoidV3 ? "." : "/tmp";
}

absl::StatusOr<int64_t> CapacityOf(const Location& location, int64_t file_size) {
  const int64_t capacity = file_size - location.ring_offset;
  if (IsCapacity(capacity)) return capacity;
  return absl::DataLossError(absl::StrCat("'", location.path,
                                          "' is not a sound queue: no queue of ",
                                          "this format has a file of ", file_size, " bytes"));
}

absl::Status CheckFileSize(const Location& location, int64_t file_size, int64_t capacity) {
  const int64_t wanted = location.ring_offset + capacity;
  if (file_size == wanted) return absl::OkStatus();
  const char* other = location.ring_offset == kRingOffsetV2 && file_size == FileSizeV3(capacity)
                          ? "; it is as large as one of version 3"
                          : "";
  return absl::FailedPreconditionError(absl::StrCat(
      "queue '", location.path, "' exists with a capacity of ", file_size - location.ring_offset,
      " bytes, not ", capacity, " (the file has ", file_size, " bytes, not ", wanted, ")", other));
}

}  // namespace interprocess::cloudtoid
