// Every offset, size and state of a native queue file. docs/wire_format.md says the same in words;
// tests/native/layout_test.cc pins the numbers again.

#ifndef INTERPROCESS_CORE_NATIVE_LAYOUT_H_
#define INTERPROCESS_CORE_NATIVE_LAYOUT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace interprocess::native {

static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == 8);
static_assert(std::atomic<uint32_t>::is_always_lock_free && sizeof(std::atomic<uint32_t>) == 4);

inline constexpr char kMagic[8] = {'I', 'P', 'Q', 'N', 'A', 'T', 'V', '1'};
inline constexpr uint32_t kByteOrderMark = 0x01020304;
inline constexpr uint32_t kFormatVersion = 3;

inline constexpr uint64_t kHeaderSize = 4096;
inline constexpr uint64_t kParticipantSize = 128;
inline constexpr uint64_t kSlotSize = 64;
inline constexpr uint64_t kUnit = 64;  // payload is given out in units of so many bytes
inline constexpr uint64_t kInlineBytes = 40;
inline constexpr uint64_t kMinPayloadBytes = 4096;
inline constexpr uint64_t kMaxPayloadBytes = uint64_t{1} << 36;
inline constexpr uint32_t kMaxParticipantIds = 8191;
// The hints in the header are stored at every so many positions.
inline constexpr uint64_t kHintStep = 8;

// How participants sleep and wake each other: by a wait of the system's on the word `seq` itself,
// or by semaphores, one for each participant. Those of two kinds would not wake each other.
enum class WaiterKind : uint32_t { kWord = 0, kSemaphore = 1 };
// Who sees names of the system's: a session of one user (systems without such: all), or all.
enum class NameScope : uint32_t { kSession = 0, kMachine = 1 };

// What is fixed when the queue is made. Covered by `checksum`.
struct Identity {
  char magic[8];
  uint32_t byte_order;
  uint32_t version;
  uint64_t file_size;
  uint64_t payload_bytes;  // the queue's capacity: a power of two
  uint64_t slots;          // payload_bytes / kUnit
  uint32_t max_participants;
  uint32_t header_size;
  uint64_t participants_offset;
  uint64_t slots_offset;
  uint64_t payload_offset;
  uint64_t device;  // of the file: leases are found only through the file that they were taken on
  uint64_t inode;
  int64_t created_ns;  // wall clock, since 1970
  uint64_t unique;     // random: names the queue where a name of the system's is needed
  uint32_t waiter;     // WaiterKind: how all its participants sleep
  uint32_t scope;      // NameScope of what the system keeps by name
  uint32_t flags;      // kFlag...; the others are 0
  uint32_t checksum;   // CRC-32C of the bytes before it
};
inline constexpr size_t kChecksummedBytes = offsetof(Identity, checksum);

// Identity::flags
inline constexpr uint32_t kFlagClearOnRelease = 1;  // who frees a slot zeroes its message before
inline constexpr uint32_t kKnownFlags = kFlagClearOnRelease;

// Waiters read `seq`, set `flag`, look at the queue once more and sleep while `seq` is unchanged.
// Notifiers look at `flag`; if it is set they clear it, count `seq` up and wake all.
struct WaitWord {
  std::atomic<uint32_t> flag;
  std::atomic<uint32_t> seq;
};

// `life`: the top two bits are the state, the others a token that makes each RETIRING its own.
inline constexpr uint64_t kLifeLive = 0;
inline constexpr uint64_t kLifeRetiring = uint64_t{1} << 62;
inline constexpr uint64_t kLifeRetired = uint64_t{2} << 62;
inline constexpr uint64_t kLifeStateMask = uint64_t{3} << 62;

// The header page. What different sides write lies two cache lines apart: processors fetch lines in
// pairs.
struct Header {
  Identity identity;
  alignas(128) std::atomic<uint64_t> tail;     // hint: no position below it is FREE of its lap
  alignas(128) std::atomic<uint64_t> head;     // hint: every position below it was claimed
  alignas(128) std::atomic<uint64_t> returns;  // counts messages put back below the head
  alignas(128) WaitWord data;                  // subscribers sleep here
  alignas(128) WaitWord space;                 // publishers sleep here
  alignas(128) std::atomic<uint64_t> life;
  std::atomic<int64_t> last_look;    // monotonic ns: when the dead were last looked for
  std::atomic<uint32_t> ids_used;    // no id above it was ever taken
  std::atomic<uint32_t> no_barrier;  // not 0: SharedBarrier does not reach every participant
};
static_assert(sizeof(Identity) == 120 && offsetof(Identity, checksum) == 116);
static_assert(offsetof(Header, tail) == 128);
static_assert(offsetof(Header, head) == 256);
static_assert(offsetof(Header, returns) == 384);
static_assert(offsetof(Header, data) == 512);
static_assert(offsetof(Header, space) == 640);
static_assert(offsetof(Header, life) == 768);
static_assert(offsetof(Header, last_look) == 776);
static_assert(offsetof(Header, ids_used) == 784);
static_assert(offsetof(Header, no_barrier) == 788);
static_assert(sizeof(Header) <= kHeaderSize);

