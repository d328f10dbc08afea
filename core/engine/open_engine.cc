#include <memory>
#include <utility>

#include "core/cloudtoid/open.h"
#include "core/engine/engine.h"
#include "core/native/attachment.h"
#include "core/native/native_publisher.h"
#include "core/native/native_subscriber.h"

namespace interprocess {

absl::StatusOr<std::unique_ptr<PublisherEngine>> OpenPublisherEngine(const QueueOptions& options) {
  if (options.protocol != Protocol::kNative) return cloudtoid::OpenPublisher(options);
  auto attachment = native::Attachment::Open(options, native::Role::kPublisher);
  if (!attachment.ok()) return attachment.status();
  return std::make_unique<native::NativePublisher>(*std::move(attachment));
}

absl::StatusOr<std::unique_ptr<SubscriberEngine>> OpenSubscriberEngine(
    const QueueOptions& options) {
  if (options.protocol != Protocol::kNative) return cloudtoid::OpenSubscriber(options);
  auto attachment = native::Attachment::Open(options, native::Role::kSubscriber);
  if (!attachment.ok()) return attachment.status();
  return std::make_unique<native::NativeSubscriber>(*std::move(attachment));
}

}  // namespace interprocess
