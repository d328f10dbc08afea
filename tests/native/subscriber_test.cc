// SPDX-License-Identifier: MIT

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/native/layout.h"
#include "core/native/native_subscriber.h"
#include "core/native/recovery.h"
#include "core/platform/clock.h"
#include "gtest/gtest.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::Eventually;
using testing::PublisherPeer;
using testing::Put;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::Take;
using testing::TakeSoon;
using testing::TestDirectory;

constexpr auto kEmpty = absl::StatusCode::kUnavailable;

class NativeSubscriberTest : public ::testing::Test {
 protected:
  PublisherEngine::Room Reserve(const PublisherPeer& publisher, const std::string& text) {
    PublisherEngine::Room room = publisher->TryReserve(text.size()).value();
    std::memcpy(room.bytes.data(), text.data(), text.size());
    return room;
  }
  // Until a reservation that is looked at now has been held for long enough to be passed by.
  void WaitUntilPassable() {
    const int64_t end = platform::MonotonicNanos() + 2'000'000;
    Eventually([&] { return platform::MonotonicNanos() > end; });
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  PublisherPeer publisher_{options_};
  PublisherPeer other_publisher_{options_};
  SubscriberPeer subscriber_{options_};
};

// It had seen the count before it came near, and gives the skipped positions no look of their own.
TEST_F(NativeSubscriberTest, JumpByTheHintMissesNothingThatWasPutBack) {
  SubscriberPeer laggard(options_);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Put(publisher_, std::to_string(i)).ok());
  uint64_t held = 0;
  for (int i = 0; i <= 24; ++i) {
    if (i == 12) {
      held = subscriber_->TryBorrow()->position;
    } else {
      ASSERT_EQ(Take(subscriber_).value(), std::to_string(i));
    }
  }
  subscriber_->GiveBack(held);
  std::vector<std::string> taken;
  for (auto message = Take(laggard); message.ok(); message = Take(laggard)) {
    taken.push_back(*message);
  }
  EXPECT_EQ(taken, (std::vector<std::string>{"12", "25", "26", "27", "28", "29"}));
}

TEST_F(NativeSubscriberTest, PassesByAReservationAfterAWhileAndComesBackForIt) {
  auto room = Reserve(publisher_, "slow");
  ASSERT_TRUE(Put(other_publisher_, "quick").ok());
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty) << "it may be committed any moment";
  WaitUntilPassable();
  EXPECT_EQ(Take(subscriber_).value(), "quick");
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  EXPECT_TRUE(publisher_->Commit(room.position, 4).ok());
  EXPECT_EQ(Take(subscriber_).value(), "slow");
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
}

TEST_F(NativeSubscriberTest, OrderOfAPublisherHoldsBesideAReservationThatWasPassedBy) {
  auto first = Reserve(publisher_, "first");
  ASSERT_TRUE(Put(other_publisher_, "other").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "other");
  EXPECT_TRUE(publisher_->Commit(first.position, 5).ok());
  ASSERT_TRUE(Put(publisher_, "second").ok());
  EXPECT_EQ(Take(subscriber_).value(), "first");
  EXPECT_EQ(Take(subscriber_).value(), "second");
}

TEST_F(NativeSubscriberTest, TwoReservationsCommittedInOrderArriveInOrder) {
  auto first = Reserve(publisher_, "first");
  ASSERT_TRUE(Put(other_publisher_, "other 1").ok());
  auto second = Reserve(publisher_, "second");
  ASSERT_TRUE(Put(other_publisher_, "other 2").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "other 1");
  ASSERT_EQ(TakeSoon(subscriber_).value(), "other 2");
  EXPECT_TRUE(publisher_->Commit(first.position, 5).ok());
  EXPECT_TRUE(publisher_->Commit(second.position, 6).ok());
  EXPECT_EQ(Take(subscriber_).value(), "first");
  EXPECT_EQ(Take(subscriber_).value(), "second");
}

