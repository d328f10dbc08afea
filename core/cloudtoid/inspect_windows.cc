// SPDX-License-Identifier: MIT

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/cloudtoid/capacity_windows.h"
#include "core/cloudtoid/inspect.h"
#include "core/cloudtoid/lease_windows.h"
#include "core/platform/named_objects_windows.h"

namespace interprocess::cloudtoid {

using platform::NamedMemory;

std::vector<std::pair<int64_t, bool>> LeasesOf(const Location& location) {
  std::vector<std::pair<int64_t, bool>> leases;
  for (const std::string& name :
       platform::NamedMemoryOf(location.leases).value_or(std::vector<std::string>())) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(absl::StripPrefix(name, location.leases), &id)) continue;
    leases.emplace_back(id, !LeaseHasEnded(name));
  }
  std::sort(leases.begin(), leases.end());
  return leases;
}

absl::StatusOr<std::unique_ptr<internal::Inspection>> Inspection::Open(const std::string& name,
                                                                       const std::string& directory,
                                                                       Protocol protocol) {
  Location location = LocationOf(name, directory, protocol);
  if (protocol == Protocol::kCloudtoidV2Fork) {
    return absl::NotFoundError(absl::StrCat(
        "queue '", location.path, "': on Windows the fork's are ", NameOf(Protocol::kCloudtoidV2)));
  }
  ABSL_ASSIGN_OR_RETURN(NamedMemory memory,
                        NamedMemory::OpenExisting(location.path, /*read_only=*/true));
  ABSL_ASSIGN_OR_RETURN(int64_t capacity, StoredCapacity(location, memory));
  const int64_t size = memory.size();
  auto owner = std::make_shared<NamedMemory>(std::move(memory));
  return absl::WrapUnique(new Inspection(name, protocol, std::move(location), capacity,
                                         std::shared_ptr<uint8_t>(owner, owner->data()), size));
}

absl::StatusOr<std::vector<std::string>> ListNames(const std::string& directory,
                                                   Protocol protocol) {
  if (protocol == Protocol::kCloudtoidV2Fork) return std::vector<std::string>();
  const std::string prefix = LocationOf("", directory, protocol).path;
  ABSL_ASSIGN_OR_RETURN(std::vector<std::string> names, platform::NamedMemoryOf(prefix));
  for (std::string& name : names) name.erase(0, prefix.size());
  return names;
}

absl::Status Remove(const std::string& name, const std::string& directory, Protocol protocol) {
  const Location location = LocationOf(name, directory, protocol);
  ABSL_RETURN_IF_ERROR(NamedMemory::OpenExisting(location.path, /*read_only=*/true).status());
  return absl::UnimplementedError(absl::StrCat("remove '", location.path, "': a queue of protocol ",
                                               NameOf(protocol),
                                               " goes with its last participant on Windows"));
}

}  // namespace interprocess::cloudtoid
