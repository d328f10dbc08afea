// SPDX-License-Identifier: MIT

// What the face's calls return, and the errors behind it.

#ifndef INTERPROCESS_BINDINGS_FACE_RESULT_H_
#define INTERPROCESS_BINDINGS_FACE_RESULT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "interprocess/message.h"

namespace interprocess::face {

// One number says it all, so that a call that finds the queue full or empty allocates nothing.
//
//   0 or more  It went well. A received message: its size in bytes (bits 0 to 39), how often it was
//              handed out before (bits 40 to 61; more than fit there count as the most that do),
//              and whether it was redelivered (bit 62). Other calls say what they count.
//   below 0    -(code + 256 * detail). The code is absl's. The detail of OutOfRange is the size
//              that the message needs; of another error the number of its text. Cancelled,
//              DeadlineExceeded, ResourceExhausted and Unavailable have none (0), but for Close.
inline constexpr int kSizeBits = 40;
inline constexpr int kDeliveriesBits = 22;
inline constexpr int kRedeliveredBit = 62;
inline constexpr int kCodeBits = 8;

// The codes that occur, as numbers for the languages.
inline constexpr int kOk = 0;
inline constexpr int kCancelled = 1;
inline constexpr int kInvalidArgument = 3;
inline constexpr int kDeadlineExceeded = 4;
inline constexpr int kNotFound = 5;
inline constexpr int kAlreadyExists = 6;
inline constexpr int kPermissionDenied = 7;
inline constexpr int kResourceExhausted = 8;
inline constexpr int kFailedPrecondition = 9;
inline constexpr int kOutOfRange = 11;
inline constexpr int kUnimplemented = 12;
inline constexpr int kInternal = 13;
inline constexpr int kUnavailable = 14;
inline constexpr int kDataLoss = 15;

inline int64_t MessageResult(const MessageInfo& info) {
  constexpr int64_t kMost = (int64_t{1} << kDeliveriesBits) - 1;
  const int64_t deliveries = std::min<int64_t>(info.earlier_deliveries, kMost);
  return static_cast<int64_t>(info.size) | deliveries << kSizeBits |
         static_cast<int64_t>(info.redelivered) << kRedeliveredBit;
}
int64_t ErrorResult(absl::StatusCode code, int64_t detail = 0);
int CodeOf(int64_t result);

// Why something failed that gave no object: filled by the call that it is passed to. Used by one
// thread at a time.
class FaceError {
 public:
  int code() const { return static_cast<int>(status_.code()); }
  std::string text() const { return std::string(status_.message()); }

  void Set(absl::Status status) { status_ = std::move(status); }

 private:
  absl::Status status_;
};

// The texts of an endpoint's latest errors. Thread-safe.
class ErrorTexts {
 public:
  // The result that stands for `status`. Its text is kept, unless it only says that the call cannot
  // be done now.
  int64_t ResultOf(const absl::Status& status) { return status.ok() ? 0 : ResultOfError(status); }
  // With its text in any case.
  int64_t ResultWithText(const absl::Status& status) { return status.ok() ? 0 : Keep(status); }
  // The text behind a result; what the code means in general when many errors came since.
  std::string TextOf(int64_t result) const;

 private:
  int64_t ResultOfError(const absl::Status& error);
  int64_t Keep(const absl::Status& error);

  static constexpr int64_t kKept = 64;
  mutable absl::Mutex mutex_;
  int64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<std::string, kKept> texts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_RESULT_H_
