// SPDX-License-Identifier: MIT

#include "core/cloudtoid/queue_v3.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/types/span.h"
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

class V3Test : public ::testing::Test {
 protected:
  static constexpr int64_t kCapacity = 120;

  V3Test() {
    header_.publishers[0].participant = 1;
    header_.publishers[7].participant = 4;
  }
  Outcome Put(const std::string& text) { return publisher_.Enqueue(AsBytes(text)); }
  uint64_t Word(int64_t offset) { return reader_.ring().header(offset); }
  // As publisher 4 that goes no further.
  void Reserve(int64_t size, uint64_t word) {
    header_.publishers[7].active = 1;
    const int64_t write = header_.write_offset;
    header_.write_offset = write + size;
    reader_.ring().header(write % kCapacity) = word;
  }
  // Until what is to be found abandoned is.
  std::string TookSoon() {
    std::string text = Took(reader_);
    world_.nanos += kSecond;
    return text == "<held up>" ? Took(reader_) : text;
  }

  Memory memory_{FileSizeV3(kCapacity)};
  HeaderV3& header_ = memory_.v3();
  World world_;
  QueueV3 publisher_{memory_.data(), kCapacity, world_, 1, 0};
  QueueV3 reader_{memory_.data(), kCapacity, world_, 2, -1};
  QueueV3 other_{memory_.data(), kCapacity, world_, 3, -1};
};

TEST_F(V3Test, MessagesGoThroughForManyLapsAndLeaveZeros) {
  for (int i = 0; i < 1000; ++i) {
    const std::string text(static_cast<size_t>(i % 60), static_cast<char>('a' + i % 26));
    ASSERT_EQ(Put(text), Outcome::kDone) << i;
    ASSERT_EQ(Took(reader_), text) << i;
    for (int64_t at = 0; at < kCapacity; at += 8) ASSERT_EQ(Word(at), 0u) << i;
    ASSERT_EQ(header_.reader, 0);
    ASSERT_EQ(header_.publishers[0].active, 0);
  }
  EXPECT_EQ(world_.permits, 1);
  EXPECT_EQ(header_.pending, 1);
  EXPECT_EQ(Took(reader_), "<none>");
}

TEST_F(V3Test, FullIsACapacityApart) {
  for (int i = 0; i < 7; ++i) ASSERT_EQ(Put("12345678"), Outcome::kDone);
  EXPECT_EQ(Put("1"), Outcome::kFull);
  EXPECT_EQ(Put(""), Outcome::kDone);
  EXPECT_FALSE(publisher_.HasRoom(0));
  EXPECT_EQ(Took(reader_), "12345678");
  EXPECT_TRUE(publisher_.HasRoom(8));
}

TEST_F(V3Test, AMessageTooLargeForTheBufferStays) {
  ASSERT_EQ(Put("twelve bytes"), Outcome::kDone);
  Claimed claimed;
  EXPECT_EQ(reader_.Claim(11, &claimed), Outcome::kTooLarge);
  EXPECT_EQ(claimed.size, 12);
  EXPECT_EQ(header_.reader, 0);
  EXPECT_EQ(Took(reader_), "twelve bytes");
}

TEST_F(V3Test, ALivingReaderIsNeverReplaced) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  Claimed claimed;
  ASSERT_EQ(reader_.Claim(100, &claimed), Outcome::kDone);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Took(other_), "<held up>");
    world_.nanos += 3600 * kSecond;
  }
  EXPECT_EQ(world_.probes, 100);
  EXPECT_TRUE(reader_.Finish(claimed));
  EXPECT_EQ(Took(other_), "<none>");
}

