// SPDX-License-Identifier: MIT

// Where a message's payload ends, if its publisher has not said so yet.

#include <cstdint>

#include "core/native/recovery.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::PlainQueue;

constexpr uint32_t kOther = 2;

class HelpEndTest : public ::testing::Test {
 protected:
  // What the end before `next` reads as; -1 if the ring has come round to it.
  int64_t EndBefore(uint64_t next) {
    uint64_t end = 0;
    return ReadEndBefore(queue_.memory(), next, &end) ? static_cast<int64_t>(end) : -1;
  }

  PlainQueue queue_;
};

TEST_F(HelpEndTest, FirstPositionHasNoEndBefore) { EXPECT_EQ(EndBefore(0), 0); }

TEST_F(HelpEndTest, EndOfTheFirstLapIsNotThatBeforeTheFirstPosition) {
  queue_.SetReady(63, 1234);
  EXPECT_EQ(EndBefore(0), -1);
  EXPECT_EQ(EndBefore(64), 1234);
}

TEST_F(HelpEndTest, EndOfACommittedPositionIsRead) {
  queue_.SetReady(4, 17);
  EXPECT_EQ(EndBefore(5), 17);
}

TEST_F(HelpEndTest, EndThatItsPublisherHasNotStoredIsHelped) {
  queue_.SetReady(3, 10);
  queue_.SetReserved(4, kOther, 7);
  EXPECT_EQ(EndBefore(5), 17);
  EXPECT_EQ(queue_.EndAt(4), Ring::EndWord(0, 17));
}

TEST_F(HelpEndTest, EndThatIsStoredAlreadyStays) {
  queue_.SetReady(3, 11);
  queue_.SetReserved(4, kOther, 7);
  queue_.SetEnd(4, 17);
  EXPECT_EQ(EndBefore(5), 17);
  EXPECT_EQ(queue_.EndAt(4), Ring::EndWord(0, 17));
}

TEST_F(HelpEndTest, EndsWrapAfterTheirBits) {
  const uint64_t wrap = uint64_t{1} << 40;
  queue_.SetReady(3, wrap - 3);
  queue_.SetReserved(4, kOther, 7);
  EXPECT_EQ(EndBefore(5), 4);
}

// The position before may be of the next lap by then, its end a larger number: computing with it
// would tear payload.
TEST_F(HelpEndTest, HelpingStopsOnceTheRingHasComeRound) {
  queue_.SetReserved(4, kOther, 7);
  queue_.SetReady(64 + 3, 500);
  EXPECT_EQ(EndBefore(5), -1);
  EXPECT_EQ(queue_.EndAt(4), 0u);
  queue_.SetReserved(64 + 4, kOther, 7);
  EXPECT_EQ(EndBefore(64 + 5), 507);
}

TEST_F(HelpEndTest, HelpingSeesTheLastEntryBeforeTheFirst) {
  queue_.SetReady(63, 40);
  queue_.SetReserved(64, kOther, 9);
  EXPECT_EQ(EndBefore(65), 49);
}

TEST_F(HelpEndTest, PositionThatNobodyHasReservedIsNotHelped) {
  queue_.SetReady(3, 10);
  EXPECT_EQ(EndBefore(5), -1);
  EXPECT_EQ(queue_.EndAt(4), 0u);
}

}  // namespace
}  // namespace interprocess::native
