// SPDX-License-Identifier: MIT

// How queues begin and end: which participant removes them, and which must not.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/native/attachment.h"
#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::PublisherPeer;
using testing::Put;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::Take;
using testing::TakeSoon;
using testing::TestDirectory;

class LifeTest : public ::testing::Test {
 protected:
  uint64_t Inode() const {
    auto file = platform::Directory::Open(directory_.path()).value().OpenFile("queue.ipq", true);
    return file.ok() ? file->Identity().value().inode : 0;
  }
  // A queue without a participant, with one message.
  void LeaveAMessage() const {
    PublisherPeer publisher(options_);
    ASSERT_TRUE(Put(publisher, "kept").ok());
  }
  void SetLife(uint64_t life) const {
    QueueBytes(directory_.FileOf("queue")).header().life.store(life);
  }
  absl::Status Open(const QueueOptions& options) const {
    return Attachment::Open(options, Role::kPublisher).status();
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
};

TEST_F(LifeTest, LastToLeaveRemovesAnEmptyQueue) {
  {
    PublisherPeer publisher(options_);
    {
      SubscriberPeer subscriber(options_);
      ASSERT_TRUE(Put(publisher, "x").ok());
      ASSERT_TRUE(Take(subscriber).ok());
    }
    EXPECT_TRUE(directory_.Has("queue"));
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

// Not even under another name, as what is mapped still or open may go on living.
TEST_F(LifeTest, NothingOfItIsLeftWhenTheLastHasLeft) {
  auto attachment = Attachment::Open(options_, Role::kPublisher).value();
  EXPECT_TRUE(attachment->Leave().ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(LifeTest, QueueWithAMessageStaysUntilItIsRead) {
  LeaveAMessage();
  ASSERT_TRUE(directory_.Has("queue"));
  {
    SubscriberPeer subscriber(options_);
    EXPECT_EQ(Take(subscriber).value(), "kept");
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, MessageAnywhereInTheRingIsUndelivered) {
  for (int laps = 0; laps < 200; laps += 37) {
    {
      PublisherPeer publisher(options_);
      SubscriberPeer subscriber(options_);
      for (int i = 0; i < laps; ++i) {
        ASSERT_TRUE(Put(publisher, "x").ok());
        ASSERT_TRUE(Take(subscriber).ok());
      }
      ASSERT_TRUE(Put(publisher, "kept").ok());
    }
    ASSERT_TRUE(directory_.Has("queue"));
    SubscriberPeer subscriber(options_);
    EXPECT_EQ(Take(subscriber).value(), "kept");
  }
}

TEST_F(LifeTest, MessageThatWasGivenBackIsUndelivered) {
  {
    PublisherPeer publisher(options_);
    SubscriberPeer subscriber(options_);
    ASSERT_TRUE(Put(publisher, "back").ok());
    auto claim = subscriber->TryBorrow();
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(Put(publisher, "x").ok());
      ASSERT_TRUE(Take(subscriber).ok());
    }
    subscriber->GiveBack(claim->position);
  }
  EXPECT_TRUE(directory_.Has("queue"));
}

// What was put back is found though the log does not name it: its count has no entry yet, others
// that have none follow, or more follow than the log holds.
TEST_F(LifeTest, MessageThatWasGivenBackIsUndeliveredThoughNoLogNamesIt) {
  for (const uint64_t more : {uint64_t{0}, uint64_t{1}, kReturnedLog + 1}) {
    {
      PublisherPeer publisher(options_);
      SubscriberPeer subscriber(options_);
      ASSERT_TRUE(Put(publisher, "back").ok());
      auto claim = subscriber->TryBorrow();
      for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(Put(publisher, "x").ok());
        ASSERT_TRUE(Take(subscriber).ok());
      }
      subscriber->GiveBack(claim->position);
      Header& header = publisher.memory().header();
      if (more == 0) header.returned[header.returns % kReturnedLog] = 0;
      header.returns += more;
    }
    ASSERT_TRUE(directory_.Has("queue")) << more;
    {
      SubscriberPeer subscriber(options_);
      EXPECT_EQ(TakeSoon(subscriber).value(), "back") << more;
    }
    EXPECT_FALSE(directory_.Has("queue")) << more;
  }
}

TEST_F(LifeTest, MessageThatTheDeadHoldIsUndelivered) {
  {
    PublisherPeer publisher(options_);
    SubscriberPeer dead(options_);
    ASSERT_TRUE(Put(publisher, "held").ok());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(publisher, "x").ok());
    ASSERT_TRUE(dead->TryBorrow().ok());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Take(dead).ok());
    dead.Die();
  }
  ASSERT_TRUE(directory_.Has("queue"));
  SubscriberPeer subscriber(options_);
  MessageInfo info;
  EXPECT_EQ(TakeSoon(subscriber, &info).value(), "held");
  EXPECT_TRUE(info.redelivered);
}

TEST_F(LifeTest, UncommittedReservationOfTheDeadKeepsNoQueue) {
  {
    PublisherPeer publisher(options_);
    PublisherPeer dead(options_);
    ASSERT_TRUE(dead->TryReserve(10).ok());
    dead.Die();
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, WhoKeepsNothingRemovesWhatIsUndelivered) {
  QueueOptions options = options_;
  options.keep_undelivered = false;
  {
    PublisherPeer publisher(options);
    ASSERT_TRUE(Put(publisher, "x").ok());
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, EachEndpointDecidesShouldItBeTheLast) {
  QueueOptions drop = options_;
  drop.keep_undelivered = false;
  {
    PublisherPeer keeper(options_);
    PublisherPeer dropper(drop);
    ASSERT_TRUE(Put(keeper, "x").ok());
    ASSERT_GT(dropper.id(), keeper.id());
  }  // the dropper leaves first
  EXPECT_TRUE(directory_.Has("queue"));
  { PublisherPeer dropper(drop); }
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, JoinerSetsRetiringBackToLive) {
  PublisherPeer publisher(options_);
  SetLife(kLifeRetiring | 1234);
  const uint64_t inode = Inode();
  SubscriberPeer subscriber(options_);
  EXPECT_EQ(publisher.memory().header().life.load(), kLifeLive);
  EXPECT_EQ(Inode(), inode);
  ASSERT_TRUE(Put(publisher, "x").ok());
  EXPECT_EQ(Take(subscriber).value(), "x");
}

TEST_F(LifeTest, RetiringThatARemoverDiedInIsTakenUpByTheNextToLeave) {
  {
    PublisherPeer publisher(options_);
    SetLife(kLifeRetiring | 1234);
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

// Killed between RETIRED and the removal of the name.
TEST_F(LifeTest, NameOfARetiredQueueIsReclaimedInEveryMode) {
  for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kCreateNew}) {
    for (int64_t capacity : {4096, 8192}) {
      LeaveAMessage();
      SetLife(kLifeRetired);
      const uint64_t inode = Inode();
      {
        QueueBytes keeps_inode(directory_.FileOf("queue"));
        QueueOptions options = options_;
        options.mode = mode;
        options.capacity = capacity;
        SubscriberPeer subscriber(options);
        EXPECT_NE(Inode(), inode);
        EXPECT_EQ(subscriber->capacity(), capacity);
        EXPECT_EQ(Take(subscriber).status().code(), absl::StatusCode::kUnavailable);
      }
      EXPECT_FALSE(directory_.Has("queue"));
    }
  }
}

TEST_F(LifeTest, RetiredQueueDoesNotExist) {
  LeaveAMessage();
  SetLife(kLifeRetired);
  QueueOptions options = options_;
  options.mode = OpenMode::kOpenExisting;
  EXPECT_EQ(Open(options).code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, LifeWordThatMeansNothingIsDamageAndRemovesNothing) {
  LeaveAMessage();
  for (uint64_t life : {kLifeStateMask, kLifeStateMask | 5, uint64_t{7}}) {
    SetLife(life);
    for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kOpenExisting}) {
      QueueOptions options = options_;
      options.mode = mode;
      const absl::Status status = Open(options);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << life;
      EXPECT_NE(status.message().find(directory_.FileOf("queue")), absl::string_view::npos);
    }
    EXPECT_TRUE(directory_.Has("queue"));
  }
  SetLife(kLifeLive);
  SubscriberPeer subscriber(options_);
  EXPECT_EQ(Take(subscriber).value(), "kept");
}

TEST_F(LifeTest, WhoLeavesARemovedQueueLeavesTheNewOneOfItsNameAlone) {
  uint64_t inode = 0;
  {
    PublisherPeer old(options_);
    ASSERT_TRUE(RemoveQueue("queue", directory_.path()).ok());
    LeaveAMessage();
    inode = Inode();
  }
  EXPECT_NE(inode, 0u);
  EXPECT_EQ(Inode(), inode);
}

TEST_F(LifeTest, CreateNewDisturbsNoQueueThatIsThere) {
  LeaveAMessage();
  QueueOptions options = options_;
  options.mode = OpenMode::kCreateNew;
  options.keep_undelivered = false;
  const absl::Status status = Open(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(status.message().find(directory_.FileOf("queue")), absl::string_view::npos);
  SubscriberPeer subscriber(options_);
  EXPECT_EQ(Take(subscriber).value(), "kept");
}

// Participants come and go at one time: none is left with a queue that others do not see, and
// the last removes it.
TEST_F(LifeTest, ManyWhoComeAndGoLeaveNothingBehind) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 60; ++i) {
        auto publisher = Publisher::Open(options_);
        ASSERT_TRUE(publisher.ok()) << publisher.status();
        auto subscriber = Subscriber::Open(options_);
        ASSERT_TRUE(subscriber.ok()) << subscriber.status();
        ASSERT_TRUE(publisher->Enqueue("x").ok());
        ASSERT_EQ(subscriber->Dequeue().value(), "x");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (directory_.Has("queue")) {
    // Who found the directory's lock held for long left the empty queue to the next.
    { PublisherPeer next(options_); }
  }
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(LifeTest, QueueWhosePlacesAllBelongToTheDeadIsJoined) {
  QueueOptions options = options_;
  options.max_participants = 2;
  std::vector<std::unique_ptr<SubscriberPeer>> dead;
  {
    PublisherPeer publisher(options);
    SubscriberPeer subscriber(options);
    ASSERT_TRUE(Put(publisher, "held").ok());
    ASSERT_TRUE(publisher->TryReserve(100).ok());
    ASSERT_TRUE(subscriber->TryBorrow().ok());
    publisher.Die();
    subscriber.Die();
  }
  SubscriberPeer subscriber(options);
  MessageInfo info;
  EXPECT_EQ(TakeSoon(subscriber, &info).value(), "held");
  EXPECT_TRUE(info.redelivered);
  PublisherPeer publisher(options);
  EXPECT_TRUE(Put(publisher, std::string(4096, 'x')).ok());
}

// The two would not wake each other.
TEST_F(LifeTest, QueueOfAnotherKindOfWaiterIsRefused) {
  PublisherPeer publisher(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  Identity& identity = bytes.header().identity;
  identity.waiter ^= 1;
  identity.checksum = QueueMemory::ChecksumOf(identity);
  QueueOptions existing = options_;
  existing.mode = OpenMode::kOpenExisting;
  for (const QueueOptions& options : {options_, existing}) {
    const absl::Status refused = Open(options);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    for (const char* word : {"queue.ipq", "'word'", "'semaphore'"}) {
      EXPECT_NE(refused.message().find(word), absl::string_view::npos) << refused;
    }
  }
  // It can still be removed.
  EXPECT_TRUE(RemoveQueue("queue", directory_.path()).ok());
}

}  // namespace
}  // namespace interprocess::native
