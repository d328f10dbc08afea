// SPDX-License-Identifier: MIT

#include "core/cloudtoid/lease_windows.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/platform/named_objects_windows.h"

namespace interprocess::cloudtoid {

bool LeaseHasEnded(const std::string& name) {
  // This maps the lease only for the look, because memory that is mapped outlives its holder.
  absl::StatusOr<platform::NamedMemory> memory =
      platform::NamedMemory::OpenExisting(name, /*read_only=*/true);
  if (!memory.ok()) return absl::IsNotFound(memory.status());
  const auto& lease = *reinterpret_cast<const LeaseV3*>(memory->data());
  // acquire: pairs with HoldLease, which stores the process last.
  const int32_t process = lease.process.load(std::memory_order_acquire);
  if (process == 0) return false;
  const int64_t started = lease.started.load(std::memory_order_relaxed);
  return platform::ProcessHasEnded(static_cast<uint32_t>(process),
                                   (started - kUnixEpochTicks) * 100);
}

}  // namespace interprocess::cloudtoid
