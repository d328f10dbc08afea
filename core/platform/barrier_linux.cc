// SPDX-License-Identifier: MIT

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "core/platform/barrier.h"
#include "core/platform/fork_generation.h"

namespace interprocess::platform {
namespace {

int Membarrier(int command) { return static_cast<int>(syscall(SYS_membarrier, command, 0, 0)); }

// One kind of barrier that a process asks for once, and its forked child again.
class Registration {
 public:
  bool Has(int command) {
    const uint64_t generation = InitForkGeneration();
    // Acquire: this generation's answer was stored before its number.
    if (asked_for_.load(std::memory_order_acquire) != generation) {
      available_.store(Membarrier(command) == 0, std::memory_order_relaxed);
      asked_for_.store(generation, std::memory_order_release);
    }
    return available_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t> asked_for_{0};
  std::atomic<bool> available_{false};
};

}  // namespace

bool ProcessBarrierAvailable() {
  static Registration registration;
  return registration.Has(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

bool ProcessBarrier() {
  if (Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return true;
  // EPERM: this process has not registered yet.
  if (errno == EPERM && ProcessBarrierAvailable() &&
      Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) {
    return true;
  }
  __sync_synchronize();
  return false;
}

bool SharedBarrierAvailable() {
  static Registration registration;
  return registration.Has(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

bool SharedBarrier() {
  if (Membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) == 0) return true;
  __sync_synchronize();
  return false;
}

}  // namespace interprocess::platform
