// SPDX-License-Identifier: MIT

// What a queue costs beside time on the hot path.

#ifndef INTERPROCESS_BENCHMARKS_RESOURCES_H_
#define INTERPROCESS_BENCHMARKS_RESOURCES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "interprocess/queue_options.h"

namespace interprocess::benchmarks {

// The CPU time in milliseconds that a subscriber takes which waits for `wait` in vain.
// `subscribers` wait at the same time, each in a process and on a queue of its own: a value for
// each.
absl::StatusOr<std::vector<double>> MeasureIdleCpu(Protocol protocol, int subscribers,
                                                   absl::Duration wait);

// Microseconds for attaching a subscriber to a queue that another endpoint uses, and leaving.
absl::StatusOr<double> MeasureAttach(int64_t capacity, int times);

// Microseconds for making a queue; removing it again is not counted.
absl::StatusOr<double> MeasureMake(int64_t capacity, int times);

// KiB of memory that a process has for itself alone after it has attached a subscriber and read the
// whole queue once, less what it had before. Pages of the queue are shared and do not count.
absl::StatusOr<double> MeasurePrivateMemory(int64_t capacity);

// Bytes of a new queue's file.
absl::StatusOr<double> MeasureFileSize(int64_t capacity);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_RESOURCES_H_