TEST_F(V3Test, ADeadReadersMessageComesAgain) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  ASSERT_EQ(Put("two"), Outcome::kDone);
  Claimed claimed;
  ASSERT_EQ(reader_.Claim(100, &claimed), Outcome::kDone);
  world_.dead = {2};
  std::string text;
  bool redelivered = false;
  ASSERT_EQ(Take(other_, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, "one");
  EXPECT_TRUE(redelivered);
  ASSERT_EQ(Take(other_, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, "two");
  EXPECT_FALSE(redelivered);
}

TEST_F(V3Test, ADeadReadersGateIsReopened) {
  header_.reader = 2;
  header_.gate = kGateClosed;
  world_.dead = {2};
  EXPECT_EQ(Put("turned away"), Outcome::kFull);
  EXPECT_EQ(header_.publishers[0].active, 0);
  EXPECT_EQ(header_.gate, kGateOpen);  // the publisher has seen to it
  EXPECT_EQ(header_.reader, 0);
  EXPECT_EQ(Put("one"), Outcome::kDone);
  header_.reader = 2;
  header_.gate = kGateClosed;
  EXPECT_EQ(Took(other_), "one");
  EXPECT_EQ(header_.gate, kGateOpen);
}

TEST_F(V3Test, AGateThatNobodyClosesIsReopened) {
  header_.gate = kGateClosed;
  EXPECT_EQ(Put("turned away"), Outcome::kFull);
  EXPECT_EQ(Put("one"), Outcome::kDone);
  header_.gate = kGateClosed;
  EXPECT_EQ(Took(reader_), "one");
  EXPECT_EQ(header_.gate, kGateOpen);
}

TEST_F(V3Test, ALivingRecoverersGateStaysClosed) {
  header_.reader = 3;
  header_.gate = kGateClosed;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Put("turned away"), Outcome::kFull);
    EXPECT_EQ(Took(reader_), "<none>");
    world_.nanos += 20 * kSecond;
  }
  EXPECT_EQ(header_.gate, kGateClosed);
  EXPECT_EQ(header_.write_offset, 0);
}

TEST_F(V3Test, OnlyTheDeadPublishersRecordIsSkipped) {
  Reserve(40, RecordWord(kRecordFree, 30));
  ASSERT_EQ(Put("behind"), Outcome::kDone);
  world_.dead = {4};
  EXPECT_EQ(TookSoon(), "behind");
  EXPECT_EQ(Took(reader_), "<none>");
  EXPECT_EQ(header_.gate, kGateOpen);
  for (int64_t at = 0; at < kCapacity; at += 8) EXPECT_EQ(Word(at), 0u);
}

TEST_F(V3Test, ARecordAbandonedBeforeItsLengthIsAGapOfZeros) {
  Reserve(40, 0);
  ASSERT_EQ(Put("behind"), Outcome::kDone);
  world_.dead = {4};
  EXPECT_EQ(TookSoon(), "behind");
}

TEST_F(V3Test, APausedPublisherIsWaitedFor) {
  Reserve(16, RecordWord(kRecordFree, 0));
  ASSERT_EQ(Put("behind"), Outcome::kDone);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(TookSoon(), "<held up>");
    EXPECT_EQ(header_.gate, kGateOpen);
    world_.nanos += 60 * kSecond;
  }
  EXPECT_EQ(header_.read_offset, 0);
  // It goes on.
  reader_.ring().header(0) = RecordWord(kRecordReady, 8);
  header_.publishers[7].active = 0;
  EXPECT_EQ(Took(reader_), std::string(8, '\0'));
  EXPECT_EQ(Took(reader_), "behind");
}

TEST_F(V3Test, APausedPublisherKeepsTheDeadOnesRecordToo) {
  Reserve(16, 0);
  header_.publishers[9].participant = 5;
  header_.publishers[9].active = 1;
  world_.dead = {4};
  EXPECT_EQ(TookSoon(), "<held up>");
  EXPECT_EQ(header_.read_offset, 0);
  header_.publishers[9].active = 0;
  world_.nanos += kSecond;
  EXPECT_EQ(Took(reader_), "<none>");
  EXPECT_EQ(header_.read_offset, 16);
}

