// SPDX-License-Identifier: MIT

// Every number of the file format once more, in literals: a change of the code that changes the
// bytes fails here.

#include "core/native/layout.h"

#include <cstddef>
#include <cstring>
#include <string>

#include "core/native/participants.h"
#include "core/native/queue_memory.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::PlainQueue;

TEST(LayoutTest, ConstantsAreThoseOfTheFormat) {
  EXPECT_EQ(std::string(kMagic, 8), "IPQNATV1");
  EXPECT_EQ(kByteOrderMark, 0x01020304u);
  EXPECT_EQ(kFormatVersion, 4u);
  EXPECT_EQ(kHeaderSize, 4096u);
  EXPECT_EQ(kParticipantSize, 128u);
  EXPECT_EQ(kEntrySize, 16u);
  EXPECT_EQ(kSlotSize, 64u);
  EXPECT_EQ(kUnit, 64u);
  EXPECT_EQ(kInlineBytes, 48u);
  EXPECT_EQ(kMinPayloadBytes, 4096u);
  EXPECT_EQ(kMaxPayloadBytes, 68'719'476'736u);
  EXPECT_EQ(kMaxParticipantIds, 8191u);
  EXPECT_EQ(kHintStep, 8u);
  EXPECT_EQ(kReturnedLog, 256u);
}

TEST(LayoutTest, IdentityIsAtTheBeginning) {
  EXPECT_EQ(offsetof(Header, identity), 0u);
  EXPECT_EQ(offsetof(Identity, magic), 0u);
  EXPECT_EQ(offsetof(Identity, byte_order), 8u);
  EXPECT_EQ(offsetof(Identity, version), 12u);
  EXPECT_EQ(offsetof(Identity, file_size), 16u);
  EXPECT_EQ(offsetof(Identity, payload_bytes), 24u);
  EXPECT_EQ(offsetof(Identity, slots), 32u);
  EXPECT_EQ(offsetof(Identity, max_participants), 40u);
  EXPECT_EQ(offsetof(Identity, header_size), 44u);
  EXPECT_EQ(offsetof(Identity, participants_offset), 48u);
  EXPECT_EQ(offsetof(Identity, reservations_offset), 56u);
  EXPECT_EQ(offsetof(Identity, claims_offset), 64u);
  EXPECT_EQ(offsetof(Identity, slots_offset), 72u);
  EXPECT_EQ(offsetof(Identity, payload_offset), 80u);
  EXPECT_EQ(offsetof(Identity, device), 88u);
  EXPECT_EQ(offsetof(Identity, inode), 96u);
  EXPECT_EQ(offsetof(Identity, created_ns), 104u);
  EXPECT_EQ(offsetof(Identity, unique), 112u);
  EXPECT_EQ(offsetof(Identity, waiter), 120u);
  EXPECT_EQ(offsetof(Identity, scope), 124u);
  EXPECT_EQ(offsetof(Identity, kind), 128u);
  EXPECT_EQ(offsetof(Identity, flags), 132u);
  EXPECT_EQ(offsetof(Identity, spare), 136u);
  EXPECT_EQ(offsetof(Identity, checksum), 188u);
  EXPECT_EQ(kChecksummedBytes, 188u);
  EXPECT_EQ(static_cast<int>(Kind::kWork), 0);
  EXPECT_EQ(kFlagOnePublisher, 1u);
  EXPECT_EQ(kFlagOneSubscriber, 2u);
  EXPECT_EQ(static_cast<int>(WaiterKind::kWord), 0);
  EXPECT_EQ(static_cast<int>(WaiterKind::kSemaphore), 1);
  EXPECT_EQ(static_cast<int>(NameScope::kSession), 0);
  EXPECT_EQ(static_cast<int>(NameScope::kMachine), 1);
}

TEST(LayoutTest, HeaderWordsLieTwoCacheLinesApart) {
  EXPECT_EQ(offsetof(Header, tail), 256u);
  EXPECT_EQ(offsetof(Header, head), 384u);
  EXPECT_EQ(offsetof(Header, released), 512u);
  EXPECT_EQ(offsetof(Header, data), 640u);
  EXPECT_EQ(offsetof(Header, line), 672u);
  EXPECT_EQ(offsetof(Header, space), 768u);
  EXPECT_EQ(offsetof(Header, front), 800u);
  EXPECT_EQ(offsetof(Header, returns), 832u);
  EXPECT_EQ(offsetof(Header, life), 896u);
  EXPECT_EQ(offsetof(Header, last_look), 904u);
  EXPECT_EQ(offsetof(Header, look_pause), 912u);
  EXPECT_EQ(offsetof(Header, ids_used), 920u);
  EXPECT_EQ(offsetof(Header, no_barrier), 924u);
  EXPECT_EQ(offsetof(Header, look_cursor), 928u);
  EXPECT_EQ(offsetof(Header, one_publisher), 936u);
  EXPECT_EQ(offsetof(Header, one_subscriber), 940u);
  EXPECT_EQ(offsetof(Header, dead_letters), 944u);
  EXPECT_EQ(offsetof(Header, returned), 2048u);
  EXPECT_EQ(sizeof(Header), 4096u);
  EXPECT_EQ(offsetof(WaitWord, flag), 0u);
  EXPECT_EQ(offsetof(WaitWord, seq), 4u);
  EXPECT_EQ(offsetof(WaitWord, fenced), 8u);
  EXPECT_EQ(offsetof(WaitWord, watched), 16u);
  EXPECT_EQ(sizeof(WaitWord), 32u);
}

TEST(LayoutTest, LifeStates) {
  EXPECT_EQ(kLifeLive, 0u);
  EXPECT_EQ(kLifeRetiring, 0x4000'0000'0000'0000u);
  EXPECT_EQ(kLifeRetired, 0x8000'0000'0000'0000u);
  EXPECT_EQ(kLifeStateMask, 0xc000'0000'0000'0000u);
}

TEST(LayoutTest, ParticipantRecord) {
  EXPECT_EQ(offsetof(Participant, state), 0u);
  EXPECT_EQ(offsetof(Participant, process_id), 8u);
  EXPECT_EQ(offsetof(Participant, process_start_ns), 16u);
  EXPECT_EQ(offsetof(Participant, role), 24u);
  EXPECT_EQ(offsetof(Participant, waits_for), 28u);
  EXPECT_EQ(offsetof(Participant, sleeps_on), 32u);
  EXPECT_EQ(offsetof(Participant, semaphore), 36u);
  EXPECT_EQ(offsetof(Participant, current), 64u);
  EXPECT_EQ(offsetof(Participant, resolving), 72u);
  EXPECT_EQ(offsetof(Participant, low), 80u);
  EXPECT_EQ(offsetof(Participant, high), 88u);
  EXPECT_EQ(offsetof(Participant, messages), 96u);
  EXPECT_EQ(offsetof(Participant, bytes), 104u);
  EXPECT_EQ(offsetof(Participant, full_or_empty), 112u);
  EXPECT_EQ(offsetof(Participant, sleeps), 120u);
  EXPECT_EQ(sizeof(Participant), 128u);
  EXPECT_EQ(static_cast<int>(ParticipantStatus::kClean), 0);
  EXPECT_EQ(static_cast<int>(ParticipantStatus::kInUse), 1);
  EXPECT_EQ(static_cast<int>(Role::kNone), 0);
  EXPECT_EQ(static_cast<int>(Role::kPublisher), 1);
  EXPECT_EQ(static_cast<int>(Role::kSubscriber), 2);
  EXPECT_EQ(static_cast<int>(Role::kInspector), 3);
  EXPECT_EQ(static_cast<int>(WaitsFor::kNothing), 0);
  EXPECT_EQ(static_cast<int>(WaitsFor::kData), 1);
  EXPECT_EQ(static_cast<int>(WaitsFor::kSpace), 2);
}

TEST(LayoutTest, SemaphoreNames) {
  EXPECT_EQ(std::string(kSemaphorePrefix), "ipq.");
  EXPECT_EQ(kMaxSemaphoreNumber, 0xffffffu);
}

TEST(LayoutTest, LeaseNumbersOfJoiningAndAliveDoNotMeet) {
  EXPECT_EQ(kJoinLease, 0u);
  EXPECT_EQ(kAliveLease, 8192u);
  EXPECT_LT(kJoinLease + kMaxParticipantIds, kAliveLease);
}

TEST(LayoutTest, ReservationClaimAndSlot) {
  EXPECT_EQ(offsetof(Reservation, word), 0u);
  EXPECT_EQ(offsetof(Reservation, end), 8u);
  EXPECT_EQ(sizeof(Reservation), 16u);
  EXPECT_EQ(offsetof(Claim, word), 0u);
  EXPECT_EQ(sizeof(Claim), 16u);
  EXPECT_EQ(offsetof(Slot, word), 0u);
  EXPECT_EQ(offsetof(Slot, about), 8u);
  EXPECT_EQ(offsetof(Slot, bytes), 16u);
  EXPECT_EQ(offsetof(Slot, start), 16u);
  EXPECT_EQ(Slot::About(5, 3), 0x3'0000'0005u);
  EXPECT_EQ(Slot::LengthOf(0x3'0000'0005u), 5u);
  EXPECT_EQ(Slot::MetaOf(0x3'0000'0005u), 3u);
  EXPECT_EQ(sizeof(Slot), 64u);
  EXPECT_EQ(kMetaExternal, 1u);
  EXPECT_EQ(kMetaRedelivered, 2u);
  EXPECT_EQ(kMetaDeliveriesShift, 8);
}

TEST(LayoutTest, StateCountsHowOftenAnIdWasTaken) {
  const uint64_t taken = NextState(0, ParticipantStatus::kInUse);
  EXPECT_EQ(taken, 0x101u);
  const uint64_t clean = NextState(taken, ParticipantStatus::kClean);
  EXPECT_EQ(clean, 0x100u);
  EXPECT_EQ(NextState(clean, ParticipantStatus::kInUse), 0x201u);
}

struct GeometryCase {
  int64_t capacity;
  uint32_t participants;
  uint64_t payload_bytes, slots, reservations_offset, claims_offset, slots_offset, payload_offset,
      file_size;
};

TEST(GeometryTest, OffsetsFollowFromCapacityAndParticipants) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  const GeometryCase cases[] = {
      {1, 2, 4096, 64, 8192, 9216, 10240, 14336, 18432},
      {4096, 32, 4096, 64, 8192, 9216, 10240, 14336, 18432},
      {4096, 33, 4096, 64, 12288, 13312, 14336, 18432, 22528},
      {4097, 1024, 8192, 128, 135168, 137216, 139264, 147456, 155648},
      {1 << 20, 8191, 1 << 20, 16384, 1052672, 1314816, 1576960, 2625536, 3674112},
      {int64_t{1} << 36, 2, 64 * kGiB, kGiB, 8192, 8192 + 16 * kGiB, 8192 + 32 * kGiB,
       8192 + 96 * kGiB, 8192 + 160 * kGiB},
  };
  for (const GeometryCase& c : cases) {
    SCOPED_TRACE(c.capacity);
    const Geometry geometry = Geometry::For(c.capacity, c.participants);
    EXPECT_EQ(geometry.payload_bytes, c.payload_bytes);
    EXPECT_EQ(geometry.slots(), c.slots);
    EXPECT_EQ(geometry.reservations_offset(), c.reservations_offset);
    EXPECT_EQ(geometry.claims_offset(), c.claims_offset);
    EXPECT_EQ(geometry.slots_offset(), c.slots_offset);
    EXPECT_EQ(geometry.payload_offset(), c.payload_offset);
    EXPECT_EQ(geometry.file_size(), c.file_size);
  }
}

TEST(GeometryTest, NewFileIsZeroBehindItsIdentity) {
  const PlainQueue queue;
  uint64_t set = 0;
  for (uint64_t i = sizeof(Identity); i < queue.size(); ++i) set += queue.bytes()[i];
  EXPECT_EQ(set, 0u);
}

TEST(GeometryTest, IdentityOfANewFileIsTheseBytes) {
  const PlainQueue queue(4096, 8);
  // Little-endian machines only, as the format says.
  const uint8_t expected[188] = {
      'I', 'P',  'Q', 'N', 'A', 'T',  'V', '1', 4, 3, 2, 1, 4, 0, 0, 0,  // magic, order, version
      0,   0x48, 0,   0,   0,   0,    0,   0,                            // file_size
      0,   0x10, 0,   0,   0,   0,    0,   0,                            // payload_bytes
      64,  0,    0,   0,   0,   0,    0,   0,                            // slots
      8,   0,    0,   0,   0,   0x10, 0,   0,  // participants, header size
      0,   0x10, 0,   0,   0,   0,    0,   0,  // participants_offset
      0,   0x20, 0,   0,   0,   0,    0,   0,  // reservations_offset
      0,   0x24, 0,   0,   0,   0,    0,   0,  // claims_offset
      0,   0x28, 0,   0,   0,   0,    0,   0,  // slots_offset
      0,   0x38, 0,   0,   0,   0,    0,   0,  // payload_offset
      1,   0,    0,   0,   0,   0,    0,   0,  // device
      2,   0,    0,   0,   0,   0,    0,   0,  // inode
      3,   0,    0,   0,   0,   0,    0,   0,  // created_ns
      4,   0,    0,   0,   0,   0,    0,   0,  // unique
      0,   0,    0,   0,   0,   0,    0,   0,  // waiter, scope
      0,   0,    0,   0,   0,   0,    0,   0,  // kind, flags
  };
  EXPECT_EQ(std::memcmp(queue.bytes(), expected, sizeof(expected)), 0);
}

}  // namespace
}  // namespace interprocess::native