TEST_F(NativeSubscriberTest, OneOfTwoPassedByIsTakenWhenItIsCommitted) {
  auto first = Reserve(publisher_, "first");
  auto second = Reserve(publisher_, "second");
  ASSERT_TRUE(Put(other_publisher_, "other").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "other");
  EXPECT_TRUE(publisher_->Commit(second.position, 6).ok());
  EXPECT_EQ(Take(subscriber_).value(), "second");
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  EXPECT_TRUE(publisher_->Commit(first.position, 5).ok());
  EXPECT_EQ(Take(subscriber_).value(), "first");
}

// A stopped process with many reservations holds others up once, not once for each.
TEST_F(NativeSubscriberTest, ReservationsOfOnePublisherArePassedByTogether) {
  std::vector<PublisherEngine::Room> rooms;
  for (int i = 0; i < 50; ++i) rooms.push_back(Reserve(publisher_, "held"));
  ASSERT_TRUE(Put(other_publisher_, "behind").ok());
  ASSERT_EQ(Take(subscriber_).status().code(), kEmpty);
  WaitUntilPassable();
  EXPECT_EQ(Take(subscriber_).value(), "behind");
  for (const auto& room : rooms) EXPECT_TRUE(publisher_->Commit(room.position, 4).ok());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Take(subscriber_).value(), "held");
}

TEST_F(NativeSubscriberTest, ReservationsOfTheDeadAreFreedTogether) {
  for (int i = 0; i < 50; ++i) Reserve(publisher_, "lost");
  ASSERT_TRUE(Put(other_publisher_, "behind").ok());
  publisher_.Die();
  ASSERT_TRUE(Eventually([&] {
    auto taken = Take(subscriber_);
    return taken.ok() && *taken == "behind";
  }));
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(Put(other_publisher_, "next").ok()) << i;
  EXPECT_EQ(Take(subscriber_).value(), "next");
}

TEST_F(NativeSubscriberTest, ReservationThatWasPassedByAndAbortedIsForgotten) {
  auto room = Reserve(publisher_, "never");
  ASSERT_TRUE(Put(other_publisher_, "quick").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "quick");
  publisher_->Abort(room.position);
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  // Through the slot again, twice: the new message there is no message of that reservation.
  for (int i = 0; i < 130; ++i) {
    ASSERT_TRUE(Put(publisher_, std::to_string(i)).ok());
    EXPECT_EQ(Take(subscriber_).value(), std::to_string(i));
  }
}

TEST_F(NativeSubscriberTest, DeadAfterItWasPassedByIsResolved) {
  Reserve(publisher_, "never");
  ASSERT_TRUE(Put(other_publisher_, "quick").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "quick");
  publisher_.Die();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
    return subscriber_.memory().claim(0).word.load() == Ring::DoneWord(0);
  }));
}

TEST_F(NativeSubscriberTest, EndThatADeadPublisherDidNotStoreIsMadeRight) {
  ASSERT_TRUE(Put(other_publisher_, std::string(128, 'a')).ok());
  Reserve(publisher_, std::string(320, 'x'));
  QueueBytes bytes(directory_.FileOf("queue"));
  bytes.memory().reservation(1).end.store(0);
  publisher_.Die();
  ASSERT_EQ(Take(subscriber_).value(), std::string(128, 'a'));
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
    return bytes.slot(1).word.load() == Ring::VoidWord(0);
  }));
  EXPECT_EQ(bytes.memory().reservation(1).end.load(), Ring::EndWord(0, 7));
}

TEST_F(NativeSubscriberTest, ClaimOfTheDeadIsDeliveredAgainMarked) {
  SubscriberPeer dead(options_);
  ASSERT_TRUE(Put(publisher_, "once").ok());
  ASSERT_TRUE(Put(publisher_, "next").ok());
  ASSERT_TRUE(dead->TryBorrow().ok());
  EXPECT_EQ(Take(subscriber_).value(), "next");
  dead.Die();
  MessageInfo info;
  EXPECT_EQ(TakeSoon(subscriber_, &info).value(), "once");
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(info.earlier_deliveries, 1u);
  EXPECT_EQ(info.size, 4u);
}

