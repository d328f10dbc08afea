#include "core/cloudtoid/place.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"

namespace interprocess::cloudtoid {

Place PlaceOf(const std::string& name, const std::string& directory, Protocol protocol) {
  const std::string base = directory.empty() ? DefaultDirectory(protocol) : directory;
  const std::string prefix = absl::EndsWith(base, "/") ? base : absl::StrCat(base, "/");
  Place place;
  place.file_name = absl::StrCat(name, kFileSuffix);
  place.ring_offset = kRingOffsetV2;
  place.semaphore = absl::StrCat("ct.ip.", name);
  switch (protocol) {
    case Protocol::kCloudtoidV3:
      place.directory = absl::StrCat(prefix, ".cloudtoid/interprocess/v3/mmf");
      place.leases = absl::StrCat(prefix, ".cloudtoid/interprocess/v3/readers/", name);
      place.semaphore = absl::StrCat("ct3ip.", name);
      place.ring_offset = kRingOffsetV3;
      break;
    case Protocol::kCloudtoidV2Fork:
      place.directory = base;
      break;
    default:
      place.directory = absl::StrCat(prefix, ".cloudtoid/interprocess/mmf");
  }
  place.path = absl::StrCat(place.directory, absl::EndsWith(place.directory, "/") ? "" : "/",
                            place.file_name);
  return place;
}

absl::StatusOr<int64_t> CapacityOf(const Place& place, int64_t file_size) {
  const int64_t capacity = file_size - place.ring_offset;
  if (capacity >= 24 && capacity <= kMaxCapacity && capacity % 8 == 0) return capacity;
  return absl::DataLossError(absl::StrCat("'", place.path, "' is not a sound queue: no queue of ",
                                          "this format has a file of ", file_size, " bytes"));
}

absl::Status CheckFileSize(const Place& place, int64_t file_size, int64_t capacity) {
  const int64_t wanted = place.ring_offset + capacity;
  if (file_size == wanted) return absl::OkStatus();
  const char* other = place.ring_offset == kRingOffsetV2 && file_size == FileSizeV3(capacity)
                          ? "; it is as large as one of version 3"
                          : "";
  return absl::FailedPreconditionError(absl::StrCat(
      "queue '", place.path, "' exists with a capacity of ", file_size - place.ring_offset,
      " bytes, not ", capacity, " (the file has ", file_size, " bytes, not ", wanted, ")", other));
}

}  // namespace interprocess::cloudtoid
