// SPDX-License-Identifier: MIT

#include "core/cloudtoid/queue_v2.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "tests/cloudtoid/testing/plain_queue.h"

namespace interprocess::cloudtoid {
namespace {

using testing::AsBytes;
using testing::kSecond;
using testing::Memory;
using testing::Take;
using testing::Took;
using testing::World;

class V2Test : public ::testing::Test {
 protected:
  static constexpr int64_t kCapacity = 120;

  Outcome Put(const std::string& text) { return publisher_.Enqueue(AsBytes(text)); }
  uint64_t Word(int64_t offset) { return reader_.ring().header(offset); }
  // As a publisher that goes no further: room is taken, and perhaps the length stored.
  void Reserve(int64_t size, uint64_t word) {
    const int64_t write = header_.write_offset;
    header_.write_offset = (write + size) % (2 * kCapacity);
    reader_.ring().header(write % kCapacity) = word;
  }

  Memory memory_{FileSizeV2(kCapacity)};
  HeaderV2& header_ = memory_.v2();
  World world_;
  QueueV2 publisher_{memory_.data(), kCapacity, world_};
  QueueV2 reader_{memory_.data(), kCapacity, world_};
  QueueV2 other_{memory_.data(), kCapacity, world_};
};

TEST_F(V2Test, MessagesGoThroughForManyLapsAndLeaveZeros) {
  for (int i = 0; i < 1000; ++i) {
    const std::string text(static_cast<size_t>(i % 60), static_cast<char>('a' + i % 26));
    ASSERT_EQ(Put(text), Outcome::kDone) << i;
    ASSERT_EQ(Took(reader_), text) << i;
    for (int64_t at = 0; at < kCapacity; at += 8) ASSERT_EQ(Word(at), 0u) << i;
    ASSERT_EQ(header_.read_lock, 0);
    ASSERT_LT(header_.write_offset, 2 * kCapacity);
  }
  EXPECT_EQ(world_.permits, 1000);
  EXPECT_EQ(Took(reader_), "<none>");
}

TEST_F(V2Test, FullIsACapacityApart) {
  for (int i = 0; i < 7; ++i) ASSERT_EQ(Put("12345678"), Outcome::kDone);
  EXPECT_EQ(Put("1"), Outcome::kFull);
  EXPECT_EQ(Put(""), Outcome::kDone);
  EXPECT_EQ(Put(""), Outcome::kFull);
  EXPECT_FALSE(publisher_.HasRoom(0));
  EXPECT_EQ(Took(reader_), "12345678");
  EXPECT_TRUE(publisher_.HasRoom(8));
  EXPECT_EQ(Put("12345678"), Outcome::kDone);
}

TEST_F(V2Test, AMessageTooLargeForTheBufferStays) {
  ASSERT_EQ(Put("twelve bytes"), Outcome::kDone);
  Claimed claimed;
  EXPECT_EQ(reader_.Claim(11, &claimed), Outcome::kTooLarge);
  EXPECT_EQ(claimed.size, 12);
  EXPECT_EQ(header_.read_lock, 0);
  EXPECT_EQ(Word(0), RecordWord(kRecordReady, 12));
  EXPECT_EQ(Took(reader_), "twelve bytes");
}

TEST_F(V2Test, OneReadsAtATime) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  ASSERT_EQ(Put("two"), Outcome::kDone);
  Claimed claimed;
  ASSERT_EQ(reader_.Claim(100, &claimed), Outcome::kDone);
  EXPECT_EQ(Took(other_), "<held up>");
  world_.nanos += 10 * kSecond;  // not longer than ten seconds
  EXPECT_EQ(Took(other_), "<held up>");
  EXPECT_TRUE(reader_.Finish(claimed));
  EXPECT_EQ(Took(other_), "two");
}

TEST_F(V2Test, AReaderPausedPastItsTimeMovesNothing) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  ASSERT_EQ(Put("two"), Outcome::kDone);
  Claimed claimed;
  ASSERT_EQ(reader_.Claim(100, &claimed), Outcome::kDone);
  world_.nanos += 10 * kSecond + 100;
  std::string text;
  bool redelivered = false;
  ASSERT_EQ(Take(other_, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, "one");
  EXPECT_TRUE(redelivered);
  // While another has the lock, and while it is free.
  Claimed others;
  ASSERT_EQ(other_.Claim(100, &others), Outcome::kDone);
  const std::string before = memory_.Image();
  EXPECT_FALSE(reader_.StillOurs(claimed));
  EXPECT_FALSE(reader_.Finish(claimed));
  reader_.PutBack(claimed);
  EXPECT_EQ(memory_.Image(), before);
  EXPECT_TRUE(other_.Finish(others));
  EXPECT_FALSE(reader_.Finish(claimed));
  EXPECT_EQ(Took(reader_), "<none>");
  EXPECT_EQ(header_.read_lock, 0);
}

TEST_F(V2Test, PutBackComesAgain) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  Claimed claimed;
  ASSERT_EQ(reader_.Claim(100, &claimed), Outcome::kDone);
  EXPECT_EQ(Word(0), RecordWord(kRecordClaimed, 3));
  reader_.PutBack(claimed);
  std::string text;
  bool redelivered = true;
  ASSERT_EQ(Take(other_, &text, &redelivered), Outcome::kDone);
  EXPECT_FALSE(redelivered);
}

