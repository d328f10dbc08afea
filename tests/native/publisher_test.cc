// SPDX-License-Identifier: MIT

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/native/layout.h"
#include "core/native/native_publisher.h"
#include "core/platform/clock.h"
#include "core/wait_loop.h"
#include "gtest/gtest.h"
#include "interprocess/wait_options.h"
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

constexpr auto kFull = absl::StatusCode::kResourceExhausted;

// A message of `size` bytes that differs from others at every place.
std::string Text(size_t size, int seed) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(seed * 31 + i * 7 + i / 251);
  return text;
}

class NativePublisherTest : public ::testing::Test {
 protected:
  // Moves the queue's end `messages` positions and `messages` units on.
  void Advance(const PublisherPeer& publisher, const SubscriberPeer& subscriber, int messages) {
    for (int i = 0; i < messages; ++i) {
      ASSERT_TRUE(Put(publisher, Text(64, i)).ok());
      ASSERT_EQ(Take(subscriber).value(), Text(64, i));
    }
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
};

TEST_F(NativePublisherTest, MessageOfWholeCapacityFitsAnEmptyQueueAtAnyOffset) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (int round = 0; round < 70; ++round) {
    SCOPED_TRACE(round);
    ASSERT_TRUE(Put(publisher, Text(4096, round)).ok());
    EXPECT_EQ(Put(publisher, Text(49, round)).code(), kFull);
    EXPECT_TRUE(Put(publisher, Text(48, round)).ok()) << "inside its slot it needs no room";
    EXPECT_EQ(Take(subscriber).value(), Text(4096, round));
    EXPECT_EQ(Take(subscriber).value(), Text(48, round));
    Advance(publisher, subscriber, 1);
    // A publisher that has walked over nothing yet finds the same room.
    PublisherPeer fresh(options_);
    ASSERT_TRUE(Put(fresh, Text(4096, -round)).ok());
    EXPECT_EQ(Put(publisher, Text(49, round)).code(), kFull);
    EXPECT_EQ(Take(subscriber).value(), Text(4096, -round));
  }
}

TEST_F(NativePublisherTest, MessageThatWouldWrapStartsAtTheBeginning) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  ASSERT_TRUE(Put(publisher, Text(40 * 64, 1)).ok());
  ASSERT_EQ(Take(subscriber).value(), Text(40 * 64, 1));
  ASSERT_TRUE(Put(publisher, Text(30 * 64, 2)).ok());
  EXPECT_EQ(bytes.slot(1).start.load(), 0u);
  // The 24 units that it skipped count as its own.
  EXPECT_EQ(bytes.memory().reservation(1).end.load(), Ring::EndWord(0, 40 + 24 + 30));
  EXPECT_EQ(Put(publisher, Text(11 * 64, 3)).code(), kFull);
  EXPECT_TRUE(Put(publisher, Text(10 * 64, 3)).ok());
  EXPECT_EQ(Take(subscriber).value(), Text(30 * 64, 2));
  EXPECT_EQ(Take(subscriber).value(), Text(10 * 64, 3));
}

TEST_F(NativePublisherTest, RoomIsFreeOnlyUpToTheFirstMessageThatIsNotReleased) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, Text(2048, 1)).ok());
  ASSERT_TRUE(Put(publisher, Text(2048, 2)).ok());
  auto first = subscriber->TryBorrow();
  auto second = subscriber->TryBorrow();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(subscriber->Acknowledge(second->position).ok());
  EXPECT_EQ(Put(publisher, Text(64, 3)).code(), kFull);
  EXPECT_TRUE(subscriber->Acknowledge(first->position).ok());
  EXPECT_TRUE(Put(publisher, Text(4096, 3)).ok());
  EXPECT_EQ(Take(subscriber).value(), Text(4096, 3));
}

