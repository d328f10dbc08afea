// SPDX-License-Identifier: MIT

#include <atomic>
#include <cstdint>

#include "core/platform/fork_generation.h"

namespace interprocess::platform {
namespace {

// What ForkGeneration reads before InitForkGeneration; never written.
constexpr std::atomic<uint64_t> kZeroWord{0};
// And after it: this system does not fork.
constexpr std::atomic<uint64_t> only_generation{1};

}  // namespace

std::atomic<const std::atomic<uint64_t>*> fork_generation{&kZeroWord};

uint64_t InitForkGeneration() {
  // Relaxed: neither word ever changes.
  fork_generation.store(&only_generation, std::memory_order_relaxed);
  return ForkGeneration();
}

}  // namespace interprocess::platform
