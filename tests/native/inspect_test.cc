// SPDX-License-Identifier: MIT

// CheckOnce finds each way in which an image can be wrong, and nothing in one that is sound.

#include "core/native/inspect.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/native/depth.h"
#include "core/native/participants.h"
#include "gtest/gtest.h"
#include "interprocess/queue_inspector.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::PlainQueue;

// A queue in its second lap: position 64 is released, 65 claimed, 66 and 69 wait in the payload
// ring, 67 is being written, 68 waits inside its slot; 70 is the next.
class InspectTest : public ::testing::Test {
 protected:
  InspectTest() {
    queue_.MarkInUse(1);
    queue_.MarkInUse(2);
    for (uint64_t i = 0; i < 64; ++i) queue_.SetDone(i, 0);
    queue_.SetDone(64, 0);
    queue_.SetClaimed(65, 1, 0);
    queue_.SetAbout(65, 48, 0);
    queue_.SetWindow(1, 65, 66);
    queue_.SetReady(66, 2);
    queue_.SetAbout(66, 100, kMetaExternal);
    queue_.slot(66).start.store(0);
    queue_.SetReserved(67, 2, 3);
    queue_.SetEnd(67, 5);
    queue_.memory().participant(2).current.store(67 + 1);
    queue_.SetReady(68, 5);
    queue_.SetAbout(68, 7, 0);
    queue_.SetReady(69, 7);
    queue_.SetAbout(69, 128, kMetaExternal);
    queue_.slot(69).start.store(5 * 64);
    queue_.header().tail.store(65);
    queue_.header().head.store(65);
  }

  std::vector<Finding> Check() {
    return CheckOnce(queue_.memory(), [&](uint32_t id) { return dead_.count(id) == 0; });
  }
  // What is found is damage, and this is said of it.
  void ExpectDamage(const std::string& words) {
    std::string all;
    bool found = false;
    for (const Finding& finding : Check()) {
      all += finding.what + "\n";
      found = found || (finding.severity == Finding::Severity::kDamaged &&
                        finding.what.find(words) != std::string::npos);
    }
    EXPECT_TRUE(found) << "no '" << words << "' in:\n" << all;
  }

  PlainQueue queue_;
  std::set<uint32_t> dead_;
};

TEST_F(InspectTest, SoundImageHasNoFindings) {
  for (const Finding& finding : Check()) ADD_FAILURE() << finding.what;
}

TEST_F(InspectTest, DepthGoesOnFromTheHints) {
  EXPECT_EQ(ApproximateDepth(queue_.memory()), 4u);
  queue_.header().head.store(66);
  queue_.header().tail.store(70);
  EXPECT_EQ(ApproximateDepth(queue_.memory()), 4u);
}

// It is never more than fits, and ends, whatever the hints say.
TEST_F(InspectTest, DepthBelievesNoHint) {
  for (uint64_t head : {uint64_t{0}, uint64_t{1} << 63, UINT64_MAX}) {
    for (uint64_t tail : {uint64_t{0}, uint64_t{1} << 63, UINT64_MAX}) {
      queue_.header().head.store(head);
      queue_.header().tail.store(tail);
      EXPECT_LE(ApproximateDepth(queue_.memory()), queue_.memory().ring().slots());
    }
  }
}

TEST_F(InspectTest, NewQueueIsSound) {
  const PlainQueue fresh;
  EXPECT_TRUE(CheckOnce(fresh.memory(), [](uint32_t) { return true; }).empty());
}

