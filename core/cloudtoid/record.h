// The ring of both Cloudtoid formats, and the records in it: a header of eight bytes, the body, and
// zeros up to a multiple of eight. A header never wraps around the ring's end, a body may.

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

// The header's first four bytes.
enum RecordState : int32_t {
  kRecordFree = 0,  // or being written
  kRecordClaimed = 1,
  kRecordReady = 2,
};

// The header as one word: the state below, the body's length above.
constexpr uint64_t RecordWord(RecordState state, int32_t length) {
  return static_cast<uint64_t>(static_cast<uint32_t>(length)) << 32 | static_cast<uint32_t>(state);
}
constexpr int32_t StateOf(uint64_t word) { return static_cast<int32_t>(word & 0xffffffff); }
constexpr int32_t LengthOf(uint64_t word) { return static_cast<int32_t>(word >> 32); }

// With header and padding.
constexpr int64_t RecordSize(int64_t length) { return (kRecordHeader + length + 7) & ~int64_t{7}; }

// True if a record of that length can lie in `extent` bytes.
constexpr bool LengthFits(int32_t length, int64_t extent) {
  return length >= 0 && RecordSize(length) <= extent;
}

static_assert(RecordWord(kRecordReady, 13) == 0x0000000d00000002);
static_assert(RecordSize(0) == 8 && RecordSize(1) == 16 && RecordSize(8) == 16);
static_assert(RecordSize(9) == 24 && RecordSize(50) == 64);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

// Offsets are below the capacity and multiples of eight, sizes at most the capacity: the callers
// have seen to it, for what stands in the memory is never believed. Orders nothing by itself.
class RecordRing {
 public:
  RecordRing(uint8_t* bytes, int64_t capacity) : bytes_(bytes), capacity_(capacity) {}

  int64_t capacity() const { return capacity_; }

  std::atomic<uint64_t>& header(int64_t offset) const {
    return *reinterpret_cast<std::atomic<uint64_t>*>(bytes_ + offset);
  }

  // The offset that lies `distance` behind.
  int64_t Add(int64_t offset, int64_t distance) const {
    const int64_t sum = offset + distance;
    return sum >= capacity_ ? sum - capacity_ : sum;
  }

  // Of the record at `offset`.
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

  // The body where it lies, or null if it wraps.
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

// How many of the `extent` bytes from `offset` on are to be skipped, where a record was begun that
// nobody will finish, and all of `extent` was reserved as long ago (but may have been finished
// since). A publisher of this library stores the length first, so the record has a known end; one
// that was abandoned before is a gap of zeros, and ends where a chain of records begins that
// reaches the extent's end exactly. If there is none, or what stands there is no record's header,
// another library's publisher has left a part of a body there, and nothing tells where it ends: all
// is skipped, as that library would.
int64_t AbandonedBytes(const RecordRing& ring, int64_t offset, int64_t extent);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_RECORD_H_
