// SPDX-License-Identifier: MIT

// Queues for one publisher, one subscriber at a time.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/native/attachment.h"
#include "core/native/layout.h"
#include "gtest/gtest.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::PublisherPeer;
using testing::Put;
using testing::SubscriberPeer;
using testing::Take;
using testing::TakeSoon;
using testing::TestDirectory;

class OneOfAKindFileTest : public ::testing::Test {
 protected:
  OneOfAKindFileTest() { options_.one_publisher = options_.one_subscriber = true; }
  absl::Status Open(Role role) { return Attachment::Open(options_, role).status(); }

  TestDirectory directory_;
  QueueOptions options_ = directory_.Options();
};

TEST_F(OneOfAKindFileTest, SecondIsRefusedUntilTheFirstLeaves) {
  std::optional<PublisherPeer> publisher(options_);
  SubscriberPeer subscriber(options_);
  for (Role role : {Role::kPublisher, Role::kSubscriber}) {
    const absl::Status refused = Open(role);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(refused.message(), "queue.ipq")) << refused;
    EXPECT_TRUE(absl::StrContains(refused.message(),
                                  role == Role::kPublisher ? "one publisher" : "one subscriber"))
        << refused;
  }
  publisher.reset();
  EXPECT_TRUE(Open(Role::kPublisher).ok());
  EXPECT_EQ(Open(Role::kSubscriber).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(OneOfAKindFileTest, MakerDecidesForAll) {
  PublisherPeer publisher(options_);
  options_.one_subscriber = false;
  EXPECT_EQ(Open(Role::kSubscriber).code(), absl::StatusCode::kFailedPrecondition);
  options_.mode = OpenMode::kOpenExisting;
  EXPECT_TRUE(Open(Role::kSubscriber).ok());
}

TEST_F(OneOfAKindFileTest, MessagesOfAllSizesArriveInOrder) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (size_t i = 0; i < 3000; ++i) {
    const std::string text(i, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(Put(publisher, text).ok()) << i;
    ASSERT_EQ(Take(subscriber).value(), text);
  }
  for (int round = 0; round < 5; ++round) {
    int count = 0;
    while (Put(publisher, absl::StrCat("message ", count)).ok()) ++count;
    EXPECT_EQ(count, 64);
    for (int i = 0; i < count; ++i) EXPECT_EQ(*Take(subscriber), absl::StrCat("message ", i));
  }
}

TEST_F(OneOfAKindFileTest, WhatIsGivenBackComesAgain) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, "back").ok());
  const auto claim = subscriber->TryBorrow();
  ASSERT_TRUE(claim.ok());
  ASSERT_TRUE(Put(publisher, "next").ok());
  EXPECT_EQ(*Take(subscriber), "next");
  subscriber->GiveBack(claim->position);
  EXPECT_EQ(*Take(subscriber), "back");
}

// Whoever takes the place of a dead one finishes what that one began.
TEST_F(OneOfAKindFileTest, PlaceOfTheDeadIsTakenAtOnce) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, "held").ok());
  ASSERT_TRUE(Put(publisher, "next").ok());
  ASSERT_TRUE(publisher->TryReserve(100).ok());
  ASSERT_TRUE(subscriber->TryBorrow().ok());
  publisher.Die();
  subscriber.Die();
  PublisherPeer another(options_);
  SubscriberPeer other(options_);
  MessageInfo info;
  EXPECT_EQ(TakeSoon(other, &info).value(), "held");
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(TakeSoon(other).value(), "next");
  ASSERT_TRUE(Put(another, "last").ok());
  EXPECT_EQ(TakeSoon(other).value(), "last");
}

}  // namespace
}  // namespace interprocess::native
