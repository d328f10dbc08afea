#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/platform/directory.h"
#include "core/platform/file_lock.h"
#include "core/platform/mapped_file.h"
#include "core/platform/open_handle.h"

namespace interprocess::cloudtoid {
namespace {

using platform::FileLock;
using platform::FileLockMode;

// Opening and closing hold the directory's lock for a few system calls, unless stopped.
constexpr absl::Duration kOpenLockTimeout = absl::Seconds(10);
constexpr absl::Duration kLeaveLockTimeout = absl::Milliseconds(200);
// Version 2.0 locks no directory: what it does there in a few system calls is waited for.
constexpr absl::Duration kOtherOpener = absl::Seconds(2);
constexpr absl::Duration kOtherOpenerPause = absl::Microseconds(500);

absl::Status FileError(absl::string_view call, const std::string& path, std::error_code error) {
  return absl::ErrnoToStatus(error.value(), absl::StrCat(call, " '", path, "'"));
}

// With mode 0777 less the umask, as the format has it.
absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? FileError("mkdir", path, error) : absl::OkStatus();
}

void RemoveQuietly(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
}

// A queue of another Cloudtoid protocol at the place where the options lead it to be.
std::string OtherProtocolThere(const QueueOptions& options) {
  for (Protocol other :
       {Protocol::kCloudtoidV2, Protocol::kCloudtoidV3, Protocol::kCloudtoidV2Fork}) {
    const std::string path = PlaceOf(options.name, options.directory, other).path;
    std::error_code error;
    if (other != options.protocol && std::filesystem::exists(path, error)) {
      return absl::StrCat("; there is '", path, "', which is of protocol ", NameOf(other));
    }
  }
  return "";
}

}  // namespace

struct Attachment::Held {
  FileLock use;    // shared, as long as it is attached
  FileLock lease;  // version 3
  platform::MappedFile mapping;
};

Attachment::Attachment(const QueueOptions& options, Place place)
    : protocol_(options.protocol), place_(std::move(place)), held_(std::make_unique<Held>()) {}
Attachment::~Attachment() { Leave(); }

bool SystemEnvironment::IsProvenDead(int64_t participant) {
  const std::string path = absl::StrCat(leases_, "/", participant);
  absl::StatusOr<FileLock> lease = FileLock::Open(path, /*create=*/false);
  if (absl::IsNotFound(lease.status())) {
    // If even our own is gone, somebody has cleared the folder, and nothing is proved.
    std::error_code error;
    return std::filesystem::exists(own_lease_, error);
  }
  if (!lease.ok() || !lease->TryLock(FileLockMode::kExclusive).value_or(false)) return false;
  RemoveQuietly(path);
  return true;
}

absl::Status Attachment::Attach(const QueueOptions& options) {
  if (options.mode != OpenMode::kOpenExisting) {
    absl::Status made = MakeDirectories(place_.directory);
    if (!made.ok()) return made;
  }
  absl::StatusOr<platform::Directory> directory = platform::Directory::Open(place_.directory);
  if (absl::IsNotFound(directory.status())) {
    return absl::NotFoundError(
        absl::StrCat(directory.status().message(), OtherProtocolThere(options)));
  }
  if (!directory.ok()) return directory.status();
  if (protocol_ == Protocol::kCloudtoidV2Fork) return OpenFork(options, *directory);

  for (const absl::Time give_up = absl::Now() + kOtherOpener;; absl::SleepFor(kOtherOpenerPause)) {
    // The probe below makes a .NET opener fail that meets it; those that lock the directory wait.
    absl::StatusOr<platform::DirectoryLock> lock = directory->Lock(kOpenLockTimeout);
    if (!lock.ok()) return lock.status();
    bool again = false;
    absl::Status status = OpenOnce(options, *directory, &again);
    if (!again || absl::Now() > give_up) return status;
  }
}

// `*again` if another opener or closer, which does not lock the directory, was in the way.
absl::Status Attachment::OpenOnce(const QueueOptions& options, const platform::Directory& directory,
                                  bool* again) {
  const bool existing = options.mode == OpenMode::kOpenExisting;
  absl::StatusOr<FileLock> use = FileLock::Open(place_.path, /*create=*/!existing);
  if (absl::IsNotFound(use.status())) {
    return absl::NotFoundError(absl::StrCat(use.status().message(), OtherProtocolThere(options)));
  }
  if (!use.ok()) return use.status();
  held_->use = *std::move(use);
  absl::StatusOr<platform::File> file = directory.OpenFile(place_.file_name, /*read_only=*/false);
  *again = absl::IsNotFound(file.status());
  if (!file.ok()) return file.status();

  absl::StatusOr<bool> alone = held_->use.TryLock(FileLockMode::kExclusive);
  if (!alone.ok()) return alone.status();
  if (!*alone && options.mode == OpenMode::kCreateNew) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", place_.path, "' exists"));
  }
  if (*alone && !existing) {
    absl::Status made = MakeAnew(options, *file);
    if (!made.ok()) {
      RemoveQuietly(place_.path);
      return made;
    }
  }
  absl::StatusOr<bool> shared = held_->use.TryLock(FileLockMode::kShared);
  if (!shared.ok()) return shared.status();
  *again = !*shared;
  if (*again) {
    return absl::UnavailableError(
        absl::StrCat("lock '", place_.path, "': another process keeps it locked exclusively"));
  }
  // Whoever closes unlinks the file if it gets the lock: is it still the one with the name?
  absl::StatusOr<platform::FileIdentity> ours = held_->use.Identity();
  if (!ours.ok()) return ours.status();
  absl::StatusOr<platform::File> named = directory.OpenFile(place_.file_name, /*read_only=*/true);
  if (!named.ok() && !absl::IsNotFound(named.status())) return named.status();
  *again = !named.ok() || named->Identity().value_or(platform::FileIdentity()) != *ours ||
           file->Identity().value_or(platform::FileIdentity()) != *ours;
  if (*again) {
    return absl::UnavailableError(
        absl::StrCat("open '", place_.path, "': it is replaced again and again"));
  }
  absl::StatusOr<int64_t> size = file->Size();
  if (!size.ok()) return size.status();
  *again = *size == 0;  // another opener is between emptying and resizing it
  absl::Status mapped = Map(*file, options);
  if (!mapped.ok()) return mapped;
  if (*alone && existing && protocol_ == Protocol::kCloudtoidV3) {
    // Left behind by the dead. What they owed each other is void.
    header_v3().pending.store(0, std::memory_order_relaxed);
    platform::NamedSemaphore::Remove(place_.semaphore).IgnoreError();
  }
  return OpenSemaphore();
}

