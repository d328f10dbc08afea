// SPDX-License-Identifier: MIT

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/platform/multi_wait.h"
#include "core/platform/waiter.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNanosWithoutSystem = 1'000'000;
constexpr size_t kMaxWords = 128;

// As <linux/futex.h> and <asm/unistd.h> have them since Linux 5.16; older headers have neither.
constexpr int kFutexWaitv = 449;
struct FutexWaitv {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
constexpr uint32_t kFutex32 = 2;
// The kernel's own, for the clock's time: 64-bit also where time_t is not.
struct KernelTimespec {
  int64_t tv_sec;
  int64_t tv_nsec;
};

// False if the system does not know the call, or does not allow it.
bool Waitv(absl::Span<const WatchedWord> words, int64_t timeout_ns) {
  std::array<FutexWaitv, kMaxWords> watched;
  for (size_t i = 0; i < words.size(); ++i) {
    // Not private: the wakers may be in other processes, at other addresses.
    watched[i] = {words[i].value, reinterpret_cast<uintptr_t>(words[i].word), kFutex32, 0};
  }
  // Until a time, not for one.
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t seconds = timeout_ns / kNanosPerSecond;
  const int64_t nanos = now.tv_nsec + timeout_ns % kNanosPerSecond;
  const KernelTimespec until = {now.tv_sec + seconds + nanos / kNanosPerSecond,
                                nanos % kNanosPerSecond};
  // The result does not matter but for this: the caller looks again in every case.
  return syscall(kFutexWaitv, watched.data(), words.size(), 0, &until, CLOCK_MONOTONIC) >= 0 ||
         (errno != ENOSYS && errno != EPERM);
}

}  // namespace

void WaitOnAnyWord(absl::Span<const WatchedWord> words, int64_t timeout_ns) {
  if (timeout_ns <= 0) return;
  if (words.empty()) {
    absl::SleepFor(absl::Nanoseconds(timeout_ns));
    return;
  }
  if (words.size() == 1) return WaitOnWord(*words[0].word, words[0].value, timeout_ns);
  if (words.size() <= kMaxWords && Waitv(words, timeout_ns)) return;
  for (const WatchedWord& word : words) {
    // acquire: what was done before the change is seen.
    if (word.word->load(std::memory_order_acquire) != word.value) return;
  }
  WaitOnWord(*words[0].word, words[0].value, std::min(timeout_ns, kNanosWithoutSystem));
}

void WakeAnyWord(const std::atomic<uint32_t>& word) { WakeAll(word); }

}  // namespace interprocess::platform
