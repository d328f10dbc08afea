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

bool HasUndelivered(const QueueMemory& memory) {
  const Ring& ring = memory.ring();
  const Header& header = memory.header();
  // acquire, all: exact only when nobody writes; else not older than what told the caller to look.
  const auto lies_at = [&](uint64_t position) {
    const uint64_t lap = ring.LapOf(position);
    return !Ring::IsDone(memory.claim(position).word.load(std::memory_order_acquire), lap) &&
           memory.slot(position).word.load(std::memory_order_acquire) == Ring::ReadyWord(lap);
  };
  uint64_t position = header.head.load(std::memory_order_acquire);
  const uint64_t slots = ring.slots();
  // Below the head lies nothing but what was put back there, which the log names, or is held by the
  // dead, which say so. All is looked at where that is not so, or would cost more.
  const uint64_t returns = header.returns.load(std::memory_order_acquire);
  bool all = returns > kReturnedLog;
  for (uint64_t count = 1; count <= returns && !all; ++count) {
    const uint64_t entry = header.returned[count % kReturnedLog].load(std::memory_order_acquire);
    if (!ReturnedEntry::IsOf(entry, count)) {
      all = true;
    } else if (lies_at(ReturnedEntry::PositionOf(entry))) {
      return true;
    }
  }
  for (uint32_t id = 1; id <= memory.ids_used() && !all; ++id) {
    const Participant& record = memory.participant(id);
    for (const auto* hold : {&record.current, &record.resolving}) {
      const uint64_t held = hold->load(std::memory_order_acquire);
      if (held != 0 && lies_at(held - 1)) return true;
    }
    const uint64_t low = record.low.load(std::memory_order_acquire);
    const uint64_t high = record.high.load(std::memory_order_acquire);
    all = high > low && high - low > kReturnedLog;
    for (uint64_t kept = low; kept < high && !all; ++kept) {
      if (lies_at(kept)) return true;
    }
  }
  if (all) {
    const uint64_t released = header.released.load(std::memory_order_acquire);
    position -= std::min(position, slots);
    if (released > position && released - position <= slots) position = released;
  }
  for (uint64_t i = 0; i < 2 * slots; ++i, ++position) {
    if (!ring.IsTaken(memory.reservation(position).word.load(std::memory_order_acquire),
                      ring.LapOf(position))) {
      return false;
    }
    if (lies_at(position)) return true;
  }
  return false;
}

}  // namespace interprocess::native
