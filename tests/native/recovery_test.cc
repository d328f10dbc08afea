#include "core/native/recovery.h"

#include <atomic>
#include <cstdint>
#include <string>

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

  PlainQueue queue_;
  FakeWorld world_;
  FakeEnvironment mine_{world_}, others_{world_};
  Recovery recovery_{queue_.memory(), mine_, kMe};
  Recovery other_{queue_.memory(), others_, kOther};
};

TEST_F(RecoveryTest, FirstPositionHasNoEndBefore) {
  queue_.slot(63).end.store(1234);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 0), 0u);
}

TEST_F(RecoveryTest, EndOfACommittedPositionIsRead) {
  queue_.Set(4, Ring::ReadyWord(0), 17);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 17u);
}

TEST_F(RecoveryTest, EndThatItsPublisherHasNotStoredIsHelped) {
  queue_.Set(3, Ring::ReadyWord(0), 10);
  queue_.Set(4, Reserved(kOther, 7, 0), 0);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 17u);
  EXPECT_EQ(queue_.EndAt(4), 17u);
}

TEST_F(RecoveryTest, EndThatIsStoredAlreadyStays) {
  queue_.Set(3, Ring::ReadyWord(0), 10);
  queue_.Set(4, Reserved(kOther, 7, 0), 17);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 17u);
  EXPECT_EQ(queue_.EndAt(4), 17u);
}

// Its publisher goes on an hour later, and stores what is there already.
TEST_F(RecoveryTest, LateStoreOfAnEndThatWasHelpedChangesNothing) {
  queue_.Set(3, Ring::ReadyWord(0), 10);
  queue_.Set(4, Reserved(kOther, 7, 0), 0);
  ASSERT_EQ(ReadEndBefore(queue_.memory(), 5), 17u);
  queue_.Set(5, Ring::ReadyWord(0), 20);
  queue_.slot(4).end.store(17);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 17u);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 6), 20u);
}

// The slot before may be of the next lap by then, its end a larger number: computing with it would
// tear payload.
TEST_F(RecoveryTest, HelpingStopsOnceTheNextPositionIsReserved) {
  const uint64_t lap = 0;
  queue_.Set(3, Reserved(kOther, 1, lap + 1), 500);  // of the next lap
  queue_.Set(4, Reserved(kOther, 7, lap), 17);
  for (uint64_t next : {Reserved(kOther, 0, 0), Ring::ReadyWord(0), Ring::ClaimedWord(kOther, 0),
                        Ring::FreeWord(1), Ring::ReadyWord(1)}) {
    queue_.Set(5, next, 17);
    EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 17u) << next;
    EXPECT_EQ(queue_.EndAt(4), 17u) << next;
  }
}

TEST_F(RecoveryTest, HelpingSeesTheFirstSlotBehindTheLast) {
  queue_.Set(62, Ring::ReadyWord(0), 40);
  queue_.Set(63, Reserved(kOther, 9, 0), 0);
  queue_.Set(0, Ring::FreeWord(1), 3);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 64), 49u);
  queue_.slot(63).end.store(49);
  queue_.Set(62, Reserved(kOther, 1, 1), 500);
  queue_.Set(0, Reserved(kOther, 0, 1), 49);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 64), 49u);
}

TEST_F(RecoveryTest, WordOfAnotherLapIsNotHelped) {
  queue_.Set(3, Ring::ReadyWord(1), 10);
  queue_.Set(4, Reserved(kOther, 7, 1), 99);
  EXPECT_EQ(ReadEndBefore(queue_.memory(), 5), 99u);
  EXPECT_EQ(queue_.EndAt(4), 99u);
}

TEST_F(RecoveryTest, ReservationOfTheLivingIsNeverTaken) {
  const uint64_t word = Reserved(kOther, 1, 0);
  queue_.Set(0, word, 1);
  world_.now += 24LL * 3600 * 1'000'000'000;
  EXPECT_FALSE(recovery_.ResolveIfDead(0, word));
  EXPECT_EQ(queue_.WordAt(0), word);
  queue_.Set(1, Ring::ClaimedWord(kOther, 0), 1);
  EXPECT_FALSE(recovery_.ResolveIfDead(1, queue_.WordAt(1)));
  EXPECT_EQ(queue_.WordAt(1), Ring::ClaimedWord(kOther, 0));
}

TEST_F(RecoveryTest, ReservationOfTheDeadIsFreedWithItsEnd) {
  queue_.Set(0, Ring::ReadyWord(0), 5);
  for (uint64_t stored : {0, 12}) {
    queue_.Set(1, Reserved(kDead, 7, 0), stored);
    EXPECT_TRUE(recovery_.ResolveIfDead(1, queue_.WordAt(1)));
    EXPECT_EQ(queue_.WordAt(1), Ring::FreeWord(1));
    EXPECT_EQ(queue_.EndAt(1), 12u);
  }
  EXPECT_TRUE(world_.proofs[kDead].empty());
}

