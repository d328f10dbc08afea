// SPDX-License-Identifier: MIT

// Version 3's leases on Windows: memory with a name. It holds the id of the process that has the
// lease.

#ifndef INTERPROCESS_CORE_CLOUDTOID_LEASE_WINDOWS_H_
#define INTERPROCESS_CORE_CLOUDTOID_LEASE_WINDOWS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace interprocess::cloudtoid {

struct LeaseV3 {
  std::atomic<int32_t> process;
  int32_t unused;
  std::atomic<int64_t> started;  // in .NET's UTC ticks
};
static_assert(offsetof(LeaseV3, process) == 0);
static_assert(offsetof(LeaseV3, started) == 8);
static_assert(sizeof(LeaseV3) == 16);

// True proves that the lease is gone, or that its process has ended.
bool LeaseHasEnded(const std::string& name);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_LEASE_WINDOWS_H_
