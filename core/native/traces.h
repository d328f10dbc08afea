// SPDX-License-Identifier: MIT

// What the system keeps by name for a queue's participants: the semaphores that they sleep on,
// where queues have such (WaiterKind::kSemaphore), and leases where these are files.

#ifndef INTERPROCESS_CORE_NATIVE_TRACES_H_
#define INTERPROCESS_CORE_NATIVE_TRACES_H_

#include <cstdint>
#include <string>

#include "core/native/environment.h"
#include "core/native/queue_memory.h"

namespace interprocess::native {

// The name of participant `id`'s semaphore, the one with this number.
std::string SemaphoreName(const QueueMemory& memory, uint32_t id, uint32_t number);

// Removes what the system keeps by name for the ids whose holders are dead or gone: semaphores, and
// leases where these are files. Best effort: what another user made stays where the system lets
// only its maker remove it. The caller sleeps no more.
void RemoveTraces(const QueueMemory& memory, Environment& environment);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_TRACES_H_
