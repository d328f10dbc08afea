// SPDX-License-Identifier: MIT

#include "interprocess/publisher.h"

#include <memory>
#include <utility>

#include "absl/status/status_macros.h"
#include "core/endpoint.h"
#include "core/formats.h"
#include "core/wait_loop.h"

namespace interprocess {

using Call = internal::Endpoint<PublisherEngine>::Call;

absl::StatusOr<Publisher> Publisher::Open(const QueueOptions& options) {
  ABSL_RETURN_IF_ERROR(options.Validate());
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(options.protocol));
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<PublisherEngine> engine, format->open_publisher(options));
  const int64_t capacity = engine->capacity();
  const size_t max_message_size = engine->max_message_size();
  return Publisher(std::make_shared<internal::Endpoint<PublisherEngine>>(std::move(engine)),
                   capacity, max_message_size);
}

Publisher::Publisher(Publisher&&) noexcept = default;

Publisher& Publisher::operator=(Publisher&& other) noexcept {
  if (this != &other) {
    if (endpoint_ != nullptr) endpoint_->Close().IgnoreError();
    endpoint_ = std::move(other.endpoint_);
    capacity_ = other.capacity_;
    max_message_size_ = other.max_message_size_;
  }
  return *this;
}

Publisher::~Publisher() {
  if (endpoint_ != nullptr) endpoint_->Close().IgnoreError();
}

absl::Status Publisher::TryEnqueue(absl::Span<const uint8_t> message) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return call.engine().TryEnqueue(message);
}

absl::Status Publisher::Enqueue(absl::Span<const uint8_t> message, const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return internal::WaitFor(
      call.engine(), call.closed(), wait, [&] { return call.engine().TryEnqueue(message); },
      &call.name());
}

absl::StatusOr<size_t> Publisher::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return call.engine().TryEnqueueBatch(messages);
}

absl::StatusOr<Reservation> Publisher::TryReserve(size_t size) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(call, call.engine().TryReserve(size));
}

absl::StatusOr<Reservation> Publisher::Reserve(size_t size, const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(call, internal::WaitFor(
                           call.engine(), call.closed(), wait,
                           [&] { return call.engine().TryReserve(size); }, &call.name()));
}

template <typename Call, typename Room>
absl::StatusOr<Reservation> Publisher::HandOut(const Call& call, const absl::StatusOr<Room>& room) {
  if (!room.ok()) return room.status();
  return Reservation(call.Lend(), room->position, room->bytes);
}

absl::Status Publisher::Close() {
  // A call that this ends may be the owner's last: the owner may destroy the publisher meanwhile.
  const auto endpoint = endpoint_;
  return endpoint->Close();
}

}  // namespace interprocess
