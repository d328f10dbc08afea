#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/capacity_windows.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/lease_windows.h"
#include "core/platform/named_objects_windows.h"
#include "core/platform/process.h"

namespace interprocess::cloudtoid {
namespace {

using platform::NamedMemory;
using platform::NamedMutexLock;

// Opening holds the mutex for a few system calls, unless stopped.
constexpr absl::Duration kOpenLockTimeout = absl::Seconds(10);

}  // namespace

struct Attachment::Held {
  NamedMemory memory;
  NamedMemory lease;  // version 3
};

Attachment::Attachment(const QueueOptions& options, Place place)
    : protocol_(options.protocol), place_(std::move(place)), held_(std::make_unique<Held>()) {}
Attachment::~Attachment() { Leave(); }

bool SystemEnvironment::IsProvenDead(int64_t participant) {
  return LeaseHasEnded(absl::StrCat(leases_, participant));
}

absl::Status Attachment::Attach(const QueueOptions& options) {
  std::optional<NamedMutexLock> lock;
  if (!place_.opening.empty()) {
    absl::StatusOr<NamedMutexLock> taken = NamedMutexLock::Take(place_.opening, kOpenLockTimeout);
    if (!taken.ok()) return taken.status();
    lock.emplace(*std::move(taken));
  }
  absl::StatusOr<NamedMemory> memory =
      options.mode == OpenMode::kOpenExisting
          ? NamedMemory::OpenExisting(place_.path, /*read_only=*/false)
          : NamedMemory::OpenOrCreate(place_.path, place_.ring_offset + options.capacity);
  if (!memory.ok()) return memory.status();
  if (options.mode == OpenMode::kCreateNew && !memory->made()) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", place_.path, "' exists"));
  }
  absl::StatusOr<int64_t> capacity = AgreeOnCapacity(place_, *memory, options);
  if (!capacity.ok()) return capacity.status();
  capacity_ = *capacity;
  held_->memory = *std::move(memory);
  memory_ = held_->memory.data();
  return OpenSemaphore();
}

absl::Status Attachment::HoldLease() {
  const std::string name = absl::StrCat(place_.leases, id_);
  absl::StatusOr<NamedMemory> memory = NamedMemory::OpenOrCreate(name, sizeof(LeaseV3));
  if (!memory.ok()) return memory.status();
  if (!memory->made()) {
    return absl::DataLossError(absl::StrCat("'", place_.path, "' is not a sound queue: somebody ",
                                            "holds the lease of the new id ", id_));
  }
  auto& lease = *reinterpret_cast<LeaseV3*>(memory->data());
  lease.started.store(platform::ProcessStartTime() / 100 + kUnixEpochTicks,
                      std::memory_order_relaxed);
  // release: who sees the process sees when it started.
  lease.process.store(static_cast<int32_t>(platform::ProcessId()), std::memory_order_release);
  held_->lease = *std::move(memory);
  return absl::OkStatus();
}

void Attachment::Detach() {
  held_->lease = NamedMemory();
  // The queue goes with its last user.
  held_->memory.LetGo();
}

}  // namespace interprocess::cloudtoid
