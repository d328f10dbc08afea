#include "interprocess/subscriber.h"

#include <atomic>
#include <memory>
#include <utility>

#include "core/endpoint.h"
#include "core/wait_loop.h"

namespace interprocess {

using Call = internal::Endpoint::Call;

namespace {

absl::StatusOr<std::string> TryTakeText(SubscriberEngine& engine, MessageInfo* info) {
  std::string text;
  absl::StatusOr<size_t> taken = engine.TryDequeueBatch(1, [&](const MessageView& message) {
    text.assign(message.text().data(), message.text().size());
    if (info != nullptr) *info = message.info();
    return true;
  });
  if (!taken.ok()) return taken.status();
  return text;
}

absl::StatusOr<size_t> TryTakeBatch(SubscriberEngine& engine, const std::atomic<bool>& closed,
                                    size_t max,
                                    absl::FunctionRef<void(const MessageView&)> handle) {
  return engine.TryDequeueBatch(max, [&](const MessageView& message) {
    handle(message);
    // relaxed: the handler itself may have closed the endpoint.
    return !closed.load(std::memory_order_relaxed);
  });
}

}  // namespace

absl::StatusOr<Subscriber> Subscriber::Open(const QueueOptions& options) {
  if (absl::Status status = options.Validate(); !status.ok()) return status;
  auto endpoint = std::make_unique<internal::SubscriberEndpoint>();
  auto engine = OpenSubscriberEngine(options);
  if (!engine.ok()) return engine.status();
  endpoint->subscriber = *std::move(engine);
  return Subscriber(endpoint.release());
}

Subscriber::Subscriber(internal::SubscriberEndpoint* endpoint)
    : endpoint_(endpoint),
      capacity_(endpoint->subscriber->capacity()),
      max_message_size_(endpoint->subscriber->max_message_size()) {}

Subscriber::Subscriber(Subscriber&& other) noexcept
    : endpoint_(std::exchange(other.endpoint_, nullptr)),
      capacity_(other.capacity_),
      max_message_size_(other.max_message_size_) {}

Subscriber& Subscriber::operator=(Subscriber&& other) noexcept {
  if (this != &other) {
    if (endpoint_ != nullptr) endpoint_->Abandon();
    endpoint_ = std::exchange(other.endpoint_, nullptr);
    capacity_ = other.capacity_;
    max_message_size_ = other.max_message_size_;
  }
  return *this;
}

Subscriber::~Subscriber() {
  if (endpoint_ != nullptr) endpoint_->Abandon();
}

absl::StatusOr<size_t> Subscriber::TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return endpoint_->subscriber->TryDequeue(buffer, info);
}

absl::StatusOr<size_t> Subscriber::Dequeue(absl::Span<uint8_t> buffer, const WaitOptions& wait,
                                           MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  SubscriberEngine& engine = *endpoint_->subscriber;
  return internal::WaitFor(engine, endpoint_->closed(), wait,
                           [&] { return engine.TryDequeue(buffer, info); });
}

absl::StatusOr<std::string> Subscriber::TryDequeue(MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return TryTakeText(*endpoint_->subscriber, info);
}

absl::StatusOr<std::string> Subscriber::Dequeue(const WaitOptions& wait, MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  SubscriberEngine& engine = *endpoint_->subscriber;
  return internal::WaitFor(engine, endpoint_->closed(), wait,
                           [&] { return TryTakeText(engine, info); });
}

template <typename Batch>
absl::StatusOr<size_t> Subscriber::CallWithUserCode(const Batch& batch) {
  absl::StatusOr<size_t> result;
  {
    Call call(*endpoint_);
    if (!call.ok()) return call.status();
    internal::Endpoint::UserCode user_code(*endpoint_);
    result = batch(*endpoint_->subscriber);
  }
  endpoint_->LeaveIfClosed();
  return result;
}

absl::StatusOr<size_t> Subscriber::TryDequeueBatch(
    size_t max, absl::FunctionRef<void(const MessageView&)> handle) {
  return CallWithUserCode([&](SubscriberEngine& engine) {
    return TryTakeBatch(engine, endpoint_->closed(), max, handle);
  });
}

absl::StatusOr<size_t> Subscriber::DequeueBatch(size_t max,
                                                absl::FunctionRef<void(const MessageView&)> handle,
                                                const WaitOptions& wait) {
  return CallWithUserCode([&](SubscriberEngine& engine) {
    return internal::WaitFor(engine, endpoint_->closed(), wait, [&] {
      return TryTakeBatch(engine, endpoint_->closed(), max, handle);
    });
  });
}

absl::StatusOr<BorrowedMessage> Subscriber::TryBorrow() {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(endpoint_->subscriber->TryBorrow());
}

absl::StatusOr<BorrowedMessage> Subscriber::Borrow(const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  SubscriberEngine& engine = *endpoint_->subscriber;
  return HandOut(
      internal::WaitFor(engine, endpoint_->closed(), wait, [&] { return engine.TryBorrow(); }));
}

absl::StatusOr<Alarm> Subscriber::Arm(const Alarm& before) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return endpoint_->subscriber->Arm(before);
}

template <typename Claim>
absl::StatusOr<BorrowedMessage> Subscriber::HandOut(const absl::StatusOr<Claim>& claim) {
  if (!claim.ok()) return claim.status();
  endpoint_->AddView();
  return BorrowedMessage(endpoint_, claim->position, claim->view);
}

void Subscriber::Close() { endpoint_->Close(); }

}  // namespace interprocess
