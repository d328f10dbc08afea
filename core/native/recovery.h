// SPDX-License-Identifier: MIT

// Finishing what others began: the steps that make a participant's death harmless.

#ifndef INTERPROCESS_CORE_NATIVE_RECOVERY_H_
#define INTERPROCESS_CORE_NATIVE_RECOVERY_H_

#include <cstdint>

#include "absl/base/optimization.h"
#include "core/native/environment.h"
#include "core/native/queue_memory.h"

namespace interprocess::native {

// The shortest time between two looks for the dead, by the participant that comes first.
inline constexpr int64_t kLookNanos = 50'000'000;
// How long a look for the dead may take, in a call that does not wait, and in one that does.
inline constexpr int64_t kLookBudgetNanos = 300'000;
inline constexpr int64_t kPatientLookNanos = 10'000'000;

// Makes the end behind `position`, which has been reserved, right, should its publisher not have
// come to it; stores it in `end`. False if the ring has come round to the position since, or its
// words make no sense.
bool HelpEnd(const QueueMemory& memory, uint64_t position, uint64_t* end);

// The end before `next`, a position whose predecessor has been reserved. The value is right unless
// `next` has been reserved meanwhile; then the caller's reservation of `next` fails.
inline bool ReadEndBefore(const QueueMemory& memory, uint64_t next, uint64_t* end) {
  const uint64_t position = next - 1;
  // acquire: pairs with the store; what its publisher saw before it reserved is seen by the caller.
  const uint64_t word = memory.reservation(position).end.load(std::memory_order_acquire);
  *end = Ring::EndOf(word);
  // Before the first position stands the zero of a new file.
  if (ABSL_PREDICT_TRUE(Ring::IsEndOf(word, memory.ring().LapOf(position)))) return true;
  return HelpEnd(memory, position, end);
}

// Marks `position`, whose slot was seen VOID of its lap (acquire), as done. False if it was.
bool SkipVoid(const QueueMemory& memory, uint64_t position);

// One participant's part in recovery. Used by its thread.
class Recovery {
 public:
  Recovery(const QueueMemory& memory, Environment& environment, uint32_t id)
      : memory_(memory), environment_(environment), id_(id) {}

  // If `owner`, whom a word of `position` named, is dead: finishes what it did there. True if it
  // was.
  bool ResolveIfDead(uint32_t owner, uint64_t position);

  // For one that took over the id of a dead one, exclusively: finishes what that one began, under
  // its name.
  void ResolveOwnId();

  // If `id` is dead: finishes all that it began, and makes the id clean. False if it lives.
  bool ResolveIfDead(uint32_t id);

  // Looks for dead participants if nobody has for a while, or at any rate and at all if `force`,
  // and resolves each: returns how many. Stops after about `budget_ns`.
  int LookForDead(int64_t budget_ns, bool force = false);

 private:
  enum class Progress { kAlive, kUnfinished, kResolved };

  // With proof of the death of `id`.
  void ResolvePosition(uint32_t id, uint64_t position, bool count_returned);
  void ResolveReservation(uint32_t id, uint64_t position);
  void ResolveClaim(uint32_t id, uint64_t position, bool count_returned);
  bool ResolveHolds(uint32_t id, bool to_the_end);
  void MakeClean(uint32_t id, uint64_t state);
  Progress ResolveParticipant(uint32_t id, bool to_the_end);

  const QueueMemory memory_;
  Environment& environment_;
  const uint32_t id_;
};

// Gives up what is had by `id` alone: the end of an exclusive queue.
void GiveUpEnds(const QueueMemory& memory, uint32_t id);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_RECOVERY_H_
