// SPDX-License-Identifier: MIT

#include <cstdint>

#include "core/platform/process.h"

namespace interprocess::platform {

int64_t ProcessStartTime() { return 0; }

uint32_t UserIdOutside() { return UserId(); }

}  // namespace interprocess::platform
