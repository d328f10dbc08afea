// CheckOnce finds each way in which an image can be wrong, and nothing in one that is sound.

#include "core/native/inspect.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

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
    for (uint64_t i = 0; i < 64; ++i) queue_.Set(i, Ring::FreeWord(1), 0);
    queue_.Set(64, Ring::FreeWord(2), 0);
    Message(65, Ring::ClaimedWord(1, 1), 0, 40, 0);
    Message(66, Ring::ReadyWord(1), 2, 100, kMetaExternal);
    queue_.Set(67, queue_.ring().ReservedWord(2, 3, 1), 5);
    Message(68, Ring::ReadyWord(1), 5, 7, 0);
    Message(69, Ring::ReadyWord(1), 7, 128, kMetaExternal);
    queue_.slot(69).start.store(5 * 64);
    queue_.header().tail.store(65);
    queue_.header().head.store(65);
  }

  void Message(uint64_t position, uint64_t word, uint64_t end, uint32_t length, uint32_t meta) {
    queue_.Set(position, word, end);
    queue_.slot(position).length.store(length);
    queue_.slot(position).meta.store(meta);
    if (meta == kMetaExternal) queue_.slot(position).start.store(0);
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
  EXPECT_EQ(report.file_size, 16384);
  EXPECT_EQ(report.format_version, 3);
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

TEST_F(InspectTest, FindsWordInASlotThatWasNeverReserved) {
  const PlainQueue fresh;
  fresh.slot(40).word.store(Ring::FreeWord(1));
  const auto findings = CheckOnce(fresh.memory(), [](uint32_t) { return true; });
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].what.find("slot 40 was never reserved"), std::string::npos);
}

TEST_F(InspectTest, FindsWordWithoutState) {
  for (uint64_t state : {4, 5, 6, 7}) {
    queue_.slot(68).word.store(state << 61 | 1);
    ExpectDamage("position 68");
  }
}

TEST_F(InspectTest, FindsWordOfAnotherLap) {
  for (uint64_t word : {Ring::ReadyWord(0), Ring::ClaimedWord(1, 0), Ring::FreeWord(1),
                        queue_.ring().ReservedWord(2, 0, 0)}) {
    queue_.slot(68).word.store(word);
    ExpectDamage("is not of lap");
  }
}

TEST_F(InspectTest, FindsOwnersThatNobodyIs) {
  for (uint32_t owner : {0u, 3u, 9u, 8191u}) {
    queue_.slot(65).word.store(Ring::ClaimedWord(owner, 1));
    ExpectDamage("position 65 belongs to participant " + std::to_string(owner));
  }
  queue_.slot(65).word.store(Ring::ClaimedWord(1, 1));
  queue_.slot(67).word.store(queue_.ring().ReservedWord(3, 3, 1));
  ExpectDamage("position 67 belongs to participant 3");
}

TEST_F(InspectTest, FindsLengthBeyondTheSlot) {
  queue_.slot(68).length.store(41);
  ExpectDamage("position 68: 41 bytes inside the slot");
}

TEST_F(InspectTest, FindsMessageOutsideThePayloadRing) {
  queue_.slot(69).length.store(5000);
  ExpectDamage("position 69: 5000 bytes");
  queue_.slot(69).length.store(128);
  for (uint64_t start : {uint64_t{5 * 64 + 1}, uint64_t{4096}, uint64_t{4096 - 64}, UINT64_MAX}) {
    queue_.slot(69).start.store(start);
    ExpectDamage("position 69: 128 bytes at " + std::to_string(start));
  }
}

TEST_F(InspectTest, FindsMessageOutsideItsUnits) {
  queue_.slot(69).length.store(129);
  ExpectDamage("position 69: 129 bytes");
  queue_.slot(69).length.store(128);
  for (uint64_t start : {uint64_t{4 * 64}, uint64_t{6 * 64}, uint64_t{0}}) {
    queue_.slot(69).start.store(start);
    ExpectDamage("position 69: 128 bytes at " + std::to_string(start));
  }
}

TEST_F(InspectTest, FindsEndThatGoesBack) {
  queue_.slot(69).end.store(3);
  ExpectDamage("position 69");
}

TEST_F(InspectTest, FindsMorePayloadThanThereCanBe) {
  queue_.slot(69).end.store(5 + 2 * 64);
  ExpectDamage("units of payload");
}

TEST_F(InspectTest, EndOfAReservationMayNotBeStoredYet) {
  queue_.slot(68).word.store(queue_.ring().ReservedWord(2, 9, 1));
  queue_.slot(68).end.store(0);
  queue_.slot(69).word.store(Ring::FreeWord(1));
  for (const Finding& finding : Check()) ADD_FAILURE() << finding.what;
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
    queue_.Set(i, Ring::ReadyWord(0), 0);
    queue_.slot(i).length.store(4096);
    queue_.slot(i).meta.store(kMetaExternal);
    queue_.slot(i).start.store(0);
  }
  queue_.header().head.store(0);
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