absl::Status Attachment::OpenFork(const QueueOptions& options,
                                  const platform::Directory& directory) {
  // The fork takes no locks: whoever comes first gives the file its size, and nobody removes it.
  const bool existing = options.mode == OpenMode::kOpenExisting;
  absl::StatusOr<FileLock> made = FileLock::Open(place_.path, /*create=*/!existing);
  if (absl::IsNotFound(made.status())) {
    return absl::NotFoundError(absl::StrCat(made.status().message(), OtherProtocolThere(options)));
  }
  if (!made.ok()) return made.status();
  absl::StatusOr<platform::File> file = directory.OpenFile(place_.file_name, /*read_only=*/false);
  if (!file.ok()) return file.status();
  absl::StatusOr<int64_t> size = file->Size();
  if (!size.ok()) return size.status();
  if (*size != 0 && options.mode == OpenMode::kCreateNew) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", place_.path, "' exists"));
  }
  if (*size == 0 && !existing) {
    // Two of ours may do this at once, to the same end.
    absl::Status sized = file->SetSize(FileSizeV2(options.capacity), options.reserve_space);
    if (!sized.ok()) return sized;
  }
  absl::Status mapped = Map(*file, options);
  return mapped.ok() ? OpenSemaphore() : mapped;
}

absl::Status Attachment::MakeAnew(const QueueOptions& options, platform::File& file) {
  // Nobody is attached: what is there was left by processes that died.
  if (protocol_ == Protocol::kCloudtoidV3) {
    platform::NamedSemaphore::Remove(place_.semaphore).IgnoreError();
    std::error_code error;
    platform::LowHandleGuard guard;
    std::filesystem::remove_all(place_.leases, error);
    if (error) return FileError("remove", place_.leases, error);
  }
  absl::Status emptied = file.SetSize(0, /*reserve=*/false);
  if (!emptied.ok()) return emptied;
  return file.SetSize(place_.ring_offset + options.capacity, options.reserve_space);
}

absl::Status Attachment::Map(const platform::File& file, const QueueOptions& options) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok()) return size.status();
  if (options.mode != OpenMode::kOpenExisting) {
    absl::Status same = CheckFileSize(place_, *size, options.capacity);
    if (!same.ok()) return same;
  }
  absl::StatusOr<int64_t> capacity = CapacityOf(place_, *size);
  if (!capacity.ok()) return capacity.status();
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return mapping.status();
  held_->mapping = *std::move(mapping);
  memory_ = held_->mapping.data();
  capacity_ = *capacity;
  return absl::OkStatus();
}

absl::Status Attachment::HoldLease() {
  absl::Status made = MakeDirectories(place_.leases);
  if (!made.ok()) return made;
  environment_.own_lease_ = absl::StrCat(place_.leases, "/", id_);
  absl::StatusOr<FileLock> lease = FileLock::Open(environment_.own_lease_, /*create=*/true);
  if (!lease.ok()) return lease.status();
  absl::StatusOr<bool> locked = lease->TryLock(FileLockMode::kExclusive);
  if (!locked.ok()) return locked.status();
  if (!*locked) {
    return absl::DataLossError(absl::StrCat("'", place_.path, "' is not a sound queue: somebody ",
                                            "holds the lease of the new id ", id_));
  }
  held_->lease = *std::move(lease);
  return absl::OkStatus();
}

void Attachment::Detach() {
  if (id_ != 0) {
    RemoveQuietly(environment_.own_lease_);
    held_->lease.Close();
  }
  if (protocol_ != Protocol::kCloudtoidV2Fork) RemoveIfLast();
  held_->use.Close();
}

void Attachment::RemoveIfLast() {
  absl::StatusOr<platform::Directory> directory =
      platform::Directory::OpenForReading(place_.directory);
  if (!directory.ok()) return;
  // Without the lock another's opening could fail for our probe: then the file stays behind, and
  // goes with the next who leaves.
  absl::StatusOr<platform::DirectoryLock> lock = directory->Lock(kLeaveLockTimeout);
  if (!lock.ok() || !held_->use.TryLock(FileLockMode::kExclusive).value_or(false)) return;
  absl::StatusOr<platform::File> named = directory->OpenFile(place_.file_name, /*read_only=*/true);
  absl::StatusOr<platform::FileIdentity> ours = held_->use.Identity();
  if (!named.ok() || !ours.ok() || named->Identity().value_or(platform::FileIdentity()) != *ours) {
    return;
  }
  platform::NamedSemaphore::Remove(place_.semaphore).IgnoreError();
  if (!place_.leases.empty()) {
    std::error_code error;
    platform::LowHandleGuard guard;
    std::filesystem::remove_all(place_.leases, error);
  }
  directory->Remove(place_.file_name, *ours).IgnoreError();
}

}  // namespace interprocess::cloudtoid
