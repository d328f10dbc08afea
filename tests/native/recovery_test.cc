// SPDX-License-Identifier: MIT

#include "core/native/recovery.h"

#include <atomic>
#include <cstdint>
#include <string>

#include "core/native/holds.h"
#include "core/native/participants.h"
#include "core/native/waiting.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::FakeEnvironment;
using testing::FakeWorld;
using testing::PlainQueue;

constexpr uint32_t kDead = 3;
constexpr uint32_t kMe = 1;
constexpr uint32_t kOther = 2;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    for (uint32_t id : {kMe, kOther, kDead}) queue_.MarkInUse(id);
    EXPECT_TRUE(mine_.TryHoldAlive(kMe));
    EXPECT_TRUE(others_.TryHoldAlive(kOther));
  }
  uint64_t Reserved(uint32_t owner, uint64_t units, uint64_t lap) {
    return queue_.ring().ReservedWord(owner, units, lap);
  }
  bool IsDone(uint64_t position) {
    return queue_.ClaimAt(position) == Ring::DoneWord(queue_.ring().LapOf(position));
  }
  bool IsVoid(uint64_t position) {
    return queue_.SlotAt(position) == Ring::VoidWord(queue_.ring().LapOf(position));
  }

  PlainQueue queue_;
  FakeWorld world_;
  FakeEnvironment mine_{world_}, others_{world_};
  Recovery recovery_{queue_.memory(), mine_, kMe};
  Recovery other_{queue_.memory(), others_, kOther};
};

TEST_F(RecoveryTest, NothingIsEverTakenFromTheLiving) {
  queue_.SetReserved(0, kOther, 1);
  queue_.SetClaimed(1, kOther, 1);
  world_.now += 24LL * 3600 * 1'000'000'000;
  for (uint64_t position : {0, 1}) EXPECT_FALSE(recovery_.ResolveIfDead(kOther, position));
  EXPECT_EQ(queue_.SlotAt(0), 0u);
  EXPECT_EQ(queue_.ClaimAt(0), Ring::FreeWord(0));
  EXPECT_EQ(queue_.ClaimAt(1), Ring::ClaimedWord(kOther, 0));
}

TEST_F(RecoveryTest, ReservationOfTheDeadIsVoidWithItsEndAndDone) {
  queue_.SetReady(0, 5);
  for (bool stored : {false, true}) {
    queue_.SetReserved(1, kDead, 7);
    if (stored) queue_.SetEnd(1, 12);
    EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 1));
    EXPECT_TRUE(IsVoid(1) && IsDone(1));
    EXPECT_EQ(queue_.EndAt(1), Ring::EndWord(0, 12));
  }
  EXPECT_TRUE(world_.proofs[kDead].empty());
}

// The one before has died, or a resolver, between the two steps.
TEST_F(RecoveryTest, VoidOfTheDeadIsMadeDone) {
  queue_.SetReady(0, 0);
  queue_.slot(0).word.store(Ring::VoidWord(0));
  queue_.memory().reservation(0).word.store(Reserved(kDead, 0, 0));
  EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 0));
  EXPECT_TRUE(IsDone(0));
}

TEST_F(RecoveryTest, CommittedMessageOfTheDeadStays) {
  queue_.SetReady(0, 0);
  queue_.memory().reservation(0).word.store(Reserved(kDead, 0, 0));
  EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 0));
  EXPECT_EQ(queue_.SlotAt(0), Ring::ReadyWord(0));
  EXPECT_EQ(queue_.ClaimAt(0), Ring::FreeWord(0));
}

TEST_F(RecoveryTest, ClaimOfTheDeadIsPutBackMarked) {
  queue_.SetClaimed(5, kDead, 0);
  queue_.SetAbout(5, 77, kMetaExternal | 2u << kMetaDeliveriesShift);
  EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 5));
  EXPECT_EQ(queue_.ClaimAt(5), Ring::ReturnedWord(0));
  EXPECT_EQ(queue_.MetaAt(5), kMetaExternal | kMetaRedelivered | 3u << kMetaDeliveriesShift);
  EXPECT_EQ(Slot::LengthOf(queue_.slot(5).about.load()), 77u);
  EXPECT_EQ(queue_.header().returns.load(), 1u);
  EXPECT_EQ(queue_.header().returned[1].load(), ReturnedEntry::Of(1, 5));
  EXPECT_EQ(queue_.memory().participant(kMe).resolving.load(), 0u);
}

