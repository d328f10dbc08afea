// SPDX-License-Identifier: MIT

// Taking and leaving a place in the participant table.

#ifndef INTERPROCESS_CORE_NATIVE_PARTICIPANTS_H_
#define INTERPROCESS_CORE_NATIVE_PARTICIPANTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/native/environment.h"
#include "core/native/queue_memory.h"

namespace interprocess::native {

// Takes an id that nobody has and no slot names, and holds its alive lease. ResourceExhausted if
// there is none.
absl::StatusOr<uint32_t> TakeId(const QueueMemory& memory, Environment& environment, Role role,
                                int64_t process_id, int64_t process_start_ns);

// Of a queue that is for one publisher or one subscriber at a time: takes that end for `id`, whose
// alive lease the caller holds, and finishes what a dead one that had it began. FailedPrecondition,
// naming the one that has it.
absl::Status TakeEnd(const QueueMemory& memory, Environment& environment, uint32_t id, Role role);

// Gives the id back; no slot names it any more.
void ReturnId(const QueueMemory& memory, Environment& environment, uint32_t id);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_PARTICIPANTS_H_
