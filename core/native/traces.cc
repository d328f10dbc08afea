// SPDX-License-Identifier: MIT

#include "core/native/traces.h"

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/step.h"
#include "core/native/layout.h"
#include "core/platform/lease.h"
#include "core/platform/semaphore.h"

namespace interprocess::native {

std::string SemaphoreName(const QueueMemory& memory, uint32_t id, uint32_t number) {
  return absl::StrCat(kSemaphorePrefix, absl::Hex(memory.unique(), absl::kZeroPad16),
                      absl::Hex(id, absl::kZeroPad4),
                      absl::Hex(number & kMaxSemaphoreNumber, absl::kZeroPad6));
}

void RemoveTraces(const QueueMemory& memory, Environment& environment) {
  for (uint32_t id = 1; id <= memory.ids_used(); ++id) {
    std::atomic<uint32_t>& number = memory.participant(id).semaphore;
    // relaxed, here only to spare the rest: no number was ever given.
    const bool named =
        memory.waiter() == WaiterKind::kSemaphore && number.load(std::memory_order_relaxed) != 0;
    if (!named && !platform::kLeasesLeaveFiles) continue;
    // Nobody takes the id while we have its join lease; then a free alive lease says that its last
    // holder makes nothing more, and that we see the number it gave last.
    if (!environment.TryLockJoin(id)) continue;
    INTERPROCESS_STEP("sweep.locked");
    if (!environment.IsAlive(id)) {
      if (named) {
        platform::NamedSemaphore::Remove(
            SemaphoreName(memory, id, number.load(std::memory_order_acquire)))
            .IgnoreError();
      }
      // A lease's file goes when the lease is dropped.
      if (platform::kLeasesLeaveFiles && environment.ProveDead(id)) environment.DropProof(id);
    }
    environment.UnlockJoin(id);
  }
}

}  // namespace interprocess::native
