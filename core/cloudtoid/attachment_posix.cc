// SPDX-License-Identifier: MIT

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/step.h"
#include "core/platform/directory.h"
#include "core/platform/file_lock.h"
#include "core/platform/kept_directory.h"
#include "core/platform/mapped_file.h"
#include "core/platform/open_handle.h"

namespace interprocess::cloudtoid {
namespace {

using platform::FileLock;
using platform::FileLockMode;

// An opener or leaver holds the directory's lock for a few system calls, or longer if it is
// stopped.
constexpr absl::Duration kOpenLockTimeout = absl::Seconds(10);
constexpr absl::Duration kLeaveLockTimeout = absl::Milliseconds(200);
// Version 2.0 does not lock the directory. An opener waits this long for what it does there in a
// few system calls.
constexpr absl::Duration kOtherOpener = absl::Seconds(2);
constexpr absl::Duration kOtherOpenerPause = absl::Microseconds(500);
// An opener of version 2.0 looks if the file is in use, and then opens it. This is longer than it
// takes for both, unless it is stopped in between.
constexpr absl::Duration kOtherLookAndOpen = absl::Milliseconds(1);

absl::Status FileError(absl::string_view call, const std::string& path, std::error_code error) {
  return absl::ErrnoToStatus(error.value(), absl::StrCat(call, " '", path, "'"));
}

// The directories have mode 0777 less the umask, as the format says.
absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? FileError("mkdir", path, error) : absl::OkStatus();
}

void RemoveQuietly(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
}

// Part of a message: the file of a queue with this name in another Cloudtoid format, if there is
// one.
std::string OtherProtocolThere(const QueueOptions& options) {
  for (Protocol other :
       {Protocol::kCloudtoidV2, Protocol::kCloudtoidV3, Protocol::kCloudtoidV2Fork}) {
    const std::string path = LocationOf(options.name, options.directory, other).path;
    std::error_code error;
    if (other != options.protocol && std::filesystem::exists(path, error)) {
      return absl::StrCat("; there is '", path, "', which is of protocol ", NameOf(other));
    }
  }
  return "";
}

}  // namespace

struct Attachment::Held {
  platform::KeptDirectory directory;
  FileLock use;    // shared for as long as this is attached
  FileLock lease;  // version 3
  platform::MappedFile mapping;
  platform::FileIdentity identity;  // of the file that is mapped
};

Attachment::Attachment(const QueueOptions& options, Location location)
    : protocol_(options.protocol),
      location_(std::move(location)),
      held_(std::make_unique<Held>()) {}
Attachment::~Attachment() { Leave().IgnoreError(); }
QueueFile Attachment::file() const {
  return {location_.path, held_->identity.device, held_->identity.inode};
}

bool SystemEnvironment::IsProvenDead(int64_t participant) {
  const std::string path = absl::StrCat(leases_, "/", participant);
  absl::StatusOr<FileLock> lease = FileLock::Open(path, /*create=*/false);
  if (absl::IsNotFound(lease.status())) {
    // If this participant's own lease is gone as well, the folder was cleared, and a missing lease
    // proves nothing.
    std::error_code error;
    return std::filesystem::exists(own_lease_, error);
  }
  if (!lease.ok() || !lease->TryLock(FileLockMode::kExclusive).value_or(false)) return false;
  RemoveQuietly(path);
  return true;
}

absl::Status Attachment::Attach(const QueueOptions& options) {
  if (options.mode != OpenMode::kOpenExisting) {
    ABSL_RETURN_IF_ERROR(MakeDirectories(location_.directory));
  }
  absl::StatusOr<platform::Directory> opened = platform::Directory::Open(location_.directory);
  if (absl::IsNotFound(opened.status())) {
    return absl::NotFoundError(
        absl::StrCat(opened.status().message(), OtherProtocolThere(options)));
  }
  ABSL_RETURN_IF_ERROR(opened.status());
  ABSL_ASSIGN_OR_RETURN(held_->directory, platform::KeptDirectory::Keep(*std::move(opened)));
  ABSL_ASSIGN_OR_RETURN(const platform::Directory* directory, held_->directory.Get());
  if (protocol_ == Protocol::kCloudtoidV2Fork) return OpenFork(options, *directory);

  for (const absl::Time give_up = absl::Now() + kOtherOpener;; absl::SleepFor(kOtherOpenerPause)) {
    // An exclusive lock on the file makes a .NET opener fail that meets it. Those that lock the
    // directory wait.
    ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock, directory->Lock(kOpenLockTimeout));
    bool again = false;
    absl::Status status = OpenOnce(options, *directory, &again);
    if (!again || absl::Now() > give_up) return status;
  }
}

