// Zeroing what a message leaves behind, in a queue that was made so (kFlagClearOnRelease): always
// by who owns the slot, before it is released. In a slot and a payload that are free, all is zero.

#ifndef INTERPROCESS_CORE_NATIVE_CLEARING_H_
#define INTERPROCESS_CORE_NATIVE_CLEARING_H_

#include <cstddef>
#include <cstdint>

#include "core/native/queue_memory.h"

namespace interprocess::native {

// What was given to the reservation at `position`, which the caller owns, but for its first `keep`
// bytes. Its word is `reserved`, and its `end` is right.
void ClearReserved(const QueueMemory& memory, uint64_t position, uint64_t reserved, size_t keep);

// The message in a slot that the caller has claimed, and which nobody is to get any more: if the
// caller dies in here, who resolves it frees the slot (kMetaTaken).
void ClearMessage(const QueueMemory& memory, uint64_t position);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_CLEARING_H_