TEST_F(RecoveryTest, ClaimOfTheDeadIsPutBackMarked) {
  queue_.Set(0, Ring::ClaimedWord(kDead, 0), 0);
  queue_.slot(0).meta.store(kMetaExternal | (2u << kMetaDeliveriesShift));
  EXPECT_TRUE(recovery_.ResolveIfDead(0, queue_.WordAt(0)));
  EXPECT_EQ(queue_.WordAt(0), Ring::ReadyWord(0));
  EXPECT_EQ(queue_.slot(0).meta.load(),
            kMetaExternal | kMetaRedelivered | (3u << kMetaDeliveriesShift));
  EXPECT_EQ(queue_.header().returns.load(), 1u);
}

TEST_F(RecoveryTest, WordThatChangedMeanwhileIsLeftAlone) {
  const uint64_t claimed = Ring::ClaimedWord(kDead, 0);
  queue_.Set(0, Ring::ClaimedWord(kOther, 0), 0);
  EXPECT_TRUE(recovery_.ResolveIfDead(0, claimed));
  EXPECT_EQ(queue_.WordAt(0), Ring::ClaimedWord(kOther, 0));
  EXPECT_EQ(queue_.header().returns.load(), 0u);
  const uint64_t reserved = Reserved(kDead, 0, 0);
  queue_.Set(1, Ring::FreeWord(1), 0);
  EXPECT_TRUE(recovery_.ResolveIfDead(1, reserved));
  EXPECT_EQ(queue_.WordAt(1), Ring::FreeWord(1));
}

TEST_F(RecoveryTest, OwnersThatNobodyCanBeAreNotResolved) {
  for (uint32_t owner : {0u, kMe, 9u, 8191u}) {
    const uint64_t word = Ring::ClaimedWord(owner, 0);
    queue_.Set(0, word, 0);
    EXPECT_FALSE(recovery_.ResolveIfDead(0, word)) << owner;
    EXPECT_EQ(queue_.WordAt(0), word) << owner;
  }
}

// X proves the death of D and sleeps; the queue goes on, and D's id may be had by another only
// after X has looked again at what it read.
TEST_F(RecoveryTest, ResolverThatSleptWithItsProofTakesNothingFromOthers) {
  const uint64_t word = Ring::ClaimedWord(kDead, 0);
  queue_.Set(0, word, 0);
  world_.before = [&](const char* question, uint32_t id) {
    if (std::string(question) != "ProveDead" || id != kDead) return;
    world_.before = nullptr;
    // While the first resolver is about to prove, another puts the message back and cleans the id.
    ASSERT_TRUE(other_.ResolveIfDead(0, word));
    ASSERT_EQ(other_.LookForDead(0, true), 1);
    queue_.slot(0).word.store(Ring::ClaimedWord(kOther, 0));
  };
  EXPECT_TRUE(recovery_.ResolveIfDead(0, word));
  EXPECT_EQ(queue_.WordAt(0), Ring::ClaimedWord(kOther, 0));
}

TEST_F(RecoveryTest, LookResolvesAllThatTheDeadHeldAndCleansItsId) {
  queue_.Set(0, Ring::FreeWord(1), 4);
  queue_.Set(1, Ring::ClaimedWord(kDead, 0), 6);
  queue_.Set(2, Ring::ClaimedWord(kOther, 0), 8);
  queue_.Set(3, Reserved(kDead, 2, 0), 0);
  queue_.Set(4, Reserved(kOther, 3, 0), 13);
  // end(3) was helped by the publisher of 4.
  queue_.slot(3).end.store(10);
  queue_.Set(5, Reserved(kDead, 1, 0), 0);
  EXPECT_EQ(recovery_.LookForDead(6), 1);
  EXPECT_EQ(queue_.WordAt(1), Ring::ReadyWord(0));
  EXPECT_EQ(queue_.WordAt(2), Ring::ClaimedWord(kOther, 0));
  EXPECT_EQ(queue_.WordAt(3), Ring::FreeWord(1));
  EXPECT_EQ(queue_.EndAt(3), 10u);
  EXPECT_EQ(queue_.WordAt(4), Reserved(kOther, 3, 0));
  EXPECT_EQ(queue_.WordAt(5), Ring::FreeWord(1));
  EXPECT_EQ(queue_.EndAt(5), 14u);
  EXPECT_EQ(StatusOf(queue_.memory().participant(kDead).state.load()), ParticipantStatus::kClean);
  EXPECT_TRUE(world_.proofs[kDead].empty());
}

// It put a message back and died before it counted: the word is READY below everybody, and no word
// names the dead.
TEST_F(RecoveryTest, LookCountsReturnsForADeadOneThatHoldsNothing) {
  queue_.Set(0, Ring::ReadyWord(0), 0);
  EXPECT_EQ(recovery_.LookForDead(1), 1);
  EXPECT_EQ(queue_.header().returns.load(), 1u);
}

