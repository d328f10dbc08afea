#include "core/native/inspect.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace interprocess::native {
namespace {

// acquire, for every word and end here: what is read of a slot comes after its word.
uint64_t WordAt(const QueueMemory& memory, uint64_t position) {
  return memory.slot(position).word.load(std::memory_order_acquire);
}
uint64_t EndAt(const QueueMemory& memory, uint64_t position) {
  return memory.slot(position).end.load(std::memory_order_acquire);
}

// The first position that is not reserved, from the hint on.
uint64_t FindTail(const QueueMemory& memory) {
  const Ring& ring = memory.ring();
  uint64_t tail = memory.header().tail.load(std::memory_order_relaxed);
  for (uint64_t i = 0; i <= 2 * ring.slots(); ++i) {
    uint64_t word = WordAt(memory, tail);
    if (!ring.IsTaken(word, ring.LapOf(tail))) break;
    uint64_t reached =
        ring.PositionOf(ring.LapFrom(word, ring.LapOf(tail)), ring.IndexOf(tail)) + 1;
    if (Ring::StateOf(word) == SlotState::kFree) reached -= ring.slots();
    tail = std::max(tail + 1, reached);
  }
  return tail;
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
    uint64_t hint = header.tail.load(std::memory_order_relaxed);
    if (hint > 0 && !ring_.IsTaken(WordAt(memory_, hint - 1), ring_.LapOf(hint - 1))) {
      Damaged("the tail hint ", hint, " lies beyond the last reserved position");
    }
    uint64_t head = header.head.load(std::memory_order_relaxed);
    if (head > tail_) Damaged("the head hint ", head, " lies beyond the tail ", tail_);
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
    for (uint64_t index = 0; index < slots && findings_.size() < kMaxFindings; ++index) {
      uint64_t word = WordAt(memory_, index);
      if (index >= tail_) {
        if (word != 0) Damaged("slot ", index, " was never reserved, and its word is not 0");
        continue;
      }
      // The last position of this slot that was reserved.
      uint64_t position = ring_.PositionOf(ring_.LapOf(tail_ - 1), index);
      if (position >= tail_) position -= slots;
      CheckSlot(position, word);
    }
    // The payload that is not free is what lies between two ends.
    uint64_t first = tail_ > slots ? tail_ - slots : 0;
    while (first < tail_ && WordAt(memory_, first) == Ring::FreeWord(ring_.LapOf(first) + 1)) {
      ++first;
    }
    if (first < tail_ && tail_ - first < slots) {
      uint64_t last_end = ReadableEnd(tail_ - 1) ? EndAt(memory_, tail_ - 1) : 0;
      uint64_t begin = first == 0 ? 0 : EndAt(memory_, first - 1);
      if (last_end != 0 && last_end - begin >= 2 * memory_.payload_units()) {
        Damaged("the messages from position ", first, " to ", tail_, " take ", last_end - begin,
                " units of payload, of ", memory_.payload_units());
      }
    }
  }

  // `end` is stored after the word says RESERVED.
  bool ReadableEnd(uint64_t position) const {
    return Ring::StateOf(WordAt(memory_, position)) != SlotState::kReserved;
  }

  void CheckSlot(uint64_t position, uint64_t word) {
    const uint64_t lap = ring_.LapOf(position);
    const SlotState state = Ring::StateOf(word);
    if (state != SlotState::kFree && state != SlotState::kReserved && state != SlotState::kReady &&
        state != SlotState::kClaimed) {
      Damaged("position ", position, ": the word ", absl::Hex(word), " has no valid state");
      return;
    }
    if (state == SlotState::kFree ? word != Ring::FreeWord(lap + 1)
                                  : ring_.Compare(word, lap) != Lap::kSame) {
      Damaged("position ", position, ": the word ", absl::Hex(word), " is not of lap ", lap);
      return;
    }
    if (Ring::IsOwned(word)) CheckOwner(position, word);
    if (state == SlotState::kReady || state == SlotState::kClaimed) CheckMessage(position);
  }

