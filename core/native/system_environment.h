// SPDX-License-Identifier: MIT

// The protocol's environment on a real system: leases on the queue's file, the system's clock and
// sleep.

#ifndef INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_
#define INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/native/environment.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/native/waiter.h"
#include "core/platform/barrier.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"

namespace interprocess::native {

class SystemEnvironment final : public Environment {
 public:
  // `access` is that of the queue's file.
  SystemEnvironment(platform::LeaseFile leases, const QueueMemory& memory,
                    const platform::Permission& access)
      : leases_(std::move(leases)), waiter_(MakeWaiter(memory, access)) {}

  // The id that was taken, before the first sleep; 0 when it is about to be given back.
  void SetId(uint32_t id) {
    if (id == 0) waiter_->Leave();
    id_ = id;
  }
  void Forget() { waiter_->Forget(); }  // in a forked child

  int64_t NowNanos() override { return platform::MonotonicNanos(); }

  bool TryLockJoin(uint32_t id) override {
    return Noted(leases_.TryLock(kJoinLease + id, platform::LeaseMode::kExclusive), false);
  }
  void UnlockJoin(uint32_t id) override { lock_error_.Update(leases_.Unlock(kJoinLease + id)); }
  bool TryHoldAlive(uint32_t id) override {
    return Noted(leases_.TryLock(kAliveLease + id, platform::LeaseMode::kExclusive), false);
  }
  void DropAlive(uint32_t id) override { lock_error_.Update(leases_.Unlock(kAliveLease + id)); }

  // Where the system does not answer, all are taken for alive: nothing is taken from anybody.
  bool IsAlive(uint32_t id) override {
    return Noted(leases_.IsHeldExclusively(kAliveLease + id, 1), true);
  }
  bool IsAnyoneAlive(uint32_t max_id) override {
    return Noted(leases_.IsHeldExclusively(kAliveLease + 1, max_id), true);
  }
  bool ProveDead(uint32_t id) override {
    return Noted(leases_.TryLock(kAliveLease + id, platform::LeaseMode::kShared), false);
  }
  void DropProof(uint32_t id) override { DropAlive(id); }

  // The first failure of the locks since the last call, OK if there was none.
  absl::Status TakeLockError() { return std::exchange(lock_error_, absl::OkStatus()); }

  bool TakesPartInBarrier() override { return platform::SharedBarrierAvailable(); }
  bool Barrier() override { return platform::SharedBarrier(); }

  absl::Status Sleep(const std::atomic<uint32_t>& word, uint32_t expected,
                     int64_t timeout_ns) override {
    absl::Status slept = waiter_->Sleep(id_, word, expected, timeout_ns);
    // relaxed: only whether this was a sleep that nobody ended, which is rare enough for a look
    // whether our lease still shows that we live.
    if (slept.ok() && word.load(std::memory_order_relaxed) == expected) return leases_.Check();
    return slept;
  }
  void WakeAll(const std::atomic<uint32_t>& word) override { waiter_->WakeAll(word); }
  bool WakeSome(const std::atomic<uint32_t>& word, int most) override {
    return waiter_->WakeSome(word, most);
  }

  // Lets go of the file, and of all leases; nothing is called after that.
  void Close() { leases_.Close(); }

 private:
  bool Noted(const absl::StatusOr<bool>& answer, bool otherwise) {
    lock_error_.Update(answer.status());
    return answer.value_or(otherwise);
  }

  platform::LeaseFile leases_;
  absl::Status lock_error_;
  std::unique_ptr<Waiter> waiter_;
  uint32_t id_ = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_