TEST_F(RecoveryTest, WordsOfAnotherOwnerOrLapAreLeftAlone) {
  queue_.SetClaimed(0, kOther, 0);
  queue_.SetReserved(1, kOther, 0);
  queue_.SetClaimed(64 + 2, kDead, 0);
  queue_.SetReserved(64 + 3, kDead, 0);
  for (uint64_t position : {0, 1, 2, 3}) EXPECT_TRUE(recovery_.ResolveIfDead(kDead, position));
  EXPECT_EQ(queue_.ClaimAt(0), Ring::ClaimedWord(kOther, 0));
  EXPECT_EQ(queue_.SlotAt(1), 0u);
  EXPECT_EQ(queue_.ClaimAt(2), Ring::ClaimedWord(kDead, 1));
  EXPECT_EQ(queue_.SlotAt(3), Ring::ReadyWord(0));
  EXPECT_EQ(queue_.header().returns.load(), 0u);
}

TEST_F(RecoveryTest, OwnersThatNobodyCanBeAreNotResolved) {
  for (uint32_t owner : {0u, kMe, 9u, 8191u}) {
    queue_.SetClaimed(0, owner, 0);
    EXPECT_FALSE(recovery_.ResolveIfDead(owner, 0)) << owner;
    EXPECT_EQ(queue_.ClaimAt(0), Ring::ClaimedWord(owner, 0)) << owner;
  }
}

// X is about to prove the death of D and sleeps; the queue goes on, and D's id may be had by
// another only after X has looked again at what it read.
TEST_F(RecoveryTest, ResolverThatSleptTakesNothingFromOthers) {
  queue_.SetClaimed(0, kDead, 0);
  world_.before = [&](const char* question, uint32_t id) {
    if (std::string(question) != "ProveDead" || id != kDead) return;
    world_.before = nullptr;
    ASSERT_TRUE(other_.ResolveIfDead(kDead, 0));
    ASSERT_EQ(other_.LookForDead(kPatientLookNanos, true), 1);
    queue_.SetClaimed(0, kOther, 0);
  };
  EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 0));
  EXPECT_EQ(queue_.ClaimAt(0), Ring::ClaimedWord(kOther, 0));
}

TEST_F(RecoveryTest, LookResolvesAllThatTheDeadHeldAndCleansItsId) {
  queue_.SetDone(0, 4);
  queue_.SetClaimed(1, kDead, 6);
  queue_.SetClaimed(2, kOther, 8);
  queue_.SetReserved(3, kDead, 2);
  queue_.SetReserved(4, kOther, 3);
  // end(3) was helped by the publisher of 4.
  queue_.SetEnd(3, 10);
  queue_.SetEnd(4, 13);
  queue_.SetReserved(5, kDead, 1);
  queue_.SetClaimed(6, kDead, 20);
  Participant& record = queue_.memory().participant(kDead);
  record.current.store(5 + 1);
  record.resolving.store(6 + 1);
  queue_.SetWindow(kDead, 1, 4);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.ClaimAt(1), Ring::ReturnedWord(0));
  EXPECT_EQ(queue_.ClaimAt(2), Ring::ClaimedWord(kOther, 0));
  EXPECT_TRUE(IsVoid(3) && IsDone(3));
  EXPECT_EQ(queue_.EndAt(3), Ring::EndWord(0, 10));
  EXPECT_EQ(queue_.SlotAt(4), 0u);
  EXPECT_TRUE(IsVoid(5) && IsDone(5));
  EXPECT_EQ(queue_.EndAt(5), Ring::EndWord(0, 14));
  EXPECT_EQ(queue_.ClaimAt(6), Ring::ReturnedWord(0));
  EXPECT_EQ(StatusOf(record.state.load()), ParticipantStatus::kClean);
  EXPECT_FALSE(HoldsAnything(record));
  EXPECT_TRUE(world_.proofs[kDead].empty());
}

// It put a message back and died before it counted.
TEST_F(RecoveryTest, WhatTheDeadPutBackAndDidNotCountIsCounted) {
  queue_.SetReturned(7, 0);
  queue_.SetWindow(kDead, 5, 9);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.header().returns.load(), 1u);
  EXPECT_EQ(queue_.header().returned[1].load(), ReturnedEntry::Of(1, 7));
}

// Nobody has to look for anything because of it.
TEST_F(RecoveryTest, DeathOfOneThatHeldNothingCountsNothing) {
  queue_.SetReturned(7, 0);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.header().returns.load(), 0u);
}

