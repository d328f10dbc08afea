// SPDX-License-Identifier: MIT

#include "core/cloudtoid/format.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/cloudtoid_publisher.h"
#include "core/cloudtoid/cloudtoid_subscriber.h"
#include "core/cloudtoid/inspect.h"
#include "core/cloudtoid/location.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"

namespace interprocess::cloudtoid {
namespace {

// What a semaphore's name leaves of the system's 251 bytes on Linux beside "ct3ip.".
constexpr size_t kMaxCloudtoidNameLength = 245;

// Version 2 takes more than version 3 does; both take what is good here, so that a queue can move
// from one to the other under its name.
absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return BadQueueName(name, "is empty");
  if (name.size() > kMaxCloudtoidNameLength) {
    return BadQueueName(
        name, absl::StrCat("has ", name.size(), " bytes, more than ", kMaxCloudtoidNameLength,
                           ", which the Cloudtoid formats take"));
  }
  if (name == "." || name == "..") {
    return BadQueueName(name, "is one that Cloudtoid version 3 refuses");
  }
  if (name.find('/') != name.npos || name.find('\\') != name.npos) {
    return BadQueueName(name, "contains a slash or a backslash");
  }
  if (name.find('\0') != name.npos) return BadQueueName(name, "contains a NUL byte");
  return absl::OkStatus();
}

absl::Status CheckCapacity(int64_t capacity) {
  if (IsCapacity(capacity)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("capacity ", capacity, " is not a multiple of 8 between ", kMinCloudtoidCapacity,
                   " and ", kMaxCapacity, " bytes, as the Cloudtoid formats need it"));
}

QueueV2 MakeV2(Attachment& attachment) {
  return QueueV2(attachment.memory(), attachment.capacity(), attachment.environment());
}

QueueV3 MakeV3(Attachment& attachment) {
  return QueueV3(attachment.memory(), attachment.capacity(), attachment.environment(),
                 attachment.id(), attachment.publisher_slot());
}

absl::StatusOr<std::unique_ptr<PublisherEngine>> OpenPublisher(const QueueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options, Role::kPublisher));
  Attachment& attached = *attachment;
  if (options.protocol == Protocol::kCloudtoidV3) {
    return std::make_unique<CloudtoidPublisher<QueueV3>>(std::move(attachment), MakeV3(attached));
  }
  return std::make_unique<CloudtoidPublisher<QueueV2>>(std::move(attachment), MakeV2(attached));
}

absl::StatusOr<std::unique_ptr<SubscriberEngine>> OpenSubscriber(const QueueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options, Role::kSubscriber));
  Attachment& attached = *attachment;
  if (options.protocol == Protocol::kCloudtoidV3) {
    return std::make_unique<CloudtoidSubscriber<QueueV3>>(std::move(attachment), MakeV3(attached),
                                                          "Cloudtoid version 3");
  }
  return std::make_unique<CloudtoidSubscriber<QueueV2>>(std::move(attachment), MakeV2(attached),
                                                        "Cloudtoid version 2");
}

template <Protocol protocol>
absl::StatusOr<std::unique_ptr<internal::Inspection>> Inspect(const std::string& name,
                                                              const std::string& directory) {
  return Inspection::Open(name, directory, protocol);
}

template <Protocol protocol>
absl::StatusOr<std::vector<QueueEntry>> List(const std::string& directory) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(directory, protocol));
  std::vector<QueueEntry> entries;
  for (const std::string& name : names) {
    QueueEntry& entry = entries.emplace_back();
    entry.name = name;
    entry.path = LocationOf(name, directory, protocol).path;
  }
  return entries;
}

template <Protocol protocol>
absl::Status RemoveQueue(const std::string& name, const std::string& directory) {
  return Remove(name, directory, protocol);
}

template <Protocol protocol>
std::string DefaultDirectory() {
  return DefaultDirectoryOf(protocol);
}

template <Protocol protocol>
constexpr Format FormatOf(const char* name) {
  return {protocol,
          name,
          &CheckName,
          &CheckCapacity,
          &DefaultDirectory<protocol>,
          &OpenPublisher,
          &OpenSubscriber,
          &Inspect<protocol>,
          &List<protocol>,
          &RemoveQueue<protocol>,
          /*adopt=*/nullptr};
}

}  // namespace

const Format kVersion2 = FormatOf<Protocol::kCloudtoidV2>(kVersion2Name);
const Format kVersion3 = FormatOf<Protocol::kCloudtoidV3>(kVersion3Name);
const Format kVersion2Fork = FormatOf<Protocol::kCloudtoidV2Fork>(kVersion2ForkName);

}  // namespace interprocess::cloudtoid