TEST_F(V2Test, ALockFromTheFutureEndsAfterItsTimeOnOurClock) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  header_.read_lock = world_.NowTicks() + 3600 * kTicksPerSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 1;
  EXPECT_EQ(Took(reader_), "one");
  EXPECT_EQ(header_.read_lock, 0);
}

TEST_F(V2Test, SenselessLocksEnd) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  header_.read_lock = INT64_MIN;
  EXPECT_EQ(Took(reader_), "one");
  ASSERT_EQ(Put("two"), Outcome::kDone);
  header_.read_lock = INT64_MAX;
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond + 1;
  EXPECT_EQ(Took(reader_), "two");
}

TEST_F(V2Test, OnlyTheAbandonedRecordIsSkipped) {
  Reserve(40, RecordWord(kRecordFree, 30));
  ASSERT_EQ(Put("behind"), Outcome::kDone);
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 1;
  EXPECT_EQ(Took(reader_), "behind");
  EXPECT_EQ(Took(reader_), "<none>");
  for (int64_t at = 0; at < kCapacity; at += 8) EXPECT_EQ(Word(at), 0u);
}

TEST_F(V2Test, ARecordAbandonedBeforeItsLengthIsAGapOfZeros) {
  Reserve(40, 0);
  ASSERT_EQ(Put("behind"), Outcome::kDone);
  ASSERT_EQ(Put("further behind"), Outcome::kDone);
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond + 1;
  EXPECT_EQ(Took(reader_), "behind");
  EXPECT_EQ(Took(reader_), "further behind");
}

TEST_F(V2Test, WhatIsReservedLaterIsNotSkippedWithTheAbandoned) {
  Reserve(40, 0);
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  Reserve(16, 0);  // a living publisher, just now
  world_.nanos += 1;
  EXPECT_EQ(Took(reader_), "<held up>");
  EXPECT_EQ(header_.read_offset, 40);
  reader_.ring().header(40) = RecordWord(kRecordReady, 0);
  reader_.ring().header(48) = RecordWord(kRecordReady, 0);
  EXPECT_EQ(Took(reader_), "");
  // Its own patience begins with the first look at it.
  Reserve(16, 0);
  EXPECT_EQ(Took(reader_), "");
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
}

TEST_F(V2Test, APublisherThatGoesOnInTimeLosesNothing) {
  Reserve(16, RecordWord(kRecordFree, 1));
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 9 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  reader_.ring().header(0) = RecordWord(kRecordReady, 1);
  EXPECT_EQ(Took(reader_), std::string(1, '\0'));
  // The same place, a lap of both offsets later, is observed anew.
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(Put(std::string(90, 'x')), Outcome::kDone);
    ASSERT_EQ(Took(reader_), std::string(90, 'x'));
  }
  ASSERT_EQ(Put(std::string(8, 'x')), Outcome::kDone);
  ASSERT_EQ(Took(reader_), std::string(8, 'x'));
  ASSERT_EQ(header_.read_offset, 0);
  world_.nanos += 9 * kSecond;
  Reserve(16, RecordWord(kRecordFree, 1));
  EXPECT_EQ(Took(reader_), "<held up>");
  EXPECT_EQ(header_.read_offset, 0);
}

TEST_F(V2Test, ASlowPollerDoesNotTakeAnotherLapForTheSame) {
  Reserve(16, 0);
  EXPECT_EQ(Took(reader_), "<held up>");
  // All goes round by another reader's hand, and comes to stand in the same place.
  reader_.ring().header(0) = RecordWord(kRecordReady, 0);
  reader_.ring().header(8) = RecordWord(kRecordReady, 0);
  EXPECT_EQ(Took(other_), "");
  EXPECT_EQ(Took(other_), "");
  for (size_t size : {96, 96, 8}) {
    ASSERT_EQ(Put(std::string(size, 'x')), Outcome::kDone);
    ASSERT_EQ(Took(other_), std::string(size, 'x'));
  }
  ASSERT_EQ(header_.read_offset, 0);
  Reserve(24, 0);
  world_.nanos += 60 * kSecond;
  EXPECT_EQ(Took(reader_), "<held up>");
  EXPECT_EQ(header_.read_offset, 0);
}

