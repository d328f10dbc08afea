// In a queue that is made so, the bytes of a message are gone when its place is free.

#include "core/native/clearing.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "core/native/attachment.h"
#include "core/native/layout.h"
#include "core/native/recovery.h"
#include "core/native/slot_word.h"
#include "gtest/gtest.h"
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

constexpr char kSecret = '\xa5';
constexpr size_t kSizes[] = {1, 39, 40, 41, 64, 65, 1000, 4096};

class ClearingTest : public ::testing::Test {
 protected:
  ClearingTest() { options_.clear_on_release = true; }

  static std::string Secret(size_t size) { return std::string(size, kSecret); }
  static void Fill(absl::Span<uint8_t> bytes) {
    std::memset(bytes.data(), static_cast<uint8_t>(kSecret), bytes.size());
  }
  // How many of a secret's bytes lie in the slots and the payload.
  int64_t Left() const {
    const QueueBytes bytes(directory_.FileOf("queue"));
    const auto secret = static_cast<uint8_t>(kSecret);
    int64_t left = std::count(bytes.data() + bytes.memory().geometry().payload_offset(),
                              bytes.data() + bytes.size(), secret);
    for (uint64_t i = 0; i < bytes.memory().ring().slots(); ++i) {
      const uint8_t* of_slot = bytes.slot(i).bytes;
      left += std::count(of_slot, of_slot + kInlineBytes, secret);
    }
    return left;
  }
  // Moves the ring's end on by `units`.
  void Advance(const PublisherPeer& publisher, const SubscriberPeer& subscriber, int units) {
    for (int i = 0; i < units; ++i) {
      ASSERT_TRUE(Put(publisher, std::string(64, 'x')).ok());
      ASSERT_TRUE(Take(subscriber).ok());
    }
  }

  TestDirectory directory_;
  QueueOptions options_ = directory_.Options();
};

TEST_F(ClearingTest, BytesStayWithoutTheOption) {
  options_.clear_on_release = false;
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, Secret(100)).ok());
  ASSERT_TRUE(Put(publisher, Secret(30)).ok());
  EXPECT_EQ(Take(subscriber).value(), Secret(100));
  EXPECT_EQ(Take(subscriber).value(), Secret(30));
  EXPECT_EQ(Left(), 130);
}

TEST_F(ClearingTest, Dequeued) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (int round = 0; round < 3; ++round) {
    for (size_t size : kSizes) {
      ASSERT_TRUE(Put(publisher, Secret(size)).ok());
      EXPECT_EQ(Left(), static_cast<int64_t>(size));
      EXPECT_EQ(Take(subscriber).value(), Secret(size));
      EXPECT_EQ(Left(), 0) << size;
      Advance(publisher, subscriber, 7);
    }
  }
}

TEST_F(ClearingTest, OthersStay) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (size_t size : {65, 10, 200, 40}) ASSERT_TRUE(Put(publisher, Secret(size)).ok());
  EXPECT_EQ(Take(subscriber).value(), Secret(65));
  EXPECT_EQ(Left(), 10 + 200 + 40);
  EXPECT_EQ(Take(subscriber).value(), Secret(10));
  EXPECT_EQ(Take(subscriber).value(), Secret(200));
  EXPECT_EQ(Take(subscriber).value(), Secret(40));
}

TEST_F(ClearingTest, TakenInABatch) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (size_t size : {65, 10, 200}) ASSERT_TRUE(Put(publisher, Secret(size)).ok());
  const std::atomic<bool> closed{false};
  EXPECT_EQ(subscriber
                ->TryDequeueBatch(
                    10, [](const MessageView&) {}, closed)
                .value(),
            3u);
  EXPECT_EQ(Left(), 0);
}

TEST_F(ClearingTest, AcknowledgedButNotGivenBack) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (size_t size : {30, 300}) {
    ASSERT_TRUE(Put(publisher, Secret(size)).ok());
    subscriber->GiveBack(subscriber->TryBorrow()->position);
    EXPECT_EQ(Left(), static_cast<int64_t>(size));
    EXPECT_TRUE(subscriber->Acknowledge(subscriber->TryBorrow()->position).ok());
    EXPECT_EQ(Left(), 0);
  }
}

TEST_F(ClearingTest, AbortedOrCommittedShorter) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    for (size_t size : kSizes) {
      auto room = publisher->TryReserve(size);
      ASSERT_TRUE(room.ok());
      Fill(room->bytes);
      publisher->Abort(room->position);
      EXPECT_EQ(Left(), 0) << size;

      room = publisher->TryReserve(size);
      ASSERT_TRUE(room.ok());
      Fill(room->bytes);
      EXPECT_TRUE(publisher->Commit(room->position, size / 3).ok());
      EXPECT_EQ(Left(), static_cast<int64_t>(size / 3)) << size;
      EXPECT_EQ(Take(subscriber).value(), Secret(size / 3));
      EXPECT_EQ(Left(), 0) << size;
    }
    Advance(publisher, subscriber, 1);
  }
}

