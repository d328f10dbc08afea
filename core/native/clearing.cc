#include "core/native/clearing.h"

#include <cstring>

#include "core/native/layout.h"
#include "core/native/slot_word.h"

namespace interprocess::native {

void ClearReserved(const QueueMemory& memory, uint64_t position, uint64_t reserved, size_t keep) {
  Slot& slot = memory.slot(position);
  const uint64_t need = memory.ring().UnitsOf(reserved);
  if (need == 0) {
    if (keep < kInlineBytes) std::memset(slot.bytes + keep, 0, kInlineBytes - keep);
    return;
  }
  // relaxed: the caller's, or it has helped it.
  const uint64_t before = slot.end.load(std::memory_order_relaxed) - need;
  // As it was given out: in one piece, from the ring's beginning if it did not fit before its end.
  const uint64_t at = memory.ring().IndexOf(before);
  const uint64_t left = memory.payload_units() - at;
  const uint64_t offset = need <= left ? at * kUnit : 0;
  const uint64_t size = (need <= left ? need : need - left) * kUnit;
  // Null for words that make no sense.
  uint8_t* bytes = memory.payload(offset, size);
  if (bytes != nullptr && keep < size) std::memset(bytes + keep, 0, size - keep);
}

void ClearMessage(const QueueMemory& memory, uint64_t position) {
  Slot& slot = memory.slot(position);
  // relaxed: the slot is the caller's.
  if ((slot.meta.load(std::memory_order_relaxed) & kMetaExternal) == 0) {
    std::memset(slot.bytes, 0, kInlineBytes);
    return;
  }
  const uint32_t size = slot.length.load(std::memory_order_relaxed);
  uint8_t* bytes = memory.payload(slot.start.load(std::memory_order_relaxed), size);
  if (bytes != nullptr) std::memset(bytes, 0, size);
}

}  // namespace interprocess::native
