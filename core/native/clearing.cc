#include "core/native/clearing.h"

#include <atomic>
#include <cstring>

#include "core/base/step.h"
#include "core/native/layout.h"
#include "core/native/slot_word.h"

namespace interprocess::native {

void ClearReserved(const QueueMemory& memory, uint64_t position, uint64_t reserved, size_t keep) {
  Slot& slot = memory.slot(position);
  const uint64_t need = memory.ring().UnitsOf(reserved);
  uint8_t* bytes = slot.bytes;
  uint64_t size = kInlineBytes;
  if (need != 0) {
    // relaxed: the caller's, or it has helped it.
    const uint64_t before = slot.end.load(std::memory_order_relaxed) - need;
    // As it was given out: in one piece, from the ring's beginning if it did not fit before its
    // end.
    const uint64_t at = memory.ring().IndexOf(before);
    const uint64_t left = memory.payload_units() - at;
    size = (need <= left ? need : need - left) * kUnit;
    // Null for words that make no sense.
    bytes = memory.payload(need <= left ? at * kUnit : 0, size);
  }
  if (bytes != nullptr && keep < size) std::memset(bytes + keep, 0, size - keep);
  INTERPROCESS_STEP("clear.room_zeroed");
}

void ClearMessage(const QueueMemory& memory, uint64_t position) {
  Slot& slot = memory.slot(position);
  // relaxed, all: the slot is the caller's.
  const uint32_t meta = slot.meta.load(std::memory_order_relaxed);
  slot.meta.store(meta | kMetaTaken, std::memory_order_relaxed);
  // release: a first zero is never seen without the mark.
  std::atomic_thread_fence(std::memory_order_release);
  INTERPROCESS_STEP("clear.marked");
  uint8_t* bytes = slot.bytes;
  size_t size = kInlineBytes;
  if ((meta & kMetaExternal) != 0) {
    size = slot.length.load(std::memory_order_relaxed);
    // Null for numbers that make no sense.
    bytes = memory.payload(slot.start.load(std::memory_order_relaxed), size);
  }
  if (bytes != nullptr) std::memset(bytes, 0, size);
  INTERPROCESS_STEP("clear.message_zeroed");
}

}  // namespace interprocess::native
