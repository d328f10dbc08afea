// SPDX-License-Identifier: MIT

#include "interprocess/subscriber.h"

#include <atomic>
#include <memory>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status_macros.h"
#include "core/endpoint.h"
#include "core/formats.h"
#include "core/wait_loop.h"

namespace interprocess {

using Call = internal::Endpoint<SubscriberEngine>::Call;
using CallWithUserCode = internal::Endpoint<SubscriberEngine>::CallWithUserCode;

namespace {

absl::StatusOr<std::string> TryTakeText(const Call& call, MessageInfo* info) {
  std::string text;
  const auto take = [&](const MessageView& message) {
    text.assign(message.text().data(), message.text().size());
    if (info != nullptr) *info = message.info();
  };
  absl::StatusOr<size_t> taken = call.engine().TryDequeueBatch(1, take, call.closed());
  if (!taken.ok()) return taken.status();
  return text;
}

}  // namespace

absl::StatusOr<Subscriber> Subscriber::Open(const QueueOptions& options) {
  ABSL_RETURN_IF_ERROR(options.Validate());
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(options.protocol));
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<SubscriberEngine> engine, format->open_subscriber(options));
  const int64_t capacity = engine->capacity();
  const size_t max_message_size = engine->max_message_size();
  const uint64_t unique = engine->unique();
  return Subscriber(
      std::make_shared<internal::Endpoint<SubscriberEngine>>(std::move(engine), options.name),
      capacity, max_message_size, unique);
}

Subscriber::Subscriber(Subscriber&&) noexcept = default;

Subscriber& Subscriber::operator=(Subscriber&& other) noexcept {
  if (this != &other) {
    if (endpoint_ != nullptr) endpoint_->Close().IgnoreError();
    endpoint_ = std::move(other.endpoint_);
    capacity_ = other.capacity_;
    max_message_size_ = other.max_message_size_;
    unique_ = other.unique_;
  }
  return *this;
}

Subscriber::~Subscriber() {
  if (endpoint_ != nullptr) endpoint_->Close().IgnoreError();
}

int64_t internal::DequeueAtOnce(Endpoint<SubscriberEngine>& endpoint, absl::Span<uint8_t> buffer,
                                MessageInfo* info) {
  const int64_t size =
      endpoint.BeginAtOnce() ? endpoint.engine().DequeueAtOnce(buffer, info) : int64_t{-1};
  endpoint.EndAtOnce();
  return size;
}

absl::StatusOr<size_t> Subscriber::DequeueSlowly(absl::Span<uint8_t> buffer, MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return call.engine().TryDequeue(buffer, info);
}

absl::StatusOr<size_t> Subscriber::Dequeue(MutableBytes buffer, const WaitOptions& wait,
                                           MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return internal::WaitFor(
      call.engine(), call.closed(), wait,
      [&] { return call.engine().TryDequeue(buffer.span(), info); }, &call.name());
}

absl::StatusOr<std::string> Subscriber::TryDequeue(MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return TryTakeText(call, info);
}

absl::StatusOr<std::string> Subscriber::Dequeue(const WaitOptions& wait, MessageInfo* info) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return internal::WaitFor(
      call.engine(), call.closed(), wait, [&] { return TryTakeText(call, info); }, &call.name());
}

absl::StatusOr<size_t> Subscriber::TryDequeueBatch(
    size_t max, absl::FunctionRef<void(const MessageView&)> handle) {
  const CallWithUserCode guard(*endpoint_);
  const Call& call = guard.call();
  if (!call.ok()) return call.status();
  return call.engine().TryDequeueBatch(max, handle, call.closed());
}

absl::StatusOr<size_t> Subscriber::DequeueBatch(size_t max,
                                                absl::FunctionRef<void(const MessageView&)> handle,
                                                const WaitOptions& wait) {
  const CallWithUserCode guard(*endpoint_);
  const Call& call = guard.call();
  if (!call.ok()) return call.status();
  return internal::WaitFor(
      call.engine(), call.closed(), wait,
      [&] { return call.engine().TryDequeueBatch(max, handle, call.closed()); }, &call.name());
}

absl::StatusOr<BorrowedMessage> Subscriber::TryBorrow() {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(call, call.engine().TryBorrow());
}

absl::StatusOr<BorrowedMessage> Subscriber::Borrow(const WaitOptions& wait) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  return HandOut(call, internal::WaitFor(
                           call.engine(), call.closed(), wait,
                           [&] { return call.engine().TryBorrow(); }, &call.name()));
}

absl::StatusOr<uint64_t> Subscriber::ApproximateDepth() const {
  Call call(*endpoint_, Call::kAlsoNameless);
  if (!call.ok()) return call.status();
  return call.engine().ApproximateDepth();
}

absl::StatusOr<EndpointCounters> Subscriber::Counters() const {
  Call call(*endpoint_, Call::kAlsoNameless);
  if (!call.ok()) return call.status();
  return call.counters();
}

absl::StatusOr<Alarm> Subscriber::Arm(const Alarm& before) {
  Call call(*endpoint_);
  if (!call.ok()) return call.status();
  // Nobody else comes to a queue without a name: there is nothing to wait for.
  ABSL_RETURN_IF_ERROR(call.name().status());
  return call.engine().Arm(before);
}

absl::Status Subscriber::DrainNameless() {
  Call call(*endpoint_, Call::kAlsoNameless);
  if (!call.ok()) return call.status();
  return call.name().Drain();
}

template <typename Call, typename Claim>
absl::StatusOr<BorrowedMessage> Subscriber::HandOut(const Call& call,
                                                    const absl::StatusOr<Claim>& claim) {
  if (!claim.ok()) return claim.status();
  return BorrowedMessage(call.Lend(), claim->position, claim->view);
}

absl::Status Subscriber::Close() {
  // A call that this ends may be the owner's last: the owner may destroy the subscriber meanwhile.
  const auto endpoint = endpoint_;
  return endpoint->Close();
}

}  // namespace interprocess
