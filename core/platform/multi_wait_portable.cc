// SPDX-License-Identifier: MIT

// Without a wait on several words: short sleeps, and looks between them.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/platform/multi_wait.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kSleepNanos = 1'000'000;

}  // namespace

void WaitOnAnyWord(absl::Span<const WatchedWord> words, int64_t timeout_ns) {
  for (const WatchedWord& word : words) {
    // acquire: what was done before the change is seen.
    if (word.word->load(std::memory_order_acquire) != word.value) return;
  }
  if (timeout_ns > 0) absl::SleepFor(absl::Nanoseconds(std::min(timeout_ns, kSleepNanos)));
}

void WakeAnyWord(const std::atomic<uint32_t>& /*word*/) {}

}  // namespace interprocess::platform
