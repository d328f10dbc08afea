// Opens the engines of the Cloudtoid formats.

#ifndef INTERPROCESS_CORE_CLOUDTOID_OPEN_H_
#define INTERPROCESS_CORE_CLOUDTOID_OPEN_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/engine/engine.h"

namespace interprocess::cloudtoid {

// As OpenPublisherEngine and OpenSubscriberEngine, for the options' Cloudtoid protocol.
absl::StatusOr<std::unique_ptr<PublisherEngine>> OpenPublisher(const QueueOptions& options);
absl::StatusOr<std::unique_ptr<SubscriberEngine>> OpenSubscriber(const QueueOptions& options);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_OPEN_H_
