// SPDX-License-Identifier: MIT

// About how many messages wait, whatever the capacity.

#ifndef INTERPROCESS_CORE_NATIVE_DEPTH_H_
#define INTERPROCESS_CORE_NATIVE_DEPTH_H_

#include <cstdint>

#include "core/native/queue_memory.h"

namespace interprocess::native {

// From the hints, and at most kDepthLooks words at each end. Exact while nobody enqueues or takes
// messages and none is reserved, borrowed, aborted or put back.
inline constexpr uint64_t kDepthLooks = 2 * kHintStep;
uint64_t ApproximateDepth(const QueueMemory& memory);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_DEPTH_H_
