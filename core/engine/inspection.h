// SPDX-License-Identifier: MIT

// A format's way of looking at a queue without taking part in it.

#ifndef INTERPROCESS_CORE_ENGINE_INSPECTION_H_
#define INTERPROCESS_CORE_ENGINE_INSPECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "interprocess/queue_report.h"

namespace interprocess::internal {

// Thread-compatible.
class Inspection {
 public:
  virtual ~Inspection() = default;
  virtual int64_t capacity() const = 0;
  virtual QueueReport Report() const = 0;
  // As QueueInspector::ApproximateDepth.
  virtual absl::StatusOr<uint64_t> ApproximateDepth() const = 0;
  // What is wrong right now: in a queue in use, a step that others are taking can look wrong once.
  virtual std::vector<Finding> CheckOnce() const = 0;
  // Copies of the first messages that wait, at most `max`.
  virtual std::vector<std::string> Peek(size_t max) const = 0;
  // How many dead participants were resolved; Unimplemented where the format has no such step.
  virtual absl::StatusOr<int> Repair() const = 0;
};

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_ENGINE_INSPECTION_H_
