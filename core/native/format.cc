// SPDX-License-Identifier: MIT

#include "core/native/format.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/native/adoption.h"
#include "core/native/attachment.h"
#include "core/native/inspection.h"
#include "core/native/native_publisher.h"
#include "core/native/native_subscriber.h"
#include "core/native/queue_memory.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"

namespace interprocess::native {
namespace {

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return BadQueueName(name, "is empty");
  if (name.size() > kMaxNameLength) {
    return BadQueueName(name,
                        absl::StrCat("has ", name.size(), " bytes, more than ", kMaxNameLength));
  }
  for (char c : name) {
    if (c == '/' || c == '\\') return BadQueueName(name, "contains a slash or a backslash");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return BadQueueName(name, "contains a control character");
    }
  }
  if (absl::StrContains(name, "..")) return BadQueueName(name, "contains '..'");
  if (name.front() == '.') return BadQueueName(name, "begins with a dot");
  return absl::OkStatus();
}

absl::Status CheckCapacity(int64_t capacity) {
  if (capacity >= kMinCapacity && capacity <= kMaxCapacity) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("capacity ", capacity, " is not between ",
                                                 kMinCapacity, " and ", kMaxCapacity, " bytes"));
}

absl::StatusOr<std::unique_ptr<PublisherEngine>> OpenPublisher(const QueueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options, Role::kPublisher));
  if (attachment->memory().one_publisher()) {
    return std::make_unique<ExclusivePublisher>(std::move(attachment));
  }
  return std::make_unique<NativePublisher>(std::move(attachment));
}

absl::StatusOr<std::unique_ptr<SubscriberEngine>> OpenSubscriber(const QueueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options, Role::kSubscriber));
  if (attachment->memory().one_subscriber()) {
    return std::make_unique<ExclusiveSubscriber>(std::move(attachment));
  }
  return std::make_unique<NativeSubscriber>(std::move(attachment));
}

absl::StatusOr<std::vector<QueueEntry>> List(const std::string& directory) {
  std::vector<QueueEntry> entries;
  const absl::StatusOr<platform::Directory> opened = OpenDirectoryForReading(directory);
  if (directory.empty() && absl::IsNotFound(opened.status())) return entries;
  ABSL_RETURN_IF_ERROR(opened.status());
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> names, opened->List(kFileSuffix));
  for (const std::string& file_name : names) {
    QueueEntry& entry = entries.emplace_back();
    entry.name = std::string(absl::StripSuffix(file_name, kFileSuffix));
    entry.path = opened->PathOf(file_name);
  }
  return entries;
}

// Making and removing hold the directory's lock for a few system calls, unless stopped.
constexpr absl::Duration kLockTimeout = absl::Seconds(10);

// Tells participants that have the file open that their queue has no name, if it is a queue.
void MarkRetired(const platform::File& file) {
  absl::StatusOr<int64_t> size = file.Size();
  if (!size.ok() || *size < static_cast<int64_t>(kHeaderSize)) return;
  auto mapping = platform::MappedFile::Map(file, static_cast<size_t>(*size), /*read_only=*/false);
  if (!mapping.ok()) return;
  auto memory = QueueMemory::Check(mapping->data(), mapping->size(), file.path());
  if (!memory.ok()) return;
  // seq_cst: a joiner takes its lease and then looks here; it starts over by name, which it gets
  // when the lock is dropped.
  memory->header().life.store(kLifeRetired, std::memory_order_seq_cst);
}

absl::Status Remove(const std::string& name, const std::string& directory) {
  const std::string file_name = absl::StrCat(name, kFileSuffix);
  // No default directory is made for this.
  ABSL_ASSIGN_OR_RETURN(const platform::Directory opened, directory.empty()
                                                              ? OpenDirectoryForReading(directory)
                                                              : OpenDirectory(directory));
  ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock, opened.Lock(kLockTimeout));
  ABSL_ASSIGN_OR_RETURN(platform::File file, opened.OpenFile(file_name, /*read_only=*/false));
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity identity, file.Identity());
  MarkRetired(file);
  RemoveTracesOf(file);
  file.Close();  // some systems delete nothing that is open, or mapped as in there
  absl::Status removed = opened.Remove(file_name, identity);
  if (!removed.ok()) TakeBackRetired(opened, file_name, identity);
  if (removed.ok() && directory.empty()) opened.RemoveIfEmpty();
  return removed;
}

absl::Status Adopt(const std::string& name, const std::string& directory) {
  ABSL_ASSIGN_OR_RETURN(const platform::Directory opened, directory.empty()
                                                              ? OpenDirectoryForReading(directory)
                                                              : OpenDirectory(directory));
  ABSL_ASSIGN_OR_RETURN(const platform::DirectoryLock lock, opened.Lock(kLockTimeout));
  ABSL_ASSIGN_OR_RETURN(const platform::File file,
                        opened.OpenFile(absl::StrCat(name, kFileSuffix), /*read_only=*/false));
  return TakeOver(file);
}

}  // namespace

const Format kFormat = {
    Protocol::kNative,
    "native",
    &CheckName,
    &CheckCapacity,
    &platform::DefaultDirectory,
    &OpenPublisher,
    &OpenSubscriber,
    &OpenInspection,
    &List,
    &Remove,
    &Adopt,
};

}  // namespace interprocess::native
