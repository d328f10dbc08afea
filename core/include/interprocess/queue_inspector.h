// SPDX-License-Identifier: MIT

// Looks at a queue without taking part in it.

#ifndef INTERPROCESS_QUEUE_INSPECTOR_H_
#define INTERPROCESS_QUEUE_INSPECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_report.h"

namespace interprocess {

namespace internal {
class Inspection;
}  // namespace internal

// Opens a queue read-only and reports. It is no participant: a queue that only inspectors look at
// is not kept from being removed. Thread-compatible; movable.
class QueueInspector {
 public:
  // NotFound, PermissionDenied, InvalidArgument, DataLoss (the header is not a sound queue's),
  // FailedPrecondition (the file system has another device number than when the queue was used).
  static absl::StatusOr<QueueInspector> Open(const std::string& name,
                                             const std::string& directory = "",
                                             Protocol protocol = Protocol::kNative);

  QueueInspector(QueueInspector&&) noexcept;
  QueueInspector& operator=(QueueInspector&&) noexcept;
  ~QueueInspector();

  // Bytes of payload that may wait in the queue.
  int64_t capacity() const;

  // Looks at every message and every participant that there may be.
  absl::StatusOr<QueueReport> Report() const;

  // About how many messages wait, in a few reads whatever the capacity: see
  // Publisher::ApproximateDepth.
  absl::StatusOr<uint64_t> ApproximateDepth() const;

  // Checks every invariant of the image. On a queue in use, what changes while it is looked at is
  // looked at again, so that only lasting damage is reported. Empty: sound.
  absl::StatusOr<std::vector<Finding>> Check() const;

  // Copies of the first messages that wait to be taken, at most `max`. They stay in the queue; one
  // that is taken meanwhile may be among them or not.
  absl::StatusOr<std::vector<std::string>> Peek(size_t max) const;

  // Joins the queue for a moment and does what any participant does when it finds another dead:
  // frees what it had reserved, offers what it had claimed to others. Returns how many dead
  // participants were resolved. Cloudtoid: Unimplemented; readers do it by themselves.
  absl::StatusOr<int> Repair();

 private:
  explicit QueueInspector(std::unique_ptr<internal::Inspection> inspection);
  std::unique_ptr<internal::Inspection> inspection_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_INSPECTOR_H_
