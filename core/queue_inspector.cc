#include "interprocess/queue_inspector.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/native/attachment.h"
#include "core/native/inspect.h"
#include "core/native/recovery.h"
#include "core/native/semaphores.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/mapped_file.h"
#include "core/queue_name.h"
#include "interprocess/queue_options.h"

namespace interprocess {

class QueueInspector::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Open(const std::string& name,
                                                    const std::string& directory_path) {
    if (absl::Status status = CheckQueueName(name, Protocol::kNative); !status.ok()) return status;
    absl::StatusOr<platform::Directory> directory = platform::Directory::OpenForReading(
        directory_path.empty() ? platform::DefaultDirectory() : directory_path);
    if (!directory.ok()) return directory.status();
    absl::StatusOr<platform::File> file =
        directory->OpenFile(absl::StrCat(name, native::kFileSuffix), /*read_only=*/true);
    if (!file.ok()) return file.status();
    absl::StatusOr<int64_t> size = file->Size();
    if (!size.ok()) return size.status();
    platform::MappedFile mapping;
    if (*size >= static_cast<int64_t>(native::kHeaderSize)) {
      auto mapped =
          platform::MappedFile::Map(*file, static_cast<size_t>(*size), /*read_only=*/true);
      if (!mapped.ok()) return mapped.status();
      mapping = *std::move(mapped);
    }
    absl::StatusOr<native::QueueMemory> memory =
        native::QueueMemory::Check(mapping.data(), static_cast<uint64_t>(*size), file->path());
    if (!memory.ok()) return memory.status();
    absl::StatusOr<platform::FileIdentity> identity = file->Identity();
    if (!identity.ok()) return identity.status();
    absl::Status original = native::CheckOriginal(*memory, *identity, file->path());
    if (!original.ok()) return original;
    absl::StatusOr<platform::LeaseFile> leases = platform::LeaseFile::Open(*file);
    if (!leases.ok()) return leases.status();
    return std::make_unique<Impl>(name, directory_path, file->path(), std::move(mapping), *memory,
                                  *std::move(leases));
  }

  Impl(std::string name, const std::string& directory, std::string path,
       platform::MappedFile mapping, const native::QueueMemory& memory, platform::LeaseFile leases)
      : name_(std::move(name)),
        directory_(platform::AbsolutePath(directory)),
        path_(std::move(path)),
        mapping_(std::move(mapping)),
        memory_(memory),
        leases_(std::move(leases)) {}

  bool IsAlive(uint32_t id) const {
    return leases_.IsHeldExclusively(native::kAliveLease + id, 1).value_or(true);
  }

  int64_t capacity() const { return static_cast<int64_t>(memory_.payload_bytes()); }

  QueueReport Report() const {
    QueueReport report = native::ReportOn(memory_, [this](uint32_t id) { return IsAlive(id); });
    report.name = name_;
    report.path = path_;
    return report;
  }

  std::vector<Finding> Check() const {
    auto is_alive = [this](uint32_t id) { return IsAlive(id); };
    std::vector<Finding> findings = native::CheckOnce(memory_, is_alive);
    // What others are doing can look wrong once; what every look finds is wrong.
    for (int look = 1; look < kLooks && !findings.empty(); ++look) {
      std::vector<Finding> again = native::CheckOnce(memory_, is_alive);
      findings.erase(std::remove_if(findings.begin(), findings.end(),
                                    [&](const Finding& finding) {
                                      return std::none_of(again.begin(), again.end(),
                                                          [&](const Finding& other) {
                                                            return other.what == finding.what;
                                                          });
                                    }),
                     findings.end());
    }
    return findings;
  }

  absl::StatusOr<int> Repair() const {
    QueueOptions options;
    options.name = name_;
    options.directory = directory_;
    options.mode = OpenMode::kOpenExisting;
    auto attachment = native::Attachment::Open(options, native::Role::kInspector);
    if (!attachment.ok()) return attachment.status();
    const native::QueueMemory& memory = (*attachment)->memory();
    native::Recovery recovery(memory, (*attachment)->environment(), (*attachment)->id());
    const int resolved =
        recovery.LookForDead(memory.header().tail.load(std::memory_order_relaxed), /*force=*/true);
    native::RemoveTraces(memory, (*attachment)->environment());
    return resolved;
  }

 private:
  static constexpr int kLooks = 5;

  std::string name_;
  std::string directory_;
  std::string path_;
  platform::MappedFile mapping_;
  native::QueueMemory memory_;
  platform::LeaseFile leases_;
};

QueueInspector::QueueInspector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
QueueInspector::QueueInspector(QueueInspector&&) noexcept = default;
QueueInspector& QueueInspector::operator=(QueueInspector&&) noexcept = default;
QueueInspector::~QueueInspector() = default;

absl::StatusOr<QueueInspector> QueueInspector::Open(const std::string& name,
                                                    const std::string& directory) {
  auto impl = Impl::Open(name, directory);
  if (!impl.ok()) return impl.status();
  return QueueInspector(*std::move(impl));
}

int64_t QueueInspector::capacity() const { return impl_->capacity(); }

absl::StatusOr<QueueReport> QueueInspector::Report() const { return impl_->Report(); }

absl::StatusOr<std::vector<Finding>> QueueInspector::Check() const { return impl_->Check(); }

absl::StatusOr<int> QueueInspector::Repair() { return impl_->Repair(); }

}  // namespace interprocess
