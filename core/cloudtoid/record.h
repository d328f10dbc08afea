// SPDX-License-Identifier: MIT

// The ring of both Cloudtoid formats, and the records in it. A record is a header of eight bytes, a
// body, and zeros up to a multiple of eight. A body may wrap around the ring's end, a header never
// does.

#ifndef INTERPROCESS_CORE_CLOUDTOID_RECORD_H_
#define INTERPROCESS_CORE_CLOUDTOID_RECORD_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "absl/base/config.h"
#include "absl/base/optimization.h"
#include "core/base/copy_bytes.h"

#ifndef ABSL_IS_LITTLE_ENDIAN
#error "the Cloudtoid formats are little-endian"
#endif

namespace interprocess::cloudtoid {

inline constexpr int64_t kRecordHeader = 8;

// The first four bytes of the header.
enum RecordState : int32_t {
  kRecordFree = 0,  // or being written
  kRecordClaimed = 1,
  kRecordReady = 2,
};

// The header as one word: the state in the low half, the body's length in the high half.
constexpr uint64_t RecordWord(RecordState state, int32_t length) {
  return static_cast<uint64_t>(static_cast<uint32_t>(length)) << 32 | static_cast<uint32_t>(state);
}
constexpr int32_t StateOf(uint64_t word) { return static_cast<int32_t>(word & 0xffffffff); }
constexpr int32_t LengthOf(uint64_t word) { return static_cast<int32_t>(word >> 32); }

// The bytes of a record with a body of that length: header, body and padding.
constexpr int64_t RecordSize(int64_t length) { return (kRecordHeader + length + 7) & ~int64_t{7}; }

// True if `extent` bytes can hold a record with a body of that length.
constexpr bool LengthFits(int32_t length, int64_t extent) {
  return length >= 0 && RecordSize(length) <= extent;
}

static_assert(RecordWord(kRecordReady, 13) == 0x0000000d00000002);
static_assert(RecordSize(0) == 8 && RecordSize(1) == 16 && RecordSize(8) == 16);
static_assert(RecordSize(9) == 24 && RecordSize(50) == 64);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

// The ring's bytes. Callers check every number that comes from shared memory before they pass it:
// offsets are multiples of eight below the capacity, sizes are at most the capacity. The class
// gives no memory order by itself.
class RecordRing {
 public:
  RecordRing(uint8_t* bytes, int64_t capacity) : bytes_(bytes), capacity_(capacity) {}

  int64_t capacity() const { return capacity_; }

  std::atomic<uint64_t>& header(int64_t offset) const {
    return *reinterpret_cast<std::atomic<uint64_t>*>(bytes_ + offset);
  }

  // The offset that follows `offset` at `distance`, which is at most the capacity.
  int64_t Add(int64_t offset, int64_t distance) const {
    const int64_t sum = offset + distance;
    return sum >= capacity_ ? sum - capacity_ : sum;
  }

  // Copy the body of the record at `offset`.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void CopyIn(int64_t offset, const uint8_t* body, size_t size) const {
    const int64_t at = Add(offset, kRecordHeader);
    const size_t first = BeforeEnd(at, size);
    base::CopyBytes(bytes_ + at, body, first);
    if (ABSL_PREDICT_FALSE(first < size)) std::memcpy(bytes_, body + first, size - first);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void CopyOut(int64_t offset, uint8_t* body, size_t size) const {
    const int64_t at = Add(offset, kRecordHeader);
    const size_t first = BeforeEnd(at, size);
    base::CopyBytes(body, bytes_ + at, first);
    if (ABSL_PREDICT_FALSE(first < size)) std::memcpy(body + first, bytes_, size - first);
  }

  // The address of the body, or null if the body wraps.
  const uint8_t* Contiguous(int64_t offset, size_t size) const {
    const int64_t at = Add(offset, kRecordHeader);
    return BeforeEnd(at, size) == size ? bytes_ + at : nullptr;
  }

  // Zeroes `size` bytes, a multiple of eight, from `offset` on.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Clear(int64_t offset, int64_t size) const {
    const int64_t first = std::min(size, capacity_ - offset);
    if (ABSL_PREDICT_TRUE(first == size && size <= kShortClear)) {
      for (int64_t i = 0; i < size; i += 8) std::memset(bytes_ + offset + i, 0, 8);
      return;
    }
    std::memset(bytes_ + offset, 0, static_cast<size_t>(first));
    if (first < size) std::memset(bytes_, 0, static_cast<size_t>(size - first));
  }

 private:
  static constexpr int64_t kShortClear = 128;

  size_t BeforeEnd(int64_t at, size_t size) const {
    return std::min(size, static_cast<size_t>(capacity_ - at));
  }

  uint8_t* bytes_;
  int64_t capacity_;
};

// A record at `offset` was begun, and nobody will finish it. The `extent` bytes from there on were
// reserved no later; what lies in them may have been finished since. Returns how many of them a
// reader skips.
//
// A publisher of this library stores the length first, so its record has a known end. A record that
// was abandoned before its length is a gap of zeros. The gap ends where a chain of records begins
// that ends exactly where the extent does. Otherwise another library's publisher left a part of a
// body there, and nothing tells its end: then all of the extent is skipped, as that library does.
int64_t AbandonedBytes(const RecordRing& ring, int64_t offset, int64_t extent);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_RECORD_H_
