// SPDX-License-Identifier: MIT

// How many messages wait: about, whatever the capacity; and whether any does.

#ifndef INTERPROCESS_CORE_NATIVE_DEPTH_H_
#define INTERPROCESS_CORE_NATIVE_DEPTH_H_

#include <cstdint>

#include "core/native/queue_memory.h"

namespace interprocess::native {

// From the hints, and at most kDepthLooks words at each end. Exact while nobody enqueues or takes
// messages and none is reserved, borrowed, aborted or put back.
inline constexpr uint64_t kDepthLooks = 2 * kHintStep;
uint64_t ApproximateDepth(const QueueMemory& memory);

// True if a message waits or is claimed. Exact while nobody is attached.
bool HasUndelivered(const QueueMemory& memory);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_DEPTH_H_
