// SPDX-License-Identifier: MIT

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
inline constexpr uint32_t kFormatVersion = 4;

inline constexpr uint64_t kHeaderSize = 4096;
inline constexpr uint64_t kParticipantSize = 128;
inline constexpr uint64_t kEntrySize = 16;  // of the rings of reservations and of claims
inline constexpr uint64_t kSlotSize = 64;
inline constexpr uint64_t kUnit = 64;  // payload is given out in units of so many bytes
inline constexpr uint64_t kInlineBytes = 48;
inline constexpr uint64_t kMinPayloadBytes = 4096;
inline constexpr uint64_t kMaxPayloadBytes = uint64_t{1} << 36;
inline constexpr uint32_t kMaxParticipantIds = 8191;
// The hints in the header are stored at every so many positions.
inline constexpr uint64_t kHintStep = 8;
// The number of messages last put back that can be found without a scan.
inline constexpr uint64_t kReturnedLog = 256;

// How participants sleep and wake each other: by a wait of the system's on the word `seq` itself,
// or by semaphores, one for each participant. Those of two kinds would not wake each other.
enum class WaiterKind : uint32_t { kWord = 0, kSemaphore = 1 };
// What sees names of the system's: a session of one user (systems without such: all), or all.
enum class NameScope : uint32_t { kSession = 0, kMachine = 1 };

// What a queue is for. Others than the first are for versions to come.
enum class Kind : uint32_t { kWork = 0 };

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
  uint64_t reservations_offset;
  uint64_t claims_offset;
  uint64_t slots_offset;
  uint64_t payload_offset;
  uint64_t device;  // of the file: leases are found only through the file that they were taken on
  uint64_t inode;
  int64_t created_ns;  // wall clock, since 1970
  uint64_t unique;     // random: names the queue where a name of the system's is needed
  uint32_t waiter;     // WaiterKind: how all its participants sleep
  uint32_t scope;      // NameScope of what the system keeps by name
  uint32_t kind;       // Kind
  uint32_t flags;      // kFlag...; the others are 0
  uint8_t spare[52];   // 0: a file in which they are not is refused
  uint32_t checksum;   // CRC-32C of the bytes before it
};
inline constexpr size_t kChecksummedBytes = offsetof(Identity, checksum);

// Identity::flags
inline constexpr uint32_t kFlagOnePublisher = 1;   // one at a time may be attached
inline constexpr uint32_t kFlagOneSubscriber = 2;  // the same
inline constexpr uint32_t kKnownFlags = kFlagOnePublisher | kFlagOneSubscriber;

// A waiter reads `seq`, lets `flag` grow to what follows it, makes a barrier, looks at the queue
// once more, and sleeps while `seq` is unchanged. A notifier that finds `flag` set counts `seq` up
// and wakes two; it takes back the flag that it saw once nobody is left asleep.
struct WaitWord {
  std::atomic<uint32_t> flag;
  std::atomic<uint32_t> seq;
  std::atomic<uint32_t> fenced;  // the value of `flag` that a barrier has followed
  uint32_t spare;
  // Until then (monotonic ns) a waiter looks for a dead owner; and another, should that one die.
  std::atomic<int64_t> watched[2];
};
static_assert(sizeof(WaitWord) == 32 && offsetof(WaitWord, watched) == 16);

// `life`: the top two bits are the state, the others a token that makes each RETIRING its own.
inline constexpr uint64_t kLifeLive = 0;
inline constexpr uint64_t kLifeRetiring = uint64_t{1} << 62;
inline constexpr uint64_t kLifeRetired = uint64_t{2} << 62;
inline constexpr uint64_t kLifeStateMask = uint64_t{3} << 62;

