// SPDX-License-Identifier: MIT

#include "core/native/attachment.h"

#include <algorithm>
#include <utility>

#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/step.h"
#include "core/native/adoption.h"
#include "core/native/depth.h"
#include "core/native/participants.h"
#include "core/native/traces.h"
#include "core/platform/process.h"

namespace interprocess::native {
namespace {

// How long making a queue waits for another process that makes or removes one in the directory: a
// few system calls' time, unless that process is stopped.
constexpr absl::Duration kMakeLockTimeout = absl::Seconds(10);
// How often others may be quicker, in steps that they take once in the life of a queue. Many more
// than ever happens; a file that something else changes all the time must not keep a call for ever.
constexpr int kMaxRaces = 1000;
// The last to leave gives up sooner: then the empty queue stays, and goes with the next that
// leaves.
constexpr absl::Duration kLeaveLockTimeout = absl::Milliseconds(200);

const char* NameOf(WaiterKind kind) {
  return kind == WaiterKind::kSemaphore ? "semaphore" : "word";
}

absl::Status CheckSameWaiter(const QueueMemory& memory, const std::string& path) {
  if (memory.waiter() == kWaiterKind) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("queue '", path, "' was made with the waiter '", NameOf(memory.waiter()),
                   "', this library is built with '", NameOf(kWaiterKind),
                   "' (--//core/platform:waiter): they would not wake each other"));
}

// True if the file is that of a queue that was removed.
bool IsRetired(const platform::File& file) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok() || *size < static_cast<int64_t>(kHeaderSize)) return false;
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/true);
  if (!mapping.ok()) return false;
  auto memory = QueueMemory::Check(mapping->data(), mapping->size(), file.path());
  // seq_cst: as all of `life` (see EnsureLive).
  return memory.ok() && memory->header().life.load(std::memory_order_seq_cst) == kLifeRetired;
}

absl::Status CheckSameOptions(const QueueOptions& options, const QueueMemory& memory,
                              const std::string& path) {
  Geometry wanted = Geometry::For(options.capacity, options.max_participants);
  if (wanted.payload_bytes != memory.payload_bytes()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "queue '", path, "' exists with a capacity of ", memory.payload_bytes(), " bytes, not ",
        options.capacity, " (rounded up: ", wanted.payload_bytes, ")"));
  }
  if (wanted.max_participants != memory.max_participants()) {
    return absl::FailedPreconditionError(
        absl::StrCat("queue '", path, "' exists with max_participants ", memory.max_participants(),
                     ", not ", wanted.max_participants));
  }
  if (options.one_publisher != memory.one_publisher() ||
      options.one_subscriber != memory.one_subscriber()) {
    return absl::FailedPreconditionError(
        absl::StrCat("queue '", path, "' exists with one_publisher ", memory.one_publisher(),
                     ", one_subscriber ", memory.one_subscriber(), ", not ", options.one_publisher,
                     ", ", options.one_subscriber));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<platform::Directory> OpenDirectory(const std::string& path) {
  return path.empty() ? platform::Directory::OpenDefault() : platform::Directory::Open(path);
}

absl::StatusOr<platform::Directory> OpenDirectoryForReading(const std::string& path) {
  return path.empty() ? platform::Directory::OpenDefaultForReading()
                      : platform::Directory::OpenForReading(path);
}

void RemoveTracesOf(const platform::File& file) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok() || *size < static_cast<int64_t>(kHeaderSize)) return;
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return;
  auto memory = QueueMemory::Check(mapping->data(), mapping->size(), file.path());
  absl::StatusOr<platform::LeaseFile> leases = platform::LeaseFile::Open(file);
  if (!memory.ok() || !leases.ok()) return;
  SystemEnvironment environment(*std::move(leases), *memory, Access::kOwner);
  RemoveTraces(*memory, environment);
}

