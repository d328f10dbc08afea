// SPDX-License-Identifier: MIT

#include "bindings/face/wait_any.h"

#include <array>
#include <atomic>
#include <cstddef>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace interprocess::face {

int64_t FaceBell::Word() const {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(bell_.alarm().word));
}

int64_t FaceBell::Value() const { return bell_.alarm().value; }

void FaceWaitAny(const void* places, int count, int64_t limit_ns) {
  const auto* numbers = static_cast<const int64_t*>(places);
  std::array<Alarm, kMaxAlarms> alarms;
  size_t used = 0;
  for (ptrdiff_t i = 0; i < count && used < alarms.size(); ++i) {
    alarms[used++] = {
        reinterpret_cast<const std::atomic<uint32_t>*>(static_cast<intptr_t>(numbers[2 * i])),
        static_cast<uint32_t>(numbers[2 * i + 1]), absl::InfiniteDuration()};
  }
  WaitAny(absl::MakeConstSpan(alarms.data(), used), absl::Nanoseconds(limit_ns));
}

}  // namespace interprocess::face