TEST_F(NativePublisherTest, AllSlotsTakenIsFullEvenForNoBytes) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(Put(publisher, "").ok()) << i;
  EXPECT_EQ(Put(publisher, "").code(), kFull);
  EXPECT_EQ(Take(subscriber).value(), "");
  EXPECT_TRUE(Put(publisher, "").ok());
  EXPECT_EQ(Put(publisher, "").code(), kFull);
}

TEST_F(NativePublisherTest, ShorterCommitKeepsItsStart) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (size_t size : {0, 1, 48, 49, 199, 200}) {
    auto room = publisher->TryReserve(200);
    ASSERT_TRUE(room.ok());
    const std::string text = Text(200, static_cast<int>(size));
    std::memcpy(room->bytes.data(), text.data(), text.size());
    EXPECT_TRUE(publisher->Commit(room->position, size).ok());
    EXPECT_EQ(Take(subscriber).value(), text.substr(0, size));
  }
}

TEST_F(NativePublisherTest, GoesOnFromAHintThatLiesLapsBehind) {
  PublisherPeer sleeper(options_);
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  Advance(publisher, subscriber, 10 * 64 + 7);
  for (uint64_t hint : {uint64_t{0}, uint64_t{1}, uint64_t{64}, uint64_t{9 * 64 + 3}}) {
    SCOPED_TRACE(hint);
    bytes.header().tail.store(hint);
    PublisherPeer late(options_);
    bytes.header().tail.store(hint);
    ASSERT_TRUE(Put(publisher, Text(300, 1)).ok());
    bytes.header().tail.store(hint);
    ASSERT_TRUE(Put(late, Text(400, 2)).ok());
    bytes.header().tail.store(hint);
    // Opened at position 0, and never asked since.
    ASSERT_TRUE(Put(sleeper, Text(500, 3)).ok());
    EXPECT_EQ(Take(subscriber).value(), Text(300, 1));
    EXPECT_EQ(Take(subscriber).value(), Text(400, 2));
    EXPECT_EQ(Take(subscriber).value(), Text(500, 3));
    Advance(publisher, subscriber, 3 * 64);
  }
}

TEST_F(NativePublisherTest, FindsRoomAfterItSleptThroughLapsOfAFullRing) {
  PublisherPeer sleeper(options_);
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  // The sleeper's room is that of the first lap.
  ASSERT_TRUE(Put(sleeper, Text(4096, 0)).ok());
  ASSERT_EQ(Take(subscriber).value(), Text(4096, 0));
  Advance(publisher, subscriber, 5 * 64 + 1);
  ASSERT_TRUE(Put(publisher, Text(2048, 1)).ok());
  EXPECT_EQ(Put(sleeper, Text(2049, 2)).code(), kFull);
  ASSERT_EQ(Take(subscriber).value(), Text(2048, 1));
  ASSERT_TRUE(Put(sleeper, Text(4096, 3)).ok());
  EXPECT_EQ(Take(subscriber).value(), Text(4096, 3));
}

// Stopped between the reservation and the store of its end.
TEST_F(NativePublisherTest, HelpsTheEndOfAStoppedPublisher) {
  PublisherPeer stopped(options_);
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  Advance(publisher, subscriber, 3);
  auto room = stopped->TryReserve(5 * 64);
  ASSERT_TRUE(room.ok());
  std::atomic<uint64_t>& end = bytes.memory().reservation(3).end;
  ASSERT_EQ(end.load(), Ring::EndWord(0, 8));
  end.store(0);
  ASSERT_TRUE(Put(publisher, Text(100, 1)).ok());
  EXPECT_EQ(end.load(), Ring::EndWord(0, 8));
  EXPECT_EQ(bytes.slot(4).start.load(), 8u * 64);
  EXPECT_EQ(bytes.memory().reservation(4).end.load(), Ring::EndWord(0, 10));
  // It goes on an hour later.
  end.store(Ring::EndWord(0, 8));
  std::memset(room->bytes.data(), 'x', room->bytes.size());
  EXPECT_EQ(TakeSoon(subscriber).value(), Text(100, 1));
  EXPECT_TRUE(stopped->Commit(room->position, room->bytes.size()).ok());
  EXPECT_EQ(Take(subscriber).value(), std::string(320, 'x'));
  Advance(publisher, subscriber, 130);
}

