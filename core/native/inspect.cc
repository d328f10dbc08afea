// SPDX-License-Identifier: MIT

#include "core/native/inspect.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/native/holds.h"
#include "core/native/participants.h"

namespace interprocess::native {
namespace {

// acquire, for every word here: what is read of a position comes after its words.
uint64_t ReservedAt(const QueueMemory& memory, uint64_t position) {
  return memory.reservation(position).word.load(std::memory_order_acquire);
}
uint64_t EndAt(const QueueMemory& memory, uint64_t position) {
  return memory.reservation(position).end.load(std::memory_order_acquire);
}
uint64_t SlotAt(const QueueMemory& memory, uint64_t position) {
  return memory.slot(position).word.load(std::memory_order_acquire);
}
uint64_t ClaimAt(const QueueMemory& memory, uint64_t position) {
  return memory.claim(position).word.load(std::memory_order_acquire);
}

bool IsTaken(const QueueMemory& memory, uint64_t position) {
  return memory.ring().IsTaken(ReservedAt(memory, position), memory.ring().LapOf(position));
}

// The first position that is not reserved, from the hint on.
uint64_t FindTail(const QueueMemory& memory) {
  const Ring& ring = memory.ring();
  uint64_t tail = memory.header().tail.load(std::memory_order_acquire);
  // Beyond what was reserved nothing is to be found, nor in a sparse file to be touched.
  if (tail > 0 && !IsTaken(memory, tail - 1)) tail = 0;
  for (uint64_t i = 0; i <= 2 * ring.slots(); ++i) {
    const uint64_t word = ReservedAt(memory, tail);
    const uint64_t lap = ring.LapOf(tail);
    if (!ring.IsTaken(word, lap)) break;
    tail = ring.PositionOf(ring.ReservedLapFrom(word, lap), ring.IndexOf(tail)) + 1;
  }
  return tail;
}

// The first position that may not be done, of those whose words are still there.
uint64_t FindFirst(const QueueMemory& memory, uint64_t tail) {
  const uint64_t first = tail - std::min(tail, memory.ring().slots());
  const uint64_t released = memory.header().released.load(std::memory_order_acquire);
  return released > first && released <= tail ? released : first;
}

const char* RoleName(uint32_t role) {
  switch (static_cast<Role>(role)) {
    case Role::kPublisher:
      return "publisher";
    case Role::kSubscriber:
      return "subscriber";
    case Role::kInspector:
      return "inspector";
    default:
      return "unknown";
  }
}

const char* WaitsForName(uint32_t waits_for) {
  switch (static_cast<WaitsFor>(waits_for)) {
    case WaitsFor::kData:
      return "data";
    case WaitsFor::kSpace:
      return "space";
    default:
      return "";
  }
}

class Checker {
 public:
  Checker(const QueueMemory& memory, IsAliveFunction is_alive)
      : memory_(memory), ring_(memory.ring()), is_alive_(is_alive) {}

  std::vector<Finding> Run() {
    CheckHeader();
    CheckParticipants();
    CheckSlots();
    return std::move(findings_);
  }

 private:
  template <typename... Parts>
  void Damaged(const Parts&... parts) {
    findings_.push_back({Finding::Severity::kDamaged, absl::StrCat(parts...)});
  }
  template <typename... Parts>
  void Note(const Parts&... parts) {
    findings_.push_back({Finding::Severity::kNote, absl::StrCat(parts...)});
  }

  void CheckHeader() {
    const Header& header = memory_.header();
    if ((header.life.load(std::memory_order_acquire) & kLifeStateMask) == kLifeStateMask) {
      Damaged("the life word in the header has no valid state");
    }
    tail_ = FindTail(memory_);
    CheckNext();
    const uint64_t hint = header.tail.load(std::memory_order_relaxed);
    if (hint > tail_) Damaged("the tail hint ", hint, " lies beyond the last reserved position");
    const uint64_t head = header.head.load(std::memory_order_relaxed);
    if (head > tail_) Damaged("the head hint ", head, " lies beyond the tail ", tail_);
    const uint64_t released = header.released.load(std::memory_order_relaxed);
    if (released > tail_) Damaged("the released hint ", released, " lies beyond the tail ", tail_);
    for (const auto* end : {&header.one_publisher, &header.one_subscriber}) {
      const uint32_t id = end->load(std::memory_order_relaxed);
      if (id > memory_.max_participants()) {
        Damaged("an end of the queue is said to be participant ", id, "'s, of ",
                memory_.max_participants());
      }
    }
  }

