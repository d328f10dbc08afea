#include "interprocess/publisher.h"

#include <memory>
#include <utility>

#include "core/endpoint.h"
#include "core/wait_loop.h"

namespace interprocess {

using Call = internal::Endpoint::Call;

absl::StatusOr<Publisher> Publisher::Open(const QueueOptions& options) {
  if (absl::Status status = options.Validate(); !status.ok()) return status;
  auto endpoint = std::make_unique<internal::PublisherEndpoint>();
  auto engine = OpenPublisherEngine(options);
  if (!engine.ok()) return engine.status();
  endpoint->publisher = *std::move(engine);
  return Publisher(endpoint.release());
}

Publisher::Publisher(internal::PublisherEndpoint* endpoint)
    : endpoint_(endpoint),
      capacity_(endpoint->publisher->capacity()),
      max_message_size_(endpoint->publisher->max_message_size()) {}

Publisher::Publisher(Publisher&& other) noexcept
    : endpoint_(std::exchange(other.endpoint_, nullptr)),
      capacity_(other.capacity_),
      max_message_size_(other.max_message_size_) {}

Publisher& Publisher::operator=(Publisher&& other) noexcept {
  if (this != &other) {
    if (endpoint_ != nullptr) endpoint_->Abandon();
    endpoint_ = std::exchange(other.endpoint_, nullptr);
    capacity_ = other.capacity_;
    max_message_size_ = other.max_message_size_;
  }
  return *this;
}

Publisher::~Publisher() {
  if (endpoint_ != nullptr) endpoint_->Abandon();
}

absl::Status Publisher::TryEnqueue(absl::Span<const uint8_t> message) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return endpoint_->publisher->TryEnqueue(message);
}

absl::Status Publisher::Enqueue(absl::Span<const uint8_t> message, const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  PublisherEngine& engine = *endpoint_->publisher;
  return internal::WaitFor(engine, endpoint_->closed(), wait,
                           [&] { return engine.TryEnqueue(message); });
}

absl::StatusOr<size_t> Publisher::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return endpoint_->publisher->TryEnqueueBatch(messages);
}

absl::StatusOr<Reservation> Publisher::TryReserve(size_t size) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(endpoint_->publisher->TryReserve(size));
}

absl::StatusOr<Reservation> Publisher::Reserve(size_t size, const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  PublisherEngine& engine = *endpoint_->publisher;
  return HandOut(internal::WaitFor(engine, endpoint_->closed(), wait,
                                   [&] { return engine.TryReserve(size); }));
}

template <typename Room>
absl::StatusOr<Reservation> Publisher::HandOut(const absl::StatusOr<Room>& room) {
  if (!room.ok()) return room.status();
  endpoint_->AddView();
  return Reservation(endpoint_, room->position, room->bytes);
}

void Publisher::Close() { endpoint_->Close(); }

}  // namespace interprocess
