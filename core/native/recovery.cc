// SPDX-License-Identifier: MIT

#include "core/native/recovery.h"

#include <algorithm>
#include <atomic>

#include "core/base/step.h"
#include "core/native/holds.h"
#include "core/native/participants.h"
#include "core/native/returns.h"
#include "core/native/waiting.h"

namespace interprocess::native {
namespace {

// The longest time between two looks. A look costs at most a hundredth of all.
constexpr int64_t kLongestPauseNanos = 10'000 * kMillisecond;
constexpr int64_t kPauseFactor = 100;
// The same where a look has stopped before it was through.
constexpr int64_t kUnfinishedNanos = kMillisecond;
constexpr int64_t kUnfinishedFactor = 5;
// A look asks after so many that hold nothing. Their death disturbs nobody.
constexpr int kIdleAsked = 2;
// The positions of a dead one's window that one call resolves.
constexpr uint64_t kPositionsAtOnce = uint64_t{1} << 16;
// Up to so many positions the messages that were put back are counted one by one.
constexpr uint64_t kCountedWindow = 64;

}  // namespace

bool HelpEnd(const QueueMemory& memory, uint64_t position, uint64_t* end) {
  const Ring& ring = memory.ring();
  const uint64_t lap = ring.LapOf(position);
  Reservation& entry = memory.reservation(position);
  // acquire, here and below: what the publisher saw before it reserved is seen by us.
  const uint64_t word = entry.word.load(std::memory_order_acquire);
  if (!ring.IsReserved(word, lap)) return false;
  uint64_t found = entry.end.load(std::memory_order_acquire);
  INTERPROCESS_STEP("help.read_end");
  if (Ring::IsEndOf(found, lap)) {
    *end = Ring::EndOf(found);
    return true;
  }
  // The one that reserved `position` had seen this end; of a later lap it is after `position + 1`
  // was reserved, whose publisher has seen to the end of `position`.
  const uint64_t before = memory.reservation(position - 1).end.load(std::memory_order_acquire);
  INTERPROCESS_STEP("help.read_before");
  if (!Ring::IsEndOf(before, ring.LapOf(position - 1))) return false;
  const uint64_t right = Ring::EndOf(before) + ring.UnitsOf(word);
  // From the value read before: a helper that slept since then changes nothing. acq_rel: release,
  // as the store of an end.
  entry.end.compare_exchange_strong(found, Ring::EndWord(lap, right), std::memory_order_acq_rel,
                                    std::memory_order_relaxed);
  *end = Ring::EndOf(right);
  return true;
}

bool SkipVoid(const QueueMemory& memory, uint64_t position) {
  const uint64_t lap = memory.ring().LapOf(position);
  uint64_t free = Ring::FreeWord(lap);
  // acq_rel: as a release of a message.
  return memory.claim(position).word.compare_exchange_strong(
      free, Ring::DoneWord(lap), std::memory_order_acq_rel, std::memory_order_relaxed);
}

void GiveUpEnds(const QueueMemory& memory, uint32_t id) {
  for (auto* end : {&memory.header().one_publisher, &memory.header().one_subscriber}) {
    uint32_t seen = id;
    // acq_rel: the one that takes the end next is after what was done with it.
    end->compare_exchange_strong(seen, 0, std::memory_order_acq_rel, std::memory_order_relaxed);
  }
}

bool Recovery::ResolveIfDead(uint32_t owner, uint64_t position) {
  if (owner == id_ || owner == 0 || owner > memory_.max_participants()) return false;
  if (!environment_.ProveDead(owner)) return false;
  ResolvePosition(owner, position, false);
  environment_.DropProof(owner);
  return true;
}

void Recovery::ResolvePosition(uint32_t id, uint64_t position, bool count_returned) {
  ResolveReservation(id, position);
  ResolveClaim(id, position, count_returned);
}

void Recovery::ResolveReservation(uint32_t id, uint64_t position) {
  const Ring& ring = memory_.ring();
  const uint64_t lap = ring.LapOf(position);
  // acquire: pairs with the reservation. Before the slot's word: that stays until the reservation
  // is committed or void, so what is read next belongs to it.
  const uint64_t reserved = memory_.reservation(position).word.load(std::memory_order_acquire);
  if (!ring.IsReserved(reserved, lap) || ring.ReserverOf(reserved) != id) return;
  std::atomic<uint64_t>& slot = memory_.slot(position).word;
  uint64_t seen = slot.load(std::memory_order_acquire);
  if (!Ring::IsCommitted(seen, lap)) {
    // The dead one may not have stored its end.
    uint64_t end;
    HelpEnd(memory_, position, &end);
    INTERPROCESS_STEP("resolve.helped");
    // acq_rel: release, one that sees it void sees the end; acquire, the publisher that takes the
    // slot next is after the dead one's stores. A slot's word is never again what it was, so one
    // that slept since the load changes nothing.
    if (!slot.compare_exchange_strong(seen, Ring::VoidWord(lap), std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
      return;
    }
    INTERPROCESS_STEP("resolve.voided");
  } else if (seen != Ring::VoidWord(lap)) {
    return;
  }
  // Also where it died, or another resolver stopped, between the two steps.
  if (!SkipVoid(memory_, position)) return;
  INTERPROCESS_STEP("resolve.freed");
  WakeSome(memory_.header().front, environment_);
  WakeSome(memory_.header().space, environment_);
  // Subscribers that passed it by, or stand before it, go on too.
  WakeSome(memory_.header().data, environment_);
}

void Recovery::ResolveClaim(uint32_t id, uint64_t position, bool count_returned) {
  const uint64_t lap = memory_.ring().LapOf(position);
  std::atomic<uint64_t>& claim = memory_.claim(position).word;
  // acquire: pairs with what the dead one did last.
  uint64_t seen = claim.load(std::memory_order_acquire);
  if (seen == Ring::ReturnedWord(lap) && count_returned) {
    // It may have died between putting back and counting.
    CountReturned(memory_, position);
    WakeSome(memory_.header().data, environment_);
    return;
  }
  if (seen != Ring::ClaimedWord(id, lap)) return;
  // Taken over, marked, and put back for anybody. relaxed: the exchange publishes it.
  Participant& own = memory_.participant(id_);
  own.resolving.store(position + 1, std::memory_order_relaxed);
  INTERPROCESS_STEP("resolve.announced");
  // acq_rel: acquire, what the dead one wrote in the slot (its marks) is seen before it is changed;
  // release, as any claim.
  if (claim.compare_exchange_strong(seen, Ring::ClaimedWord(id_, lap), std::memory_order_acq_rel,
                                    std::memory_order_relaxed)) {
    INTERPROCESS_STEP("resolve.took_over");
    std::atomic<uint64_t>& about = memory_.slot(position).about;
    // relaxed, both: the slot is ours.
    const uint64_t marked =
        about.load(std::memory_order_relaxed) + Slot::About(0, 1u << kMetaDeliveriesShift);
    about.store(marked | Slot::About(0, kMetaRedelivered), std::memory_order_relaxed);
    INTERPROCESS_STEP("resolve.marked");
    // release: the marks come before.
    claim.store(Ring::ReturnedWord(lap), std::memory_order_release);
    INTERPROCESS_STEP("resolve.put_back");
    CountReturned(memory_, position);
    WakeSome(memory_.header().data, environment_);
  }
  // release: after it was let go, and counted.
  own.resolving.store(0, std::memory_order_release);
}

// False if there is more to do.
bool Recovery::ResolveHolds(uint32_t id, bool to_the_end) {
  Participant& record = memory_.participant(id);
  // acquire, all: pairs with what it did last.
  const uint64_t resolving = record.resolving.load(std::memory_order_acquire);
  const uint64_t current = record.current.load(std::memory_order_acquire);
  uint64_t low = record.low.load(std::memory_order_acquire);
  const uint64_t high = record.high.load(std::memory_order_acquire);
  // First: one that resolves its own id says there what it works on.
  if (resolving != 0) ResolvePosition(id, resolving - 1, true);
  if (current != 0) ResolvePosition(id, current - 1, true);
  if (low >= high) return true;
  // No sound window is wider than the ring.
  uint64_t position = std::max(low, high - std::min(high, memory_.ring().slots()));
  const bool few = high - position <= kCountedWindow;
  const uint64_t stop = to_the_end ? high : std::min(high, position + kPositionsAtOnce);
  for (; position < stop; ++position) ResolvePosition(id, position, few);
  if (!few) {
    // What was put back in there and not counted: everybody looks. release: after that.
    memory_.header().returns.fetch_add(1, std::memory_order_release);
    WakeSome(memory_.header().data, environment_);
  }
  if (stop == high) return true;
  // The next call goes on from here; several with proof may be at it. relaxed: it only saves work.
  record.low.compare_exchange_strong(low, stop, std::memory_order_relaxed);
  return false;
}

void Recovery::MakeClean(uint32_t id, uint64_t state) {
  GiveUpEnds(memory_, id);
  Participant& record = memory_.participant(id);
  ClearHolds(record);
  INTERPROCESS_STEP("resolve.unnamed");
  // release: the next holder of the id sees the words without it. If another resolver was first, it
  // is clean already.
  record.state.compare_exchange_strong(state, NextState(state, ParticipantStatus::kClean),
                                       std::memory_order_acq_rel, std::memory_order_relaxed);
  INTERPROCESS_STEP("resolve.clean");
}

void Recovery::ResolveOwnId() {
  ResolveHolds(id_, true);
  GiveUpEnds(memory_, id_);
  ClearHolds(memory_.participant(id_));
}

Recovery::Progress Recovery::ResolveParticipant(uint32_t id, bool to_the_end) {
  // Held until the id is clean: no newcomer takes it while this, or anybody, has read its name in a
  // word and not yet acted on it.
  if (!environment_.ProveDead(id)) return Progress::kAlive;
  INTERPROCESS_STEP("resolve.proved");
  // acquire: if another has made it clean, what that one did comes before.
  const uint64_t state = memory_.participant(id).state.load(std::memory_order_acquire);
  bool finished = true;
  if (StatusOf(state) == ParticipantStatus::kInUse) {
    finished = ResolveHolds(id, to_the_end);
    if (finished) MakeClean(id, state);
  }
  environment_.DropProof(id);
  return finished ? Progress::kResolved : Progress::kUnfinished;
}

bool Recovery::ResolveIfDead(uint32_t id) {
  if (id == 0 || id > memory_.max_participants()) return true;
  return ResolveParticipant(id, true) == Progress::kResolved;
}

int Recovery::LookForDead(int64_t budget_ns, bool force) {
  Header& header = memory_.header();
  const int64_t began = environment_.NowNanos();
  if (!force) {
    // A limit of rate, not a role: one that stops in here keeps nobody from looking. relaxed: the
    // times order nothing. A time from the future (another clock) counts as long ago.
    int64_t last = header.last_look.load(std::memory_order_relaxed);
    const int64_t pause =
        std::min(header.look_pause.load(std::memory_order_relaxed), kLongestPauseNanos);
    if (began >= last && began - last < std::max(pause, kUnfinishedNanos)) return 0;
    if (!header.last_look.compare_exchange_strong(last, began, std::memory_order_relaxed)) return 0;
    // Until we have come to the end, should we die before.
    header.look_pause.store(kLookNanos, std::memory_order_relaxed);
  }
  const uint32_t ids = memory_.ids_used();
  if (ids == 0) return 0;
  const uint32_t first = header.look_cursor.load(std::memory_order_relaxed) % ids;
  uint32_t next = first;
  int resolved = 0;
  int idle = 0;
  bool through = true;
  for (uint32_t i = 0; i < ids; ++i) {
    const uint32_t id = (first + i) % ids + 1;
    const Participant& record = memory_.participant(id);
    const bool holds = HoldsAnything(record);
    if (id == id_ || (!holds && !force && idle >= kIdleAsked)) continue;
    // acquire: as in ResolveParticipant, which looks again.
    if (StatusOf(record.state.load(std::memory_order_acquire)) != ParticipantStatus::kInUse) {
      continue;
    }
    if (!holds && ++idle == kIdleAsked) next = id % ids;
    if (!environment_.IsAlive(id)) {
      const Progress progress = ResolveParticipant(id, force);
      resolved += progress == Progress::kResolved;
      if (progress == Progress::kUnfinished) {
        through = false;
        next = id - 1;
        break;
      }
    }
    if (!force && environment_.NowNanos() - began > budget_ns) {
      through = i + 1 == ids;
      next = id % ids;
      break;
    }
  }
  header.look_cursor.store(next, std::memory_order_relaxed);
  if (!force) {
    const int64_t took = environment_.NowNanos() - began;
    header.look_pause.store(through ? std::max(kLookNanos, kPauseFactor * took)
                                    : std::max(kUnfinishedNanos, kUnfinishedFactor * took),
                            std::memory_order_relaxed);
  }
  return resolved;
}

}  // namespace interprocess::native