TEST_F(V2Test, AClaimOfNobodyIsDeliveredAfterTenSeconds) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  reader_.ring().header(0) = RecordWord(kRecordClaimed, 3);  // and no lock: 2.0 stores 0 blindly
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond + 1;
  EXPECT_EQ(Took(reader_), "one");
}

TEST_F(V2Test, AReaderThatDiesWhileItClearsLeavesARecordWithAnEnd) {
  ASSERT_EQ(Put("one was taken"), Outcome::kDone);
  ASSERT_EQ(Put("two"), Outcome::kDone);
  header_.read_lock = world_.NowTicks();
  reader_.ring().header(0) = RecordWord(kRecordFree, 13);
  reader_.ring().Clear(8, 8);
  world_.nanos += 10 * kSecond + 100;
  EXPECT_EQ(Took(reader_), "<held up>");
  world_.nanos += 10 * kSecond + 100;
  EXPECT_EQ(Took(reader_), "two");
}

TEST_F(V2Test, APublisherClearsWhatAnotherLibraryLeft) {
  reader_.ring().header(0) = RecordWord(kRecordReady, 1000);
  ASSERT_EQ(Put("one"), Outcome::kDone);
  EXPECT_EQ(Took(reader_), "one");
}

TEST_F(V2Test, LengthsAreNotBelieved) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  for (uint64_t word :
       {RecordWord(kRecordReady, -1), RecordWord(kRecordReady, INT32_MIN),
        RecordWord(kRecordReady, INT32_MAX), RecordWord(kRecordReady, 1000),
        RecordWord(kRecordClaimed, 1000), uint64_t{3} << 32 | 7, uint64_t{0x6161616161616161}}) {
    SCOPED_TRACE(word);
    reader_.ring().header(header_.read_offset % kCapacity) = word;
    EXPECT_EQ(Took(reader_), "<held up>");
    world_.nanos += 10 * kSecond;
    EXPECT_EQ(Took(reader_), "<held up>");
    EXPECT_EQ(header_.read_lock, 0);
    // Behind it, and not there when it was first seen.
    ASSERT_EQ(Put("two"), Outcome::kDone);
    world_.nanos += 1;
    EXPECT_EQ(Took(reader_), "two");
    EXPECT_EQ(Took(reader_), "<none>");
    for (int64_t at = 0; at < kCapacity; at += 8) EXPECT_EQ(Word(at), 0u);
    ASSERT_EQ(Put("one"), Outcome::kDone);
  }
}

TEST_F(V2Test, OffsetsAreNotBelieved) {
  for (int64_t bad : {int64_t{-8}, 2 * kCapacity, int64_t{4}, INT64_MIN, INT64_MAX}) {
    header_.read_offset = bad;
    EXPECT_EQ(Put("x"), Outcome::kDamaged) << bad;
    EXPECT_EQ(Took(reader_), "<damaged>") << bad;
    header_.read_offset = 0;
    header_.write_offset = bad;
    EXPECT_EQ(Put("x"), Outcome::kDamaged) << bad;
    EXPECT_EQ(Took(reader_), "<damaged>") << bad;
    header_.write_offset = 0;
  }
}

TEST_F(V2Test, RelaysWhenMoreIsThere) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  ASSERT_EQ(Put("two"), Outcome::kDone);
  reader_.OnPermit();  // took one, and drains the rest
  EXPECT_EQ(world_.permits, 0);
  EXPECT_EQ(Took(reader_), "one");
  reader_.Relay();
  EXPECT_EQ(world_.permits, 1);
  reader_.Relay();
  EXPECT_EQ(world_.permits, 1);
  EXPECT_EQ(Took(reader_), "two");
  world_.permits = 0;
  reader_.Relay();
  EXPECT_EQ(world_.permits, 0);
}

TEST_F(V2Test, ASemaphoreAtItsMaximumKeepsNothingOut) {
  world_.permits = INT32_MAX;
  EXPECT_EQ(Put("one"), Outcome::kDone);
  EXPECT_EQ(Took(reader_), "one");
}

}  // namespace
}  // namespace interprocess::cloudtoid