// Sets `*again` if an opener or leaver that does not lock the directory was in the way.
absl::Status Attachment::OpenOnce(const QueueOptions& options, const platform::Directory& directory,
                                  bool* again) {
  const bool existing = options.mode == OpenMode::kOpenExisting;
  absl::StatusOr<FileLock> use = absl::AlreadyExistsError("");
  if (!existing) use = FileLock::Create(location_.path);
  const bool created = use.ok();
  if (absl::IsAlreadyExists(use.status())) use = FileLock::Open(location_.path, /*create=*/false);
  if (absl::IsNotFound(use.status())) {
    *again = !existing;
    return absl::NotFoundError(absl::StrCat(use.status().message(), OtherProtocolThere(options)));
  }
  ABSL_RETURN_IF_ERROR(use.status());
  INTERPROCESS_CLOUDTOID_STEP("opener.has_file");
  held_->use = *std::move(use);
  absl::StatusOr<platform::File> file =
      directory.OpenFile(location_.file_name, /*read_only=*/false);
  *again = absl::IsNotFound(file.status());
  ABSL_RETURN_IF_ERROR(file.status());

  // An opener that made the file knows that it is the first. Only for a file that it found does it
  // need the exclusive lock, which is in a .NET opener's way, to see if the file is in use.
  ABSL_ASSIGN_OR_RETURN(const bool alone, held_->use.TryLock(created ? FileLockMode::kShared
                                                                     : FileLockMode::kExclusive));
  if (!alone && !created && options.mode == OpenMode::kCreateNew) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", location_.path, "' exists"));
  }
  if (created) INTERPROCESS_CLOUDTOID_STEP("opener.shares_new_file");
  if (alone && !existing) {
    absl::Status made = MakeAnew(options, created, *file);
    if (!made.ok()) {
      RemoveQuietly(location_.path);
      return made;
    }
  }
  ABSL_ASSIGN_OR_RETURN(const bool shared, held_->use.TryLock(FileLockMode::kShared));
  *again = !shared;
  if (*again) {
    return absl::UnavailableError(
        absl::StrCat("lock '", location_.path, "': another process keeps it locked exclusively"));
  }
  // A leaver that gets the exclusive lock unlinks the file. So this checks that the name still
  // leads to the file that is locked.
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity ours, held_->use.Identity());
  absl::StatusOr<platform::File> named =
      directory.OpenFile(location_.file_name, /*read_only=*/true);
  if (!named.ok() && !absl::IsNotFound(named.status())) return named.status();
  *again = !named.ok() || named->Identity().value_or(platform::FileIdentity()) != ours ||
           file->Identity().value_or(platform::FileIdentity()) != ours;
  if (*again) {
    return absl::UnavailableError(
        absl::StrCat("open '", location_.path, "': it is replaced again and again"));
  }
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file->Size());
  absl::Status mapped = Map(*file, options);
  // Another opener may have emptied the file. It then gives it its size.
  if (!mapped.ok()) {
    *again = size == 0 || file->Size().value_or(1) == 0;
    return mapped;
  }
  if (alone && existing && protocol_ == Protocol::kCloudtoidV3) {
    // Dead processes have left the queue. A permit that one of them owed never comes.
    header_v3().pending.store(0, std::memory_order_relaxed);
    platform::NamedSemaphore::Remove(location_.semaphore).IgnoreError();
  }
  return OpenSemaphore();
}

absl::Status Attachment::OpenFork(const QueueOptions& options,
                                  const platform::Directory& directory) {
  // The fork takes no locks. The first opener gives the file its size, and nobody removes it.
  const bool existing = options.mode == OpenMode::kOpenExisting;
  absl::StatusOr<FileLock> made = FileLock::Open(location_.path, /*create=*/!existing);
  if (absl::IsNotFound(made.status())) {
    return absl::NotFoundError(absl::StrCat(made.status().message(), OtherProtocolThere(options)));
  }
  ABSL_RETURN_IF_ERROR(made.status());
  ABSL_ASSIGN_OR_RETURN(platform::File file,
                        directory.OpenFile(location_.file_name, /*read_only=*/false));
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  if (size != 0 && options.mode == OpenMode::kCreateNew) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", location_.path, "' exists"));
  }
  if (size == 0 && !existing) {
    // Two openers of this library may do this at once, with one result.
    ABSL_RETURN_IF_ERROR(file.SetSize(FileSizeV2(options.capacity), options.reserve_space));
  }
  ABSL_RETURN_IF_ERROR(Map(file, options));
  return OpenSemaphore();
}