TEST_F(NativeSubscriberTest, EveryDeathCountsOneDelivery) {
  ASSERT_TRUE(Put(publisher_, "hot").ok());
  for (uint32_t deaths = 0; deaths < 3; ++deaths) {
    SubscriberPeer dead(options_);
    ASSERT_TRUE(Eventually([&] {
      auto claim = dead->TryBorrow();
      return claim.ok() && claim->view.info().earlier_deliveries == deaths;
    }));
    dead.Die();
  }
  MessageInfo info;
  EXPECT_EQ(TakeSoon(subscriber_, &info).value(), "hot");
  EXPECT_EQ(info.earlier_deliveries, 3u);
}

TEST_F(NativeSubscriberTest, GivenBackMessageBelowEverybodyIsFound) {
  SubscriberPeer giver(options_);
  ASSERT_TRUE(Put(publisher_, "back").ok());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(publisher_, "next").ok());
  auto claim = giver->TryBorrow();
  ASSERT_TRUE(claim.ok());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Take(subscriber_).value(), "next");
  giver->GiveBack(claim->position);
  giver.Die();
  MessageInfo info;
  EXPECT_EQ(Take(subscriber_, &info).value(), "back");
  EXPECT_FALSE(info.redelivered);
  EXPECT_EQ(info.earlier_deliveries, 1u);
  EXPECT_EQ(info.position, 0u);
}

TEST_F(NativeSubscriberTest, MessagesAreNumberedInOrder) {
  MessageInfo info;
  for (uint64_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(Put(publisher_, "next").ok());
    ASSERT_TRUE(Take(subscriber_, &info).ok());
    ASSERT_EQ(info.position, i);
  }
}

TEST_F(NativeSubscriberTest, GivenBackByOneThatDiedBeforeItCountedIsFound) {
  SubscriberPeer giver(options_);
  ASSERT_TRUE(Put(publisher_, "back").ok());
  ASSERT_TRUE(Put(publisher_, "next").ok());
  ASSERT_TRUE(giver->TryBorrow().ok());
  ASSERT_EQ(Take(subscriber_).value(), "next");
  subscriber_.memory().claim(0).word.store(Ring::ReturnedWord(0));
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  giver.Die();
  EXPECT_EQ(TakeSoon(subscriber_).value(), "back");
}

TEST_F(NativeSubscriberTest, NewcomerFindsWhatWasGivenBackBelowTheHint) {
  ASSERT_TRUE(Put(publisher_, "back").ok());
  auto claim = subscriber_->TryBorrow();
  ASSERT_TRUE(claim.ok());
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(Put(publisher_, "next").ok());
    ASSERT_EQ(Take(subscriber_).value(), "next");
  }
  ASSERT_GT(subscriber_.memory().header().head.load(), 1u);
  subscriber_->GiveBack(claim->position);
  SubscriberPeer newcomer(options_);
  EXPECT_EQ(Take(newcomer).value(), "back");
}

TEST_F(NativeSubscriberTest, HintStaysBelowWhatOneSubscriberHasPassedBy) {
  auto room = Reserve(publisher_, "slow");
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(Put(other_publisher_, "quick").ok());
    ASSERT_EQ(TakeSoon(subscriber_).value(), "quick");
  }
  EXPECT_EQ(subscriber_.memory().header().head.load(), 0u);
  SubscriberPeer newcomer(options_);
  EXPECT_TRUE(publisher_->Commit(room.position, 4).ok());
  EXPECT_EQ(TakeSoon(newcomer).value(), "slow");
}

