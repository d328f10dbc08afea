// SPDX-License-Identifier: MIT

// What the protocol needs of the world around the queue's memory: a clock, proof of life and death,
// sleep. The protocol's code uses nothing else of the system, so it is tested on plain memory.

#ifndef INTERPROCESS_CORE_NATIVE_ENVIRONMENT_H_
#define INTERPROCESS_CORE_NATIVE_ENVIRONMENT_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"

namespace interprocess::native {

// Used by one endpoint, in one thread at a time. No call blocks but Sleep.
class Environment {
 public:
  virtual ~Environment() = default;

  // Monotonic, the same for all participants.
  virtual int64_t NowNanos() = 0;

  // The id's join lease: serialises those who want the id. True if it was had.
  virtual bool TryLockJoin(uint32_t id) = 0;
  virtual void UnlockJoin(uint32_t id) = 0;
  // The id's alive lease, exclusively: from now until the holder drops it or dies, IsAlive(id).
  // False while another holds it in any mode.
  virtual bool TryHoldAlive(uint32_t id) = 0;
  virtual void DropAlive(uint32_t id) = 0;

  // A look: may be out of date when it returns. True where the system cannot tell.
  virtual bool IsAlive(uint32_t id) = 0;
  virtual bool IsAnyoneAlive(uint32_t max_id) = 0;
  // Takes the alive lease in shared mode: true proves that the id's holder is dead, and that nobody
  // takes the id before DropProof. Several may hold a proof at one time.
  virtual bool ProveDead(uint32_t id) = 0;
  virtual void DropProof(uint32_t id) = 0;

  // Barrier is a full fence in every thread of every participant that takes part, at once. False:
  // the system refuses it now, and it was a fence of the caller alone.
  virtual bool TakesPartInBarrier() = 0;
  virtual bool Barrier() = 0;

  // Sleeps while `word` holds `expected`, for `timeout_ns` at most; may return early. An error if
  // the system refuses what that needs. `word` is the `seq` of one of the queue's WaitWords.
  virtual absl::Status Sleep(const std::atomic<uint32_t>& word, uint32_t expected,
                             int64_t timeout_ns) = 0;
  // By any thread, both. WakeSome wakes at least `most` of those who sleep; false if none of them
  // sleeps after that.
  virtual void WakeAll(const std::atomic<uint32_t>& word) = 0;
  virtual bool WakeSome(const std::atomic<uint32_t>& word, int most) = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_ENVIRONMENT_H_