  // The position that is reserved next: of the others that are not, in a new file, nothing is read.
  void CheckNext() {
    const uint64_t lap = ring_.LapOf(tail_);
    const uint64_t reserved = ReservedAt(memory_, tail_);
    const bool clear =
        lap != 0 || (reserved | ClaimAt(memory_, tail_) | SlotAt(memory_, tail_)) == 0;
    if (ring_.IsNext(reserved, lap) && clear) return;
    Damaged("position ", tail_, " is the next, and its words ", absl::Hex(reserved), ", ",
            absl::Hex(SlotAt(memory_, tail_)), ", ", absl::Hex(ClaimAt(memory_, tail_)),
            " are not those of lap ", lap);
  }

  void CheckParticipants() {
    uint32_t used = memory_.header().ids_used.load(std::memory_order_relaxed);
    if (used > memory_.max_participants()) {
      Damaged("the header says that ", used, " ids were taken, of ", memory_.max_participants());
    }
    for (uint32_t id = 1; id <= memory_.max_participants() && findings_.size() < kMaxFindings;
         ++id) {
      const Participant& record = memory_.participant(id);
      uint64_t state = record.state.load(std::memory_order_acquire);
      ParticipantStatus status = StatusOf(state);
      if (status != ParticipantStatus::kClean && status != ParticipantStatus::kInUse) {
        Damaged("participant ", id, " has the status ", static_cast<int>(status));
      } else if (status == ParticipantStatus::kInUse && id > memory_.ids_used()) {
        Damaged("participant ", id, " is in use beyond the highest id that was taken");
      } else if (status == ParticipantStatus::kInUse && !is_alive_(id)) {
        Note("participant ", id, ", a ", RoleName(record.role.load(std::memory_order_relaxed)),
             " of process ", record.process_id.load(std::memory_order_relaxed),
             ", is dead and not yet resolved");
      }
    }
  }

  void CheckSlots() {
    const uint64_t slots = ring_.slots();
    // What was never reserved is not read: in a sparse file that would fill it.
    const uint64_t oldest = tail_ - std::min(tail_, slots);
    uint64_t first = tail_;
    for (uint64_t position = oldest; position < tail_ && findings_.size() < kMaxFindings;
         ++position) {
      CheckPosition(position);
      if (first == tail_ && !Ring::IsDone(ClaimAt(memory_, position), ring_.LapOf(position))) {
        first = position;
      }
    }
    // The payload that is not free is what lies between two ends.
    if (first == tail_ || !HasEnd(tail_ - 1) || !HasEnd(first - 1)) return;
    const uint64_t taken = Ring::Distance(EndOf(first - 1), EndOf(tail_ - 1));
    if (taken >= 2 * memory_.payload_units()) {
      Damaged("the messages from position ", first, " to ", tail_, " take ", taken,
              " units of payload, of ", memory_.payload_units());
    }
  }

  // Before the first position stands the zero of a new file.
  bool HasEnd(uint64_t position) const {
    return Ring::IsEndOf(EndAt(memory_, position), ring_.LapOf(position));
  }
  uint64_t EndOf(uint64_t position) const { return Ring::EndOf(EndAt(memory_, position)); }

