// SPDX-License-Identifier: MIT

#include "core/cloudtoid/record.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace interprocess::cloudtoid {
namespace {

class RecordsTest : public ::testing::Test {
 protected:
  static constexpr int64_t kCapacity = 160;

  void Put(int64_t offset, RecordState state, const std::string& body) {
    ring_.CopyIn(offset, reinterpret_cast<const uint8_t*>(body.data()), body.size());
    ring_.header(offset) = RecordWord(state, static_cast<int32_t>(body.size()));
  }
  std::string Get(int64_t offset, size_t size) {
    std::string body(size, '\0');
    ring_.CopyOut(offset, reinterpret_cast<uint8_t*>(body.data()), size);
    return body;
  }

  std::vector<uint64_t> memory_ = std::vector<uint64_t>(kCapacity / 8);
  RecordRing ring_{reinterpret_cast<uint8_t*>(memory_.data()), kCapacity};
};

TEST_F(RecordsTest, BodiesGoInAndOutAtEveryPlaceAndSize) {
  for (int64_t offset = 0; offset < kCapacity; offset += 8) {
    for (size_t size = 0; size <= kCapacity - 8; ++size) {
      std::string body(size, '\0');
      for (size_t i = 0; i < size; ++i) body[i] = static_cast<char>(1 + i % 255);
      Put(offset, kRecordReady, body);
      ASSERT_EQ(Get(offset, size), body) << offset << " " << size;
      const bool wraps =
          offset + 8 < kCapacity && offset + 8 + static_cast<int64_t>(size) > kCapacity;
      ASSERT_EQ(ring_.Contiguous(offset, size) == nullptr, wraps) << offset << " " << size;
      ring_.Clear(offset, RecordSize(static_cast<int64_t>(size)));
      ASSERT_EQ(memory_, std::vector<uint64_t>(kCapacity / 8)) << offset << " " << size;
    }
  }
}

TEST_F(RecordsTest, LengthsThatCannotBeAreRefused) {
  EXPECT_TRUE(LengthFits(0, 8));
  EXPECT_TRUE(LengthFits(152, 160));
  EXPECT_FALSE(LengthFits(153, 160));
  EXPECT_FALSE(LengthFits(0, 0));
  EXPECT_FALSE(LengthFits(-1, 160));
  EXPECT_FALSE(LengthFits(INT32_MIN, 160));
  EXPECT_FALSE(LengthFits(INT32_MAX, 160));
}

TEST_F(RecordsTest, AbandonedWithLengthEndsThere) {
  Put(144, kRecordFree, std::string(20, 'x'));
  EXPECT_EQ(AbandonedBytes(ring_, 144, 32), 32);
  EXPECT_EQ(AbandonedBytes(ring_, 144, 160), 32);
  Put(16, kRecordReady, "after");
  EXPECT_EQ(AbandonedBytes(ring_, 144, 48), 32);
}

TEST_F(RecordsTest, AbandonedBeforeItsLengthEndsAtTheNextRecord) {
  Put(40, kRecordReady, "next");
  Put(56, kRecordFree, "half");
  Put(72, kRecordReady, "");
  EXPECT_EQ(AbandonedBytes(ring_, 0, 80), 40);
  // Over the ring's end.
  ring_.Clear(0, kCapacity);
  Put(8, kRecordReady, "next");
  EXPECT_EQ(AbandonedBytes(ring_, 152, 32), 16);
}

TEST_F(RecordsTest, AGapWithoutRecordsBehindItIsTheWholeExtent) {
  EXPECT_EQ(AbandonedBytes(ring_, 0, 80), 80);
  EXPECT_EQ(AbandonedBytes(ring_, 80, 160), 160);
  EXPECT_EQ(AbandonedBytes(ring_, 0, 8), 8);
}

TEST_F(RecordsTest, BodyBytesAreNotTakenForARecord) {
  // Written body first, the header never.
  Put(0, kRecordFree, std::string("\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0xyz", 19));
  ring_.header(0) = 0;
  EXPECT_EQ(AbandonedBytes(ring_, 0, 32), 32);
  // The same before records that are whole: nothing tells where they begin.
  Put(32, kRecordReady, "lost");
  EXPECT_EQ(AbandonedBytes(ring_, 0, 48), 48);
  Put(0, kRecordFree, "12345678");
  ring_.header(0) = 0;
  EXPECT_EQ(AbandonedBytes(ring_, 0, 48), 48);
}

TEST_F(RecordsTest, AChainMustReachTheExtentsEndExactly) {
  Put(40, kRecordReady, "next");
  EXPECT_EQ(AbandonedBytes(ring_, 0, 56), 40);
  EXPECT_EQ(AbandonedBytes(ring_, 0, 64), 64);
  EXPECT_EQ(AbandonedBytes(ring_, 0, 48), 48);
  ring_.header(40) = RecordWord(kRecordReady, -1);
  EXPECT_EQ(AbandonedBytes(ring_, 0, 48), 48);
  ring_.header(40) = RecordWord(kRecordReady, INT32_MAX);
  EXPECT_EQ(AbandonedBytes(ring_, 0, 160), 160);
}

}  // namespace
}  // namespace interprocess::cloudtoid
