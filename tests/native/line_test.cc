// SPDX-License-Identifier: MIT

// Whose turn it is when publishers wait for room.

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "core/native/layout.h"
#include "core/native/words.h"
#include "core/platform/clock.h"
#include "gtest/gtest.h"
#include "interprocess/queue_inspector.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::Eventually;
using testing::PublisherPeer;
using testing::Put;
using testing::SubscriberPeer;
using testing::Take;
using testing::TestDirectory;

constexpr auto kFull = absl::StatusCode::kResourceExhausted;

std::string Text(size_t size, int seed) {
  return std::string(size, static_cast<char>('a' + seed % 26));
}

// A publisher that waits for room is not overtaken for ever by those that need less.
class RoomInLineTest : public ::testing::Test {
 protected:
  RoomInLineTest() {
    for (int i = 0; i < 64; ++i) EXPECT_TRUE(Put(small_, Text(64, i)).ok());
    EXPECT_EQ(Put(large_, Text(1024, 0)).code(), kFull);
  }
  // As a call does that waits.
  void GetIntoLine(const PublisherPeer& publisher) {
    publisher->PrepareSleep();
    EXPECT_TRUE(Eventually([&] {
      publisher->PrepareSleep();
      return LineWord::OwnerOf(line_.load()) == publisher.id();
    }));
    EXPECT_EQ(LineWord::UnitsOf(line_.load()), 16u);
  }
  void Free(int messages) {
    for (int i = 0; i < messages; ++i) ASSERT_TRUE(Take(subscriber_).ok());
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  PublisherPeer large_{options_}, small_{options_};
  SubscriberPeer subscriber_{options_};
  std::atomic<uint64_t>& line_ = small_.memory().header().line;
};

TEST_F(RoomInLineTest, RoomThatAnotherWaitsForIsNotTaken) {
  GetIntoLine(large_);
  for (int i = 0; i < 15; ++i) {
    Free(1);
    EXPECT_EQ(Put(small_, Text(64, 1)).code(), kFull) << i;
    EXPECT_EQ(Put(small_, "").code(), kFull) << "nor the slot, while there is but one" << i;
  }
  Free(1);
  EXPECT_TRUE(Put(large_, Text(1024, 2)).ok());
  large_->EndSleeps();
  EXPECT_EQ(line_.load(), 0u);
  Free(1);
  EXPECT_TRUE(Put(small_, Text(64, 1)).ok());
}

TEST_F(RoomInLineTest, WhatBothFindRoomForIsTaken) {
  GetIntoLine(large_);
  Free(17);
  EXPECT_TRUE(Put(small_, Text(64, 1)).ok());
  EXPECT_TRUE(Put(large_, Text(1024, 2)).ok());
}

TEST_F(RoomInLineTest, WhoHasWaitedLongerComesFirst) {
  PublisherPeer later(options_);
  ASSERT_EQ(Put(later, Text(1024, 0)).code(), kFull);
  large_->PrepareSleep();
  const int64_t end = platform::MonotonicNanos() + 5'000'000;
  Eventually([&] { return platform::MonotonicNanos() > end; });
  GetIntoLine(later);
  GetIntoLine(large_);
  later->PrepareSleep();
  EXPECT_EQ(LineWord::OwnerOf(line_.load()), large_.id());
}

TEST_F(RoomInLineTest, WhoGivesUpLeavesTheLine) {
  GetIntoLine(large_);
  large_->EndSleeps();
  EXPECT_EQ(line_.load(), 0u);
  Free(1);
  EXPECT_TRUE(Put(small_, Text(64, 1)).ok());
}

// It could have had its room for a while, and does not take it.
TEST_F(RoomInLineTest, OneThatIsStoppedKeepsNobody) {
  GetIntoLine(large_);
  Free(16);
  EXPECT_TRUE(Eventually([&] { return Put(small_, Text(64, 1)).ok(); }));
}

// The same where the others were there before the room was.
TEST_F(RoomInLineTest, OneThatIsStoppedKeepsNobodyThatHasWaitedForIts) {
  GetIntoLine(large_);
  Free(1);
  EXPECT_EQ(Put(small_, Text(64, 1)).code(), kFull);
  Free(15);
  EXPECT_TRUE(Eventually([&] { return Put(small_, Text(64, 1)).ok(); }));
}

// It died, and its id is another's by now, which does not wait for room.
TEST_F(RoomInLineTest, OneWhoseIdIsAnothersKeepsNobody) {
  GetIntoLine(large_);
  Free(1);
  EXPECT_EQ(Put(small_, Text(64, 1)).code(), kFull);
  const uint32_t id = large_.id();
  large_.Die();
  ASSERT_TRUE(QueueInspector::Open("queue", directory_.path())->Repair().ok());
  SubscriberPeer other(options_);
  ASSERT_EQ(other.id(), id);
  Free(15);
  EXPECT_TRUE(Eventually([&] { return Put(small_, Text(64, 1)).ok(); }));
}

TEST_F(RoomInLineTest, OneThatIsDeadKeepsNobody) {
  GetIntoLine(large_);
  large_.Die();
  Free(1);
  EXPECT_TRUE(Eventually([&] { return Put(small_, Text(64, 1)).ok(); }));
}

// Whoever is first looks for the dead that are in its way. It may be stopped.
TEST_F(RoomInLineTest, ThoseBehindLookForTheDeadThatAreInTheWay) {
  Free(1);
  SubscriberPeer dead(options_);
  ASSERT_TRUE(dead->TryBorrow().ok());
  GetIntoLine(large_);
  dead.Die();
  // No look for all the dead is due.
  Header& header = small_.memory().header();
  const int64_t now = platform::MonotonicNanos();
  header.last_look.store(now);
  header.look_pause.store(10'000'000'000);
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Put(small_, Text(64, 1)).code(), kFull);
    return small_.memory().claim(1).word.load() == Ring::ReturnedWord(0);
  }));
  EXPECT_EQ(header.last_look.load(), now);
}

TEST_F(RoomInLineTest, OneThatNobodyIsKeepsNobody) {
  for (uint64_t owner : {0, 7, 8191}) {
    line_.store(LineWord::Of(static_cast<uint32_t>(owner), (uint64_t{1} << 31) - 1, 0));
    Free(1);
    EXPECT_TRUE(Put(small_, Text(64, 1)).ok());
  }
}

}  // namespace
}  // namespace interprocess::native
