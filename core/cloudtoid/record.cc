// SPDX-License-Identifier: MIT

#include "core/cloudtoid/record.h"

namespace interprocess::cloudtoid {
namespace {

// The word that follows `offset` at `distance`. acquire: a ready record's body was written before
// its header, and the words before that record were written or cleared before it.
uint64_t WordAt(const RecordRing& ring, int64_t offset, int64_t distance) {
  return ring.header(ring.Add(offset, distance)).load(std::memory_order_acquire);
}

// True if records with lengths fill the bytes from `at` to the extent's end.
bool IsChain(const RecordRing& ring, int64_t offset, int64_t extent, int64_t at) {
  while (at < extent) {
    const uint64_t word = WordAt(ring, offset, at);
    const int32_t state = StateOf(word);
    const bool record = state == kRecordReady || state == kRecordClaimed ||
                        (state == kRecordFree && LengthOf(word) > 0);
    if (!record || !LengthFits(LengthOf(word), extent - at)) return false;
    at += RecordSize(LengthOf(word));
  }
  return true;
}

}  // namespace

int64_t AbandonedBytes(const RecordRing& ring, int64_t offset, int64_t extent) {
  const uint64_t first = WordAt(ring, offset, 0);
  if (StateOf(first) == kRecordFree && LengthOf(first) > 0 && LengthFits(LengthOf(first), extent)) {
    return RecordSize(LengthOf(first));
  }
  if (first != 0) return extent;
  int64_t end = kRecordHeader;
  while (end < extent && WordAt(ring, offset, end) == 0) end += 8;
  return IsChain(ring, offset, extent, end) ? end : extent;
}

}  // namespace interprocess::cloudtoid
