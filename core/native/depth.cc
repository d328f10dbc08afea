// SPDX-License-Identifier: MIT

#include "core/native/depth.h"

#include <algorithm>
#include <atomic>

namespace interprocess::native {

uint64_t ApproximateDepth(const QueueMemory& memory) {
  const Ring& ring = memory.ring();
  const Header& header = memory.header();
  // acquire, all: a hint says something of words, which are read after it.
  uint64_t first = std::max(header.head.load(std::memory_order_acquire),
                            header.released.load(std::memory_order_acquire));
  uint64_t tail = header.tail.load(std::memory_order_acquire);
  for (uint64_t looks = 0; looks < kDepthLooks; ++looks) {
    const uint64_t word = memory.reservation(tail).word.load(std::memory_order_acquire);
    if (!ring.IsTaken(word, ring.LapOf(tail))) break;
    ++tail;
  }
  for (uint64_t looks = 0; looks < kDepthLooks && first < tail; ++looks) {
    const uint64_t word = memory.claim(first).word.load(std::memory_order_acquire);
    if (word == Ring::FreeWord(ring.LapOf(first))) break;
    ++first;
  }
  return std::min(tail - std::min(first, tail), ring.slots());
}

}  // namespace interprocess::native
