#include "interprocess/queue_registry.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/cloudtoid/inspect.h"
#include "core/cloudtoid/place.h"
#include "core/native/attachment.h"
#include "core/native/queue_memory.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "core/queue_name.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"

namespace interprocess {
namespace {

// Making and removing hold the directory's lock for a few system calls, unless stopped.
constexpr absl::Duration kLockTimeout = absl::Seconds(10);

// Tells who has the file open that they use a queue without a name, if it is a queue.
void MarkRetired(const platform::File& file) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok() || *size < static_cast<int64_t>(native::kHeaderSize)) return;
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return;
  auto memory = native::QueueMemory::Check(mapping->data(), mapping->size(), file.path());
  if (!memory.ok()) return;
  // seq_cst: a joiner takes its lease and then looks here; it starts over by name, which it gets
  // when the lock is dropped.
  memory->header().life.store(native::kLifeRetired, std::memory_order_seq_cst);
}

absl::StatusOr<std::vector<QueueEntry>> ListCloudtoidQueues(const std::string& directory,
                                                            Protocol protocol) {
  absl::StatusOr<std::vector<std::string>> names = cloudtoid::ListNames(directory, protocol);
  if (!names.ok()) return names.status();
  std::vector<QueueEntry> entries;
  for (const std::string& name : *names) {
    QueueEntry& entry = entries.emplace_back();
    entry.protocol = protocol;
    entry.name = name;
    entry.path = cloudtoid::PlaceOf(name, directory, protocol).path;
    absl::StatusOr<QueueInspector> inspector = QueueInspector::Open(name, directory, protocol);
    entry.status = inspector.status();
    if (inspector.ok()) entry.capacity = inspector->capacity();
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::vector<QueueEntry>> ListQueues(const std::string& directory,
                                                   Protocol protocol) {
  if (protocol != Protocol::kNative) return ListCloudtoidQueues(directory, protocol);
  absl::StatusOr<platform::Directory> opened = native::OpenDirectoryForReading(directory);
  if (directory.empty() && absl::IsNotFound(opened.status())) return std::vector<QueueEntry>();
  if (!opened.ok()) return opened.status();
  absl::StatusOr<std::vector<std::string>> names = opened->List(native::kFileSuffix);
  if (!names.ok()) return names.status();
  std::vector<QueueEntry> entries;
  for (const std::string& file_name : *names) {
    QueueEntry& entry = entries.emplace_back();
    entry.name = std::string(absl::StripSuffix(file_name, native::kFileSuffix));
    entry.path = opened->PathOf(file_name);
    absl::StatusOr<QueueInspector> inspector = QueueInspector::Open(entry.name, directory);
    entry.status = inspector.status();
    if (inspector.ok()) entry.capacity = inspector->capacity();
  }
  return entries;
}

absl::Status RemoveQueue(const std::string& name, const std::string& directory, Protocol protocol) {
  if (absl::Status status = CheckQueueName(name, protocol); !status.ok()) return status;
  if (protocol != Protocol::kNative) return cloudtoid::Remove(name, directory, protocol);
  const std::string file_name = absl::StrCat(name, native::kFileSuffix);
  absl::StatusOr<platform::Directory> opened = native::OpenDirectory(directory);
  if (!opened.ok()) return opened.status();
  absl::StatusOr<platform::DirectoryLock> lock = opened->Lock(kLockTimeout);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<platform::File> file = opened->OpenFile(file_name, /*read_only=*/false);
  if (!file.ok()) return file.status();
  absl::StatusOr<platform::FileIdentity> identity = file->Identity();
  if (!identity.ok()) return identity.status();
  MarkRetired(*file);
  native::RemoveTracesOf(*file);
  file->Close();  // some systems delete nothing that is open, or mapped as in there
  absl::Status removed = opened->Remove(file_name, *identity);
  if (!removed.ok()) native::TakeBackRetired(*opened, file_name, *identity);
  return removed;
}

}  // namespace interprocess
