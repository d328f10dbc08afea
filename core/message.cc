// SPDX-License-Identifier: MIT

#include "interprocess/message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/endpoint.h"

namespace interprocess {
namespace internal {

void ReturnLoan::operator()(Hold<PublisherEngine>* hold) const {
  if (hold->engine->loans().Return()) delete hold;
}
void ReturnLoan::operator()(Hold<SubscriberEngine>* hold) const {
  if (hold->engine->loans().Return()) delete hold;
}

}  // namespace internal

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    Abort();
    loan_ = std::move(other.loan_);
    position_ = other.position_;
    span_ = std::exchange(other.span_, {});
  }
  return *this;
}

absl::Status Reservation::Commit(size_t size) {
  if (loan_ == nullptr) {
    return absl::FailedPreconditionError("the reservation was committed or aborted before");
  }
  if (size > span_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("commit of ", size, " bytes where ", span_.size(), " were reserved"));
  }
  absl::Status status;
  if (loan_->InForkedChild()) {
    status = absl::FailedPreconditionError("the reservation was made by this process's parent");
  } else if (loan_->closed.load(std::memory_order_acquire)) {
    loan_->engine->Abort(position_);
    status = absl::FailedPreconditionError("the publisher was closed: the message is aborted");
  } else {
    status = loan_->engine->Commit(position_, size);
    if (absl::IsResourceExhausted(status)) return status;
  }
  Drop();
  return status;
}

void Reservation::Abort() {
  if (loan_ == nullptr) return;
  if (!loan_->InForkedChild()) loan_->engine->Abort(position_);
  Drop();
}

void Reservation::Drop() {
  span_ = {};
  loan_.reset();
}

BorrowedMessage& BorrowedMessage::operator=(BorrowedMessage&& other) noexcept {
  if (this != &other) {
    GiveBack();
    loan_ = std::move(other.loan_);
    position_ = other.position_;
    view_ = std::exchange(other.view_, MessageView({}, {}));
  }
  return *this;
}

absl::Status BorrowedMessage::Acknowledge() {
  if (loan_ == nullptr) {
    return absl::FailedPreconditionError("the message was acknowledged or given back before");
  }
  absl::Status status =
      loan_->InForkedChild()
          ? absl::FailedPreconditionError("the message was borrowed by this process's parent")
          : loan_->engine->Acknowledge(position_);
  Drop();
  return status;
}

void BorrowedMessage::GiveBack() {
  if (loan_ == nullptr) return;
  if (!loan_->InForkedChild()) loan_->engine->GiveBack(position_);
  Drop();
}

void BorrowedMessage::Drop() {
  view_ = MessageView({}, {});
  loan_.reset();
}

}  // namespace interprocess
