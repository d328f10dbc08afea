// SPDX-License-Identifier: MIT

// The numbers of both formats once more, on purpose: a change in the headers fails here.

#include <cstddef>
#include <cstring>
#include <vector>

#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/record.h"
#include "gtest/gtest.h"

namespace interprocess::cloudtoid {
namespace {

TEST(CloudtoidLayoutTest, V2HeaderIsAsPublished) {
  std::vector<uint64_t> memory(4);
  auto* header = reinterpret_cast<HeaderV2*>(memory.data());
  header->read_offset = 1;
  header->write_offset = 2;
  header->read_lock = 3;
  EXPECT_EQ(memory, (std::vector<uint64_t>{1, 2, 3, 0}));
  EXPECT_EQ(kRingOffsetV2, 32);
  EXPECT_EQ(FileSizeV2(64), 96);
  EXPECT_EQ(kUnixEpochTicks, 621355968000000000);
  EXPECT_EQ(kLockTicks, 100'000'000);
}

TEST(CloudtoidLayoutTest, V3HeaderIsAsPublished) {
  std::vector<uint64_t> memory(262400 / 8);
  auto* header = reinterpret_cast<HeaderV3*>(memory.data());
  header->read_offset = 1;
  header->write_offset = 2;
  header->reader = 3;
  header->pending = 4;
  header->last_participant = 5;
  header->windows_capacity = 6;
  header->gate = 7;
  header->publishers[0].participant = 8;
  header->publishers[0].active = 9;
  header->publishers[2047].participant = 10;
  std::vector<uint64_t> expected(262400 / 8);
  expected[0] = 1;
  expected[1] = 2;
  expected[2] = 3;
  expected[3] = 4 | uint64_t{5} << 32;
  expected[4] = 6;
  expected[128 / 8] = 7;
  expected[256 / 8] = 8;
  expected[264 / 8] = 9;
  expected[(256 + 2047 * 128) / 8] = 10;
  EXPECT_EQ(memory, expected);
  EXPECT_EQ(kRingOffsetV3, 262400);
  EXPECT_EQ(FileSizeV3(64), 262464);
}

TEST(CloudtoidLayoutTest, RecordWordIsStateThenLength) {
  const uint64_t word = RecordWord(kRecordReady, 13);
  uint8_t bytes[8];
  std::memcpy(bytes, &word, 8);
  EXPECT_EQ(std::vector<uint8_t>(bytes, bytes + 8),
            (std::vector<uint8_t>{2, 0, 0, 0, 13, 0, 0, 0}));
  EXPECT_EQ(StateOf(word), 2);
  EXPECT_EQ(LengthOf(word), 13);
  EXPECT_EQ(LengthOf(RecordWord(kRecordFree, -5)), -5);
  EXPECT_EQ(kRecordFree, 0);
  EXPECT_EQ(kRecordClaimed, 1);
}

}  // namespace
}  // namespace interprocess::cloudtoid
