// SPDX-License-Identifier: MIT

// One endpoint's hold on a queue of a Cloudtoid format: the mapping, the semaphore, the lock that
// tells others that it is attached, and in version 3 its id and lease.

#ifndef INTERPROCESS_CORE_CLOUDTOID_ATTACHMENT_H_
#define INTERPROCESS_CORE_CLOUDTOID_ATTACHMENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/cloudtoid/environment.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/location.h"
#include "core/engine/queue_file.h"
#include "core/platform/directory.h"
#include "core/platform/semaphore.h"
#include "interprocess/queue_options.h"

namespace interprocess::cloudtoid {

enum class Role { kPublisher, kSubscriber };

// The environment on a real system.
class SystemEnvironment final : public Environment {
 public:
  int64_t NowNanos() override;
  int64_t NowTicks() override;
  void Post() override { semaphore_.Post().IgnoreError(); }
  bool TryTakePermit() override { return semaphore_.TryWait(); }
  bool HasPermit() override { return semaphore_.Value().value_or(0) > 0; }
  bool IsProvenDead(int64_t participant) override;

  // Takes a permit, and waits for one at most `timeout_ns`. False if none came.
  bool TakePermit(int64_t timeout_ns) { return semaphore_.Wait(timeout_ns).value_or(false); }

 private:
  friend class Attachment;
  platform::NamedSemaphore semaphore_;
  std::string leases_;
  std::string own_lease_;
  int64_t nonce_ = 0;
};

class Attachment {
 public:
  // Opens or makes the queue and attaches. `options` are valid and of a Cloudtoid protocol.
  static absl::StatusOr<std::unique_ptr<Attachment>> Open(const QueueOptions& options, Role role);

  ~Attachment();

  // Detaches; the last one removes the queue. The memory stays mapped. An error, naming the queue,
  // if it is to be removed and cannot be.
  absl::Status Leave();
  // In a forked child: the attachment is the parent's.
  void Forget() { left_ = true; }

  uint8_t* memory() const { return memory_; }
  int64_t capacity() const { return capacity_; }
  int64_t id() const { return id_; }
  int publisher_slot() const { return publisher_slot_; }
  SystemEnvironment& environment() { return environment_; }
  const std::string& path() const { return location_.path; }
  // Where the system has the queue's memory in no file, it names none.
  QueueFile file() const;

 private:
  // The system's objects. Each system's file defines them.
  struct Held;

  Attachment(const QueueOptions& options, Location location);

  // Opens or makes the queue's memory and semaphore, and counts as attached from then on.
  absl::Status Attach(const QueueOptions& options);
  // Version 3: shows that this participant lives.
  absl::Status HoldLease();
  // Undoes Attach and HoldLease.
  absl::Status Detach();

  // The parts of Attach and Detach on POSIX.
  absl::Status OpenOnce(const QueueOptions& options, const platform::Directory& directory,
                        bool* again);
  absl::Status OpenFork(const QueueOptions& options, const platform::Directory& directory);
  absl::Status MakeAnew(const QueueOptions& options, bool created, platform::File& file);
  absl::Status Map(const platform::File& file, const QueueOptions& options);
  absl::Status RemoveIfLast();
  absl::Status RemoveLocked(const platform::Directory& directory,
                            const platform::FileIdentity& ours);

  absl::Status OpenSemaphore();
  absl::Status Join(Role role);
  absl::Status TakeId();
  absl::Status TakePublisherSlot();
  HeaderV3& header_v3() const { return *reinterpret_cast<HeaderV3*>(memory_); }

  const Protocol protocol_;
  const Location location_;
  const std::unique_ptr<Held> held_;
  uint8_t* memory_ = nullptr;
  int64_t capacity_ = 0;
  SystemEnvironment environment_;
  int64_t id_ = 0;
  int publisher_slot_ = -1;
  bool left_ = false;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_ATTACHMENT_H_