TEST_F(InspectTest, ReportCountsStatesAndHolders) {
  queue_.memory().participant(1).role.store(static_cast<uint32_t>(Role::kSubscriber));
  queue_.memory().participant(1).process_id.store(77);
  queue_.memory().participant(1).process_start_ns.store(88);
  queue_.memory().participant(1).waits_for.store(static_cast<uint32_t>(WaitsFor::kData));
  queue_.memory().participant(1).messages.store(3);
  queue_.memory().participant(1).bytes.store(4);
  queue_.memory().participant(1).full_or_empty.store(5);
  queue_.memory().participant(1).sleeps.store(6);
  queue_.memory().participant(2).role.store(static_cast<uint32_t>(Role::kPublisher));
  queue_.header().returns.store(9);
  dead_ = {2};
  const QueueReport report =
      ReportOn(queue_.memory(), [&](uint32_t id) { return dead_.count(id) == 0; });
  EXPECT_EQ(report.capacity, 4096);
  EXPECT_EQ(report.file_size, 18432);
  EXPECT_EQ(report.format_version, 4);
  EXPECT_EQ(report.max_participants, 8);
  EXPECT_EQ(report.slots, 64u);
  EXPECT_EQ(report.ready, 3u);
  EXPECT_EQ(report.reserved, 1u);
  EXPECT_EQ(report.claimed, 1u);
  EXPECT_EQ(report.ready_bytes, 235u);
  EXPECT_EQ(report.tail, 70u);
  EXPECT_EQ(report.returned, 9u);
  ASSERT_EQ(report.participants.size(), 2u);
  const ParticipantReport& one = report.participants[0];
  EXPECT_EQ(one.id, 1);
  EXPECT_EQ(one.role, "subscriber");
  EXPECT_TRUE(one.alive);
  EXPECT_EQ(one.process_id, 77);
  EXPECT_EQ(one.process_start_ns, 88);
  EXPECT_EQ(one.waits_for, "data");
  EXPECT_EQ(one.messages, 3u);
  EXPECT_EQ(one.bytes, 4u);
  EXPECT_EQ(one.full_or_empty, 5u);
  EXPECT_EQ(one.sleeps, 6u);
  EXPECT_EQ(one.holds, 1u);
  EXPECT_EQ(report.participants[1].role, "publisher");
  EXPECT_FALSE(report.participants[1].alive);
  EXPECT_EQ(report.participants[1].holds, 1u);
}

TEST_F(InspectTest, DeadParticipantIsANote) {
  queue_.memory().participant(2).role.store(static_cast<uint32_t>(Role::kPublisher));
  queue_.memory().participant(2).process_id.store(4321);
  dead_ = {2};
  const std::vector<Finding> findings = Check();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Finding::Severity::kNote);
  EXPECT_NE(findings[0].what.find("participant 2, a publisher of process 4321"), std::string::npos)
      << findings[0].what;
}

TEST_F(InspectTest, FindsLifeWordWithoutState) {
  queue_.header().life.store(kLifeStateMask);
  ExpectDamage("life word");
}

TEST_F(InspectTest, FindsTailHintBeyondTheTail) {
  queue_.header().tail.store(80);
  ExpectDamage("tail hint 80");
}

TEST_F(InspectTest, FindsHeadHintBeyondTheTail) {
  queue_.header().head.store(71);
  ExpectDamage("head hint 71");
}

TEST_F(InspectTest, FindsMoreIdsThanTheTableHas) {
  queue_.header().ids_used.store(9);
  ExpectDamage("9 ids");
}

TEST_F(InspectTest, FindsStatusThatNoParticipantHas) {
  queue_.memory().participant(5).state.store(0x102);
  ExpectDamage("participant 5 has the status 2");
}

TEST_F(InspectTest, FindsParticipantBeyondTheHighestId) {
  queue_.memory().participant(7).state.store(0x101);
  ExpectDamage("participant 7 is in use beyond");
}

TEST_F(InspectTest, FindsReleasedHintBeyondTheTail) {
  queue_.header().released.store(71);
  ExpectDamage("released hint 71");
}

TEST_F(InspectTest, FindsEndsThatNobodyCanHave) {
  queue_.header().one_publisher.store(9);
  ExpectDamage("participant 9's");
}

TEST_F(InspectTest, FindsWordsOfAnotherLap) {
  const Ring& ring = queue_.ring();
  const QueueMemory& memory = queue_.memory();
  queue_.header().tail.store(70);
  for (uint64_t word : {ring.ReservedWord(2, 0, 0), uint64_t{0}}) {
    const uint64_t sound = memory.reservation(66).word.exchange(word);
    ExpectDamage("position 66: the reservation word");
    memory.reservation(66).word.store(sound);
  }
  for (uint64_t word : {uint64_t{0}, Ring::ReadyWord(2), Ring::ReadyWord(1) + 2}) {
    queue_.slot(68).word.store(word);
    ExpectDamage("position 68: the slot word");
  }
  queue_.slot(68).word.store(Ring::ReadyWord(1));
  for (uint64_t word : {Ring::FreeWord(0), Ring::ClaimedWord(1, 0), Ring::FreeWord(3),
                        Ring::FreeWord(1) | 2, uint64_t{0}}) {
    memory.claim(68).word.store(word);
    ExpectDamage("position 68: the claim word");
  }
}

