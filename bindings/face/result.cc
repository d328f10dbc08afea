// SPDX-License-Identifier: MIT

#include "bindings/face/result.h"

#include "absl/strings/str_cat.h"

namespace interprocess::face {
namespace {

constexpr int64_t kCodeMask = (int64_t{1} << kCodeBits) - 1;

static_assert(kCancelled == static_cast<int>(absl::StatusCode::kCancelled));
static_assert(kInvalidArgument == static_cast<int>(absl::StatusCode::kInvalidArgument));
static_assert(kDeadlineExceeded == static_cast<int>(absl::StatusCode::kDeadlineExceeded));
static_assert(kNotFound == static_cast<int>(absl::StatusCode::kNotFound));
static_assert(kAlreadyExists == static_cast<int>(absl::StatusCode::kAlreadyExists));
static_assert(kPermissionDenied == static_cast<int>(absl::StatusCode::kPermissionDenied));
static_assert(kResourceExhausted == static_cast<int>(absl::StatusCode::kResourceExhausted));
static_assert(kFailedPrecondition == static_cast<int>(absl::StatusCode::kFailedPrecondition));
static_assert(kOutOfRange == static_cast<int>(absl::StatusCode::kOutOfRange));
static_assert(kUnimplemented == static_cast<int>(absl::StatusCode::kUnimplemented));
static_assert(kInternal == static_cast<int>(absl::StatusCode::kInternal));
static_assert(kUnavailable == static_cast<int>(absl::StatusCode::kUnavailable));
static_assert(kDataLoss == static_cast<int>(absl::StatusCode::kDataLoss));

}  // namespace

int64_t ErrorResult(absl::StatusCode code, int64_t detail) {
  return -(static_cast<int64_t>(code) + (detail << kCodeBits));
}

int CodeOf(int64_t result) { return result >= 0 ? kOk : static_cast<int>(-result & kCodeMask); }

int64_t ErrorTexts::ResultOfError(const absl::Status& error) {
  switch (error.code()) {
    // Answers for which the languages have a value: their text would cost more than the call.
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return ErrorResult(error.code());
    default:
      return Keep(error);
  }
}

int64_t ErrorTexts::Keep(const absl::Status& error) {
  absl::MutexLock lock(mutex_);
  texts_[static_cast<size_t>(++last_ % kKept)].assign(error.message().data(),
                                                      error.message().size());
  return ErrorResult(error.code(), last_);
}

std::string ErrorTexts::TextOf(int64_t result) const {
  const int code = CodeOf(result);
  const int64_t number = result >= 0 ? 0 : -result >> kCodeBits;
  if (code == kOutOfRange) {
    return absl::StrCat("the message has ", number, " bytes, more than there is room for");
  }
  absl::MutexLock lock(mutex_);
  if (number > 0 && number <= last_ && last_ - number < kKept) {
    return texts_[static_cast<size_t>(number % kKept)];
  }
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

}  // namespace interprocess::face
