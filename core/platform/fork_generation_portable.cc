// SPDX-License-Identifier: MIT

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "core/platform/fork_generation.h"

namespace interprocess::platform {
namespace {

// What ForkGeneration reads before InitForkGeneration; never written.
constexpr std::atomic<uint64_t> kZeroWord{0};

// This process's generation. Set back to 0 by a handler in children that fork makes; those made in
// ways that run no handlers (_Fork, rfork) are not told.
std::atomic<uint64_t> word{0};

// The last generation of this process or of its ancestors: a child goes on counting where its
// parent was, so no value comes twice in one line of descent.
std::atomic<uint64_t> last_generation{0};

void ForgetGeneration() { word.store(0, std::memory_order_relaxed); }

}  // namespace

std::atomic<const std::atomic<uint64_t>*> fork_generation{&kZeroWord};

uint64_t InitForkGeneration() {
  // Once, whichever thread comes first; the others wait for it.
  static const int watched = pthread_atfork(nullptr, nullptr, &ForgetGeneration);
  static_cast<void>(watched);
  // Release: the handler is there before anybody looks at the word.
  fork_generation.store(&word, std::memory_order_release);
  // Relaxed: the values order nothing but themselves.
  uint64_t generation = word.load(std::memory_order_relaxed);
  if (generation != 0) return generation;
  const uint64_t fresh = last_generation.fetch_add(1, std::memory_order_relaxed) + 1;
  // On failure another thread was first, and `generation` is its value.
  if (word.compare_exchange_strong(generation, fresh, std::memory_order_relaxed)) return fresh;
  return generation;
}

}  // namespace interprocess::platform