TEST_F(V3Test, LengthsAndOffsetsAreNotBelieved) {
  ASSERT_EQ(Put("one"), Outcome::kDone);
  for (int32_t length : {-1, INT32_MIN, INT32_MAX, 9, 1000}) {
    reader_.ring().header(0) = RecordWord(kRecordReady, length);
    EXPECT_EQ(Took(reader_), "<damaged>") << length;
    EXPECT_EQ(header_.reader, 0);
  }
  // Theirs puts the state back to 2.
  EXPECT_EQ(StateOf(Word(0)), kRecordReady);
  reader_.ring().header(0) = uint64_t{3} << 32 | 7;
  EXPECT_EQ(Took(reader_), "<damaged>");
  for (int64_t bad : {int64_t{-8}, int64_t{4}, int64_t{32}, INT64_MIN, INT64_MAX}) {
    header_.read_offset = bad;
    EXPECT_EQ(Put("x"), Outcome::kDamaged) << bad;
    EXPECT_EQ(Took(reader_), "<damaged>") << bad;
    EXPECT_EQ(header_.publishers[0].active, 0);
  }
  header_.read_offset = 0;
  header_.write_offset = kCapacity + 8;
  EXPECT_EQ(Put("x"), Outcome::kDamaged);
  EXPECT_EQ(Took(reader_), "<damaged>");
}

TEST_F(V3Test, PositionsEndInAnError) {
  const int64_t last = std::numeric_limits<int64_t>::max() / 8 * 8;
  header_.read_offset = header_.write_offset = last - 16;
  EXPECT_EQ(Put("12345678"), Outcome::kDone);
  EXPECT_EQ(header_.write_offset, last);
  EXPECT_EQ(Put(""), Outcome::kExhausted);
  EXPECT_EQ(header_.publishers[0].active, 0);
  EXPECT_EQ(Took(reader_), "12345678");
  EXPECT_EQ(Took(reader_), "<none>");
}

TEST_F(V3Test, OneNotificationIsPendingAtATime) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Put(""), Outcome::kDone);
  EXPECT_EQ(world_.permits, 1);
  ASSERT_TRUE(world_.TryTakePermit());
  reader_.OnPermit();
  EXPECT_EQ(header_.pending, 0);
  EXPECT_EQ(Took(reader_), "");
  reader_.Relay();
  EXPECT_EQ(world_.permits, 1);
  EXPECT_EQ(header_.pending, 1);
  reader_.Relay();
  EXPECT_EQ(world_.permits, 1);
  EXPECT_TRUE(reader_.MustPoll());
}

TEST_F(V3Test, ABatchIsOneActiveCallAndOneNotification) {
  const std::string text = "12345678";
  std::vector<absl::Span<const uint8_t>> batch(9, AsBytes(text));
  size_t done = 0;
  EXPECT_EQ(publisher_.EnqueueBatch(absl::MakeConstSpan(batch), &done), Outcome::kFull);
  EXPECT_EQ(done, 7u);
  EXPECT_EQ(world_.permits, 1);
  EXPECT_EQ(header_.publishers[0].active, 0);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(Took(reader_), text);
}

// Something else changes it between the look that finds an abandoned record and its clearing.
TEST_F(V3Test, WriteOffsetThatMovesDuringRecoveryReachesNothingOutside) {
  int64_t position = 0;
  for (const int64_t distance : {int64_t{0}, int64_t{-8}, kCapacity + 8, kCapacity << 30}) {
    position += 32;  // one that was not seen before
    header_.read_offset = position;
    header_.write_offset = position;
    Reserve(32, 0);
    world_.dead = {4};
    EXPECT_EQ(Took(reader_), "<held up>");
    world_.nanos += kSecond;
    world_.on_probe = [&] { header_.write_offset = header_.read_offset + distance; };
    EXPECT_EQ(Took(reader_), "<damaged>") << distance;
    EXPECT_EQ(header_.gate, kGateOpen);
    EXPECT_EQ(header_.reader, 0);
    world_.on_probe = nullptr;
  }
}

}  // namespace
}  // namespace interprocess::cloudtoid
