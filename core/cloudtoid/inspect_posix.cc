// SPDX-License-Identifier: MIT

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status_macros.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/cloudtoid/inspect.h"
#include "core/platform/directory.h"
#include "core/platform/file_lock.h"
#include "core/platform/mapped_file.h"
#include "core/platform/open_handle.h"
#include "core/platform/semaphore.h"

namespace interprocess::cloudtoid {
namespace {

constexpr absl::Duration kLockTimeout = absl::Seconds(10);

}  // namespace

std::vector<std::pair<int64_t, bool>> LeasesOf(const Location& location) {
  std::vector<std::pair<int64_t, bool>> leases;
  std::error_code error;
  platform::LowHandleGuard guard;
  for (const auto& entry : std::filesystem::directory_iterator(location.leases, error)) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &id)) continue;
    // A shared lock: two inspectors are not in each other's way. The lease of a dead participant
    // stays.
    auto lease = platform::FileLock::Open(entry.path().string(), /*create=*/false);
    if (absl::IsNotFound(lease.status())) continue;
    const bool free = lease.ok() && lease->TryLock(platform::FileLockMode::kShared).value_or(false);
    leases.emplace_back(id, !free);
  }
  std::sort(leases.begin(), leases.end());
  return leases;
}

absl::StatusOr<std::unique_ptr<internal::Inspection>> Inspection::Open(const std::string& name,
                                                                       const std::string& directory,
                                                                       Protocol protocol) {
  Location location = LocationOf(name, directory, protocol);
  ABSL_ASSIGN_OR_RETURN(const platform::Directory folder,
                        platform::Directory::OpenForReading(location.directory));
  ABSL_ASSIGN_OR_RETURN(const platform::File file,
                        folder.OpenFile(location.file_name, /*read_only=*/true));
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  ABSL_ASSIGN_OR_RETURN(const int64_t capacity, CapacityOf(location, size));
  ABSL_ASSIGN_OR_RETURN(
      platform::MappedFile mapping,
      platform::MappedFile::Map(file, static_cast<size_t>(size), /*read_only=*/true));
  auto owner = std::make_shared<platform::MappedFile>(std::move(mapping));
  return absl::WrapUnique(new Inspection(name, protocol, std::move(location), capacity,
                                         std::shared_ptr<uint8_t>(owner, owner->data()), size));
}

absl::StatusOr<std::vector<std::string>> ListNames(const std::string& directory,
                                                   Protocol protocol) {
  const Location location = LocationOf("", directory, protocol);
  auto folder = platform::Directory::OpenForReading(location.directory);
  if (absl::IsNotFound(folder.status())) return std::vector<std::string>();
  ABSL_RETURN_IF_ERROR(folder.status());
  ABSL_ASSIGN_OR_RETURN(std::vector<std::string> names, folder->List(kFileSuffix));
  for (std::string& name : names) name = std::string(absl::StripSuffix(name, kFileSuffix));
  return names;
}

absl::Status Remove(const std::string& name, const std::string& directory, Protocol protocol) {
  const Location location = LocationOf(name, directory, protocol);
  ABSL_ASSIGN_OR_RETURN(const platform::Directory folder,
                        platform::Directory::OpenForReading(location.directory));
  ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock, folder.Lock(kLockTimeout));
  ABSL_ASSIGN_OR_RETURN(const platform::File file,
                        folder.OpenFile(location.file_name, /*read_only=*/true));
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity identity, file.Identity());
  ABSL_RETURN_IF_ERROR(folder.Remove(location.file_name, identity));
  platform::NamedSemaphore::Remove(location.semaphore).IgnoreError();
  std::error_code ignored;
  platform::LowHandleGuard guard;
  if (!location.leases.empty()) std::filesystem::remove_all(location.leases, ignored);
  return absl::OkStatus();
}

}  // namespace interprocess::cloudtoid
