// SPDX-License-Identifier: MIT

#include "interprocess/publisher.h"

#include <memory>
#include <utility>

#include "absl/base/optimization.h"
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
  return Publisher(
      std::make_shared<internal::Endpoint<PublisherEngine>>(std::move(engine), options.name),
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

bool internal::EnqueueAtOnce(Endpoint<PublisherEngine>& endpoint,
                             absl::Span<const uint8_t> message) {
  const bool done = endpoint.BeginAtOnce() && endpoint.engine().EnqueueAtOnce(message);
  endpoint.EndAtOnce();
  return done;
}

absl::Status Publisher::EnqueueSlowly(absl::Span<const uint8_t> message) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return call.engine().TryEnqueue(message);
}

absl::Status Publisher::Enqueue(ConstBytes message, const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return internal::WaitFor(
      call.engine(), call.closed(), wait, [&] { return call.engine().TryEnqueue(message.span()); },
      &call.name());
}

absl::StatusOr<size_t> Publisher::TryEnqueueBatch(const MessageBatch& messages) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return call.engine().TryEnqueueBatch(messages.messages());
}

absl::StatusOr<size_t> Publisher::EnqueueBatch(const MessageBatch& messages,
                                               const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  const auto attempt = [&]() -> absl::StatusOr<size_t> {
    absl::StatusOr<size_t> in = call.engine().TryEnqueueBatch(messages.messages());
    if (in.ok() && *in == 0 && !messages.messages().empty()) return call.engine().not_now();
    return in;
  };
  return internal::WaitFor(call.engine(), call.closed(), wait, attempt, &call.name());
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

absl::StatusOr<uint64_t> Publisher::ApproximateDepth() const {
  Call call(*endpoint_, Call::kAlsoNameless);
  if (!call.ok()) return call.status();
  return call.engine().ApproximateDepth();
}

absl::StatusOr<EndpointCounters> Publisher::Counters() const {
  Call call(*endpoint_, Call::kAlsoNameless);
  if (!call.ok()) return call.status();
  return call.counters();
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