  void CheckPosition(uint64_t position) {
    const uint64_t lap = ring_.LapOf(position);
    const uint64_t reserved = ReservedAt(memory_, position);
    const uint64_t claim = ClaimAt(memory_, position);
    const uint64_t slot = SlotAt(memory_, position);
    if (!ring_.IsReserved(reserved, lap)) {
      Damaged("position ", position, ": the reservation word ", absl::Hex(reserved),
              " is not of lap ", lap);
      return;
    }
    const bool committed = Ring::IsCommittedAt(slot, lap);
    if (!committed ? !(lap == 0 ? slot == 0 : Ring::IsCommittedAt(slot, lap - 1))
                   : slot != Ring::ReadyWord(lap) && slot != Ring::VoidWord(lap)) {
      Damaged("position ", position, ": the slot word ", absl::Hex(slot), " is not of lap ", lap);
      return;
    }
    const bool done = claim == Ring::DoneWord(lap);
    if (!done &&
        (!Ring::IsClaimOf(claim, lap) || Ring::ClaimStateOf(claim) == ClaimState::kUnknown)) {
      Damaged("position ", position, ": the claim word ", absl::Hex(claim), " is not of lap ", lap);
      return;
    }
    if (!committed) {
      if (claim != Ring::FreeWord(lap)) {
        Damaged("position ", position, " is not committed, and claimed: ", absl::Hex(claim));
      }
      CheckOwner(position, ring_.ReserverOf(reserved), "reserved");
      return;
    }
    if (!HasEnd(position)) {
      Damaged("position ", position, " is committed, and its payload's end is not of lap ", lap);
      return;
    }
    if (Ring::ClaimStateOf(claim) == ClaimState::kClaimed) {
      CheckOwner(position, Ring::ClaimerOf(claim), "claimed");
    }
    if (!done && slot == Ring::ReadyWord(lap)) CheckMessage(position);
  }

  void CheckOwner(uint64_t position, uint32_t owner, const char* what) {
    if (owner == 0 || owner > memory_.max_participants()) {
      Damaged("position ", position, " is ", what, " by participant ", owner, " of ",
              memory_.max_participants());
      return;
    }
    const Participant& record = memory_.participant(owner);
    if (StatusOf(record.state.load(std::memory_order_acquire)) != ParticipantStatus::kInUse) {
      Damaged("position ", position, " is ", what, " by participant ", owner, ", which nobody is");
    } else if (!MayHold(record, position) &&
               record.resolving.load(std::memory_order_acquire) != position + 1) {
      Damaged("position ", position, " is ", what, " by participant ", owner,
              ", which says that it holds no such");
    }
  }

  void CheckMessage(uint64_t position) {
    const Slot& slot = memory_.slot(position);
    const uint64_t about = slot.about.load(std::memory_order_relaxed);
    const uint64_t length = Slot::LengthOf(about);
    // The end before is still there unless that entry is of a later lap, a ring ahead of this one.
    const bool has_before = HasEnd(position - 1);
    const uint64_t before = EndOf(position - 1);
    const uint64_t taken = Ring::Distance(before, EndOf(position));
    if (has_before && taken >= 2 * memory_.payload_units()) {
      Damaged("position ", position, ": the payload of the position before ends at ", before,
              ", this one's at ", EndOf(position));
      return;
    }
    if ((Slot::MetaOf(about) & kMetaExternal) == 0) {
      if (length > kInlineBytes) {
        Damaged("position ", position, ": ", length, " bytes inside the slot");
      }
      return;
    }
    const uint64_t start = slot.start.load(std::memory_order_relaxed);
    if (start % kUnit != 0 || start > memory_.payload_bytes() ||
        length > memory_.payload_bytes() - start) {
      Damaged("position ", position, ": ", length, " bytes at ", start,
              " do not lie in the payload ring of ", memory_.payload_bytes());
      return;
    }
    if (!has_before) return;
    const uint64_t at = ring_.IndexOf(before);
    const uint64_t skipped = start / kUnit == at ? 0 : memory_.payload_units() - at;
    if ((start != 0 && skipped != 0) || skipped + (length + kUnit - 1) / kUnit > taken) {
      Damaged("position ", position, ": ", length, " bytes at ", start, " do not lie in the ",
              taken, " units from ", before, " on that were reserved for it");
    }
  }

  // Enough to see what happened; a random image would fill pages.
  static constexpr size_t kMaxFindings = 100;

