#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
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

std::vector<std::pair<int64_t, bool>> LeasesOf(const Place& place) {
  std::vector<std::pair<int64_t, bool>> leases;
  std::error_code error;
  platform::LowHandleGuard guard;
  for (const auto& entry : std::filesystem::directory_iterator(place.leases, error)) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &id)) continue;
    // Shared: two who look are not in each other's way, and the dead one's stays.
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
  Place place = PlaceOf(name, directory, protocol);
  auto folder = platform::Directory::OpenForReading(place.directory);
  if (!folder.ok()) return folder.status();
  absl::StatusOr<platform::File> file = folder->OpenFile(place.file_name, /*read_only=*/true);
  if (!file.ok()) return file.status();
  absl::StatusOr<int64_t> size = file->Size();
  if (!size.ok()) return size.status();
  absl::StatusOr<int64_t> capacity = CapacityOf(place, *size);
  if (!capacity.ok()) return capacity.status();
  auto mapping = platform::MappedFile::Map(*file, static_cast<size_t>(*size), /*read_only=*/true);
  if (!mapping.ok()) return mapping.status();
  auto owner = std::make_shared<platform::MappedFile>(*std::move(mapping));
  return absl::WrapUnique(new Inspection(name, protocol, std::move(place), *capacity,
                                         std::shared_ptr<uint8_t>(owner, owner->data()), *size));
}

absl::StatusOr<std::vector<std::string>> ListNames(const std::string& directory,
                                                   Protocol protocol) {
  const Place place = PlaceOf("", directory, protocol);
  auto folder = platform::Directory::OpenForReading(place.directory);
  if (absl::IsNotFound(folder.status())) return std::vector<std::string>();
  if (!folder.ok()) return folder.status();
  absl::StatusOr<std::vector<std::string>> names = folder->List(kFileSuffix);
  if (!names.ok()) return names;
  for (std::string& name : *names) name = std::string(absl::StripSuffix(name, kFileSuffix));
  return names;
}

absl::Status Remove(const std::string& name, const std::string& directory, Protocol protocol) {
  const Place place = PlaceOf(name, directory, protocol);
  auto folder = platform::Directory::OpenForReading(place.directory);
  if (!folder.ok()) return folder.status();
  absl::StatusOr<platform::DirectoryLock> lock = folder->Lock(kLockTimeout);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<platform::File> file = folder->OpenFile(place.file_name, /*read_only=*/true);
  if (!file.ok()) return file.status();
  absl::StatusOr<platform::FileIdentity> identity = file->Identity();
  if (!identity.ok()) return identity.status();
  absl::Status removed = folder->Remove(place.file_name, *identity);
  if (!removed.ok()) return removed;
  platform::NamedSemaphore::Remove(place.semaphore).IgnoreError();
  std::error_code ignored;
  platform::LowHandleGuard guard;
  if (!place.leases.empty()) std::filesystem::remove_all(place.leases, ignored);
  return absl::OkStatus();
}

}  // namespace interprocess::cloudtoid
