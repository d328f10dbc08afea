// SPDX-License-Identifier: MIT

// Windows has no queue files. A queue is memory that the processes of a session find by its name,
// and the directory plays no part. A queue of the fork is a queue of version 2.

#include <string>

#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/location.h"

namespace interprocess::cloudtoid {

Location LocationOf(const std::string& name, const std::string& /*directory*/, Protocol protocol) {
  Location location;
  if (protocol == Protocol::kCloudtoidV3) {
    location.path = absl::StrCat("CT3_IP_", name);
    location.leases = absl::StrCat("CT3_READER_", name, ".");
    location.opening = absl::StrCat("CT3_INIT_", name);
    location.semaphore = absl::StrCat("CT3.IP.", name);
    location.ring_offset = kRingOffsetV3;
  } else {
    location.path = absl::StrCat("CT_IP_", name);
    location.semaphore = absl::StrCat("CT.IP.", name);
    location.ring_offset = kRingOffsetV2;
  }
  return location;
}

}  // namespace interprocess::cloudtoid
