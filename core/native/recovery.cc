#include "core/native/recovery.h"

#include <atomic>

#include "core/base/step.h"
#include "core/native/clearing.h"
#include "core/native/waiting.h"

namespace interprocess::native {
namespace {

// Once so many slots were scanned, a look leaves the dead that it has not come to to the next one:
// what was resolved is of use now, and a table that is marked in use from end to end, in a large
// queue, would keep a call for minutes.
constexpr uint64_t kSlotsPerLook = uint64_t{1} << 26;

// Makes end(position) right, where `reserved` is the word of `position`, RESERVED of its lap;
// returns it. Whoever reserved knows end(position - 1) and stores end(position) next, but may be
// stopped or dead before. Order is everything here: `end` first, then the end before it, then the
// word behind.
uint64_t HelpEnd(const QueueMemory& memory, uint64_t position, uint64_t reserved) {
  const Ring& ring = memory.ring();
  Slot& slot = memory.slot(position);
  // acquire: the loads below come after it.
  uint64_t found = slot.end.load(std::memory_order_acquire);
  INTERPROCESS_STEP("help.read_end");
  // acquire: if this is the value of a later lap, the reservation it belongs to, which came after
  // one of position + 1, is seen by the next load.
  uint64_t before =
      position == 0 ? 0 : memory.slot(position - 1).end.load(std::memory_order_acquire);
  INTERPROCESS_STEP("help.read_before");
  uint64_t next = memory.slot(position + 1).word.load(std::memory_order_acquire);
  // Once the next position is reserved, its publisher has seen to this end, and the end before may
  // be a later lap's: nothing to do, and nothing to compute with.
  if (ring.IsTaken(next, ring.LapOf(position + 1))) return found;
  INTERPROCESS_STEP("help.read_next");
  uint64_t right = before + ring.UnitsOf(reserved);
  // A CAS from the value read first: a helper that slept since then changes nothing. acq_rel:
  // release, as the store of an `end`; acquire, for the value of another that was quicker.
  if (found != right) {
    slot.end.compare_exchange_strong(found, right, std::memory_order_acq_rel,
                                     std::memory_order_relaxed);
  }
  return right;
}

}  // namespace

uint64_t ReadEndBefore(const QueueMemory& memory, uint64_t next) {
  if (next == 0) return 0;
  const uint64_t position = next - 1;
  Slot& slot = memory.slot(position);
  // The word before the end: when the word has left RESERVED, `end` was stored before (acquire).
  uint64_t word = slot.word.load(std::memory_order_acquire);
  uint64_t end = slot.end.load(std::memory_order_acquire);
  if (Ring::StateOf(word) == SlotState::kReserved &&
      memory.ring().Compare(word, memory.ring().LapOf(position)) == Lap::kSame) {
    return HelpEnd(memory, position, word);
  }
  return end;
}

bool Recovery::ResolveIfDead(uint64_t position, uint64_t word) {
  if (!Ring::IsOwned(word)) return true;
  const uint32_t owner = Ring::OwnerOf(word);
  if (owner == id_ || owner == 0 || owner > memory_.max_participants()) return false;
  if (!environment_.ProveDead(owner)) return false;
  ResolveSlot(position, word);
  environment_.DropProof(owner);
  return true;
}

void Recovery::ResolveSlot(uint64_t position, uint64_t word) {
  // The word of another lap than the position's would be taken for what it is not.
  if (memory_.ring().Compare(word, memory_.ring().LapOf(position)) != Lap::kSame) return;
  if (Ring::StateOf(word) == SlotState::kReserved) {
    ResolveReservation(position, word);
  } else {
    ResolveClaim(position, word);
  }
}

void Recovery::ResolveReservation(uint64_t position, uint64_t word) {
  const Ring& ring = memory_.ring();
  Slot& slot = memory_.slot(position);
  const uint64_t lap = ring.LapOf(position);
  // The dead one may not have stored its end.
  HelpEnd(memory_, position, word);
  INTERPROCESS_STEP("resolve.helped");
  if (memory_.clear_on_release()) {
    // Made our own first: another may have proof of the death as well, and sleep before its stores
    // until the room is somebody else's. With its units, for those who help `end`. acq_rel: as
    // below.
    const uint64_t own = ring.ReservedWord(id_, ring.UnitsOf(word), lap);
    if (!slot.word.compare_exchange_strong(word, own, std::memory_order_acq_rel,
                                           std::memory_order_relaxed)) {
      return;
    }
    INTERPROCESS_STEP("resolve.took_reservation");
    word = own;
    ClearReserved(memory_, position, word, 0);
  }
  // acq_rel: release, the freed slot shows the end, and zeros; acquire, the publisher that takes it
  // is after the dead one's stores.
  if (!slot.word.compare_exchange_strong(word, Ring::FreeWord(lap + 1), std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {
    return;
  }
  INTERPROCESS_STEP("resolve.freed");
  Notify(memory_.header().space, environment_);
  // Subscribers that passed it by, or stand before it, go on too.
  Notify(memory_.header().data, environment_);
}

void Recovery::ResolveClaim(uint64_t position, uint64_t word) {
  Slot& slot = memory_.slot(position);
  const uint64_t lap = memory_.ring().LapOf(position);
  // Taken over, marked, and put back for anybody. acq_rel: acquire, what the dead one wrote in the
  // slot (its marks) is seen before it is changed; release, as any claim.
  if (!slot.word.compare_exchange_strong(word, Ring::ClaimedWord(id_, lap),
                                         std::memory_order_acq_rel, std::memory_order_relaxed)) {
    return;
  }
  INTERPROCESS_STEP("resolve.took_over");
  // relaxed, both: the slot is ours.
  const uint32_t meta = slot.meta.load(std::memory_order_relaxed);
  if ((meta & kMetaTaken) != 0) {
    // It was delivered, and some of it may be zeroed.
    ClearMessage(memory_, position);
    // release: the zeros come before.
    slot.word.store(Ring::FreeWord(lap + 1), std::memory_order_release);
    INTERPROCESS_STEP("resolve.finished");
    Notify(memory_.header().space, environment_);
    return;
  }
  slot.meta.store((meta + (1u << kMetaDeliveriesShift)) | kMetaRedelivered,
                  std::memory_order_relaxed);
  INTERPROCESS_STEP("resolve.marked");
  // release, both: the message is there before `returns` says so.
  slot.word.store(Ring::ReadyWord(lap), std::memory_order_release);
  INTERPROCESS_STEP("resolve.put_back");
  memory_.header().returns.fetch_add(1, std::memory_order_release);
  INTERPROCESS_STEP("resolve.counted");
  Notify(memory_.header().data, environment_);
}

void Recovery::ResolveSlotsOf(uint32_t id, uint64_t nearby) {
  const Ring& ring = memory_.ring();
  const uint64_t lap = ring.LapOf(nearby);
  for (uint64_t index = 0; index < ring.slots(); ++index) {
    // acquire: pairs with the store that named the dead one; its `end` and its marks are read next.
    uint64_t word = memory_.slot(index).word.load(std::memory_order_acquire);
    if (!Ring::IsOwned(word) || Ring::OwnerOf(word) != id) continue;
    ResolveSlot(ring.PositionOf(ring.LapFrom(word, lap), index), word);
  }
  INTERPROCESS_STEP("resolve.scanned");
  // It may have died between putting a message back and counting it. release: after what was put
  // back.
  memory_.header().returns.fetch_add(1, std::memory_order_release);
  Notify(memory_.header().data, environment_);
  Notify(memory_.header().space, environment_);
}

bool Recovery::ResolveParticipant(uint32_t id, uint64_t nearby) {
  // Held until the id is clean: no newcomer takes it while this scan, or anybody's, has read its
  // name in a word and not yet acted on it.
  if (!environment_.ProveDead(id)) return false;
  INTERPROCESS_STEP("resolve.proved");
  Participant& record = memory_.participant(id);
  // acquire: if another has made it clean, what that one did comes before.
  uint64_t state = record.state.load(std::memory_order_acquire);
  const bool in_use = StatusOf(state) == ParticipantStatus::kInUse;
  if (in_use) {
    ResolveSlotsOf(id, nearby);
    INTERPROCESS_STEP("resolve.unnamed");
    // release: the next holder of the id sees the slots without it. If another resolver was first,
    // it is clean already.
    record.state.compare_exchange_strong(state, NextState(state, ParticipantStatus::kClean),
                                         std::memory_order_acq_rel, std::memory_order_relaxed);
  }
  INTERPROCESS_STEP("resolve.clean");
  environment_.DropProof(id);
  return in_use;
}

int Recovery::LookForDead(uint64_t nearby, bool force) {
  // A limit of rate, not a role: whoever stops in here keeps nobody from looking. relaxed: the time
  // orders nothing. A time from the future (another clock) counts as long ago.
  const int64_t now = environment_.NowNanos();
  int64_t last = memory_.header().last_look.load(std::memory_order_relaxed);
  if (!force) {
    if (now >= last && now - last < kLookNanos) return 0;
    if (!memory_.header().last_look.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
      return 0;
    }
  }
  int resolved = 0;
  const uint32_t ids = memory_.ids_used();
  uint64_t scanned = 0;
  for (uint32_t id = 1; id <= ids && (force || scanned < kSlotsPerLook); ++id) {
    if (id == id_) continue;
    // acquire: as in ResolveParticipant, which looks again.
    uint64_t state = memory_.participant(id).state.load(std::memory_order_acquire);
    if (StatusOf(state) != ParticipantStatus::kInUse || environment_.IsAlive(id)) continue;
    if (!ResolveParticipant(id, nearby)) continue;
    ++resolved;
    scanned += memory_.ring().slots();
  }
  return resolved;
}

}  // namespace interprocess::native