void TakeBackRetired(const platform::Directory& directory, const std::string& file_name,
                     const platform::FileIdentity& identity) {
  absl::StatusOr<platform::File> file = directory.OpenFile(file_name, /*read_only=*/false);
  if (!file.ok()) return;
  absl::StatusOr<platform::FileIdentity> found = file->Identity();
  absl::StatusOr<int64_t> size = file->Size();
  if (!found.ok() || *found != identity || !size.ok() || *size == 0) return;
  auto mapping = platform::MappedFile::Map(*file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return;
  auto memory = QueueMemory::Check(mapping->data(), mapping->size(), file->path());
  if (!memory.ok()) return;
  INTERPROCESS_STEP("life.not_removed");
  uint64_t retired = kLifeRetired;
  // seq_cst: as all of `life`.
  memory->header().life.compare_exchange_strong(retired, kLifeLive, std::memory_order_seq_cst);
  INTERPROCESS_STEP("life.taken_back");
}

Attachment::Attachment(const QueueOptions& options, const platform::File& file,
                       platform::MappedFile mapping, const QueueMemory& memory,
                       platform::LeaseFile leases, const platform::FileIdentity& identity,
                       const platform::Permission& access)
    : in_default_directory_(options.directory.empty()),
      file_name_(absl::StrCat(options.name, kFileSuffix)),
      path_(file.path()),
      mapping_(std::move(mapping)),
      memory_(memory),
      environment_(std::move(leases), memory, access),
      identity_(identity),
      keep_undelivered_(options.keep_undelivered) {}

absl::Status Attachment::Join(Role role) {
  absl::StatusOr<uint32_t> id =
      TakeId(memory_, environment_, role, platform::ProcessId(), platform::ProcessStartTime());
  if (!id.ok()) {
    // What a lock that failed hid is not that all places are taken.
    const absl::Status lock = environment_.TakeLockError();
    const absl::Status& why = lock.ok() ? id.status() : lock;
    return absl::Status(why.code(), absl::StrCat("queue '", path_, "': ", why.message()));
  }
  id_ = *id;
  environment_.SetId(id_);
  absl::Status end = TakeEnd(memory_, environment_, id_, role);
  if (end.ok()) return end;
  environment_.SetId(0);
  ReturnId(memory_, environment_, std::exchange(id_, 0));
  return absl::Status(end.code(), absl::StrCat("queue '", path_, "': ", end.message()));
}

absl::StatusOr<bool> Attachment::EnsureLive() {
  std::atomic<uint64_t>& life = memory_.header().life;
  // seq_cst, here and in RemoveIfLast: we hold a lease and then look at `life`; one that removes
  // sets `life` and then looks at the leases. One of the two sees the other.
  uint64_t seen = life.load(std::memory_order_seq_cst);
  for (int lost = 0; (seen & kLifeStateMask) == kLifeRetiring && lost < kMaxRaces; ++lost) {
    if (life.compare_exchange_strong(seen, kLifeLive, std::memory_order_seq_cst)) return true;
  }
  if (seen == kLifeLive || seen == kLifeRetired) return seen == kLifeLive;
  return absl::DataLossError(
      absl::StrCat("'", path_, "' is not a sound queue file: its life word is ", absl::Hex(seen)));
}

absl::StatusOr<std::unique_ptr<Attachment>> Attachment::OpenExisting(const QueueOptions& options,
                                                                     const platform::File& file,
                                                                     Role role) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok()) return size.status();
  if (*size < static_cast<int64_t>(kHeaderSize)) {
    // An empty file cannot be mapped; Check says what is wrong with it.
    return QueueMemory::Check(nullptr, static_cast<uint64_t>(*size), file.path()).status();
  }
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return mapping.status();
  absl::StatusOr<QueueMemory> memory =
      QueueMemory::Check(mapping->data(), mapping->size(), file.path());
  if (!memory.ok()) return memory.status();
  absl::StatusOr<platform::FileIdentity> identity = file.Identity();
  if (!identity.ok()) return identity.status();
  absl::Status original = TakeOverIfUnused(*memory, *identity, file.path());
  if (!original.ok()) return original;
  // Before the options: the name is free, whatever the queue was that had it. seq_cst: see
  // EnsureLive.
  if (memory->header().life.load(std::memory_order_seq_cst) == kLifeRetired) return nullptr;
  if (absl::Status same = CheckSameWaiter(*memory, file.path()); !same.ok()) return same;
  if (options.mode != OpenMode::kOpenExisting) {
    absl::Status same = CheckSameOptions(options, *memory, file.path());
    if (!same.ok()) return same;
  }
  absl::StatusOr<platform::LeaseFile> leases = platform::LeaseFile::Open(file);
  if (!leases.ok()) return leases.status();
  absl::StatusOr<platform::Permission> access = file.WhoMay();
  if (!access.ok()) return access.status();
  std::unique_ptr<Attachment> attachment(new Attachment(options, file, *std::move(mapping), *memory,
                                                        *std::move(leases), *identity, *access));
  absl::Status joined = attachment->Join(role);
  if (!joined.ok()) return joined;
  INTERPROCESS_STEP("open.joined");
  const absl::Status still = CheckStillOriginal(*memory, *identity, file.path());
  absl::StatusOr<bool> live = still.ok() ? attachment->EnsureLive() : still;
  if (live.ok() && *live) return attachment;
  ReturnId(attachment->memory_, attachment->environment_, std::exchange(attachment->id_, 0));
  if (!live.ok()) return live.status();
  return nullptr;
}

