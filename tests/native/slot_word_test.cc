#include "core/native/slot_word.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace interprocess::native {
namespace {

TEST(SlotWord, StatesAndFieldsAreTheseBits) {
  const Ring ring(64);
  EXPECT_EQ(Ring::FreeWord(0), 0u);
  EXPECT_EQ(Ring::FreeWord(5), 5u);
  EXPECT_EQ(ring.ReservedWord(1, 0, 0), 0x2001'0000'0000'0000u);
  EXPECT_EQ(Ring::ReadyWord(5), 0x4000'0000'0000'0005u);
  EXPECT_EQ(Ring::ClaimedWord(8191, 5), 0x7fff'0000'0000'0005u);
  // 64 slots: 7 bits of units above 41 bits of lap.
  EXPECT_EQ(ring.ReservedWord(1, 1, 2), 0x2001'0200'0000'0002u);
  EXPECT_EQ(ring.ReservedWord(1, 127, 0), 0x2001'fe00'0000'0000u);
  // 2^30 slots: 31 bits of units above 17 bits of lap.
  EXPECT_EQ(Ring(1 << 30).ReservedWord(1, 1, 2), 0x2001'0000'0002'0002u);
  EXPECT_EQ(Ring(1 << 30).ReservedWord(1, 0x7fff'ffff, 0), 0x2001'ffff'fffe'0000u);
}

class SlotWordOfRing : public ::testing::TestWithParam<int> {
 protected:
  const uint64_t slots_ = uint64_t{1} << GetParam();
  const Ring ring_{slots_};
  const uint64_t reserved_laps_ = uint64_t{1} << (47 - GetParam());
};

TEST_P(SlotWordOfRing, PositionIsIndexAndLap) {
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

TEST_P(SlotWordOfRing, ReservedGivesBackWhatItWasMadeOf) {
  for (uint32_t owner : {1u, 4096u, 8191u}) {
    for (uint64_t units : {uint64_t{0}, uint64_t{1}, slots_, 2 * slots_ - 1}) {
      for (uint64_t lap : {uint64_t{0}, reserved_laps_ - 1, reserved_laps_, reserved_laps_ + 5}) {
        const uint64_t word = ring_.ReservedWord(owner, units, lap);
        EXPECT_EQ(Ring::StateOf(word), SlotState::kReserved);
        EXPECT_TRUE(Ring::IsOwned(word));
        EXPECT_EQ(Ring::OwnerOf(word), owner);
        EXPECT_EQ(ring_.UnitsOf(word), units);
        EXPECT_EQ(ring_.Compare(word, lap), Lap::kSame);
        EXPECT_EQ(ring_.LapFrom(word, lap), lap);
      }
    }
  }
}

TEST_P(SlotWordOfRing, OtherStatesGiveBackWhatTheyWereMadeOf) {
  for (uint64_t lap : {uint64_t{0}, uint64_t{9}, (uint64_t{1} << 58) - 1}) {
    EXPECT_EQ(Ring::StateOf(Ring::FreeWord(lap)), SlotState::kFree);
    EXPECT_EQ(Ring::StateOf(Ring::ReadyWord(lap)), SlotState::kReady);
    EXPECT_EQ(Ring::StateOf(Ring::ClaimedWord(7, lap)), SlotState::kClaimed);
    EXPECT_FALSE(Ring::IsOwned(Ring::FreeWord(lap)));
    EXPECT_FALSE(Ring::IsOwned(Ring::ReadyWord(lap)));
    EXPECT_TRUE(Ring::IsOwned(Ring::ClaimedWord(7, lap)));
    EXPECT_EQ(Ring::OwnerOf(Ring::ClaimedWord(7, lap)), 7u);
    for (uint64_t word : {Ring::FreeWord(lap), Ring::ReadyWord(lap), Ring::ClaimedWord(7, lap)}) {
      EXPECT_EQ(ring_.Compare(word, lap), Lap::kSame);
      EXPECT_EQ(ring_.LapFrom(word, lap), lap);
    }
  }
}

// RESERVED's lap wraps after 2^47 messages, CLAIMED's after 2^48 laps: one behind and one ahead are
// told apart on both sides of the wrap.
TEST_P(SlotWordOfRing, LapsCompareAcrossTheWrap) {
  for (uint64_t lap : {uint64_t{1}, reserved_laps_ - 1, reserved_laps_, reserved_laps_ + 1,
                       uint64_t{1} << 48, (uint64_t{1} << 48) - 1, (uint64_t{1} << 48) + 1}) {
    SCOPED_TRACE(lap);
    for (int kind = 0; kind < 4; ++kind) {
      SCOPED_TRACE(kind);
      const auto word = [&](uint64_t of) {
        return kind == 0   ? Ring::FreeWord(of)
               : kind == 1 ? ring_.ReservedWord(3, 1, of)
               : kind == 2 ? Ring::ReadyWord(of)
                           : Ring::ClaimedWord(3, of);
      };
      EXPECT_EQ(ring_.Compare(word(lap - 1), lap), Lap::kBehind);
      EXPECT_EQ(ring_.Compare(word(lap), lap), Lap::kSame);
      EXPECT_EQ(ring_.Compare(word(lap + 1), lap), Lap::kAhead);
      EXPECT_EQ(ring_.Compare(word(lap + 1000), lap), Lap::kAhead);
      EXPECT_EQ(ring_.LapFrom(word(lap - 1), lap), lap - 1);
      EXPECT_EQ(ring_.LapFrom(word(lap), lap), lap);
      EXPECT_EQ(ring_.LapFrom(word(lap + 1), lap), lap + 1);
      EXPECT_EQ(ring_.LapFrom(word(lap + 1000), lap), lap + 1000);
    }
  }
}

TEST_P(SlotWordOfRing, PositionIsTakenOnceItWasReserved) {
  const uint64_t lap = 10;
  EXPECT_FALSE(ring_.IsTaken(Ring::FreeWord(lap), lap));
  EXPECT_TRUE(ring_.IsTaken(ring_.ReservedWord(1, 0, lap), lap));
  EXPECT_TRUE(ring_.IsTaken(Ring::ReadyWord(lap), lap));
  EXPECT_TRUE(ring_.IsTaken(Ring::ClaimedWord(1, lap), lap));
  EXPECT_TRUE(ring_.IsTaken(Ring::FreeWord(lap + 1), lap));
  EXPECT_TRUE(ring_.IsTaken(ring_.ReservedWord(1, 0, lap + 1), lap));
  // What holds the slot for the lap before.
  EXPECT_FALSE(ring_.IsTaken(ring_.ReservedWord(1, 0, lap - 1), lap));
  EXPECT_FALSE(ring_.IsTaken(Ring::ReadyWord(lap - 1), lap));
  EXPECT_FALSE(ring_.IsTaken(Ring::ClaimedWord(1, lap - 1), lap));
}

INSTANTIATE_TEST_SUITE_P(Sizes, SlotWordOfRing, ::testing::Range(6, 31));

}  // namespace
}  // namespace interprocess::native
