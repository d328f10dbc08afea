// SPDX-License-Identifier: MIT

#include "interprocess/queue_registry.h"

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/formats.h"
#include "interprocess/queue_inspector.h"

namespace interprocess {

absl::StatusOr<std::vector<QueueEntry>> ListQueues(const std::string& directory,
                                                   Protocol protocol) {
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(protocol));
  ABSL_ASSIGN_OR_RETURN(std::vector<QueueEntry> entries, format->list(directory));
  for (QueueEntry& entry : entries) {
    entry.protocol = protocol;
    absl::StatusOr<QueueInspector> inspector =
        QueueInspector::Open(entry.name, directory, protocol);
    entry.status = inspector.status();
    if (inspector.ok()) entry.capacity = inspector->capacity();
  }
  return entries;
}

absl::Status RemoveQueue(const std::string& name, const std::string& directory, Protocol protocol) {
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(protocol));
  ABSL_RETURN_IF_ERROR(format->check_name(name));
  return format->remove(name, directory);
}

absl::Status AdoptQueue(const std::string& name, const std::string& directory, Protocol protocol) {
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(protocol));
  ABSL_RETURN_IF_ERROR(format->check_name(name));
  if (format->adopt == nullptr) {
    return absl::UnimplementedError(absl::StrCat("adopt queue '", name, "': queues of ",
                                                 format->name, " are not bound to a device"));
  }
  return format->adopt(name, directory);
}

}  // namespace interprocess
