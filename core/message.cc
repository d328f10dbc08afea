#include "interprocess/message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/endpoint.h"

namespace interprocess {

using ViewCall = internal::Endpoint::ViewCall;

Reservation::Reservation(Reservation&& other) noexcept
    : endpoint_(std::exchange(other.endpoint_, nullptr)),
      position_(other.position_),
      span_(std::exchange(other.span_, {})) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    Abort();
    endpoint_ = std::exchange(other.endpoint_, nullptr);
    position_ = other.position_;
    span_ = std::exchange(other.span_, {});
  }
  return *this;
}

Reservation::~Reservation() { Abort(); }

absl::Status Reservation::Commit(size_t size) {
  if (endpoint_ == nullptr) {
    return absl::FailedPreconditionError("the reservation was committed or aborted before");
  }
  if (size > span_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("commit of ", size, " bytes where ", span_.size(), " were reserved"));
  }
  absl::Status status;
  {
    ViewCall call(*endpoint_);
    if (!call.ok()) {
      status = absl::FailedPreconditionError("the reservation was made by this process's parent");
    } else if (endpoint_->closed().load(std::memory_order_acquire)) {
      endpoint_->publisher->Abort(position_);
      status = absl::FailedPreconditionError("the publisher was closed: the message is aborted");
    } else {
      status = endpoint_->publisher->Commit(position_, size);
      if (absl::IsResourceExhausted(status)) return status;
    }
  }
  span_ = {};
  std::exchange(endpoint_, nullptr)->RemoveView();
  return status;
}

void Reservation::Abort() {
  if (endpoint_ == nullptr) return;
  {
    ViewCall call(*endpoint_);
    if (call.ok()) endpoint_->publisher->Abort(position_);
  }
  span_ = {};
  std::exchange(endpoint_, nullptr)->RemoveView();
}

BorrowedMessage::BorrowedMessage(BorrowedMessage&& other) noexcept
    : endpoint_(std::exchange(other.endpoint_, nullptr)),
      position_(other.position_),
      view_(std::exchange(other.view_, MessageView({}, {}))) {}

BorrowedMessage& BorrowedMessage::operator=(BorrowedMessage&& other) noexcept {
  if (this != &other) {
    GiveBack();
    endpoint_ = std::exchange(other.endpoint_, nullptr);
    position_ = other.position_;
    view_ = std::exchange(other.view_, MessageView({}, {}));
  }
  return *this;
}

BorrowedMessage::~BorrowedMessage() { GiveBack(); }

absl::Status BorrowedMessage::Acknowledge() {
  if (endpoint_ == nullptr) {
    return absl::FailedPreconditionError("the message was acknowledged or given back before");
  }
  absl::Status status;
  {
    ViewCall call(*endpoint_);
    if (call.ok()) {
      status = endpoint_->subscriber->Acknowledge(position_);
    } else {
      status = absl::FailedPreconditionError("the message was borrowed by this process's parent");
    }
  }
  view_ = MessageView({}, {});
  std::exchange(endpoint_, nullptr)->RemoveView();
  return status;
}

void BorrowedMessage::GiveBack() {
  if (endpoint_ == nullptr) return;
  {
    ViewCall call(*endpoint_);
    if (call.ok()) endpoint_->subscriber->GiveBack(position_);
  }
  view_ = MessageView({}, {});
  std::exchange(endpoint_, nullptr)->RemoveView();
}

}  // namespace interprocess