TEST_F(ClearingTest, ReservedByADeadPublisher) {
  SubscriberPeer subscriber(options_);
  PublisherPeer living(options_);
  for (size_t size : kSizes) {
    PublisherPeer dying(options_);
    auto room = dying->TryReserve(size);
    ASSERT_TRUE(room.ok()) << size;
    Fill(room->bytes);
    dying.Die();
    EXPECT_EQ(Left(), static_cast<int64_t>(size));
    Recovery recovery(subscriber.memory(), subscriber.environment(), subscriber.id());
    EXPECT_EQ(recovery.LookForDead(0, /*force=*/true), 1);
    EXPECT_EQ(Left(), 0) << size;
    EXPECT_EQ(subscriber.memory().slot(room->position).word.load(),
              Ring::FreeWord(subscriber.memory().ring().LapOf(room->position) + 1));
    Advance(living, subscriber, 5);
  }
}

// It has read the word, has proof of the death, and goes on when another has freed the slot and a
// third has taken it.
TEST_F(ClearingTest, ResolverThatSleptClearsNothingOfOthers) {
  SubscriberPeer subscriber(options_);
  PublisherPeer living(options_), dying(options_);
  auto room = dying->TryReserve(1000);
  ASSERT_TRUE(room.ok());
  const uint64_t word = subscriber.memory().slot(room->position).word.load();
  dying.Die();
  Recovery quick(subscriber.memory(), subscriber.environment(), subscriber.id());
  EXPECT_TRUE(quick.ResolveIfDead(room->position, word));
  for (int i = 0; i < 63; ++i) {
    ASSERT_TRUE(Put(living, "").ok());
    ASSERT_TRUE(Take(subscriber).ok());
  }
  ASSERT_TRUE(Put(living, Secret(4096)).ok());
  Recovery slow(living.memory(), living.environment(), living.id());
  slow.ResolveIfDead(room->position, word);
  EXPECT_EQ(Left(), 4096);
  EXPECT_EQ(Take(subscriber).value(), Secret(4096));
}

// It had said that nobody is to get it any more, or had begun to zero it: zeros are no message.
TEST_F(ClearingTest, SubscriberThatDiedWhileItClearedLeavesNoZerosToBeDelivered) {
  PublisherPeer publisher(options_);
  SubscriberPeer heir(options_);
  for (const bool zeroed : {false, true}) {
    for (size_t size : kSizes) {
      SubscriberPeer dying(options_);
      ASSERT_TRUE(Put(publisher, Secret(size)).ok());
      const uint64_t position = dying->TryBorrow()->position;
      Slot& slot = dying.memory().slot(position);
      if (zeroed) {
        ClearMessage(dying.memory(), position);
      } else {
        slot.meta.store(slot.meta.load() | kMetaTaken);
      }
      dying.Die();
      EXPECT_FALSE(HasUndelivered(heir.memory())) << size;
      Recovery recovery(heir.memory(), heir.environment(), heir.id());
      EXPECT_EQ(recovery.LookForDead(position, /*force=*/true), 1);
      EXPECT_EQ(slot.word.load(), Ring::FreeWord(heir.memory().ring().LapOf(position) + 1));
      EXPECT_EQ(Left(), 0) << size;
      EXPECT_TRUE(absl::IsUnavailable(Take(heir).status())) << size;
    }
  }
  // The mark goes with the message.
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(Put(publisher, "next").ok());
    EXPECT_EQ(Take(heir).value(), "next");
  }
}

TEST_F(ClearingTest, SubscriberThatDiedBeforeItClearedIsInherited) {
  PublisherPeer publisher(options_);
  SubscriberPeer dying(options_), heir(options_);
  ASSERT_TRUE(Put(publisher, Secret(100)).ok());
  ASSERT_TRUE(dying->TryBorrow().ok());
  dying.Die();
  EXPECT_TRUE(HasUndelivered(heir.memory()));
  EXPECT_EQ(TakeSoon(heir).value(), Secret(100));
  EXPECT_EQ(Left(), 0);
}

TEST_F(ClearingTest, MakerDecidesForAll) {
  PublisherPeer publisher(options_);
  options_.clear_on_release = false;
  const absl::Status other = Attachment::Open(options_, Role::kSubscriber).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(other));
  EXPECT_TRUE(absl::StrContains(other.message(), "clear_on_release")) << other;
  options_.mode = OpenMode::kOpenExisting;
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, Secret(100)).ok());
  EXPECT_EQ(Take(subscriber).value(), Secret(100));
  EXPECT_EQ(Left(), 0);
}

}  // namespace
}  // namespace interprocess::native
