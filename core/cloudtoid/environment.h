// SPDX-License-Identifier: MIT

// The parts of the system that both Cloudtoid formats need beside the queue's memory: clocks, the
// semaphore, and proof that a participant is dead. The code of the protocols uses no other part, so
// tests run it on plain memory.

#ifndef INTERPROCESS_CORE_CLOUDTOID_ENVIRONMENT_H_
#define INTERPROCESS_CORE_CLOUDTOID_ENVIRONMENT_H_

#include <cstdint>

namespace interprocess::cloudtoid {

// Used by one endpoint, in one thread at a time. No call blocks.
class Environment {
 public:
  virtual ~Environment() = default;

  // Monotonic.
  virtual int64_t NowNanos() = 0;
  // The time of day in .NET's UTC ticks, exact to a few milliseconds. Its low bits are this
  // endpoint's own, and others are unlikely to have them: so two endpoints do not put equal values
  // into the read lock.
  virtual int64_t NowTicks() = 0;

  // Adds a permit to the queue's semaphore. Does nothing if the semaphore is at its maximum.
  virtual void Post() = 0;
  virtual bool TryTakePermit() = 0;
  // Also false where the system does not tell a semaphore's value.
  virtual bool HasPermit() = 0;

  // Version 3. True proves that the participant is dead. False proves nothing.
  virtual bool IsProvenDead(int64_t participant) = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_ENVIRONMENT_H_