TEST_F(NativeSubscriberTest, StoppedSubscriberKeepsItsClaim) {
  SubscriberPeer stopped(options_);
  ASSERT_TRUE(Put(publisher_, "mine").ok());
  auto claim = stopped->TryBorrow();
  ASSERT_TRUE(claim.ok());
  const int64_t end = platform::MonotonicNanos() + 120'000'000;
  while (platform::MonotonicNanos() < end) ASSERT_EQ(Take(subscriber_).status().code(), kEmpty);
  Recovery(subscriber_.memory(), subscriber_.environment(), subscriber_.id())
      .LookForDead(kPatientLookNanos, true);
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  EXPECT_EQ(claim->view.text(), "mine");
  EXPECT_TRUE(stopped->Acknowledge(claim->position).ok());
  EXPECT_EQ(subscriber_.memory().claim(0).word.load(), Ring::DoneWord(0));
}

TEST_F(NativeSubscriberTest, GoesOnFromAHintThatLiesLapsBehind) {
  SubscriberPeer sleeper(options_);
  for (int i = 0; i < 10 * 64 + 9; ++i) {
    ASSERT_TRUE(Put(publisher_, "x").ok());
    ASSERT_EQ(Take(subscriber_).value(), "x");
  }
  for (uint64_t hint : {uint64_t{0}, uint64_t{1}, uint64_t{64}, uint64_t{9 * 64 + 3}}) {
    subscriber_.memory().header().head.store(hint);
    SubscriberPeer late(options_);
    ASSERT_TRUE(Put(publisher_, "1").ok());
    ASSERT_TRUE(Put(publisher_, "2").ok());
    ASSERT_TRUE(Put(publisher_, "3").ok());
    EXPECT_EQ(Take(late).value(), "1");
    EXPECT_EQ(Take(sleeper).value(), "2");
    EXPECT_EQ(Take(subscriber_).value(), "3");
    EXPECT_EQ(Take(late).status().code(), kEmpty);
  }
}

TEST_F(NativeSubscriberTest, SmallBufferLeavesTheMessageWhereverItLies) {
  SubscriberPeer giver(options_);
  std::vector<uint8_t> small(3);
  MessageInfo info;
  ASSERT_TRUE(Put(publisher_, "four").ok());
  EXPECT_EQ(subscriber_->TryDequeue(absl::MakeSpan(small), &info).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(info.size, 4u);
  // Given back, below the position.
  auto claim = giver->TryBorrow();
  ASSERT_TRUE(claim.ok());
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
  giver->GiveBack(claim->position);
  EXPECT_EQ(subscriber_->TryDequeue(absl::MakeSpan(small), &info).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(info.earlier_deliveries, 1u);
  EXPECT_EQ(Take(subscriber_).value(), "four");
  // Passed by.
  auto room = Reserve(publisher_, "five!");
  ASSERT_TRUE(Put(other_publisher_, "x").ok());
  ASSERT_EQ(TakeSoon(subscriber_).value(), "x");
  EXPECT_TRUE(publisher_->Commit(room.position, 5).ok());
  EXPECT_EQ(subscriber_->TryDequeue(absl::MakeSpan(small), &info).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(info.size, 5u);
  EXPECT_EQ(Take(subscriber_).value(), "five!");
}

TEST_F(NativeSubscriberTest, IdOfADeadHolderIsNotReusedBeforeItsClaimIsPutBack) {
  SubscriberPeer dead(options_);
  ASSERT_TRUE(Put(publisher_, "once").ok());
  ASSERT_TRUE(dead->TryBorrow().ok());
  const uint32_t id = dead.id();
  dead.Die();
  SubscriberPeer newcomer(options_);
  EXPECT_NE(newcomer.id(), id);
  EXPECT_EQ(TakeSoon(newcomer).value(), "once");
  EXPECT_TRUE(Eventually([&] {
    Take(newcomer).status().IgnoreError();
    return SubscriberPeer(options_).id() == id;
  }));
}

}  // namespace
}  // namespace interprocess::native
