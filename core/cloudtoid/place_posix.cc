#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/place.h"

namespace interprocess::cloudtoid {

Place PlaceOf(const std::string& name, const std::string& directory, Protocol protocol) {
  const std::string base = directory.empty() ? DefaultDirectoryOf(protocol) : directory;
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

}  // namespace interprocess::cloudtoid
