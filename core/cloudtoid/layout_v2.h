// SPDX-License-Identifier: MIT

// Version 2 of the Cloudtoid format: every offset, once. The records of both versions are in
// record.h. All numbers are little-endian.

#ifndef INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V2_H_
#define INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V2_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace interprocess::cloudtoid {

// Both offsets count modulo twice the capacity. The queue is empty if they are equal, and full if
// they are a capacity apart. The header lies at a multiple of 16, so that one step can exchange
// both.
struct alignas(16) HeaderV2 {
  std::atomic<int64_t> read_offset;
  std::atomic<int64_t> write_offset;
  // 0, or the time at which a reader took the lock, in .NET's UTC ticks. The lock ends kLockTicks
  // later.
  std::atomic<int64_t> read_lock;
  // 0 in files. Windows: the capacity if a process of this library has opened the queue, else 0.
  // The memory there has whole pages, which do not tell the capacity. Other libraries neither read
  // nor write the word.
  std::atomic<int64_t> windows_capacity;
};

inline constexpr int64_t kRingOffsetV2 = 32;

static_assert(offsetof(HeaderV2, read_offset) == 0);
static_assert(offsetof(HeaderV2, write_offset) == 8);
static_assert(offsetof(HeaderV2, read_lock) == 16);
static_assert(offsetof(HeaderV2, windows_capacity) == 24);
static_assert(sizeof(HeaderV2) == kRingOffsetV2);
static_assert(std::atomic<int64_t>::is_always_lock_free);

// .NET's ticks: 100 ns each, counted from the year 1.
inline constexpr int64_t kTicksPerSecond = 10'000'000;
inline constexpr int64_t kUnixEpochTicks = 621'355'968'000'000'000;
// The longest time that a reader keeps the lock, and that a record stands unfinished at the head.
inline constexpr int64_t kLockTicks = 10 * kTicksPerSecond;

constexpr int64_t FileSizeV2(int64_t capacity) { return kRingOffsetV2 + capacity; }

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_LAYOUT_V2_H_
