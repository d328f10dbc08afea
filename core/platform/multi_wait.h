// SPDX-License-Identifier: MIT

// Sleeping on several words at once.

#ifndef INTERPROCESS_CORE_PLATFORM_MULTI_WAIT_H_
#define INTERPROCESS_CORE_PLATFORM_MULTI_WAIT_H_

#include <atomic>
#include <cstdint>

#include "absl/types/span.h"

namespace interprocess::platform {

struct WatchedWord {
  const std::atomic<uint32_t>* word;
  uint32_t value;  // that it is expected to hold
};

// As WaitOnWord (waiter.h), on up to 128 words: sleeps while each holds its value. Where the system
// cannot, it sleeps a millisecond at most. Without words it sleeps.
void WaitOnAnyWord(absl::Span<const WatchedWord> words, int64_t timeout_ns);

// Ends the sleeps on a word of this process that was changed. (Words of queues are woken by their
// own waiters, which sleep as waiter.h says.)
void WakeAnyWord(const std::atomic<uint32_t>& word);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_MULTI_WAIT_H_
