// There are no files: a queue is memory that the session's processes find by its name, whatever the
// directory, and the fork's is that of version 2.

#include <string>

#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/place.h"

namespace interprocess::cloudtoid {

Place PlaceOf(const std::string& name, const std::string& /*directory*/, Protocol protocol) {
  Place place;
  if (protocol == Protocol::kCloudtoidV3) {
    place.path = absl::StrCat("CT3_IP_", name);
    place.leases = absl::StrCat("CT3_READER_", name, ".");
    place.opening = absl::StrCat("CT3_INIT_", name);
    place.semaphore = absl::StrCat("CT3.IP.", name);
    place.ring_offset = kRingOffsetV3;
  } else {
    place.path = absl::StrCat("CT_IP_", name);
    place.semaphore = absl::StrCat("CT.IP.", name);
    place.ring_offset = kRingOffsetV2;
  }
  return place;
}

}  // namespace interprocess::cloudtoid
