// SPDX-License-Identifier: MIT

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "core/platform/waiter.h"

namespace interprocess::platform {
namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
                  std::atomic<uint32_t>::is_always_lock_free,
              "the kernel reads the word as a plain 32-bit integer");
// NOLINTNEXTLINE(google-runtime-int): the type of the kernel.
static_assert(sizeof(timespec) == 2 * sizeof(long), "SYS_futex takes two longs as its time");

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Never FUTEX_PRIVATE_FLAG: the sleepers may be in other processes, at other addresses.
int64_t Wake(const std::atomic<uint32_t>& word, int count) {
  return syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

}  // namespace

void WaitOnWord(const std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns) {
  if (timeout_ns <= 0) return;
  timespec timeout;
  timeout.tv_sec = timeout_ns / kNanosPerSecond;
  timeout.tv_nsec = timeout_ns % kNanosPerSecond;
  // The result does not matter: woken, changed before (EAGAIN), timed out (ETIMEDOUT), a signal
  // (EINTR): the caller looks again in every case. FUTEX_WAIT measures CLOCK_MONOTONIC.
  syscall(SYS_futex, &word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

void WakeAll(const std::atomic<uint32_t>& word) { Wake(word, INT_MAX); }

void WakeOne(const std::atomic<uint32_t>& word) { Wake(word, 1); }

bool WakeSome(const std::atomic<uint32_t>& word, int most) { return Wake(word, most) >= most; }

}  // namespace interprocess::platform
