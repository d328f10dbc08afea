// SPDX-License-Identifier: MIT

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

class InPlaceTest : public ConformanceTest {
 protected:
  static Reservation Reserve(Publisher& publisher, const std::string& text) {
    Reservation reservation = publisher.TryReserve(text.size()).value();
    EXPECT_EQ(reservation.span().size(), text.size());
    if (!text.empty()) std::memcpy(reservation.span().data(), text.data(), text.size());
    return reservation;
  }

  Publisher publisher_ = OpenPublisher();
  Subscriber subscriber_ = OpenSubscriber();
};

TEST_P(InPlaceTest, C021_ReservedMessageIsInvisibleUntilCommitted) {
  for (size_t size : {size_t{0}, size_t{48}, size_t{49}, Largest()}) {
    Reservation reservation = Reserve(publisher_, Text(size));
    EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
    EXPECT_TRUE(reservation.Commit().ok());
    EXPECT_TRUE(reservation.span().empty());
    EXPECT_EQ(subscriber_.TryDequeue().value(), Text(size));
  }
}

TEST_P(InPlaceTest, C022_CommitMayBeShorter) {
  for (size_t size : {0, 1, 48, 49, 64, 199, 200}) {
    EXPECT_TRUE(Reserve(publisher_, Text(200)).Commit(size).ok());
    EXPECT_EQ(subscriber_.TryDequeue().value(), Text(200).substr(0, size));
  }
}

TEST_P(InPlaceTest, C023_CommitLongerIsInvalidArgument) {
  Reservation reservation = Reserve(publisher_, "1234");
  EXPECT_STATUS(reservation.Commit(5), kInvalidArgument);
  EXPECT_STATUS(reservation.Commit(SIZE_MAX), kInvalidArgument);
  EXPECT_EQ(reservation.span().size(), 4u);
  EXPECT_TRUE(reservation.Commit(4).ok());
  EXPECT_EQ(subscriber_.TryDequeue().value(), "1234");
}

TEST_P(InPlaceTest, C024_AbortedReservationIsNoMessage) {
  {
    Reservation reservation = Reserve(publisher_, Text(Largest()));
    if (GetParam().reservation_holds_room) {
      EXPECT_STATUS(publisher_.TryEnqueue(Text(49)), kResourceExhausted);
    }
    reservation.Abort();
    EXPECT_TRUE(reservation.span().empty());
    reservation.Abort();
    EXPECT_STATUS(reservation.Commit(0), kFailedPrecondition);
  }
  { Reservation dropped = Reserve(publisher_, Text(Largest())); }
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
  EXPECT_TRUE(publisher_.TryEnqueue(Text(Largest())).ok());
}