  const QueueMemory& memory_;
  const Ring& ring_;
  IsAliveFunction is_alive_;
  uint64_t tail_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

QueueReport ReportOn(const QueueMemory& memory, IsAliveFunction is_alive) {
  QueueReport report;
  report.capacity = static_cast<int64_t>(memory.payload_bytes());
  report.file_size = static_cast<int64_t>(memory.geometry().file_size());
  report.format_version = static_cast<int>(kFormatVersion);
  report.max_participants = static_cast<int>(memory.max_participants());
  report.one_publisher = memory.one_publisher();
  report.one_subscriber = memory.one_subscriber();
  report.slots = memory.ring().slots();
  report.tail = FindTail(memory);
  report.returned = memory.header().returns.load(std::memory_order_relaxed);
  std::vector<uint64_t> holds(memory.max_participants() + 1);
  const auto add_held = [&](uint32_t owner) {
    if (owner <= memory.max_participants()) ++holds[owner];
  };
  const Ring& ring = memory.ring();
  for (uint64_t position = FindFirst(memory, report.tail); position < report.tail; ++position) {
    const uint64_t lap = ring.LapOf(position);
    // In this order: a position that others work on is not counted twice.
    const uint64_t claim = ClaimAt(memory, position);
    if (Ring::IsDone(claim, lap)) continue;
    if (Ring::IsClaimOf(claim, lap) && Ring::ClaimStateOf(claim) == ClaimState::kClaimed) {
      ++report.claimed;
      add_held(Ring::ClaimerOf(claim));
      continue;
    }
    const uint64_t reserved = ReservedAt(memory, position);
    const uint64_t slot = SlotAt(memory, position);
    if (slot == Ring::ReadyWord(lap)) {
      ++report.ready;
      report.ready_bytes +=
          Slot::LengthOf(memory.slot(position).about.load(std::memory_order_relaxed));
    } else if (!Ring::IsCommitted(slot, lap) && ring.IsReserved(reserved, lap)) {
      ++report.reserved;
      add_held(ring.ReserverOf(reserved));
    }
  }
  for (uint32_t id = 1; id <= memory.ids_used(); ++id) {
    const Participant& record = memory.participant(id);
    if (StatusOf(record.state.load(std::memory_order_acquire)) != ParticipantStatus::kInUse) {
      continue;
    }
    ParticipantReport& entry = report.participants.emplace_back();
    entry.id = static_cast<int>(id);
    entry.alive = is_alive(id);
    // relaxed: for a report only.
    entry.role = RoleName(record.role.load(std::memory_order_relaxed));
    entry.process_id = record.process_id.load(std::memory_order_relaxed);
    entry.process_start_ns = record.process_start_ns.load(std::memory_order_relaxed);
    entry.waits_for = WaitsForName(record.waits_for.load(std::memory_order_relaxed));
    entry.messages = record.messages.load(std::memory_order_relaxed);
    entry.bytes = record.bytes.load(std::memory_order_relaxed);
    entry.full_or_empty = record.full_or_empty.load(std::memory_order_relaxed);
    entry.sleeps = record.sleeps.load(std::memory_order_relaxed);
    entry.holds = holds[id];
  }
  return report;
}

std::vector<std::string> Peek(const QueueMemory& memory, size_t max) {
  const Ring& ring = memory.ring();
  std::vector<std::string> messages;
  const uint64_t tail = FindTail(memory);
  // Each slot of a damaged queue may say that its message is all the payload: no more is copied
  // than a sound one can hold.
  uint64_t room = 2 * (memory.payload_bytes() + ring.slots() * kInlineBytes);
  for (uint64_t position = FindFirst(memory, tail); position < tail && messages.size() < max;
       ++position) {
    const Slot& slot = memory.slot(position);
    const uint64_t lap = ring.LapOf(position);
    const auto waits = [&] {
      const uint64_t claim = ClaimAt(memory, position);
      return claim == Ring::FreeWord(lap) || claim == Ring::ReturnedWord(lap);
    };
    if (!waits() || SlotAt(memory, position) != Ring::ReadyWord(lap)) continue;
    const uint64_t about = slot.about.load(std::memory_order_relaxed);
    const uint32_t length = Slot::LengthOf(about);
    const bool external = (Slot::MetaOf(about) & kMetaExternal) != 0;
    const uint8_t* bytes = external
                               ? memory.payload(slot.start.load(std::memory_order_relaxed), length)
                               : (length <= kInlineBytes ? slot.bytes : nullptr);
    if (bytes == nullptr) continue;
    if (length > room) break;
    room -= length;
    std::string text(reinterpret_cast<const char*>(bytes), length);
    // acquire fence: the copy comes before. Taken meanwhile?
    std::atomic_thread_fence(std::memory_order_acquire);
    if (waits()) messages.push_back(std::move(text));
  }
  return messages;
}

std::vector<Finding> CheckOnce(const QueueMemory& memory, IsAliveFunction is_alive) {
  return Checker(memory, is_alive).Run();
}

}  // namespace interprocess::native
