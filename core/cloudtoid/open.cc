#include "core/cloudtoid/open.h"

#include <utility>

#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/cloudtoid_publisher.h"
#include "core/cloudtoid/cloudtoid_subscriber.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"

namespace interprocess::cloudtoid {
namespace {

QueueV2 MakeV2(Attachment& attachment) {
  return QueueV2(attachment.memory(), attachment.capacity(), attachment.environment());
}

QueueV3 MakeV3(Attachment& attachment) {
  return QueueV3(attachment.memory(), attachment.capacity(), attachment.environment(),
                 attachment.id(), attachment.publisher_slot());
}

}  // namespace

absl::StatusOr<std::unique_ptr<PublisherEngine>> OpenPublisher(const QueueOptions& options) {
  auto attachment = Attachment::Open(options, Role::kPublisher);
  if (!attachment.ok()) return attachment.status();
  Attachment& attached = **attachment;
  if (options.protocol == Protocol::kCloudtoidV3) {
    return std::make_unique<CloudtoidPublisher<QueueV3>>(*std::move(attachment), MakeV3(attached));
  }
  return std::make_unique<CloudtoidPublisher<QueueV2>>(*std::move(attachment), MakeV2(attached));
}

absl::StatusOr<std::unique_ptr<SubscriberEngine>> OpenSubscriber(const QueueOptions& options) {
  auto attachment = Attachment::Open(options, Role::kSubscriber);
  if (!attachment.ok()) return attachment.status();
  Attachment& attached = **attachment;
  if (options.protocol == Protocol::kCloudtoidV3) {
    return std::make_unique<CloudtoidSubscriber<QueueV3>>(*std::move(attachment), MakeV3(attached),
                                                          "Cloudtoid version 3");
  }
  return std::make_unique<CloudtoidSubscriber<QueueV2>>(*std::move(attachment), MakeV2(attached),
                                                        "Cloudtoid version 2");
}

}  // namespace interprocess::cloudtoid
