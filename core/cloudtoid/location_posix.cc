// SPDX-License-Identifier: MIT

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/location.h"

namespace interprocess::cloudtoid {

Location LocationOf(const std::string& name, const std::string& directory, Protocol protocol) {
  const std::string base = directory.empty() ? DefaultDirectoryOf(protocol) : directory;
  const std::string prefix = absl::EndsWith(base, "/") ? base : absl::StrCat(base, "/");
  Location location;
  location.file_name = absl::StrCat(name, kFileSuffix);
  location.ring_offset = kRingOffsetV2;
  location.semaphore = absl::StrCat("ct.ip.", name);
  switch (protocol) {
    case Protocol::kCloudtoidV3:
      location.directory = absl::StrCat(prefix, ".cloudtoid/interprocess/v3/mmf");
      location.leases = absl::StrCat(prefix, ".cloudtoid/interprocess/v3/readers/", name);
      location.semaphore = absl::StrCat("ct3ip.", name);
      location.ring_offset = kRingOffsetV3;
      break;
    case Protocol::kCloudtoidV2Fork:
      location.directory = base;
      break;
    default:
      location.directory = absl::StrCat(prefix, ".cloudtoid/interprocess/mmf");
  }
  location.path = absl::StrCat(
      location.directory, absl::EndsWith(location.directory, "/") ? "" : "/", location.file_name);
  return location;
}

}  // namespace interprocess::cloudtoid
