// SPDX-License-Identifier: MIT

#include "core/native/participants.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/step.h"
#include "core/native/holds.h"
#include "core/native/recovery.h"

namespace interprocess::native {
namespace {

// True if the id is ours now.
bool TryTake(const QueueMemory& memory, Environment& environment, uint32_t id) {
  Participant& record = memory.participant(id);
  // acquire: pairs with the release of the one that made it clean, so that we see every slot
  // without our id in it. Looked at before any lease is tried, so that a dead one's id is not
  // touched.
  if (StatusOf(record.state.load(std::memory_order_acquire)) != ParticipantStatus::kClean) {
    return false;
  }
  if (!environment.TryLockJoin(id)) return false;
  INTERPROCESS_STEP("join.locked");
  bool taken = false;
  // Again: only the holder of the join lease takes a clean id, so it stays clean from here on. The
  // alive lease must not be held for a moment on an id that is not clean: its words would look
  // owned by a living participant for as long as we are stopped here. acquire: as above.
  uint64_t state = record.state.load(std::memory_order_acquire);
  if (StatusOf(state) == ParticipantStatus::kClean && environment.TryHoldAlive(id)) {
    INTERPROCESS_STEP("join.alive");
    // Before the state: one that sees the id in use looks at all ids up to it.
    // It only grows, so that others can be quicker once for each id. release: the record that it
    // makes known is whole; relaxed, else: a number on its own.
    uint32_t used = memory.header().ids_used.load(std::memory_order_relaxed);
    for (uint32_t lost = 0; used < id && lost <= memory.max_participants(); ++lost) {
      if (memory.header().ids_used.compare_exchange_strong(used, id, std::memory_order_release,
                                                           std::memory_order_relaxed)) {
        break;
      }
    }
    // release: as above.
    record.state.store(NextState(state, ParticipantStatus::kInUse), std::memory_order_release);
    taken = true;
    INTERPROCESS_STEP("join.in_use");
  }
  environment.UnlockJoin(id);
  return taken;
}

// Takes over the id of a participant that died and that nobody attached has resolved. Only for want
// of a clean one: while we are stopped in here, what the dead one held looks like a living one's.
bool TryTakeFromDead(const QueueMemory& memory, Environment& environment, uint32_t id) {
  Participant& record = memory.participant(id);
  // acquire, here and under the leases: if others have resolved it, what they did comes before.
  if (StatusOf(record.state.load(std::memory_order_acquire)) != ParticipantStatus::kInUse ||
      environment.IsAlive(id) || !environment.TryLockJoin(id)) {
    return false;
  }
  bool taken = false;
  // Exclusively: proves the death, and keeps resolvers away, which would act on the same slots.
  if (environment.TryHoldAlive(id)) {
    uint64_t state = record.state.load(std::memory_order_acquire);
    INTERPROCESS_STEP("join.takes_over");
    if (StatusOf(state) == ParticipantStatus::kInUse) {
      Recovery(memory, environment, id).ResolveOwnId();
    }
    // release: as of a clean id.
    record.state.store(NextState(state, ParticipantStatus::kInUse), std::memory_order_release);
    taken = true;
  }
  environment.UnlockJoin(id);
  return taken;
}

}  // namespace

absl::StatusOr<uint32_t> TakeId(const QueueMemory& memory, Environment& environment, Role role,
                                int64_t process_id, int64_t process_start_ns) {
  for (uint32_t attempt = 0; attempt < 2 * memory.max_participants(); ++attempt) {
    const uint32_t id = attempt % memory.max_participants() + 1;
    const bool taken = attempt < memory.max_participants()
                           ? TryTake(memory, environment, id)
                           : TryTakeFromDead(memory, environment, id);
    if (!taken) continue;
    // Before the first change of ours that others may sleep for; seq_cst, against their looks.
    if (!environment.TakesPartInBarrier()) {
      memory.header().no_barrier.store(1, std::memory_order_seq_cst);
    }
    Participant& record = memory.participant(id);
    // What one that died in its sleep has left; relaxed: one that still sees it wakes nobody.
    record.sleeps_on.store(0, std::memory_order_relaxed);
    // For people only, hence relaxed.
    record.process_id.store(process_id, std::memory_order_relaxed);
    record.process_start_ns.store(process_start_ns, std::memory_order_relaxed);
    record.role.store(static_cast<uint32_t>(role), std::memory_order_relaxed);
    record.waits_for.store(0, std::memory_order_relaxed);
    for (auto* counter : {&record.messages, &record.bytes, &record.full_or_empty, &record.sleeps}) {
      counter->store(0, std::memory_order_relaxed);
    }
    return id;
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "all ", memory.max_participants(), " places for participants (max_participants) are taken"));
}

absl::Status TakeEnd(const QueueMemory& memory, Environment& environment, uint32_t id, Role role) {
  const bool publisher = role == Role::kPublisher;
  if (publisher ? !memory.one_publisher() : role != Role::kSubscriber || !memory.one_subscriber()) {
    return absl::OkStatus();
  }
  std::atomic<uint32_t>& end =
      publisher ? memory.header().one_publisher : memory.header().one_subscriber;
  uint32_t other = 0;
  // One that is quicker has taken the end, or given it up: no sound queue makes this lose often.
  for (uint32_t lost = 0; lost <= memory.max_participants(); ++lost) {
    other = 0;
    // acq_rel: what was done with the end before is seen by one that takes it.
    if (end.compare_exchange_strong(other, id, std::memory_order_acq_rel)) return absl::OkStatus();
    // Its death gives the end up.
    if (other == id || other > memory.max_participants() ||
        !Recovery(memory, environment, id).ResolveIfDead(other)) {
      break;
    }
  }
  const char* what = publisher ? "publisher" : "subscriber";
  if (other == 0 || other > memory.max_participants()) {
    return absl::DataLossError(
        absl::StrCat("the only ", what, " is said to be participant ", other));
  }
  // relaxed: for reports only.
  return absl::FailedPreconditionError(absl::StrCat(
      "the queue was made for one ", what, " at a time, and participant ", other, " of process ",
      memory.participant(other).process_id.load(std::memory_order_relaxed), " is that"));
}

void ReturnId(const QueueMemory& memory, Environment& environment, uint32_t id) {
  Participant& record = memory.participant(id);
  GiveUpEnds(memory, id);
  ClearHolds(record);
  // relaxed: our own.
  uint64_t state = record.state.load(std::memory_order_relaxed);
  // Clean before the lease is dropped: else the id would look dead, and be cleaned, for a moment.
  // release: pairs with TryTake.
  record.state.store(NextState(state, ParticipantStatus::kClean), std::memory_order_release);
  INTERPROCESS_STEP("leave.clean");
  environment.DropAlive(id);
}

}  // namespace interprocess::native
