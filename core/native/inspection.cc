// SPDX-License-Identifier: MIT

#include "core/native/inspection.h"

#include <utility>
#include <vector>

#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/native/adoption.h"
#include "core/native/attachment.h"
#include "core/native/depth.h"
#include "core/native/inspect.h"
#include "core/native/queue_memory.h"
#include "core/native/recovery.h"
#include "core/native/traces.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/mapped_file.h"
#include "interprocess/queue_options.h"

namespace interprocess::native {
namespace {

class Image final : public internal::Inspection {
 public:
  Image(std::string name, const std::string& directory, std::string path,
        platform::MappedFile mapping, const QueueMemory& memory, platform::LeaseFile leases)
      : name_(std::move(name)),
        directory_(platform::AbsolutePath(directory)),
        path_(std::move(path)),
        mapping_(std::move(mapping)),
        memory_(memory),
        leases_(std::move(leases)) {}

  bool IsAlive(uint32_t id) const {
    return leases_.IsHeldExclusively(kAliveLease + id, 1).value_or(true);
  }

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }

  QueueReport Report() const override {
    QueueReport report = ReportOn(memory_, [this](uint32_t id) { return IsAlive(id); });
    report.name = name_;
    report.path = path_;
    return report;
  }

  absl::StatusOr<uint64_t> ApproximateDepth() const override {
    return native::ApproximateDepth(memory_);
  }

  std::vector<Finding> CheckOnce() const override {
    return native::CheckOnce(memory_, [this](uint32_t id) { return IsAlive(id); });
  }

  std::vector<std::string> Peek(size_t max) const override { return native::Peek(memory_, max); }

  absl::StatusOr<int> Repair() const override {
    QueueOptions options;
    options.name = name_;
    options.directory = directory_;
    options.mode = OpenMode::kOpenExisting;
    ABSL_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options, Role::kInspector));
    const QueueMemory& memory = attachment->memory();
    Recovery recovery(memory, attachment->environment(), attachment->id());
    const int resolved = recovery.LookForDead(kPatientLookNanos, /*force=*/true);
    RemoveTraces(memory, attachment->environment());
    return resolved;
  }

 private:
  std::string name_;
  std::string directory_;
  std::string path_;
  platform::MappedFile mapping_;
  QueueMemory memory_;
  platform::LeaseFile leases_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<internal::Inspection>> OpenInspection(
    const std::string& name, const std::string& directory_path) {
  ABSL_ASSIGN_OR_RETURN(platform::Directory directory, OpenDirectoryForReading(directory_path));
  ABSL_ASSIGN_OR_RETURN(platform::File file, directory.OpenFile(absl::StrCat(name, kFileSuffix),
                                                                /*read_only=*/true));
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  platform::MappedFile mapping;
  if (size >= static_cast<int64_t>(kHeaderSize)) {
    ABSL_ASSIGN_OR_RETURN(mapping, platform::MappedFile::Map(file, static_cast<size_t>(size),
                                                             /*read_only=*/true));
  }
  ABSL_ASSIGN_OR_RETURN(
      const QueueMemory memory,
      QueueMemory::Check(mapping.data(), static_cast<uint64_t>(size), file.path()));
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity identity, file.Identity());
  ABSL_RETURN_IF_ERROR(CheckOriginal(memory, identity, file.path()));
  ABSL_ASSIGN_OR_RETURN(platform::LeaseFile leases, platform::LeaseFile::Open(file));
  return std::make_unique<Image>(name, directory_path, file.path(), std::move(mapping), memory,
                                 std::move(leases));
}

}  // namespace interprocess::native
