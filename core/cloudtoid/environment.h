// What both Cloudtoid formats need of the world around a queue's memory: clocks, the semaphore,
// proof of death. The protocols' code uses nothing else of the system, so it is tested on plain
// memory.

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
  // The time of day in .NET's UTC ticks, to a few milliseconds; with low bits that no other
  // endpoint is likely to have, so that two never take the lock with the same value.
  virtual int64_t NowTicks() = 0;

  // Adds a permit to the queue's semaphore, which may be at its maximum: then nothing.
  virtual void Post() = 0;
  virtual bool TryTakePermit() = 0;
  // False also where the system does not tell.
  virtual bool HasPermit() = 0;

  // Version 3. True is proof: the participant is dead, now and for ever.
  virtual bool IsProvenDead(int64_t participant) = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_ENVIRONMENT_H_
