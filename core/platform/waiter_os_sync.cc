// SPDX-License-Identifier: MIT

// macOS 14.4 and later: a wait on a word that other processes share.

#include <os/clock.h>
#include <os/os_sync_wait_on_address.h>

#include <atomic>
#include <cstdint>

#include "core/platform/waiter.h"

namespace interprocess::platform {
namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
                  std::atomic<uint32_t>::is_always_lock_free,
              "the kernel reads the word as a plain 32-bit integer");

// The calls take a pointer to what they may not change.
void* AddressOf(const std::atomic<uint32_t>& word) {
  return const_cast<std::atomic<uint32_t>*>(&word);
}

}  // namespace

void WaitOnWord(const std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns) {
  if (timeout_ns <= 0) return;
  // The result does not matter: woken, changed before, timed out, a signal: the caller looks again
  // in every case. The time is relative, and the clock is never set.
  (void)os_sync_wait_on_address_with_timeout(
      AddressOf(word), expected, sizeof(uint32_t), OS_SYNC_WAIT_ON_ADDRESS_SHARED,
      OS_CLOCK_MACH_ABSOLUTE_TIME, static_cast<uint64_t>(timeout_ns));
}

// Both fail (ENOENT) if nobody sleeps.
void WakeAll(const std::atomic<uint32_t>& word) {
  (void)os_sync_wake_by_address_all(AddressOf(word), sizeof(uint32_t),
                                    OS_SYNC_WAKE_BY_ADDRESS_SHARED);
}

void WakeOne(const std::atomic<uint32_t>& word) {
  (void)os_sync_wake_by_address_any(AddressOf(word), sizeof(uint32_t),
                                    OS_SYNC_WAKE_BY_ADDRESS_SHARED);
}

bool WakeSome(const std::atomic<uint32_t>& word, int most) {
  for (int i = 0; i < most; ++i) {
    if (os_sync_wake_by_address_any(AddressOf(word), sizeof(uint32_t),
                                    OS_SYNC_WAKE_BY_ADDRESS_SHARED) < 0) {
      return false;
    }
  }
  return true;
}

}  // namespace interprocess::platform
