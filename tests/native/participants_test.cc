// SPDX-License-Identifier: MIT

#include "core/native/participants.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/native/recovery.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::FakeEnvironment;
using testing::FakeWorld;
using testing::PlainQueue;

class ParticipantsTest : public ::testing::Test {
 protected:
  absl::StatusOr<uint32_t> Take(FakeEnvironment& environment) {
    return TakeId(queue_.memory(), environment, Role::kPublisher, 1234, 5678);
  }
  ParticipantStatus StatusOfId(uint32_t id) {
    return StatusOf(queue_.memory().participant(id).state.load());
  }

  PlainQueue queue_{4096, 3};
  FakeWorld world_;
};

TEST_F(ParticipantsTest, TakesTheLowestIdAndRecordsItsHolder) {
  FakeEnvironment one(world_), two(world_);
  queue_.memory().participant(1).messages.store(99);
  EXPECT_EQ(Take(one).value(), 1u);
  EXPECT_EQ(Take(two).value(), 2u);
  const Participant& record = queue_.memory().participant(1);
  EXPECT_EQ(record.process_id.load(), 1234);
  EXPECT_EQ(record.process_start_ns.load(), 5678);
  EXPECT_EQ(record.role.load(), 1u);
  EXPECT_EQ(record.messages.load(), 0u);
  EXPECT_EQ(StatusOfId(1), ParticipantStatus::kInUse);
  EXPECT_EQ(queue_.header().ids_used.load(), 2u);
  EXPECT_TRUE(one.IsAlive(1));
  EXPECT_TRUE(world_.joining.empty());
}

TEST_F(ParticipantsTest, FullTableSaysHowManyPlacesThereAre) {
  std::vector<std::unique_ptr<FakeEnvironment>> holders;
  for (int i = 0; i < 3; ++i) {
    holders.push_back(std::make_unique<FakeEnvironment>(world_));
    ASSERT_TRUE(Take(*holders.back()).ok());
  }
  FakeEnvironment late(world_);
  const absl::Status status = Take(late).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(status.message().find("3 places"), absl::string_view::npos) << status;
  ReturnId(queue_.memory(), *holders[1], 2);
  EXPECT_EQ(Take(late).value(), 2u);
}

TEST_F(ParticipantsTest, IdOfTheDeadIsNotTakenBeforeItIsClean) {
  FakeEnvironment dead(world_), next(world_), later(world_);
  ASSERT_EQ(Take(dead).value(), 1u);
  dead.Die();
  ASSERT_EQ(Take(next).value(), 2u);
  Recovery recovery(queue_.memory(), next, 2);
  EXPECT_EQ(recovery.LookForDead(kPatientLookNanos), 1);
  EXPECT_EQ(StatusOfId(1), ParticipantStatus::kClean);
  EXPECT_EQ(Take(later).value(), 1u);
  EXPECT_EQ(queue_.memory().participant(1).state.load() >> 8, 2u);
}

TEST_F(ParticipantsTest, ProofOfDeathThatIsHeldKeepsNewcomersFromTheId) {
  FakeEnvironment dead(world_), resolver(world_), late(world_), newcomer(world_);
  ASSERT_EQ(Take(dead).value(), 1u);
  dead.Die();
  ASSERT_EQ(Take(resolver).value(), 2u);
  // Stopped with its proof in hand, having read a word that names 1.
  ASSERT_TRUE(late.ProveDead(1));
  EXPECT_EQ(Recovery(queue_.memory(), resolver, 2).LookForDead(kPatientLookNanos), 1);
  ASSERT_EQ(StatusOfId(1), ParticipantStatus::kClean);
  EXPECT_EQ(Take(newcomer).value(), 3u);
  ReturnId(queue_.memory(), newcomer, 3);
  late.DropProof(1);
  EXPECT_EQ(Take(newcomer).value(), 1u);
}

TEST_F(ParticipantsTest, NewcomerWithTheJoinLeaseIsPassedOver) {
  FakeEnvironment joining(world_), other(world_);
  ASSERT_TRUE(joining.TryLockJoin(1));
  EXPECT_EQ(Take(other).value(), 2u);
  joining.UnlockJoin(1);
}

// Between the look at the state and the join lease another took the id and died: its words may name
// it, so its alive lease must not be held for a moment.
TEST_F(ParticipantsTest, LooksAtTheStateAgainUnderTheJoinLease) {
  FakeEnvironment slow(world_), quick(world_);
  bool nested = false;
  world_.before = [&](const char* question, uint32_t id) {
    if (nested || std::string(question) != "TryLockJoin" || id != 1) return;
    nested = true;
    ASSERT_EQ(Take(quick).value(), 1u);
    quick.Die();
  };
  EXPECT_EQ(Take(slow).value(), 2u);
  EXPECT_FALSE(slow.IsAlive(1));
  EXPECT_EQ(StatusOfId(1), ParticipantStatus::kInUse);
}

TEST_F(ParticipantsTest, HighestIdIsKnownBeforeTheIdLooksUsed) {
  FakeEnvironment one(world_);
  queue_.header().ids_used.store(2);
  ASSERT_EQ(Take(one).value(), 1u);
  EXPECT_EQ(queue_.header().ids_used.load(), 2u);
}

