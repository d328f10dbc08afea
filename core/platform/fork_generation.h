// SPDX-License-Identifier: MIT

// Fork detection.

#ifndef INTERPROCESS_CORE_PLATFORM_FORK_GENERATION_H_
#define INTERPROCESS_CORE_PLATFORM_FORK_GENERATION_H_

#include <atomic>
#include <cstdint>

namespace interprocess::platform {

// The value is 0 in no process that has called InitForkGeneration; a child made by
// fork (also _Fork and clone) reads another value than its parent had. One load a check.
// Any thread may call it at any time, and again in a child, which then gets a value of its own that
// none of its ancestors had.
uint64_t InitForkGeneration();
// Points at a word that is 0 until the first InitForkGeneration. Atomic, because that may come in
// one thread while others look.
extern std::atomic<const std::atomic<uint64_t>*> fork_generation;
inline uint64_t ForkGeneration() {
  // Relaxed: the values order nothing but themselves.
  return fork_generation.load(std::memory_order_relaxed)->load(std::memory_order_relaxed);
}

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_FORK_GENERATION_H_