absl::Status Attachment::MakeAnew(const QueueOptions& options, bool created, platform::File& file) {
  // Nobody is attached, so everything with the queue's name was left by processes that died.
  if (protocol_ == Protocol::kCloudtoidV3) {
    platform::NamedSemaphore::Remove(location_.semaphore).IgnoreError();
    std::error_code error;
    platform::LowHandleGuard guard;
    std::filesystem::remove_all(location_.leases, error);
    if (error) return FileError("remove", location_.leases, error);
  }
  if (created) {
    // A .NET opener may have come in between, and have given the file its size.
    ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
    if (size != 0) return absl::OkStatus();
  } else {
    ABSL_RETURN_IF_ERROR(file.SetSize(0, /*reserve=*/false));
  }
  return file.SetSize(location_.ring_offset + options.capacity, options.reserve_space);
}

absl::Status Attachment::Map(const platform::File& file, const QueueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  if (options.mode != OpenMode::kOpenExisting) {
    ABSL_RETURN_IF_ERROR(CheckFileSize(location_, size, options.capacity));
  }
  ABSL_ASSIGN_OR_RETURN(capacity_, CapacityOf(location_, size));
  ABSL_ASSIGN_OR_RETURN(held_->identity, file.Identity());
  ABSL_ASSIGN_OR_RETURN(held_->mapping, platform::MappedFile::Map(file, static_cast<size_t>(size),
                                                                  /*read_only=*/false));
  memory_ = held_->mapping.data();
  return absl::OkStatus();
}

absl::Status Attachment::HoldLease() {
  ABSL_RETURN_IF_ERROR(MakeDirectories(location_.leases));
  environment_.own_lease_ = absl::StrCat(location_.leases, "/", id_);
  ABSL_ASSIGN_OR_RETURN(FileLock lease, FileLock::Open(environment_.own_lease_, /*create=*/true));
  ABSL_ASSIGN_OR_RETURN(const bool locked, lease.TryLock(FileLockMode::kExclusive));
  if (!locked) {
    return absl::DataLossError(absl::StrCat("'", location_.path,
                                            "' is not a sound queue: the lease ", "of the new id ",
                                            id_, " is held"));
  }
  held_->lease = std::move(lease);
  return absl::OkStatus();
}

absl::Status Attachment::Detach() {
  if (id_ != 0) {
    RemoveQuietly(environment_.own_lease_);
    held_->lease.Close();
  }
  absl::Status removed =
      protocol_ == Protocol::kCloudtoidV2Fork ? absl::OkStatus() : RemoveIfLast();
  held_->use.Close();
  held_->directory = platform::KeptDirectory();
  return removed;
}

absl::Status Attachment::RemoveIfLast() {
  ABSL_ASSIGN_OR_RETURN(const platform::Directory* directory, held_->directory.Get());
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity ours, held_->use.Identity());
  const auto has_name = [&] {
    return directory->IdentityOf(location_.file_name).value_or(platform::FileIdentity()) == ours;
  };
  {
    // Without the directory's lock the exclusive lock could make another's opening fail. Then the
    // file stays, and goes with the next one that leaves.
    ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock,
                          held_->directory.Lock(kLeaveLockTimeout));
    ABSL_ASSIGN_OR_RETURN(const bool alone, held_->use.TryLock(FileLockMode::kExclusive));
    if (!alone) return absl::OkStatus();
    if (protocol_ == Protocol::kCloudtoidV3) {
      return has_name() ? RemoveLocked(*directory, ours) : absl::OkStatus();
    }
    held_->use.Unlock();
  }
  // Version 2.0 does not lock the directory. It looks if the file is in use, opens it if it is, and
  // fails if the file is gone by then. So the file is unused for some time before it goes.
  INTERPROCESS_CLOUDTOID_STEP("leaver.lets_others_open");
  absl::SleepFor(kOtherLookAndOpen);
  ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock,
                        held_->directory.Lock(kLeaveLockTimeout));
  if (!has_name()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const bool alone, held_->use.TryLock(FileLockMode::kExclusive));
  return alone ? RemoveLocked(*directory, ours) : absl::OkStatus();
}

// Removes the file and everything else that has the queue's name. The caller holds the directory's
// lock and the exclusive lock of the file, and has seen that the name leads to the file.
absl::Status Attachment::RemoveLocked(const platform::Directory& directory,
                                      const platform::FileIdentity& ours) {
  platform::NamedSemaphore::Remove(location_.semaphore).IgnoreError();
  if (!location_.leases.empty()) {
    std::error_code error;
    // Empty, as a rule: so it takes no handle.
    std::filesystem::remove(location_.leases, error);
    platform::LowHandleGuard guard;
    if (error) std::filesystem::remove_all(location_.leases, error);
  }
  return directory.Remove(location_.file_name, ours);
}

}  // namespace interprocess::cloudtoid