TEST_F(NativePublisherTest, RoomOfADeadReservationIsHadAtOnce) {
  PublisherPeer dead(options_);
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(dead->TryReserve(4096).ok());
  EXPECT_EQ(Put(publisher, Text(100, 1)).code(), kFull);
  dead.Die();
  EXPECT_TRUE(Eventually([&] { return Put(publisher, Text(4096, 2)).ok(); }));
  EXPECT_EQ(TakeSoon(subscriber).value(), Text(4096, 2));
}

TEST_F(NativePublisherTest, DeadClaimInTheWayIsOfferedAgain) {
  PublisherPeer publisher(options_);
  SubscriberPeer dead(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, Text(4096, 1)).ok());
  ASSERT_TRUE(dead->TryBorrow().ok());
  dead.Die();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Put(publisher, Text(64, 2)).code(), kFull);
    return publisher.memory().header().returns.load() != 0;
  }));
  MessageInfo info;
  EXPECT_EQ(Take(subscriber, &info).value(), Text(4096, 1));
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(info.earlier_deliveries, 1u);
}

// The ring has come round to a slot whose owner is dead: that slot is of the lap before.
TEST_F(NativePublisherTest, DeadClaimInTheOldestSlotIsPutBackInItsOwnLap) {
  PublisherPeer publisher(options_);
  SubscriberPeer dead(options_);
  SubscriberPeer subscriber(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  Advance(publisher, subscriber, 10);
  ASSERT_TRUE(Put(publisher, "oldest").ok());
  ASSERT_TRUE(dead->TryBorrow().ok());
  for (int i = 1; i < 64; ++i) ASSERT_TRUE(Put(publisher, std::to_string(i)).ok());
  ASSERT_EQ(Put(publisher, "too many").code(), kFull);
  dead.Die();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Put(publisher, "too many").code(), kFull);
    return bytes.memory().claim(10).word.load() != Ring::ClaimedWord(dead.id(), 0);
  }));
  EXPECT_EQ(bytes.memory().claim(10).word.load(), Ring::ReturnedWord(0));
  MessageInfo info;
  EXPECT_EQ(Take(subscriber, &info).value(), "oldest");
  EXPECT_TRUE(info.redelivered);
  for (int i = 1; i < 64; ++i) EXPECT_EQ(Take(subscriber).value(), std::to_string(i));
  Advance(publisher, subscriber, 130);
}

TEST_F(NativePublisherTest, DeadReservationInTheOldestSlotIsFreedForTheNextLap) {
  PublisherPeer publisher(options_);
  PublisherPeer dead(options_);
  SubscriberPeer subscriber(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  Advance(publisher, subscriber, 10);
  ASSERT_TRUE(dead->TryReserve(100).ok());
  for (int i = 1; i < 64; ++i) ASSERT_TRUE(Put(publisher, std::to_string(i)).ok());
  ASSERT_EQ(Put(publisher, "too many").code(), kFull);
  dead.Die();
  EXPECT_TRUE(Eventually([&] { return Put(publisher, "64").ok(); }));
  EXPECT_EQ(bytes.slot(10).word.load(), Ring::ReadyWord(1));
  for (int i = 1; i <= 64; ++i) EXPECT_EQ(TakeSoon(subscriber).value(), std::to_string(i));
  Advance(publisher, subscriber, 130);
}

// Whoever gave it back lives, and is stopped before the count: no other would come to it.
TEST_F(NativePublisherTest, PublisherThatWaitsCountsWhatWasPutBackAndNotCounted) {
  PublisherPeer publisher(options_);
  SubscriberPeer stopped(options_);
  SubscriberPeer subscriber(options_);
  std::atomic<uint64_t>& returns = publisher.memory().header().returns;
  ASSERT_TRUE(Put(publisher, "back").ok());
  ASSERT_TRUE(stopped->TryBorrow().ok());
  for (int i = 1; i < 64; ++i) {
    ASSERT_TRUE(Put(publisher, std::to_string(i)).ok());
    ASSERT_EQ(Take(subscriber).value(), std::to_string(i));
  }
  publisher.memory().claim(0).word.store(Ring::ReturnedWord(0));
  EXPECT_FALSE(Take(subscriber).ok());
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Put(publisher, "next").code(), kFull);
    return returns.load() != 0;
  }));
  for (const int64_t end = platform::MonotonicNanos() + 20 * kMillisecond;
       platform::MonotonicNanos() < end;) {
    EXPECT_EQ(Put(publisher, "next").code(), kFull);
  }
  EXPECT_EQ(returns.load(), 1u) << "once";
  EXPECT_EQ(Take(subscriber).value(), "back");
  EXPECT_TRUE(Put(publisher, "next").ok());
}