TEST_F(InspectTest, FindsOwnersThatNobodyIs) {
  for (uint32_t owner : {0u, 3u, 8191u}) {
    queue_.memory().claim(65).word.store(Ring::ClaimedWord(owner, 1));
    ExpectDamage("position 65 is claimed by participant " + std::to_string(owner));
  }
  queue_.memory().claim(65).word.store(Ring::ClaimedWord(1, 1));
  queue_.memory().reservation(67).word.store(queue_.ring().ReservedWord(3, 3, 1));
  ExpectDamage("position 67 is reserved by participant 3");
}

TEST_F(InspectTest, FindsWhatItsOwnerDoesNotSay) {
  queue_.SetWindow(1, 66, 70);
  ExpectDamage("position 65 is claimed by participant 1, which says that it holds no such");
  queue_.SetWindow(1, 65, 66);
  queue_.memory().participant(2).current.store(0);
  ExpectDamage("position 67 is reserved by participant 2, which says that it holds no such");
}

TEST_F(InspectTest, FindsClaimOfWhatIsNotCommitted) {
  queue_.memory().claim(67).word.store(Ring::ClaimedWord(1, 1));
  ExpectDamage("position 67 is not committed, and claimed");
}

TEST_F(InspectTest, FindsLengthBeyondTheSlot) {
  queue_.SetAbout(68, 49, 0);
  ExpectDamage("position 68: 49 bytes inside the slot");
}

TEST_F(InspectTest, FindsMessageOutsideThePayloadRing) {
  queue_.SetAbout(69, 5000, kMetaExternal);
  ExpectDamage("position 69: 5000 bytes");
  queue_.SetAbout(69, 128, kMetaExternal);
  for (uint64_t start : {uint64_t{5 * 64 + 1}, uint64_t{4096}, uint64_t{4096 - 64}, UINT64_MAX}) {
    queue_.slot(69).start.store(start);
    ExpectDamage("position 69: 128 bytes at " + std::to_string(start));
  }
}

TEST_F(InspectTest, FindsMessageOutsideItsUnits) {
  queue_.SetAbout(69, 129, kMetaExternal);
  ExpectDamage("position 69: 129 bytes");
  queue_.SetAbout(69, 128, kMetaExternal);
  for (uint64_t start : {uint64_t{4 * 64}, uint64_t{6 * 64}, uint64_t{0}}) {
    queue_.slot(69).start.store(start);
    ExpectDamage("position 69: 128 bytes at " + std::to_string(start));
  }
}

TEST_F(InspectTest, FindsEndThatGoesBack) {
  queue_.SetEnd(69, 3);
  ExpectDamage("position 69");
}

TEST_F(InspectTest, FindsMorePayloadThanThereCanBe) {
  queue_.SetEnd(69, 5 + 2 * 64);
  ExpectDamage("units of payload");
}

TEST_F(InspectTest, EndOfAReservationMayNotBeStoredYet) {
  queue_.SetReserved(70, 2, 9);
  queue_.memory().participant(2).current.store(70 + 1);
  queue_.SetWindow(2, 67, 68);
  for (const Finding& finding : Check()) ADD_FAILURE() << finding.what;
}

TEST_F(InspectTest, CommittedMessageHasAnEnd) {
  queue_.memory().reservation(68).end.store(Ring::EndWord(0, 5));
  ExpectDamage("position 68 is committed, and its payload's end is not of lap 1");
}

TEST_F(InspectTest, RandomImageGivesAPageOfFindingsAtMost) {
  for (uint64_t i = 4096; i < queue_.size(); ++i) {
    queue_.bytes()[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  }
  const size_t count = Check().size();
  EXPECT_GT(count, 0u);
  EXPECT_LE(count, 200u);
}

TEST_F(InspectTest, PeekCopiesNoMoreThanAQueueCanHold) {
  for (uint64_t i = 0; i < 64; ++i) {
    queue_.SetReady(i, 0);
    queue_.SetAbout(i, 4096, kMetaExternal);
    queue_.slot(i).start.store(0);
  }
  queue_.header().head.store(0);
  queue_.header().tail.store(0);
  EXPECT_EQ(Peek(queue_.memory(), 1000).size(), 3u);
}

// Comparing them with those of the next look takes as long as their number squared.
TEST_F(InspectTest, TableOfGarbageGivesAPageOfFindingsAtMost) {
  PlainQueue queue(4096, kMaxParticipantIds);
  for (uint32_t id = 1; id <= kMaxParticipantIds; ++id)
    queue.memory().participant(id).state.store(7);
  const size_t count = CheckOnce(queue.memory(), [](uint32_t) { return true; }).size();
  EXPECT_GT(count, 0u);
  EXPECT_LE(count, 200u);
}

}  // namespace
}  // namespace interprocess::native
