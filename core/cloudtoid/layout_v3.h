// SPDX-License-Identifier: MIT

// Version 3 of the Cloudtoid format: every offset, once. The records of both versions are in
// record.h. All numbers are little-endian.

#ifndef INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V3_H_
#define INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V3_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace interprocess::cloudtoid {

inline constexpr int kPublisherSlotsV3 = 2048;
inline constexpr int64_t kRingOffsetV3 = 262400;

struct PublisherSlotV3 {
  std::atomic<int64_t> participant;  // 0: unused
  std::atomic<int32_t> active;       // calls that may have a reservation open
  uint8_t unused[116];
};

// The offsets only grow. A position lies in the ring at the remainder of its division by the
// capacity.
struct HeaderV3 {
  std::atomic<int64_t> read_offset;
  std::atomic<int64_t> write_offset;
  std::atomic<int64_t> reader;   // the participant that reads now; 0: nobody
  std::atomic<int32_t> pending;  // 1: a permit is in the semaphore, on its way there, or just taken
  std::atomic<int32_t> last_participant;  // ids begin with 1, and none is given out twice
  std::atomic<int64_t> windows_capacity;  // only where the mapping has no file; else 0
  uint8_t unused1[88];
  std::atomic<int32_t> gate;  // 1: no enqueue may begin, because the reader recovers
  uint8_t unused2[124];
  PublisherSlotV3 publishers[kPublisherSlotsV3];
};

static_assert(offsetof(PublisherSlotV3, participant) == 0);
static_assert(offsetof(PublisherSlotV3, active) == 8);
static_assert(sizeof(PublisherSlotV3) == 128);
static_assert(offsetof(HeaderV3, read_offset) == 0);
static_assert(offsetof(HeaderV3, write_offset) == 8);
static_assert(offsetof(HeaderV3, reader) == 16);
static_assert(offsetof(HeaderV3, pending) == 24);
static_assert(offsetof(HeaderV3, last_participant) == 28);
static_assert(offsetof(HeaderV3, windows_capacity) == 32);
static_assert(offsetof(HeaderV3, gate) == 128);
static_assert(offsetof(HeaderV3, publishers) == 256);
static_assert(sizeof(HeaderV3) == kRingOffsetV3);
static_assert(std::atomic<int64_t>::is_always_lock_free);
static_assert(std::atomic<int32_t>::is_always_lock_free);

inline constexpr int32_t kGateOpen = 0;
inline constexpr int32_t kGateClosed = 1;

constexpr int64_t FileSizeV3(int64_t capacity) { return kRingOffsetV3 + capacity; }

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V3_H_