TEST_P(InPlaceTest, C025_CommitTwiceIsFailedPrecondition) {
  Reservation reservation = Reserve(publisher_, "once");
  EXPECT_TRUE(reservation.Commit().ok());
  EXPECT_STATUS(reservation.Commit(), kFailedPrecondition);
  reservation.Abort();
  EXPECT_EQ(subscriber_.TryDequeue().value(), "once");
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

TEST_P(InPlaceTest, C026_ReservationIsAligned) {
  for (size_t size = 1; size < 200; size += 3) {
    Reservation reservation = Reserve(publisher_, Text(size));
    const auto address = reinterpret_cast<uintptr_t>(reservation.span().data());
    EXPECT_EQ(address % (size > 48 ? 64 : 8), 0u) << size;
  }
}

TEST_P(InPlaceTest, C027_MovedReservationStaysOne) {
  Reservation first = Reserve(publisher_, "first");
  Reservation second = std::move(first);
  EXPECT_TRUE(first.span().empty());
  EXPECT_STATUS(first.Commit(0), kFailedPrecondition);
  Reservation third = Reserve(publisher_, "third");
  third = std::move(second);  // aborts what it held
  EXPECT_TRUE(third.Commit().ok());
  EXPECT_EQ(subscriber_.TryDequeue().value(), "first");
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

TEST_P(InPlaceTest, C028_LaterMessagesPassAnOpenReservation) {
  Reservation reservation = Reserve(publisher_, "slow");
  ASSERT_TRUE(publisher_.TryEnqueue("own").ok());
  Publisher other = OpenPublisher();
  ASSERT_TRUE(other.TryEnqueue("other").ok());
  const WaitOptions soon(absl::Seconds(30));
  EXPECT_EQ(subscriber_.Dequeue(soon).value(), "own");
  EXPECT_EQ(subscriber_.Dequeue(soon).value(), "other");
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
  EXPECT_TRUE(reservation.Commit().ok());
  EXPECT_EQ(subscriber_.TryDequeue().value(), "slow");
}

TEST_P(InPlaceTest, C029_BorrowedMessageIsNobodyElses) {
  ASSERT_TRUE(publisher_.TryEnqueue("lent").ok());
  BorrowedMessage borrowed = subscriber_.TryBorrow().value();
  EXPECT_EQ(borrowed.text(), "lent");
  EXPECT_EQ(borrowed.info().size, 4u);
  EXPECT_EQ(borrowed.info().earlier_deliveries, 0u);
  EXPECT_FALSE(borrowed.redelivered());
  EXPECT_STATUS(OpenSubscriber().TryDequeue().status(), kUnavailable);
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

TEST_P(InPlaceTest, C030_AcknowledgedMessageIsGone) {
  ASSERT_TRUE(publisher_.TryEnqueue(Text(Largest())).ok());
  BorrowedMessage borrowed = subscriber_.TryBorrow().value();
  EXPECT_STATUS(publisher_.TryEnqueue(Text(49)), kResourceExhausted);
  EXPECT_TRUE(borrowed.Acknowledge().ok());
  EXPECT_TRUE(borrowed.bytes().empty());
  EXPECT_TRUE(publisher_.TryEnqueue(Text(Largest(), 1)).ok());
  EXPECT_EQ(subscriber_.TryDequeue().value(), Text(Largest(), 1));
}

TEST_P(InPlaceTest, C031_GivenBackMessageComesAgainCounted) {
  ASSERT_TRUE(publisher_.TryEnqueue("before").ok());
  ASSERT_TRUE(publisher_.TryEnqueue("again").ok());
  ASSERT_TRUE(subscriber_.TryDequeue().ok());
  const uint64_t position = GetParam().protocol == Protocol::kNative ? 1 : 0;
  for (uint32_t deliveries = 0; deliveries < 5; ++deliveries) {
    BorrowedMessage borrowed = subscriber_.TryBorrow().value();
    EXPECT_EQ(borrowed.text(), "again");
    EXPECT_EQ(borrowed.info().earlier_deliveries, deliveries);
    EXPECT_EQ(borrowed.info().position, position);
    EXPECT_FALSE(borrowed.redelivered());
    borrowed.GiveBack();
    EXPECT_TRUE(borrowed.bytes().empty());
    borrowed.GiveBack();
  }
  MessageInfo info;
  EXPECT_EQ(OpenSubscriber().TryDequeue(&info).value(), "again");
  EXPECT_EQ(info.earlier_deliveries, 5u);
  EXPECT_EQ(info.position, position);
}

TEST_P(InPlaceTest, C032_DroppedBorrowIsGivenBack) {
  ASSERT_TRUE(publisher_.TryEnqueue("1").ok());
  ASSERT_TRUE(publisher_.TryEnqueue("2").ok());
  {
    BorrowedMessage dropped = subscriber_.TryBorrow().value();
    BorrowedMessage over = subscriber_.TryBorrow().value();
    over = std::move(dropped);  // gives back what it held
    EXPECT_TRUE(dropped.bytes().empty());
    EXPECT_EQ(over.text(), "1");
    EXPECT_EQ(subscriber_.TryDequeue().value(), "2");
  }
  EXPECT_EQ(subscriber_.TryDequeue().value(), "1");
}

TEST_P(InPlaceTest, C033_SeveralAreBorrowedAndAcknowledgedInAnyOrder) {
  std::vector<BorrowedMessage> borrowed;
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(publisher_.TryEnqueue(Text(100, i)).ok());
    borrowed.push_back(subscriber_.TryBorrow().value());
  }
  for (int i : {7, 29, 0}) {
    EXPECT_EQ(borrowed[static_cast<size_t>(i)].text(), Text(100, i));
    EXPECT_TRUE(borrowed[static_cast<size_t>(i)].Acknowledge().ok());
  }
  borrowed.clear();
  for (int i = 0; i < 27; ++i) EXPECT_TRUE(subscriber_.TryDequeue().ok()) << i;
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

TEST_P(InPlaceTest, C034_AcknowledgeTwiceIsFailedPrecondition) {
  ASSERT_TRUE(publisher_.TryEnqueue("1").ok());
  ASSERT_TRUE(publisher_.TryEnqueue("2").ok());
  BorrowedMessage first = subscriber_.TryBorrow().value();
  EXPECT_TRUE(first.Acknowledge().ok());
  EXPECT_STATUS(first.Acknowledge(), kFailedPrecondition);
  first.GiveBack();
  BorrowedMessage second = subscriber_.TryBorrow().value();
  second.GiveBack();
  EXPECT_STATUS(second.Acknowledge(), kFailedPrecondition);
  EXPECT_EQ(subscriber_.TryDequeue().value(), "2");
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

TEST_P(InPlaceTest, C035_BorrowedMessageOutlivesItsSubscriber) {
  ASSERT_TRUE(publisher_.TryEnqueue(Text(1000)).ok());
  BorrowedMessage borrowed = OpenSubscriber().TryBorrow().value();
  EXPECT_EQ(borrowed.text(), Text(1000));
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
  EXPECT_TRUE(borrowed.Acknowledge().ok());
  EXPECT_STATUS(subscriber_.TryDequeue().status(), kUnavailable);
}

RUN_ON_ALL_ENGINES(InPlaceTest);

}  // namespace
}  // namespace interprocess::conformance
