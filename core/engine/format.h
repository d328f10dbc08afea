// SPDX-License-Identifier: MIT

// What a wire format is to the classes above the engines: one row of their table (core/formats.h).

#ifndef INTERPROCESS_CORE_ENGINE_FORMAT_H_
#define INTERPROCESS_CORE_ENGINE_FORMAT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/engine/engine.h"
#include "core/engine/inspection.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_report.h"

namespace interprocess {

// Names and capacities reach what opens and removes only when they were checked. An empty directory
// stands for the default one. Each function is thread-safe.
struct Format {
  Protocol protocol;
  const char* name;  // as ProtocolName has it

  // InvalidArgument if no queue may have that name (QueueOptions::name), or that capacity.
  absl::Status (*check_name)(absl::string_view name);
  absl::Status (*check_capacity)(int64_t capacity);

  std::string (*default_directory)();

  // Attach. The options are valid.
  absl::StatusOr<std::unique_ptr<PublisherEngine>> (*open_publisher)(const QueueOptions& options);
  absl::StatusOr<std::unique_ptr<SubscriberEngine>> (*open_subscriber)(const QueueOptions& options);

  // As QueueInspector::Open, ListQueues and RemoveQueue. A listed queue has a name and a path.
  absl::StatusOr<std::unique_ptr<internal::Inspection>> (*inspect)(const std::string& name,
                                                                   const std::string& directory);
  absl::StatusOr<std::vector<QueueEntry>> (*list)(const std::string& directory);
  absl::Status (*remove)(const std::string& name, const std::string& directory);
  // As AdoptQueue; null where queues are not bound to a device.
  absl::Status (*adopt)(const std::string& name, const std::string& directory);
};

// InvalidArgument: `why` the name is no queue's. The name is escaped and cut, for it may hold
// anything and be of any length.
absl::Status BadQueueName(absl::string_view name, absl::string_view why);

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_ENGINE_FORMAT_H_