TEST_F(RecoveryTest, WideWindowIsCountedOnceForAll) {
  PlainQueue large(1 << 20);
  large.MarkInUse(kMe);
  large.MarkInUse(kDead);
  large.SetReturned(500, 0);
  large.SetReturned(600, 0);
  large.SetClaimed(700, kDead, 0);
  large.SetWindow(kDead, 100, 1000);
  Recovery recovery(large.memory(), mine_, kMe);
  EXPECT_EQ(recovery.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(large.ClaimAt(700), Ring::ReturnedWord(0));
  EXPECT_EQ(large.header().returns.load(), 2u);
  EXPECT_FALSE(ReturnedEntry::IsOf(large.header().returned[2].load(), 2)) << "all scan";
}

// However wide a window says it is, no more is looked at than the ring has.
TEST_F(RecoveryTest, WindowsThatNobodyCanHaveCostNoMoreThanTheRing) {
  queue_.SetClaimed(1000 * 64 + 5, kDead, 0);
  for (uint64_t low : {uint64_t{0}, uint64_t{1} << 63, UINT64_MAX}) {
    queue_.MarkInUse(kDead);
    queue_.SetWindow(kDead, low, UINT64_MAX);
    recovery_.LookForDead(kPatientLookNanos, true);
    EXPECT_EQ(queue_.ClaimAt(5), Ring::ClaimedWord(kDead, 1000));
  }
}

TEST_F(RecoveryTest, WindowOfManyPositionsIsResolvedInSeveralLooks) {
  PlainQueue large(64 << 20);
  large.MarkInUse(kMe);
  large.MarkInUse(kDead);
  large.SetClaimed(10, kDead, 0);
  large.SetClaimed(900'000, kDead, 0);
  large.SetWindow(kDead, 10, 900'001);
  Recovery recovery(large.memory(), mine_, kMe);
  EXPECT_EQ(recovery.LookForDead(kPatientLookNanos), 0);
  EXPECT_EQ(large.ClaimAt(10), Ring::ReturnedWord(0));
  EXPECT_EQ(large.ClaimAt(900'000), Ring::ClaimedWord(kDead, 0));
  EXPECT_GT(large.memory().participant(kDead).low.load(), 60'000u);
  int looks = 0;
  while (StatusOf(large.memory().participant(kDead).state.load()) != ParticipantStatus::kClean) {
    world_.now += kMillisecond;
    recovery.LookForDead(kPatientLookNanos);
    ASSERT_LT(++looks, 100);
  }
  EXPECT_EQ(large.ClaimAt(900'000), Ring::ReturnedWord(0));
}

TEST_F(RecoveryTest, ProofIsHeldWhileTheSlotsAreCleaned) {
  queue_.SetClaimed(0, kDead, 0);
  queue_.SetWindow(kDead, 0, 1);
  queue_.header().data.flag.store(1);
  bool looked = false;
  mine_.on_wake = [&](const std::atomic<uint32_t>&) {
    if (looked) return;
    looked = true;
    EXPECT_EQ(world_.proofs[kDead].count(&mine_), 1u);
    EXPECT_FALSE(others_.TryHoldAlive(kDead));
  };
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_TRUE(looked);
  EXPECT_TRUE(others_.TryHoldAlive(kDead));
}

TEST_F(RecoveryTest, LookFindsPositionsFarOn) {
  const uint64_t position = 1000 * 64 + 5;
  queue_.SetClaimed(position, kDead, 0);
  queue_.memory().participant(kDead).current.store(position + 1);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.ClaimAt(position), Ring::ReturnedWord(1000));
}

TEST_F(RecoveryTest, LooksAreLimitedInRate) {
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  queue_.MarkInUse(4);
  EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 0);
  world_.now += kLookNanos - 1;
  EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 0);
  world_.now += 1;
  EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 1);
  queue_.MarkInUse(4);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos, /*force=*/true), 1);
}

// A look that takes a millisecond is followed by a pause of a hundred.
TEST_F(RecoveryTest, LooksTakeAHundredthOfTheTime) {
  world_.before = [&](const char* question, uint32_t) {
    if (std::string(question) == "IsAlive") world_.now += kMillisecond;
  };
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  world_.now += kLookNanos;
  queue_.MarkInUse(4);
  EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 0);
  world_.now += 150 * kMillisecond;
  EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 1);
}

