#include "interprocess/queue_inspector.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/cloudtoid/inspect.h"
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

// A protocol's way of looking.
class internal::Inspection {
 public:
  virtual ~Inspection() = default;
  virtual int64_t capacity() const = 0;
  virtual QueueReport Report() const = 0;
  virtual std::vector<Finding> CheckOnce() const = 0;
  virtual std::vector<std::string> Peek(size_t max) const = 0;
  virtual absl::StatusOr<int> Repair() const = 0;
};

namespace {

class NativeInspection final : public internal::Inspection {
 public:
  static absl::StatusOr<std::unique_ptr<internal::Inspection>> Open(
      const std::string& name, const std::string& directory_path) {
    absl::StatusOr<platform::Directory> directory = native::OpenDirectoryForReading(directory_path);
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
    return std::make_unique<NativeInspection>(name, directory_path, file->path(),
                                              std::move(mapping), *memory, *std::move(leases));
  }

  NativeInspection(std::string name, const std::string& directory, std::string path,
                   platform::MappedFile mapping, const native::QueueMemory& memory,
                   platform::LeaseFile leases)
      : name_(std::move(name)),
        directory_(platform::AbsolutePath(directory)),
        path_(std::move(path)),
        mapping_(std::move(mapping)),
        memory_(memory),
        leases_(std::move(leases)) {}

  bool IsAlive(uint32_t id) const {
    return leases_.IsHeldExclusively(native::kAliveLease + id, 1).value_or(true);
  }

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }

  QueueReport Report() const override {
    QueueReport report = native::ReportOn(memory_, [this](uint32_t id) { return IsAlive(id); });
    report.name = name_;
    report.path = path_;
    return report;
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
  std::string name_;
  std::string directory_;
  std::string path_;
  platform::MappedFile mapping_;
  native::QueueMemory memory_;
  platform::LeaseFile leases_;
};

class CloudtoidInspection final : public internal::Inspection {
 public:
  CloudtoidInspection(std::string name, cloudtoid::Inspection inspection)
      : name_(std::move(name)), inspection_(std::move(inspection)) {}
  int64_t capacity() const override { return inspection_.capacity(); }
  QueueReport Report() const override {
    QueueReport report = inspection_.Report();
    report.name = name_;
    return report;
  }
  std::vector<Finding> CheckOnce() const override { return inspection_.CheckOnce(); }
  std::vector<std::string> Peek(size_t max) const override { return inspection_.Peek(max); }
  absl::StatusOr<int> Repair() const override {
    return absl::UnimplementedError(
        "in the Cloudtoid formats what the dead left is put right by whoever reads next");
  }

 private:
  std::string name_;
  cloudtoid::Inspection inspection_;
};

constexpr int kLooks = 5;

}  // namespace

QueueInspector::QueueInspector(std::unique_ptr<internal::Inspection> inspection)
    : inspection_(std::move(inspection)) {}
QueueInspector::QueueInspector(QueueInspector&&) noexcept = default;
QueueInspector& QueueInspector::operator=(QueueInspector&&) noexcept = default;
QueueInspector::~QueueInspector() = default;

absl::StatusOr<QueueInspector> QueueInspector::Open(const std::string& name,
                                                    const std::string& directory,
                                                    Protocol protocol) {
  if (absl::Status status = CheckQueueName(name, protocol); !status.ok()) return status;
  if (protocol == Protocol::kNative) {
    auto impl = NativeInspection::Open(name, directory);
    if (!impl.ok()) return impl.status();
    return QueueInspector(*std::move(impl));
  }
  auto inspection = cloudtoid::Inspection::Open(name, directory, protocol);
  if (!inspection.ok()) return inspection.status();
  return QueueInspector(std::make_unique<CloudtoidInspection>(name, *std::move(inspection)));
}

int64_t QueueInspector::capacity() const { return inspection_->capacity(); }

absl::StatusOr<QueueReport> QueueInspector::Report() const { return inspection_->Report(); }

absl::StatusOr<std::vector<Finding>> QueueInspector::Check() const {
  std::vector<Finding> findings = inspection_->CheckOnce();
  // What others are doing can look wrong once; what every look finds is wrong.
  for (int look = 1; look < kLooks && !findings.empty(); ++look) {
    std::vector<Finding> again = inspection_->CheckOnce();
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

absl::StatusOr<std::vector<std::string>> QueueInspector::Peek(size_t max) const {
  return inspection_->Peek(max);
}

absl::StatusOr<int> QueueInspector::Repair() { return inspection_->Repair(); }

}  // namespace interprocess
