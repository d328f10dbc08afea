// SPDX-License-Identifier: MIT

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_OPENED_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_OPENED_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/scratch.h"
#include "interprocess/queue_options.h"

namespace interprocess::benchmarks {

// A queue that no other measurement uses, in the folder that goes with the program.
inline QueueOptions NewQueue(int64_t capacity) {
  QueueOptions options;
  options.name = UniqueName("queue");
  options.directory = ScratchDirectory();
  options.capacity = capacity;
  return options;
}

// The endpoint, or the measurement ends.
template <typename T>
T Opened(absl::StatusOr<T> endpoint) {
  if (!endpoint.ok()) FailMeasurement(absl::StrCat("Open: ", endpoint.status().ToString()));
  return *std::move(endpoint);
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_OPENED_H_