// However long it sleeps: nothing is taken from the living.
TEST_F(NativePublisherTest, StoppedHolderKeepsWhatItHolds) {
  PublisherPeer stopped(options_);
  PublisherPeer publisher(options_);
  auto room = stopped->TryReserve(4096);
  ASSERT_TRUE(room.ok());
  const int64_t end = platform::MonotonicNanos() + 120'000'000;
  while (platform::MonotonicNanos() < end) ASSERT_EQ(Put(publisher, Text(64, 1)).code(), kFull);
  EXPECT_EQ(publisher.memory().slot(0).word.load(), 0u);
  EXPECT_EQ(publisher.memory().ring().ReserverOf(publisher.memory().reservation(0).word.load()),
            stopped.id());
  stopped->Abort(room->position);
  EXPECT_TRUE(Put(publisher, Text(4096, 2)).ok());
}

// Where one participant takes no part in barriers, the look at the flag after a release may come
// before the release is seen: after a wake-up as well as before the first sleep.
TEST_F(NativePublisherTest, WaiterForSpaceLooksAgainSoonAfterEveryWakeUp) {
  int64_t shortest = INT64_MAX;
  // The best of a few, so that a busy machine fails nothing.
  for (int attempt = 0; attempt < 5 && shortest > 100'000'000; ++attempt) {
    const QueueOptions options = directory_.Options("space" + std::to_string(attempt));
    PublisherPeer publisher(options);
    QueueBytes bytes(directory_.FileOf(options.name));
    bytes.header().no_barrier.store(1);
    Participant& record = bytes.memory().participant(publisher.id());
    WaitWord& space = bytes.header().space;
    ASSERT_TRUE(Put(publisher, Text(4096, 1)).ok());
    std::thread waiter([&] {
      WaitOptions wait(absl::Seconds(30));
      wait.spin = absl::ZeroDuration();
      const std::atomic<bool> closed{false};
      EXPECT_TRUE(internal::WaitFor(*publisher.operator->(), closed, wait, [&] {
                    return publisher->TryReserve(4096);
                  }).ok());
    });
    EXPECT_TRUE(Eventually([&] { return record.sleeps.load() >= 2; }));
    // Somebody gave too little room.
    const uint64_t sleeps = record.sleeps.load();
    space.flag.store(0);
    space.seq.fetch_add(1);
    publisher.environment().WakeAll(space.seq);
    EXPECT_TRUE(Eventually([&] { return record.sleeps.load() > sleeps; }));
    // The last release; its look at the flag came before the waiter set it.
    const int64_t released = platform::MonotonicNanos();
    bytes.memory().claim(0).word.store(Ring::DoneWord(0));
    waiter.join();
    shortest = std::min(shortest, platform::MonotonicNanos() - released);
    publisher->Abort(1);
  }
  EXPECT_LT(shortest, 100'000'000);
}

}  // namespace
}  // namespace interprocess::native