  void CheckOwner(uint64_t position, uint64_t word) {
    const uint32_t owner = Ring::OwnerOf(word);
    if (owner == 0 || owner > memory_.max_participants()) {
      Damaged("position ", position, " belongs to participant ", owner, " of ",
              memory_.max_participants());
    } else if (StatusOf(memory_.participant(owner).state.load(std::memory_order_acquire)) !=
               ParticipantStatus::kInUse) {
      Damaged("position ", position, " belongs to participant ", owner, ", which nobody is");
    }
  }

  void CheckMessage(uint64_t position) {
    const Slot& slot = memory_.slot(position);
    const uint64_t length = slot.length.load(std::memory_order_relaxed);
    // The end before is readable unless that slot is of a later lap, a ring ahead of this one.
    const bool has_before = position == 0 || (position + ring_.slots() > tail_ &&
                                              ReadableEnd(position - 1) && tail_ > position);
    const uint64_t before = position == 0 ? 0 : EndAt(memory_, position - 1);
    const uint64_t taken = EndAt(memory_, position) - before;
    if (has_before && taken >= 2 * memory_.payload_units()) {
      Damaged("position ", position, ": the payload of the position before ends at ", before,
              ", this one's at ", EndAt(memory_, position));
      return;
    }
    if ((slot.meta.load(std::memory_order_relaxed) & kMetaExternal) == 0) {
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
  report.slots = memory.ring().slots();
  report.tail = FindTail(memory);
  report.returned = memory.header().returns.load(std::memory_order_relaxed);
  std::vector<uint64_t> holds(memory.max_participants() + 1);
  for (uint64_t index = 0; index < report.slots; ++index) {
    uint64_t word = WordAt(memory, index);
    if (Ring::IsOwned(word) && Ring::OwnerOf(word) <= memory.max_participants()) {
      ++holds[Ring::OwnerOf(word)];
    }
    switch (Ring::StateOf(word)) {
      case SlotState::kReady:
        ++report.ready;
        report.ready_bytes += memory.slot(index).length.load(std::memory_order_relaxed);
        break;
      case SlotState::kReserved:
        ++report.reserved;
        break;
      case SlotState::kClaimed:
        ++report.claimed;
        break;
      default:
        break;
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
    // relaxed: for people.
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
  uint64_t position = memory.header().head.load(std::memory_order_acquire);
  // Below the head lies what was given back.
  position -= std::min(position, ring.slots());
  // Each slot of a damaged queue may say that its message is all the payload: no more is copied
  // than a sound one can hold in the laps that are looked at.
  uint64_t room = 2 * (memory.payload_bytes() + ring.slots() * kInlineBytes);
  for (uint64_t i = 0; i < 2 * ring.slots() && messages.size() < max; ++i, ++position) {
    const Slot& slot = memory.slot(position);
    const uint64_t ready = Ring::ReadyWord(ring.LapOf(position));
    // acquire: pairs with the commit.
    if (slot.word.load(std::memory_order_acquire) != ready) continue;
    const uint32_t length = slot.length.load(std::memory_order_relaxed);
    const bool external = (slot.meta.load(std::memory_order_relaxed) & kMetaExternal) != 0;
    const uint8_t* bytes = external
                               ? memory.payload(slot.start.load(std::memory_order_relaxed), length)
                               : (length <= kInlineBytes ? slot.bytes : nullptr);
    if (bytes == nullptr) continue;
    if (length > room) break;
    room -= length;
    std::string text(reinterpret_cast<const char*>(bytes), length);
    // acquire fence: the copy comes before. Taken meanwhile?
    std::atomic_thread_fence(std::memory_order_acquire);
    if (slot.word.load(std::memory_order_relaxed) == ready) messages.push_back(std::move(text));
  }
  return messages;
}

std::vector<Finding> CheckOnce(const QueueMemory& memory, IsAliveFunction is_alive) {
  return Checker(memory, is_alive).Run();
}

}  // namespace interprocess::native
