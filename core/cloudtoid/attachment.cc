// SPDX-License-Identifier: MIT

// The parts that are alike on all systems. The rest is in attachment_posix.cc and
// attachment_windows.cc.

#include "core/cloudtoid/attachment.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/process.h"

namespace interprocess::cloudtoid {
namespace {

// The options' directory as an absolute path, which stays right when the process changes its own
// directory.
std::string Absolute(const QueueOptions& options) {
  return platform::AbsolutePath(options.directory.empty() ? DefaultDirectoryOf(options.protocol)
                                                          : options.directory);
}

}  // namespace

int64_t SystemEnvironment::NowNanos() { return platform::MonotonicNanos(); }

int64_t SystemEnvironment::NowTicks() {
  // The low bits are this endpoint's own. They change the time by a tenth of a millisecond at most,
  // and a lock lasts ten seconds.
  constexpr int64_t kOwnBits = 0x3ff;
  const int64_t ticks = platform::CoarseWallNanos() / 100 + kUnixEpochTicks;
  return (ticks & ~kOwnBits) | (nonce_ & kOwnBits);
}

absl::StatusOr<std::unique_ptr<Attachment>> Attachment::Open(const QueueOptions& options,
                                                             Role role) {
  std::unique_ptr<Attachment> attachment(
      new Attachment(options, LocationOf(options.name, Absolute(options), options.protocol)));
  // Until the memory is mapped there is only the file's lock, which ends with the object.
  attachment->left_ = true;
  SystemEnvironment& environment = attachment->environment_;
  environment.leases_ = attachment->location_.leases;
  environment.nonce_ = static_cast<int64_t>(platform::RandomWord() >> 1);
  absl::Status status = attachment->Attach(options);
  // From here on the last one to leave removes the queue, also after a failure.
  attachment->left_ = attachment->memory() == nullptr;
  if (status.ok()) status = attachment->Join(role);
  ABSL_RETURN_IF_ERROR(status);
  return attachment;
}

absl::Status Attachment::OpenSemaphore() {
  platform::SemaphoreOptions options;
  options.mode = 0777;
  options.apply_umask = true;
  options.machine_wide = true;
  ABSL_ASSIGN_OR_RETURN(environment_.semaphore_,
                        platform::NamedSemaphore::Open(location_.semaphore, options));
  return absl::OkStatus();
}

absl::Status Attachment::Join(Role role) {
  if (protocol_ != Protocol::kCloudtoidV3) return absl::OkStatus();
  absl::Status leased = TakeId();
  if (!leased.ok() || role == Role::kSubscriber) return leased;
  return TakePublisherSlot();
}

absl::Status Attachment::TakeId() {
  std::atomic<int32_t>& last = header_v3().last_participant;
  // relaxed, here and below: no other access depends on an id's order.
  int32_t taken = last.load(std::memory_order_relaxed);
  do {
    if (taken == INT32_MAX) {
      return absl::ResourceExhaustedError(absl::StrCat("queue '", location_.path,
                                                       "' has given out all of its ", INT32_MAX,
                                                       " participants' ids; it must be made anew"));
    }
    if (taken < 0) {
      return absl::DataLossError(absl::StrCat("'", location_.path,
                                              "' is not a sound queue: its last ",
                                              "participant has the id ", taken));
    }
  } while (!last.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
  id_ = taken + 1;
  return HoldLease();
}

absl::Status Attachment::TakePublisherSlot() {
  // Takes a slot of the dead only when no other slot is free.
  for (const bool of_the_dead : {false, true}) {
    for (int i = 0; i < kPublisherSlotsV3; ++i) {
      PublisherSlotV3& slot = header_v3().publishers[i];
      int64_t owner = slot.participant.load(std::memory_order_relaxed);
      if (owner != 0 && (!of_the_dead || !environment_.IsProvenDead(owner))) continue;
      // acq_rel: the last owner's stores come before.
      if (!slot.participant.compare_exchange_strong(owner, id_, std::memory_order_acq_rel)) {
        continue;
      }
      slot.active.store(0, std::memory_order_release);
      publisher_slot_ = i;
      return absl::OkStatus();
    }
  }
  return absl::ResourceExhaustedError(absl::StrCat("queue '", location_.path, "' has ",
                                                   kPublisherSlotsV3,
                                                   " publishers attached, and no room for more"));
}

absl::Status Attachment::Leave() {
  if (left_) return absl::OkStatus();
  left_ = true;
  if (publisher_slot_ >= 0) {
    PublisherSlotV3& slot = header_v3().publishers[publisher_slot_];
    int64_t owner = id_;
    // release: the stores of the last call come before.
    slot.participant.compare_exchange_strong(owner, 0, std::memory_order_release);
  }
  absl::Status detached = Detach();
  if (detached.ok()) return detached;
  return absl::Status(detached.code(),
                      absl::StrCat("leave queue '", location_.path, "', which may stay ",
                                   "though nobody uses it: ", detached.message()));
}

}  // namespace interprocess::cloudtoid
