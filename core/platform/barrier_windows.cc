// SPDX-License-Identifier: MIT

#include <windows.h>

#include <atomic>

#include "core/platform/barrier.h"

namespace interprocess::platform {

bool ProcessBarrierAvailable() { return true; }

bool ProcessBarrier() {
  FlushProcessWriteBuffers();
  return true;
}

bool SharedBarrierAvailable() { return false; }

bool SharedBarrier() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return false;
}

}  // namespace interprocess::platform
