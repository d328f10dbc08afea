// SPDX-License-Identifier: MIT

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
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

// An opener holds the mutex for a few system calls, or longer if it is stopped.
constexpr absl::Duration kOpenLockTimeout = absl::Seconds(10);

}  // namespace

struct Attachment::Held {
  NamedMemory memory;
  NamedMemory lease;  // version 3
};

Attachment::Attachment(const QueueOptions& options, Location location)
    : protocol_(options.protocol),
      location_(std::move(location)),
      held_(std::make_unique<Held>()) {}
Attachment::~Attachment() { Leave().IgnoreError(); }
QueueFile Attachment::file() const { return {}; }

bool SystemEnvironment::IsProvenDead(int64_t participant) {
  return LeaseHasEnded(absl::StrCat(leases_, participant));
}

absl::Status Attachment::Attach(const QueueOptions& options) {
  std::optional<NamedMutexLock> lock;
  if (!location_.opening.empty()) {
    ABSL_ASSIGN_OR_RETURN(NamedMutexLock taken,
                          NamedMutexLock::Take(location_.opening, kOpenLockTimeout));
    lock.emplace(std::move(taken));
  }
  ABSL_ASSIGN_OR_RETURN(
      NamedMemory memory,
      options.mode == OpenMode::kOpenExisting
          ? NamedMemory::OpenExisting(location_.path, /*read_only=*/false)
          : NamedMemory::OpenOrCreate(location_.path, location_.ring_offset + options.capacity));
  if (options.mode == OpenMode::kCreateNew && !memory.made()) {
    return absl::AlreadyExistsError(absl::StrCat("queue '", location_.path, "' exists"));
  }
  ABSL_ASSIGN_OR_RETURN(capacity_, AgreeOnCapacity(location_, memory, options));
  held_->memory = std::move(memory);
  memory_ = held_->memory.data();
  return OpenSemaphore();
}

absl::Status Attachment::HoldLease() {
  const std::string name = absl::StrCat(location_.leases, id_);
  ABSL_ASSIGN_OR_RETURN(NamedMemory memory, NamedMemory::OpenOrCreate(name, sizeof(LeaseV3)));
  if (!memory.made()) {
    return absl::DataLossError(absl::StrCat("'", location_.path,
                                            "' is not a sound queue: the lease ", "of the new id ",
                                            id_, " is held"));
  }
  auto& lease = *reinterpret_cast<LeaseV3*>(memory.data());
  lease.started.store(platform::ProcessStartTime() / 100 + kUnixEpochTicks,
                      std::memory_order_relaxed);
  // release: a thread that sees the process id sees the start time.
  lease.process.store(static_cast<int32_t>(platform::ProcessId()), std::memory_order_release);
  held_->lease = std::move(memory);
  return absl::OkStatus();
}

absl::Status Attachment::Detach() {
  held_->lease = NamedMemory();
  // The queue goes with its last user.
  held_->memory.LetGo();
  return absl::OkStatus();
}

}  // namespace interprocess::cloudtoid
