// SPDX-License-Identifier: MIT

#include "core/cloudtoid/capacity_windows.h"

#include <atomic>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"

namespace interprocess::cloudtoid {
namespace {

using platform::NamedMemory;

std::atomic<int64_t>& CapacityWord(const Location& location, const NamedMemory& memory) {
  if (location.ring_offset == kRingOffsetV3) {
    return reinterpret_cast<HeaderV3*>(memory.data())->windows_capacity;
  }
  return reinterpret_cast<HeaderV2*>(memory.data())->windows_capacity;
}

bool Fits(const Location& location, const NamedMemory& memory, int64_t capacity) {
  return NamedMemory::RoundedUp(location.ring_offset + capacity) == memory.size();
}

absl::Status TooSmall(const Location& location, const NamedMemory& memory) {
  return absl::DataLossError(absl::StrCat("'", location.path,
                                          "' is not a sound queue: no queue of ",
                                          "this format has ", memory.size(), " bytes of memory"));
}

}  // namespace

absl::StatusOr<int64_t> StoredCapacity(const Location& location, const NamedMemory& memory) {
  if (memory.size() <= location.ring_offset) return TooSmall(location, memory);
  const int64_t stored = CapacityWord(location, memory).load(std::memory_order_acquire);
  if (stored == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "queue '", location.path, "': another library has made it, which does not write ",
        "its capacity down; its memory has ", memory.size(), " bytes"));
  }
  if (stored < 24 || stored > kMaxCapacity || stored % 8 != 0 || !Fits(location, memory, stored)) {
    return absl::DataLossError(absl::StrCat("'", location.path, "' is not a sound queue: it has ",
                                            memory.size(), " bytes of memory, and a capacity of ",
                                            stored));
  }
  return stored;
}

absl::StatusOr<int64_t> AgreeOnCapacity(const Location& location, const NamedMemory& memory,
                                        const QueueOptions& options) {
  if (memory.size() <= location.ring_offset) return TooSmall(location, memory);
  const bool fits = Fits(location, memory, options.capacity);
  if (fits) {
    // acq_rel: the first of several openers decides, and the others see its value.
    int64_t nobodys = 0;
    std::atomic<int64_t>& word = CapacityWord(location, memory);
    if (options.mode == OpenMode::kOpenExisting) {
      if (word.load(std::memory_order_acquire) == 0) return options.capacity;
    } else {
      word.compare_exchange_strong(nobodys, options.capacity, std::memory_order_acq_rel);
    }
  }
  absl::StatusOr<int64_t> stored = StoredCapacity(location, memory);
  if (options.mode == OpenMode::kOpenExisting || absl::IsDataLoss(stored.status())) return stored;
  if (stored.ok() && *stored == options.capacity) return stored;
  return absl::FailedPreconditionError(absl::StrCat(
      "queue '", location.path, "' exists with ",
      stored.ok() ? absl::StrCat("a capacity of ", *stored, " bytes") : "another capacity",
      ", not ", options.capacity, " bytes (its memory has ", memory.size(),
      " bytes, such a one has ", NamedMemory::RoundedUp(location.ring_offset + options.capacity),
      ")"));
}

}  // namespace interprocess::cloudtoid