absl::StatusOr<std::unique_ptr<Attachment>> Attachment::Create(const QueueOptions& options,
                                                               const platform::Directory& directory,
                                                               Role role) {
  Geometry geometry = Geometry::For(options.capacity, options.max_participants);
  const platform::Permission permission(options.access, options.account);
  absl::StatusOr<platform::File> file = directory.CreateUnpublished(permission);
  if (!file.ok()) return file.status();
  absl::Status sized =
      file->SetSize(static_cast<int64_t>(geometry.file_size()), options.reserve_space);
  if (!sized.ok()) return sized;
  absl::StatusOr<platform::FileIdentity> identity = file->Identity();
  if (!identity.ok()) return identity.status();
  auto mapping = platform::MappedFile::Map(*file, geometry.file_size(), /*read_only=*/false);
  if (!mapping.ok()) return mapping.status();
  NewQueue queue = {geometry, identity->device, identity->inode, absl::GetCurrentTimeNanos(),
                    platform::RandomWord()};
  queue.waiter = kWaiterKind;
  if (options.across_sessions) queue.scope = NameScope::kMachine;
  if (options.one_publisher) queue.flags |= kFlagOnePublisher;
  if (options.one_subscriber) queue.flags |= kFlagOneSubscriber;
  QueueMemory::Initialize(mapping->data(), queue);
  absl::StatusOr<QueueMemory> memory =
      QueueMemory::Check(mapping->data(), mapping->size(), file->path());
  if (!memory.ok()) return memory.status();
  absl::StatusOr<platform::LeaseFile> leases = platform::LeaseFile::Open(*file);
  if (!leases.ok()) return leases.status();
  std::unique_ptr<Attachment> attachment(new Attachment(
      options, *file, *std::move(mapping), *memory, *std::move(leases), *identity, permission));
  // A participant before it has a name, so that no other can be the last to leave.
  absl::Status joined = attachment->Join(role);
  if (!joined.ok()) return joined;
  INTERPROCESS_STEP("open.made");
  absl::Status published = directory.Publish(*file, attachment->file_name_);
  INTERPROCESS_STEP("open.published");
  if (published.ok()) {
    attachment->path_ = directory.PathOf(attachment->file_name_);
    return attachment;
  }
  ReturnId(attachment->memory_, attachment->environment_, std::exchange(attachment->id_, 0));
  if (absl::IsAlreadyExists(published)) return nullptr;
  return published;
}

absl::StatusOr<std::unique_ptr<Attachment>> Attachment::Open(const QueueOptions& options,
                                                             Role role) {
  // No default directory is made for one that only opens.
  const bool existing = options.mode == OpenMode::kOpenExisting;
  const std::string file_name = absl::StrCat(options.name, kFileSuffix);
  platform::KeptDirectory kept;
  const platform::Directory* directory = nullptr;
  for (int lost = 0; lost < kMaxRaces; ++lost) {
    // The last user of another queue may remove the default directory meanwhile.
    if (directory == nullptr || directory->IsGone()) {
      absl::StatusOr<platform::Directory> opened = existing && options.directory.empty()
                                                       ? OpenDirectoryForReading("")
                                                       : OpenDirectory(options.directory);
      if (!opened.ok()) return opened.status();
      ABSL_ASSIGN_OR_RETURN(kept, platform::KeptDirectory::Keep(*std::move(opened)));
      ABSL_ASSIGN_OR_RETURN(directory, kept.Get());
    }
    if (options.mode != OpenMode::kCreateNew) {
      absl::StatusOr<platform::File> file = directory->OpenFile(file_name, /*read_only=*/false);
      if (file.ok()) {
        if (options.access == Access::kOwner) {
          absl::Status sound = directory->CheckNotPlanted(*file);
          if (!sound.ok()) return sound;
        }
        auto opened = OpenExisting(options, *file, role);
        if (!opened.ok()) return opened;
        if (*opened != nullptr) {
          (*opened)->directory_ = std::move(kept);
          return opened;
        }
      } else if (!absl::IsNotFound(file.status()) || existing) {
        return file.status();
      }
    }
    if (!existing) {
      auto created = Create(options, *directory, role);
      if (created.ok() && *created != nullptr) {
        (*created)->directory_ = std::move(kept);
        return created;
      }
      if (!created.ok() && directory->IsGone()) continue;
      if (!created.ok()) {
        if (options.directory.empty()) directory->RemoveIfEmpty();
        return created;
      }
    }
    // The name is taken. By a queue that was removed, whose remover has not come to the name, or
    // died before: one that holds the lock removes the name.
    absl::StatusOr<platform::DirectoryLock> lock = directory->Lock(kMakeLockTimeout);
    if (!lock.ok()) return lock.status();
    absl::StatusOr<platform::File> file = directory->OpenFile(file_name, /*read_only=*/false);
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) return file.status();
    if (IsRetired(*file)) {
      INTERPROCESS_STEP("open.found_retired");
      absl::StatusOr<platform::FileIdentity> identity = file->Identity();
      if (!identity.ok()) return identity.status();
      const std::string path = file->path();
      RemoveTracesOf(*file);
      file->Close();  // before it is deleted: see RemoveIfLast
      absl::Status removed = directory->Remove(file_name, *identity);
      if (!removed.ok()) {
        // Its remover died before it could take it back. What we may not remove we use.
        TakeBackRetired(*directory, file_name, *identity);
        if (absl::IsPermissionDenied(removed)) continue;
        return removed;
      }
      if (existing) {
        return absl::NotFoundError(absl::StrCat("queue '", path, "' was removed"));
      }
    } else if (options.mode == OpenMode::kCreateNew) {
      return absl::AlreadyExistsError(absl::StrCat("queue '", file->path(), "' exists"));
    }
  }
  return absl::UnavailableError(absl::StrCat("queue '", directory->PathOf(file_name),
                                             "' was made and removed by others ", kMaxRaces,
                                             " times while it was opened"));
}

