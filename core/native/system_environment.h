// The protocol's environment on a real system: leases on the queue's file, the system's clock and
// sleep.

#ifndef INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_
#define INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "core/native/environment.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/native/waiter.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/process.h"

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
    return leases_.TryLock(kJoinLease + id, platform::LeaseMode::kExclusive).value_or(false);
  }
  void UnlockJoin(uint32_t id) override { leases_.Unlock(kJoinLease + id).IgnoreError(); }
  bool TryHoldAlive(uint32_t id) override {
    return leases_.TryLock(kAliveLease + id, platform::LeaseMode::kExclusive).value_or(false);
  }
  void DropAlive(uint32_t id) override { leases_.Unlock(kAliveLease + id).IgnoreError(); }

  // Where the system does not answer, all are taken for alive: nothing is taken from anybody.
  bool IsAlive(uint32_t id) override {
    return leases_.IsHeldExclusively(kAliveLease + id, 1).value_or(true);
  }
  bool IsAnyoneAlive(uint32_t max_id) override {
    return leases_.IsHeldExclusively(kAliveLease + 1, max_id).value_or(true);
  }
  bool ProveDead(uint32_t id) override {
    return leases_.TryLock(kAliveLease + id, platform::LeaseMode::kShared).value_or(false);
  }
  void DropProof(uint32_t id) override { leases_.Unlock(kAliveLease + id).IgnoreError(); }

  bool TakesPartInBarrier() override { return platform::SharedBarrierAvailable(); }
  bool Barrier() override { return platform::SharedBarrier(); }

  absl::Status Sleep(const std::atomic<uint32_t>& word, uint32_t expected,
                     int64_t timeout_ns) override {
    return waiter_->Sleep(id_, word, expected, timeout_ns);
  }
  void WakeAll(const std::atomic<uint32_t>& word) override { waiter_->WakeAll(word); }

  // Lets go of the file, and of all leases; nothing is called after that.
  void Close() { leases_.Close(); }

 private:
  platform::LeaseFile leases_;
  std::unique_ptr<Waiter> waiter_;
  uint32_t id_ = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_SYSTEM_ENVIRONMENT_H_