// The header page. What different sides write lies two cache lines apart: processors fetch lines in
// pairs.
struct Header {
  Identity identity;
  alignas(128) std::atomic<uint64_t> tail;      // hint: every position below it was reserved
  alignas(128) std::atomic<uint64_t> head;      // hint: every position below it was claimed
  alignas(128) std::atomic<uint64_t> released;  // hint: every position below it is done for good
  // What publishers look at in each call.
  alignas(128) WaitWord data;  // subscribers sleep here
  std::atomic<uint64_t> line;  // the publisher that is first in line for room (LineWord), or 0
  // What subscribers look at in each call.
  alignas(128) WaitWord space;    // publishers sleep here
  WaitWord front;                 // the publisher that `line` names sleeps here
  std::atomic<uint64_t> returns;  // counts messages put back below the head
  alignas(128) std::atomic<uint64_t> life;
  std::atomic<int64_t> last_look;     // monotonic ns: when the dead were last looked for
  std::atomic<int64_t> look_pause;    // ns from then to the next look
  std::atomic<uint32_t> ids_used;     // no id above it was ever taken
  std::atomic<uint32_t> no_barrier;   // not 0: SharedBarrier does not reach every participant
  std::atomic<uint32_t> look_cursor;  // the id at which the next look goes on
  uint32_t spare;
  std::atomic<uint32_t> one_publisher;   // kFlagOnePublisher: the id that is it; 0: nobody
  std::atomic<uint32_t> one_subscriber;  // kFlagOneSubscriber: the same
  uint64_t dead_letters;                 // 0: for a kind to come
  // Where the messages last put back are (ReturnedEntry): the one that `returns` was counted up to
  // n for is entry n % kReturnedLog.
  alignas(2048) std::atomic<uint64_t> returned[kReturnedLog];
};
static_assert(sizeof(Identity) == 192 && offsetof(Identity, checksum) == 188);
static_assert(offsetof(Header, tail) == 256);
static_assert(offsetof(Header, head) == 384);
static_assert(offsetof(Header, released) == 512);
static_assert(offsetof(Header, data) == 640);
static_assert(offsetof(Header, line) == 672);
static_assert(offsetof(Header, space) == 768);
static_assert(offsetof(Header, front) == 800);
static_assert(offsetof(Header, returns) == 832);
static_assert(offsetof(Header, life) == 896);
static_assert(offsetof(Header, last_look) == 904);
static_assert(offsetof(Header, look_pause) == 912);
static_assert(offsetof(Header, ids_used) == 920);
static_assert(offsetof(Header, no_barrier) == 924);
static_assert(offsetof(Header, look_cursor) == 928);
static_assert(offsetof(Header, one_publisher) == 936);
static_assert(offsetof(Header, one_subscriber) == 940);
static_assert(offsetof(Header, dead_letters) == 944);
static_assert(offsetof(Header, returned) == 2048);
static_assert(sizeof(Header) == kHeaderSize);

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
  // What it may hold, said before it is taken and taken back after it was let go (holds.h).
  // Positions of slots that name it lie nowhere else.
  alignas(64) std::atomic<uint64_t> current;  // of the call that runs: position + 1; 0: none
  std::atomic<uint64_t> resolving;            // what it takes over from a dead one: the same
  std::atomic<uint64_t> low;                  // in place: positions from `low` on, below `high`
  std::atomic<uint64_t> high;
  // For people, all that follows.
  std::atomic<uint64_t> messages;
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> full_or_empty;
  std::atomic<uint64_t> sleeps;
};
static_assert(offsetof(Participant, role) == 24 && offsetof(Participant, sleeps_on) == 32);
static_assert(offsetof(Participant, semaphore) == 36 && offsetof(Participant, current) == 64);
static_assert(offsetof(Participant, low) == 80 && offsetof(Participant, messages) == 96);
static_assert(sizeof(Participant) == kParticipantSize);

// The name of a participant's semaphore is kSemaphorePrefix and, in small hexadecimal digits with
// leading zeros, the queue's `unique` (16), the id (4) and Participant::semaphore (6).
inline constexpr char kSemaphorePrefix[] = "ipq.";
inline constexpr uint32_t kMaxSemaphoreNumber = 0xffffff;

// Leases of the file: id is alive while kAliveLease + id is held exclusively; kJoinLease + id is
// held by a newcomer that is about to take the id.
inline constexpr uint32_t kJoinLease = 0;
inline constexpr uint32_t kAliveLease = 8192;

// Meta in Slot::about
inline constexpr uint32_t kMetaExternal = 1;     // the message lies in the payload ring
inline constexpr uint32_t kMetaRedelivered = 2;  // a subscriber died holding it
inline constexpr int kMetaDeliveriesShift = 8;   // how often it was handed out before

// Of a position: written by publishers and by resolvers of a dead one. words.h has the words.
struct Reservation {
  std::atomic<uint64_t> word;
  std::atomic<uint64_t> end;  // payload position behind this message, and the lap that it is of
};
static_assert(sizeof(Reservation) == kEntrySize && offsetof(Reservation, end) == 8);

// Of a position: written by subscribers, resolvers of a dead one, and any that skips what holds
// no message.
struct Claim {
  std::atomic<uint64_t> word;
  uint64_t spare;
};
static_assert(sizeof(Claim) == kEntrySize);

// A slot: one cache line. From the reservation to the commit all but `word` belongs to the
// publisher that the reservation names, while it is claimed to the subscriber that the claim names;
// in between nobody writes it.
struct Slot {
  std::atomic<uint64_t> word;
  std::atomic<uint64_t> about;  // length in bytes (32 bits), meta (32 bits)
  union {
    uint8_t bytes[kInlineBytes];
    std::atomic<uint64_t> start;  // byte offset in the payload ring, if kMetaExternal
  };

  static constexpr uint64_t About(uint64_t length, uint32_t meta) {
    return length | uint64_t{meta} << 32;
  }
  static constexpr uint32_t LengthOf(uint64_t about) { return static_cast<uint32_t>(about); }
  static constexpr uint32_t MetaOf(uint64_t about) { return static_cast<uint32_t>(about >> 32); }
};
static_assert(offsetof(Slot, about) == 8 && offsetof(Slot, bytes) == 16);
static_assert(sizeof(Slot) == kSlotSize && alignof(Slot) == 8);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_LAYOUT_H_