// Those that hold something are asked after in each look, as long as its time allows; the others in
// turn, two at a time.
TEST_F(RecoveryTest, LookAsksAfterThoseThatHoldSomething) {
  PlainQueue large(4096, kMaxParticipantIds);
  large.MarkInUse(kMe);
  for (uint32_t id = 3; id <= kMaxParticipantIds; ++id) large.MarkInUse(id);
  large.memory().participant(8000).current.store(1);
  large.memory().participant(8001).high.store(1);
  int asked = 0;
  world_.before = [&](const char* question, uint32_t) { asked += *question == 'I'; };
  Recovery recovery(large.memory(), mine_, kMe);
  EXPECT_EQ(recovery.LookForDead(kPatientLookNanos), 4);
  EXPECT_EQ(asked, 4);
  const auto status = [&](uint32_t id) {
    return StatusOf(large.memory().participant(id).state.load());
  };
  EXPECT_EQ(status(8000), ParticipantStatus::kClean);
  EXPECT_EQ(status(8001), ParticipantStatus::kClean);
  for (int look = 0; look < 5000 && status(kMaxParticipantIds) != ParticipantStatus::kClean;
       ++look) {
    world_.now += kLookNanos;
    recovery.LookForDead(kPatientLookNanos);
  }
  EXPECT_EQ(status(kMaxParticipantIds), ParticipantStatus::kClean);
}

TEST_F(RecoveryTest, LookThatRunsOutOfTimeIsGoneOnWithSoon) {
  PlainQueue large(4096, 1000);
  large.MarkInUse(kMe);
  for (uint32_t id = 3; id <= 1000; ++id) {
    large.MarkInUse(id);
    large.memory().participant(id).current.store(1);
  }
  world_.before = [&](const char* question, uint32_t) {
    if (*question == 'I') world_.now += kLookBudgetNanos / 10;
  };
  Recovery recovery(large.memory(), mine_, kMe);
  int resolved = 0;
  for (int look = 0; look < 200; ++look) {
    const int now = recovery.LookForDead(kLookBudgetNanos);
    EXPECT_LE(now, 11);
    resolved += now;
    world_.now += 2 * kMillisecond;
  }
  EXPECT_EQ(resolved, 998);
}

TEST_F(RecoveryTest, LookerThatStoppedKeepsNobodyFromLooking) {
  world_.before = [&](const char* question, uint32_t) {
    if (std::string(question) != "IsAlive") return;
    world_.before = nullptr;
    // The first looker stands still here; the time of its look passes.
    world_.now += kLookNanos;
    EXPECT_EQ(other_.LookForDead(kPatientLookNanos), 1);
  };
  recovery_.LookForDead(kPatientLookNanos);
  EXPECT_EQ(world_.before, nullptr);
}

TEST_F(RecoveryTest, TimesThatNobodyHasSaidAreNotBelieved) {
  queue_.header().last_look.store(world_.now + 3600LL * 1'000'000'000);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.header().last_look.load(), world_.now);
  queue_.MarkInUse(4);
  queue_.header().look_pause.store(INT64_MAX);
  world_.now += 10'000 * kMillisecond;
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
}

TEST_F(RecoveryTest, DeadOnesEndOfAnExclusiveQueueIsGivenUp) {
  queue_.header().one_publisher.store(kDead);
  queue_.header().one_subscriber.store(kOther);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(queue_.header().one_publisher.load(), 0u);
  EXPECT_EQ(queue_.header().one_subscriber.load(), kOther);
}

TEST_F(RecoveryTest, FreeingAReservationWakesBothSides) {
  queue_.SetReserved(0, kDead, 0);
  queue_.header().data.flag.store(1);
  queue_.header().space.flag.store(1);
  EXPECT_TRUE(recovery_.ResolveIfDead(kDead, 0));
  EXPECT_EQ(mine_.wakes, 2);
  EXPECT_EQ(queue_.header().data.flag.load(), 0u);
  EXPECT_EQ(queue_.header().space.flag.load(), 0u);
  EXPECT_EQ(queue_.header().data.seq.load(), 1u);
  EXPECT_EQ(queue_.header().space.seq.load(), 1u);
}

TEST_F(RecoveryTest, NobodyIsWokenWhenNobodySleeps) {
  queue_.SetReserved(0, kDead, 0);
  queue_.SetClaimed(1, kDead, 0);
  queue_.SetWindow(kDead, 0, 2);
  EXPECT_EQ(recovery_.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(mine_.wakes, 0);
}

}  // namespace
}  // namespace interprocess::native