QueueFile Attachment::file() const {
  return {platform::AbsolutePath(path_), identity_.device, identity_.inode, &memory_.header().life,
          kLifeRetired};
}

absl::Status Attachment::Leave() {
  if (id_ == 0) return absl::OkStatus();
  environment_.SetId(0);
  environment_.TakeLockError().IgnoreError();
  // The lease goes first, then we look whether another is held: of several that leave at one time
  // the last to drop its lease sees none.
  ReturnId(memory_, environment_, std::exchange(id_, 0));
  INTERPROCESS_STEP("leave.dropped");
  const bool alone = !environment_.IsAnyoneAlive(memory_.max_participants());
  absl::Status left = environment_.TakeLockError();
  if (left.ok() && alone) left = RemoveIfLast();
  if (left.ok()) return left;
  return absl::Status(left.code(), absl::StrCat("leave queue '", path_, "', which may stay though ",
                                                "nobody uses it: ", left.message()));
}

absl::Status Attachment::RemoveIfLast() {
  // seq_cst, here and below: see EnsureLive.
  if (memory_.header().life.load(std::memory_order_seq_cst) == kLifeRetired) {
    // The queue has gone already, and we are the last that know what else there is.
    RemoveTraces(memory_, environment_);
    return absl::OkStatus();
  }
  ABSL_ASSIGN_OR_RETURN(const platform::Directory* directory, directory_.Get());
  // Only one may be removing, or its RETIRED could meet another's LIVE.
  ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock, directory_.Lock(kLeaveLockTimeout));
  INTERPROCESS_STEP("leave.locked");
  std::atomic<uint64_t>& life = memory_.header().life;
  uint64_t seen = life.load(std::memory_order_seq_cst);
  // Of its own, so that it is told from one that a joiner has set back and another leaver set
  // again.
  const uint64_t retiring = kLifeRetiring | (platform::RandomWord() & ~kLifeStateMask);
  // RETIRING may be there already, left by one that died.
  int lost = 0;
  do {
    if (seen != kLifeLive && (seen & kLifeStateMask) != kLifeRetiring) return absl::OkStatus();
    if (++lost > kMaxRaces) return absl::OkStatus();
  } while (!life.compare_exchange_strong(seen, retiring, std::memory_order_seq_cst));
  INTERPROCESS_STEP("leave.retiring");
  const bool alone = !environment_.IsAnyoneAlive(memory_.max_participants());
  const bool stays = !alone || (keep_undelivered_ && HasUndelivered(memory_));
  INTERPROCESS_STEP("leave.looked");
  seen = retiring;
  const bool retired = life.compare_exchange_strong(seen, stays ? kLifeLive : kLifeRetired,
                                                    std::memory_order_seq_cst) &&
                       !stays;
  if (retired) {
    INTERPROCESS_STEP("leave.retired");
  }
  // What the dead have left, while the name is there: if we die in here, one that finds it goes on.
  if (alone) RemoveTraces(memory_, environment_);
  if (!retired) return absl::OkStatus();
  // Some systems (Windows) delete no file that is mapped. If this is killed before, one that opens
  // the name next finds RETIRED and removes it.
  mapping_ = platform::MappedFile();
  environment_.Close();
  absl::Status removed = directory->Remove(file_name_, identity_);
  if (!removed.ok()) {
    TakeBackRetired(*directory, file_name_, identity_);
    return removed;
  }
  if (in_default_directory_) directory->RemoveIfEmpty();
  return absl::OkStatus();
}

}  // namespace interprocess::native
