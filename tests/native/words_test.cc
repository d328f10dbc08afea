// SPDX-License-Identifier: MIT

#include "core/native/words.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace interprocess::native {
namespace {

TEST(WordsTest, StatesAndFieldsAreTheseBits) {
  const Ring ring(64);
  // 64 slots: 44 bits of lap above 13 of owner above 7 of units.
  EXPECT_EQ(ring.ReservedWord(1, 0, 0), 0x0000'0000'0010'0080u);
  EXPECT_EQ(ring.ReservedWord(1, 1, 2), 0x0000'0000'0030'0081u);
  EXPECT_EQ(ring.ReservedWord(8191, 127, 0), 0x0000'0000'001f'ffffu);
  // 2^30 slots: 20 bits of lap above 13 of owner above 31 of units.
  EXPECT_EQ(Ring(1 << 30).ReservedWord(1, 1, 2), 0x0000'3000'8000'0001u);
  EXPECT_EQ(Ring::EndWord(0, 0), 0x0000'0100'0000'0000u);
  EXPECT_EQ(Ring::EndWord(1, 5), 0x0000'0200'0000'0005u);
  EXPECT_EQ(Ring::EndWord(0, uint64_t{1} << 40 | 7), 0x0000'0100'0000'0007u);
  EXPECT_EQ(Ring::ReadyWord(0), 5u);
  EXPECT_EQ(Ring::VoidWord(0), 6u);
  EXPECT_EQ(Ring::ReadyWord(5), 25u);
  EXPECT_EQ(Ring::FreeWord(0), 0u);
  EXPECT_EQ(Ring::FreeWord(5), 0x5'0000u);
  EXPECT_EQ(Ring::DoneWord(5), 0x6'0000u);
  EXPECT_EQ(Ring::ReturnedWord(5), 0x5'0001u);
  EXPECT_EQ(Ring::ClaimedWord(8191, 5), 0x5'5fffu);
  EXPECT_EQ(ReturnedEntry::Of(1, 3), 3u << 14 | 1);
  EXPECT_EQ(ReturnedEntry::Of(256, 3), 3u << 14 | 2);
  EXPECT_EQ(LineWord::Of(1, 2, 3'000'000), uint64_t{1} << 51 | 2 << 20 | 3);
}

class WordsOfRingTest : public ::testing::TestWithParam<int> {
 protected:
  const uint64_t slots_ = uint64_t{1} << GetParam();
  const Ring ring_{slots_};
  const uint64_t reserved_laps_ = uint64_t{1} << (50 - GetParam());
};

TEST_P(WordsOfRingTest, PositionIsIndexAndLap) {
  EXPECT_EQ(ring_.slots(), slots_);
  for (uint64_t lap : {uint64_t{0}, uint64_t{1}, uint64_t{77}, (uint64_t{1} << 33) - 1}) {
    for (uint64_t index : {uint64_t{0}, uint64_t{1}, slots_ - 1}) {
      const uint64_t position = lap * slots_ + index;
      EXPECT_EQ(ring_.LapOf(position), lap);
      EXPECT_EQ(ring_.IndexOf(position), index);
      EXPECT_EQ(ring_.PositionOf(lap, index), position);
    }
  }
}

TEST_P(WordsOfRingTest, ReservationGivesBackWhatItWasMadeOf) {
  for (uint32_t owner : {1u, 4096u, 8191u}) {
    for (uint64_t units : {uint64_t{0}, uint64_t{1}, slots_, 2 * slots_ - 1}) {
      for (uint64_t lap : {uint64_t{0}, reserved_laps_ - 1, reserved_laps_, reserved_laps_ + 5}) {
        const uint64_t word = ring_.ReservedWord(owner, units, lap);
        EXPECT_EQ(ring_.ReserverOf(word), owner);
        EXPECT_EQ(ring_.UnitsOf(word), units);
        EXPECT_TRUE(ring_.IsReserved(word, lap));
        EXPECT_EQ(ring_.ReservedLapFrom(word, lap), lap);
      }
    }
  }
}

// Once it was reserved: in its lap, or in any later one.
TEST_P(WordsOfRingTest, PositionIsTakenNextOrNeither) {
  for (uint64_t lap :
       {uint64_t{2}, reserved_laps_ - 1, reserved_laps_, reserved_laps_ + 1, 5 * reserved_laps_}) {
    SCOPED_TRACE(lap);
    const auto word = [&](uint64_t of) { return ring_.ReservedWord(3, 1, of); };
    EXPECT_FALSE(ring_.IsTaken(word(lap - 2), lap));
    EXPECT_FALSE(ring_.IsNext(word(lap - 2), lap));
    EXPECT_FALSE(ring_.IsTaken(word(lap - 1), lap));
    EXPECT_TRUE(ring_.IsNext(word(lap - 1), lap));
    for (uint64_t ahead : {uint64_t{0}, uint64_t{1}, reserved_laps_ / 2 - 1}) {
      EXPECT_TRUE(ring_.IsTaken(word(lap + ahead), lap)) << ahead;
      EXPECT_FALSE(ring_.IsNext(word(lap + ahead), lap)) << ahead;
      EXPECT_EQ(ring_.ReservedLapFrom(word(lap + ahead), lap), lap + ahead);
    }
    EXPECT_FALSE(ring_.IsReserved(word(lap - 1), lap));
    EXPECT_FALSE(ring_.IsReserved(word(lap + 1), lap));
  }
  EXPECT_TRUE(ring_.IsNext(0, 0));
  EXPECT_FALSE(ring_.IsTaken(0, 0));
  EXPECT_FALSE(ring_.IsNext(0, 1));
  EXPECT_FALSE(ring_.IsTaken(0, 1));
}

TEST_P(WordsOfRingTest, EndIsOfOneLap) {
  for (uint64_t lap : {uint64_t{0}, uint64_t{1}, (uint64_t{1} << 24) - 1, uint64_t{1} << 24}) {
    const uint64_t word = Ring::EndWord(lap, 12345);
    EXPECT_EQ(Ring::EndOf(word), 12345u);
    EXPECT_TRUE(Ring::IsEndOf(word, lap));
    EXPECT_FALSE(Ring::IsEndOf(word, lap + 1));
    EXPECT_FALSE(Ring::IsEndOf(word, lap - 1));
  }
  // What stands before the first position.
  EXPECT_TRUE(Ring::IsEndOf(0, ring_.LapOf(UINT64_MAX)));
  EXPECT_EQ(Ring::Distance(Ring::EndOf(Ring::EndWord(0, (uint64_t{1} << 40) - 2)), 3), 5u);
}

TEST_P(WordsOfRingTest, SlotIsCommittedInItsLapAndAfter) {
  for (uint64_t lap : {uint64_t{0}, uint64_t{9}, (uint64_t{1} << 58) - 1}) {
    EXPECT_EQ(Ring::SlotStateOf(Ring::ReadyWord(lap)), SlotState::kReady);
    EXPECT_EQ(Ring::SlotStateOf(Ring::VoidWord(lap)), SlotState::kVoid);
    for (uint64_t word : {Ring::ReadyWord(lap), Ring::VoidWord(lap)}) {
      EXPECT_TRUE(Ring::IsCommitted(word, lap));
      EXPECT_TRUE(Ring::IsCommittedAt(word, lap));
      EXPECT_FALSE(Ring::IsCommitted(word, lap + 1));
      EXPECT_FALSE(Ring::IsCommittedAt(word, lap + 1));
      EXPECT_EQ(Ring::CommittedLapOf(word), lap);
      EXPECT_TRUE(lap == 0 || Ring::IsCommitted(word, lap - 1));
    }
    EXPECT_FALSE(Ring::IsCommitted(0, lap));
  }
}

TEST_P(WordsOfRingTest, ClaimIsOfOneLapUntilItIsDone) {
  for (uint64_t lap : {uint64_t{0}, uint64_t{9}, (uint64_t{1} << 47) - 1}) {
    const uint64_t claimed = Ring::ClaimedWord(7, lap);
    EXPECT_EQ(Ring::ClaimerOf(claimed), 7u);
    EXPECT_EQ(Ring::ClaimStateOf(Ring::FreeWord(lap)), ClaimState::kFree);
    EXPECT_EQ(Ring::ClaimStateOf(Ring::ReturnedWord(lap)), ClaimState::kReturned);
    EXPECT_EQ(Ring::ClaimStateOf(claimed), ClaimState::kClaimed);
    EXPECT_EQ(Ring::ClaimStateOf(Ring::FreeWord(lap) | 2), ClaimState::kUnknown);
    EXPECT_EQ(Ring::ClaimStateOf(Ring::FreeWord(lap) | 0x8000), ClaimState::kUnknown);
    for (uint64_t word : {Ring::FreeWord(lap), Ring::ReturnedWord(lap), claimed}) {
      EXPECT_TRUE(Ring::IsClaimOf(word, lap));
      EXPECT_FALSE(Ring::IsDone(word, lap));
      EXPECT_FALSE(Ring::IsClaimOf(word, lap + 1));
      EXPECT_FALSE(Ring::IsDone(word, lap + 1));
      EXPECT_EQ(Ring::ClaimLapOf(word), lap);
      EXPECT_TRUE(lap == 0 || Ring::IsDone(word, lap - 1));
    }
    EXPECT_TRUE(Ring::IsDone(Ring::DoneWord(lap), lap));
  }
}

TEST(ReturnedEntryTest, IsOfOneCount) {
  for (uint64_t count : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{1} << 40}) {
    const uint64_t entry = ReturnedEntry::Of(count, 99);
    EXPECT_TRUE(ReturnedEntry::IsOf(entry, count));
    EXPECT_EQ(ReturnedEntry::PositionOf(entry), 99u);
    EXPECT_FALSE(ReturnedEntry::IsOf(entry, count + 256));
    EXPECT_FALSE(ReturnedEntry::IsOf(0, count));
  }
}

TEST(LineWordTest, OlderIsWhoHasWaitedForLonger) {
  const int64_t ms = 1'000'000;
  const auto at = [](int64_t now) { return LineWord::Of(8191, (uint64_t{1} << 31) - 1, now); };
  EXPECT_EQ(LineWord::OwnerOf(at(0)), 8191u);
  EXPECT_EQ(LineWord::UnitsOf(at(0)), (uint64_t{1} << 31) - 1);
  EXPECT_TRUE(LineWord::IsOlder(at(0), at(2 * ms)));
  EXPECT_FALSE(LineWord::IsOlder(at(0), at(ms)));
  EXPECT_FALSE(LineWord::IsOlder(at(2 * ms), at(0)));
  const int64_t wrap = (int64_t{1} << 20) * ms;
  EXPECT_TRUE(LineWord::IsOlder(at(wrap - ms), at(wrap + 4 * ms)));
  EXPECT_FALSE(LineWord::IsOlder(at(wrap + 4 * ms), at(wrap - ms)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, WordsOfRingTest, ::testing::Range(6, 31));

}  // namespace
}  // namespace interprocess::native
