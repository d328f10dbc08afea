// SPDX-License-Identifier: MIT

#include <cstdint>
#include <random>
#include <string>

#include "core/cloudtoid/queue_v2.h"
#include "gtest/gtest.h"
#include "tests/cloudtoid/testing/plain_queue.h"

namespace interprocess::cloudtoid {
namespace {

using testing::AsBytes;
using testing::kSecond;
using testing::Memory;
using testing::Took;
using testing::World;

// A queue whose write offset has run over the read offset, as another library's publisher makes
// it: the ring's bytes belong to the positions that end at the write offset.
class V2OverrunTest : public ::testing::Test {
 protected:
  static constexpr int64_t kCapacity = 64;

  // As one of version 2.0: it enqueues whatever the read offset is.
  void Overrun(const std::string& text) {
    const int64_t write = header_.write_offset;
    const int64_t offset = write % kCapacity;
    header_.write_offset = (write + RecordSize(Size(text))) % (2 * kCapacity);
    reader_.ring().CopyIn(offset, AsBytes(text).data(), text.size());
    reader_.ring().header(offset) = RecordWord(kRecordReady, static_cast<int32_t>(text.size()));
  }
  static int64_t Size(const std::string& text) { return static_cast<int64_t>(text.size()); }
  void WaitTenSeconds() {
    EXPECT_EQ(Took(reader_), "<held up>");
    world_.nanos += 10 * kSecond;
    EXPECT_EQ(Took(reader_), "<held up>");
    world_.nanos += 1;
  }
  void ExpectSoundAndEmpty() {
    EXPECT_EQ(Took(reader_), "<none>");
    for (int i = 0; i < 40; ++i) {
      const std::string text(static_cast<size_t>(i % 56), 's');
      ASSERT_EQ(publisher_.Enqueue(AsBytes(text)), Outcome::kDone) << i;
      ASSERT_EQ(Took(reader_), text) << i;
    }
    for (int64_t at = 0; at < kCapacity; at += 8) EXPECT_EQ(reader_.ring().header(at), 0u) << at;
  }

  Memory memory_{FileSizeV2(kCapacity)};
  HeaderV2& header_ = memory_.v2();
  World world_;
  QueueV2 publisher_{memory_.data(), kCapacity, world_};
  QueueV2 reader_{memory_.data(), kCapacity, world_};
};

TEST_F(V2OverrunTest, TheSmallestIsReadOnAndOverAtTheEnd) {
  for (int i = 0; i < 9; ++i) Overrun("");
  ASSERT_EQ(header_.read_offset, 0);
  ASSERT_EQ(header_.write_offset, 72);
  EXPECT_EQ(publisher_.Enqueue({}), Outcome::kFull);
  EXPECT_FALSE(publisher_.HasRoom(0));
  // What the ring still has, as the original's reader delivers it.
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Took(reader_), "") << i;
  EXPECT_EQ(header_.read_offset, 64);
  WaitTenSeconds();
  ExpectSoundAndEmpty();
}

TEST_F(V2OverrunTest, AMessageThatLiesOverOthersEndsWithThem) {
  for (const char* text : {"1", "2", "3"}) Overrun(text);
  // At 48, its body over the first record's header.
  Overrun("over the ring's end");
  ASSERT_EQ(header_.write_offset, 80);
  EXPECT_EQ(publisher_.Enqueue({}), Outcome::kFull);
  WaitTenSeconds();
  ExpectSoundAndEmpty();
}

TEST_F(V2OverrunTest, WhatComesAfterTheFirstLookIsNotPassedOver) {
  for (const char* text : {"1", "2", "3"}) Overrun(text);
  Overrun("over the ring's end");
  WaitTenSeconds();
  Overrun("late");
  EXPECT_EQ(Took(reader_), "late");
  ExpectSoundAndEmpty();
}

TEST_F(V2OverrunTest, TheNewestIsDeliveredWhereItLiesOverTheOldestExactly) {
  for (const char* text : {"1", "2 is longer than 1", "3"}) Overrun(text);
  ASSERT_EQ(header_.write_offset, 64);
  Overrun("newest: two");  // 24 bytes, over the first and the second's header
  EXPECT_EQ(Took(reader_), "newest: two");
  // What is left of the second's body is no record, though the offsets show nothing odd any more.
  EXPECT_EQ(header_.read_offset, 24);
  ASSERT_EQ(header_.write_offset, 88);
  WaitTenSeconds();
  ExpectSoundAndEmpty();
}

TEST_F(V2OverrunTest, NoneLeavesAQueueThatStaysStuck) {
  // Every state in which publishers that run over can leave it.
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
    for (int i = below(8); i > 0; --i) {
      Overrun(std::string(static_cast<size_t>(below(57)), static_cast<char>(below(256))));
      if (below(4) == 0) Took(reader_);
    }
    for (int waits = 0; header_.read_offset != header_.write_offset; ++waits) {
      ASSERT_LT(waits, 40) << "seed " << seed;
      ASSERT_NE(Took(reader_), "<damaged>") << "seed " << seed;
      world_.nanos += 10 * kSecond + 1;
    }
    EXPECT_EQ(Took(reader_), "<none>");
    ASSERT_EQ(publisher_.Enqueue(AsBytes("sound")), Outcome::kDone) << "seed " << seed;
    ASSERT_EQ(Took(reader_), "sound") << "seed " << seed;
  }
}

}  // namespace
}  // namespace interprocess::cloudtoid