// Participant::state: the low byte is the status, the rest counts how often the id was taken.
enum class ParticipantStatus : uint8_t {
  kClean = 0,  // nobody has the id and no slot names it
  kInUse = 1,  // held, or its holder died and slots may name it
};
inline ParticipantStatus StatusOf(uint64_t state) {
  return static_cast<ParticipantStatus>(state & 0xff);
}
// The state that follows `state`: another status, counted on when an id is taken.
inline uint64_t NextState(uint64_t state, ParticipantStatus status) {
  uint64_t taken = (state >> 8) + (status == ParticipantStatus::kInUse ? 1 : 0);
  return taken << 8 | static_cast<uint64_t>(status);
}
enum class Role : uint32_t { kNone = 0, kPublisher = 1, kSubscriber = 2, kInspector = 3 };
enum class WaitsFor : uint32_t { kNothing = 0, kData = 1, kSpace = 2 };

// Participant `id` is entry id - 1 of the table; id 0 names nobody. Only its holder writes the
// record, but for `state`. What is marked "for people" is read by no participant.
struct Participant {
  std::atomic<uint64_t> state;
  std::atomic<int64_t> process_id;        // for people
  std::atomic<int64_t> process_start_ns;  // for people
  std::atomic<uint32_t> role;             // for people
  std::atomic<uint32_t> waits_for;        // for people
  // WaiterKind::kSemaphore: offset in the file of the word that it sleeps on, 0 if it does not; and
  // the number in the name of its semaphore, 0 if it never had one.
  std::atomic<uint32_t> sleeps_on;
  std::atomic<uint32_t> semaphore;
  // For people, all that follows.
  alignas(64) std::atomic<uint64_t> messages;
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> full_or_empty;
  std::atomic<uint64_t> sleeps;
};
static_assert(offsetof(Participant, role) == 24 && offsetof(Participant, sleeps_on) == 32);
static_assert(offsetof(Participant, semaphore) == 36 && offsetof(Participant, messages) == 64);
static_assert(sizeof(Participant) == kParticipantSize);

// The name of a participant's semaphore is kSemaphorePrefix and, in small hexadecimal digits with
// leading zeros, the queue's `unique` (16), the id (4) and Participant::semaphore (6).
inline constexpr char kSemaphorePrefix[] = "ipq.";
inline constexpr uint32_t kMaxSemaphoreNumber = 0xffffff;

// Leases of the file: id is alive while kAliveLease + id is held exclusively; kJoinLease + id is
// held by who is about to take the id.
inline constexpr uint32_t kJoinLease = 0;
inline constexpr uint32_t kAliveLease = 8192;

// Slot::meta
inline constexpr uint32_t kMetaExternal = 1;     // the message lies in the payload ring
inline constexpr uint32_t kMetaRedelivered = 2;  // a subscriber died holding it
inline constexpr uint32_t kMetaTaken = 4;        // taken for good, and about to be zeroed
inline constexpr int kMetaDeliveriesShift = 8;   // how often it was handed out before

// A slot: one cache line. Between RESERVED and READY, and while CLAIMED, all but `word` and `end`
// belongs to the owner that the word names; while READY nobody writes it.
struct Slot {
  std::atomic<uint64_t> word;    // slot_word.h
  std::atomic<uint64_t> end;     // payload position, in units, behind this message
  std::atomic<uint32_t> length;  // in bytes
  std::atomic<uint32_t> meta;
  union {
    uint8_t bytes[kInlineBytes];
    std::atomic<uint64_t> start;  // byte offset in the payload ring, if kMetaExternal
  };
};
static_assert(offsetof(Slot, end) == 8 && offsetof(Slot, length) == 16);
static_assert(offsetof(Slot, meta) == 20 && offsetof(Slot, bytes) == 24);
static_assert(sizeof(Slot) == kSlotSize && alignof(Slot) == 8);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_LAYOUT_H_