TEST_F(RecoveryTest, ProofIsHeldWhileTheSlotsAreCleaned) {
  queue_.Set(0, Ring::ClaimedWord(kDead, 0), 0);
  queue_.header().data.flag.store(1);
  bool looked = false;
  mine_.on_wake = [&](const std::atomic<uint32_t>&) {
    // In the middle of the scan.
    if (looked) return;
    looked = true;
    EXPECT_EQ(world_.proofs[kDead].count(&mine_), 1u);
    EXPECT_FALSE(others_.TryHoldAlive(kDead));
  };
  EXPECT_EQ(recovery_.LookForDead(1), 1);
  EXPECT_TRUE(looked);
  EXPECT_TRUE(others_.TryHoldAlive(kDead));
}

TEST_F(RecoveryTest, LookFindsLapsFarFromItsOwnPosition) {
  const uint64_t lap = 1000;
  queue_.Set(1000 * 64 + 5, Ring::ClaimedWord(kDead, lap), 0);
  queue_.Set(1000 * 64 + 4, Ring::FreeWord(lap + 1), 50);
  queue_.Set(1001 * 64 + 6, Ring::FreeWord(lap + 1), 50);
  EXPECT_EQ(recovery_.LookForDead(1000 * 64 + 7), 1);
  EXPECT_EQ(queue_.WordAt(5), Ring::ReadyWord(lap));
}

TEST_F(RecoveryTest, LooksAreLimitedInRate) {
  EXPECT_EQ(recovery_.LookForDead(0), 1);
  queue_.MarkInUse(4);
  EXPECT_EQ(other_.LookForDead(0), 0);
  world_.now += kLookNanos - 1;
  EXPECT_EQ(other_.LookForDead(0), 0);
  world_.now += 1;
  EXPECT_EQ(other_.LookForDead(0), 1);
  queue_.MarkInUse(4);
  EXPECT_EQ(recovery_.LookForDead(0, /*force=*/true), 1);
}

// One look at all of a table that is marked in use from end to end would keep a call for minutes, in
// a large queue.
TEST_F(RecoveryTest, TableFullOfTheDeadIsResolvedInSeveralLooks) {
  PlainQueue large(1 << 20, kMaxParticipantIds);
  for (uint32_t id = 3; id <= kMaxParticipantIds; ++id) large.MarkInUse(id);
  Recovery recovery(large.memory(), mine_, kMe);
  EXPECT_EQ(recovery.LookForDead(0), (1 << 26) / (1 << 14));
  EXPECT_EQ(StatusOf(large.memory().participant(3).state.load()), ParticipantStatus::kClean);
  EXPECT_EQ(StatusOf(large.memory().participant(kMaxParticipantIds).state.load()),
            ParticipantStatus::kInUse);
}

TEST_F(RecoveryTest, LookerThatStoppedKeepsNobodyFromLooking) {
  world_.before = [&](const char* question, uint32_t) {
    if (std::string(question) != "IsAlive") return;
    world_.before = nullptr;
    // The first looker stands still here; the time of its look passes.
    world_.now += kLookNanos;
    EXPECT_EQ(other_.LookForDead(0), 1);
  };
  EXPECT_EQ(recovery_.LookForDead(0), 0);
}

TEST_F(RecoveryTest, TimeOfALookInTheFutureIsNotBelieved) {
  queue_.header().last_look.store(world_.now + 3600LL * 1'000'000'000);
  EXPECT_EQ(recovery_.LookForDead(0), 1);
  EXPECT_EQ(queue_.header().last_look.load(), world_.now);
}

TEST_F(RecoveryTest, FreeingAReservationWakesBothSides) {
  queue_.Set(0, Reserved(kDead, 0, 0), 0);
  queue_.header().data.flag.store(1);
  queue_.header().space.flag.store(1);
  EXPECT_TRUE(recovery_.ResolveIfDead(0, queue_.WordAt(0)));
  EXPECT_EQ(mine_.wakes, 2);
  EXPECT_EQ(queue_.header().data.flag.load(), 0u);
  EXPECT_EQ(queue_.header().space.flag.load(), 0u);
  EXPECT_EQ(queue_.header().data.seq.load(), 1u);
  EXPECT_EQ(queue_.header().space.seq.load(), 1u);
}

TEST_F(RecoveryTest, NobodyIsWokenWhenNobodySleeps) {
  queue_.Set(0, Reserved(kDead, 0, 0), 0);
  queue_.Set(1, Ring::ClaimedWord(kDead, 0), 0);
  EXPECT_EQ(recovery_.LookForDead(0), 1);
  EXPECT_EQ(mine_.wakes, 0);
}

}  // namespace
}  // namespace interprocess::native
