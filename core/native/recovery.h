// Finishing what others began: the steps that make a participant's death harmless.

#ifndef INTERPROCESS_CORE_NATIVE_RECOVERY_H_
#define INTERPROCESS_CORE_NATIVE_RECOVERY_H_

#include <cstdint>

#include "core/native/environment.h"
#include "core/native/queue_memory.h"

namespace interprocess::native {

// `end` of the position before `next`, where the word of that position, read before, is `word`.
// Finishes the store of `end` if its publisher may not have made it yet. The value is right unless
// `next` has been reserved meanwhile (then the caller's CAS on `next` fails).
uint64_t ReadEndBefore(const QueueMemory& memory, uint64_t next);

// One participant's part in recovery. Used by its thread.
class Recovery {
 public:
  Recovery(const QueueMemory& memory, Environment& environment, uint32_t id)
      : memory_(memory), environment_(environment), id_(id) {}

  // If the owner that `word`, read at `position`, names is dead: finishes that slot. True if the
  // word is not as it was (by this call or others').
  bool ResolveIfDead(uint64_t position, uint64_t word);

  // For who took over the id of a dead one, exclusively: finishes what that one began, under its
  // name.
  void ResolveSlotsOfOwnId(uint64_t nearby) { ResolveSlotsOf(id_, nearby); }

  // Looks for dead participants if nobody has for kLookNanos, or at any rate if `force`, and
  // resolves each: returns how many. `nearby` is any position of the caller's.
  int LookForDead(uint64_t nearby, bool force = false);

 private:
  // With proof of death of the word's owner.
  void ResolveSlot(uint64_t position, uint64_t word);
  void ResolveReservation(uint64_t position, uint64_t word);
  void ResolveClaim(uint64_t position, uint64_t word);
  void ResolveSlotsOf(uint32_t id, uint64_t nearby);
  bool ResolveParticipant(uint32_t id, uint64_t nearby);

  const QueueMemory memory_;
  Environment& environment_;
  const uint32_t id_;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_RECOVERY_H_
