// SPDX-License-Identifier: MIT

// Sleeping on a word in shared memory until another process wakes the sleepers.

#ifndef INTERPROCESS_CORE_PLATFORM_WAITER_H_
#define INTERPROCESS_CORE_PLATFORM_WAITER_H_

#include <atomic>
#include <cstdint>

namespace interprocess::platform {

// Sleeps while `word` holds `expected`, until WakeAll or WakeOne on the same word (through any
// mapping, in any process), or for `timeout_ns` at most. The look at the word and falling asleep
// are one step for the wakers. May return early for no reason (a signal, say): callers look again.
void WaitOnWord(const std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns);

// A system call, so callers first look whether anybody sleeps.
void WakeAll(const std::atomic<uint32_t>& word);
void WakeOne(const std::atomic<uint32_t>& word);
// The first `most` that fell asleep, or all; false if fewer than that slept.
bool WakeSome(const std::atomic<uint32_t>& word, int most);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_WAITER_H_