TEST_F(ParticipantsTest, IdIsCleanBeforeItsLeaseIsDropped) {
  FakeEnvironment one(world_), looker(world_);
  ASSERT_EQ(Take(one).value(), 1u);
  ASSERT_EQ(Take(looker).value(), 2u);
  ReturnId(queue_.memory(), one, 1);
  EXPECT_EQ(StatusOfId(1), ParticipantStatus::kClean);
  EXPECT_EQ(Recovery(queue_.memory(), looker, 2).LookForDead(kPatientLookNanos, true), 0);
}

// No participant is attached that could resolve them, so a newcomer must.
TEST_F(ParticipantsTest, TableFullOfTheDeadCanBeJoined) {
  for (int i = 0; i < 3; ++i) {
    FakeEnvironment dead(world_);
    ASSERT_TRUE(Take(dead).ok());
  }
  queue_.SetReserved(0, 1, 0);
  queue_.SetWindow(1, 0, 1);
  queue_.SetClaimed(1, 2, 0);
  queue_.memory().participant(2).current.store(2);
  FakeEnvironment newcomer(world_);
  absl::StatusOr<uint32_t> id = Take(newcomer);
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(StatusOfId(*id), ParticipantStatus::kInUse);
  EXPECT_TRUE(newcomer.IsAlive(*id));
  // No word in progress may name the newcomer.
  EXPECT_TRUE(queue_.SlotAt(0) == Ring::VoidWord(0) ||
              queue_.ring().ReserverOf(queue_.ReservedAt(0)) != *id);
  EXPECT_NE(queue_.ClaimAt(1), Ring::ClaimedWord(*id, 0));
  EXPECT_EQ(Recovery(queue_.memory(), newcomer, *id).LookForDead(kPatientLookNanos, true), 2);
  EXPECT_EQ(queue_.SlotAt(0), Ring::VoidWord(0));
  EXPECT_EQ(queue_.ClaimAt(0), Ring::DoneWord(0));
  EXPECT_EQ(queue_.ClaimAt(1), Ring::ReturnedWord(0));
  EXPECT_EQ(queue_.MetaAt(1) & kMetaRedelivered, kMetaRedelivered);
  EXPECT_GE(queue_.header().returns.load(), 1u);
}

class OneOfAKindTest : public ParticipantsTest {
 protected:
  OneOfAKindTest() {
    NewQueue queue = {queue_.memory().geometry(), 1, 2, 3, 4};
    queue.flags = kFlagOnePublisher | kFlagOneSubscriber;
    QueueMemory::Initialize(queue_.bytes(), queue);
  }
  QueueMemory memory() { return QueueMemory::Check(queue_.bytes(), queue_.size(), "").value(); }
  absl::Status TakeEndOf(FakeEnvironment& environment, uint32_t id, Role role) {
    return TakeEnd(memory(), environment, id, role);
  }
};

TEST_F(OneOfAKindTest, SecondIsRefusedWithTheNameOfTheFirst) {
  FakeEnvironment one(world_), two(world_), three(world_);
  ASSERT_EQ(Take(one).value(), 1u);
  ASSERT_EQ(Take(two).value(), 2u);
  EXPECT_TRUE(TakeEndOf(one, 1, Role::kPublisher).ok());
  const absl::Status refused = TakeEndOf(two, 2, Role::kPublisher);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(refused.message().find("participant 1 of process 1234"), absl::string_view::npos)
      << refused;
  EXPECT_TRUE(TakeEndOf(two, 2, Role::kSubscriber).ok());
  EXPECT_TRUE(TakeEndOf(three, 3, Role::kInspector).ok());
  ReturnId(memory(), one, 1);
  EXPECT_EQ(queue_.header().one_publisher.load(), 0u);
  EXPECT_EQ(queue_.header().one_subscriber.load(), 2u);
}

TEST_F(OneOfAKindTest, EndOfTheDeadIsTakenWithWhatItHeld) {
  FakeEnvironment one(world_), two(world_);
  ASSERT_EQ(Take(one).value(), 1u);
  ASSERT_EQ(Take(two).value(), 2u);
  ASSERT_TRUE(TakeEndOf(one, 1, Role::kPublisher).ok());
  queue_.SetReserved(0, 1, 0);
  queue_.memory().participant(1).current.store(1);
  one.Die();
  EXPECT_TRUE(TakeEndOf(two, 2, Role::kPublisher).ok());
  EXPECT_EQ(queue_.header().one_publisher.load(), 2u);
  EXPECT_EQ(queue_.SlotAt(0), Ring::VoidWord(0));
  EXPECT_EQ(StatusOfId(1), ParticipantStatus::kClean);
}

TEST_F(OneOfAKindTest, NobodyIsSaidToHaveTheEnd) {
  FakeEnvironment one(world_);
  ASSERT_EQ(Take(one).value(), 1u);
  queue_.header().one_publisher.store(8191);
  EXPECT_EQ(TakeEndOf(one, 1, Role::kPublisher).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace interprocess::native
