// SPDX-License-Identifier: MIT

// Looking at a queue's image: what it holds, and whether every invariant of the format holds.

#ifndef INTERPROCESS_CORE_NATIVE_INSPECT_H_
#define INTERPROCESS_CORE_NATIVE_INSPECT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/native/queue_memory.h"
#include "interprocess/queue_report.h"

namespace interprocess::native {

using IsAliveFunction = absl::FunctionRef<bool(uint32_t id)>;

// All but the names.
QueueReport ReportOn(const QueueMemory& memory, IsAliveFunction is_alive);

// Copies of the first messages that wait, at most `max`.
std::vector<std::string> Peek(const QueueMemory& memory, size_t max);

// What is wrong in the image, right now: on a queue in use, a step that others are taking can look
// wrong once.
std::vector<Finding> CheckOnce(const QueueMemory& memory, IsAliveFunction is_alive);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_INSPECT_H_
