// SPDX-License-Identifier: MIT

// Backing a file with space. For the sources of this folder and their tests only.

#ifndef INTERPROCESS_CORE_PLATFORM_RESERVE_H_
#define INTERPROCESS_CORE_PLATFORM_RESERVE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace interprocess::platform {

// Makes the empty file `handle` `bytes` long, each byte backed by space; `path` is for messages.
// ResourceExhausted names what was wanted and what is free. After a failure the file is empty.
absl::Status ReserveSpace(int handle, const std::string& path, int64_t bytes);

namespace internal {

// ReserveSpace's way where nothing else will do: writes zeros.
absl::Status ReserveByWriting(int handle, const std::string& path, int64_t bytes);

// Linux: how many bytes more the memory control groups that `cgroups` (the text of
// /proc/self/cgroup) names let this process use; the largest number if none sets a limit. `root` is
// where control groups are mounted, "/sys/fs/cgroup".
int64_t ControlGroupRoom(const std::string& cgroups, const std::string& root);

}  // namespace internal
}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_RESERVE_H_
