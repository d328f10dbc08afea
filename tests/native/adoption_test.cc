// SPDX-License-Identifier: MIT

// A queue whose file system was mounted with another device number: the header says another device
// than the file is on.

#include "core/native/adoption.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/platform/directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using ::testing::HasSubstr;
using testing::PublisherPeer;
using testing::Put;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::Take;
using testing::TakeSoon;
using testing::TestDirectory;

constexpr auto kMoved = absl::StatusCode::kFailedPrecondition;

class AdoptionTest : public ::testing::Test {
 protected:
  AdoptionTest() {
    EXPECT_TRUE(Publisher::Open(options_)->TryEnqueue("kept").ok());
    bytes_.emplace(directory_.FileOf("queue"));
    device_ = identity().device;
  }
  Identity& identity() { return bytes_->header().identity; }
  void Mount(uint64_t device) { identity().device = device; }
  absl::Status Adopt() { return AdoptQueue("queue", directory_.path()); }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  std::optional<QueueBytes> bytes_;
  uint64_t device_;  // of the file
};

TEST_F(AdoptionTest, QueueThatAllHaveLeftOpensWithItsMessages) {
  for (uint64_t before : {device_ + 1, uint64_t{0}, ~device_, ~(device_ + 1)}) {
    Mount(before);
    SubscriberPeer subscriber(options_);
    EXPECT_EQ(identity().device, device_);
    EXPECT_EQ(Take(subscriber).value(), "kept");
    PublisherPeer publisher(options_);
    EXPECT_TRUE(Put(publisher, "kept").ok());
  }
}

TEST_F(AdoptionTest, QueueThatSomebodyDiedInIsAdoptedWhenAskedFor) {
  {
    SubscriberPeer dead(options_);
    ASSERT_TRUE(dead->TryBorrow().ok());
    dead.Die();
  }
  Mount(device_ + 1);
  const absl::Status refused = Subscriber::Open(options_).status();
  EXPECT_EQ(refused.code(), kMoved);
  EXPECT_THAT(refused.message(), HasSubstr("1 participants of it have not left"));
  EXPECT_THAT(refused.message(), HasSubstr("ipq doctor QUEUE --adopt"));
  EXPECT_THAT(refused.message(), HasSubstr(directory_.FileOf("queue")));
  EXPECT_EQ(identity().device, device_ + 1);
  EXPECT_EQ(QueueInspector::Open("queue", directory_.path()).status().code(), kMoved);

  EXPECT_TRUE(Adopt().ok());
  EXPECT_EQ(identity().device, device_);
  SubscriberPeer subscriber(options_);
  MessageInfo info;
  EXPECT_EQ(TakeSoon(subscriber, &info).value(), "kept");
  EXPECT_TRUE(info.redelivered);
  EXPECT_TRUE(Adopt().ok()) << "need not be, and in use";
}

TEST_F(AdoptionTest, NothingIsTakenFromOneThatRuns) {
  SubscriberPeer subscriber(options_);
  auto claim = subscriber->TryBorrow();
  ASSERT_TRUE(claim.ok());
  Mount(device_ + 1);
  EXPECT_EQ(Publisher::Open(options_).status().code(), kMoved);
  const absl::Status refused = Adopt();
  EXPECT_EQ(refused.code(), kMoved);
  EXPECT_THAT(refused.message(), HasSubstr("a participant runs"));
  EXPECT_EQ(identity().device, device_ + 1);
  EXPECT_TRUE(subscriber->Acknowledge(claim->position).ok());
}

// The file is taken over by another way after somebody has looked at its device, and before that
// one has joined.
TEST_F(AdoptionTest, WhoJoinsSeesThatTheQueueWasTakenOver) {
  const platform::FileIdentity file{device_, identity().inode};
  EXPECT_TRUE(CheckStillOriginal(bytes_->memory(), file, "q").ok());
  Mount(device_ + 1);
  EXPECT_EQ(CheckStillOriginal(bytes_->memory(), file, "q").code(), kMoved);
}

// And the other way round: who takes over sees in its second look who has joined.
TEST_F(AdoptionTest, WhoTakesOverSeesWhoHasJoined) {
  const platform::FileIdentity by_another_way{device_ + 1, identity().inode};
  SubscriberPeer subscriber(options_);
  EXPECT_EQ(TakeOverIfUnused(bytes_->memory(), by_another_way, "q").code(), kMoved);
  EXPECT_EQ(identity().device, device_);
}

TEST_F(AdoptionTest, CopyStaysACopy) {
  ++identity().inode;
  identity().checksum = QueueMemory::ChecksumOf(identity());
  EXPECT_TRUE(absl::IsDataLoss(Publisher::Open(options_).status()));
  EXPECT_TRUE(absl::IsDataLoss(Adopt()));
}

TEST_F(AdoptionTest, WhatIsNoQueueIsRefused) {
  EXPECT_TRUE(absl::IsNotFound(AdoptQueue("other", directory_.path())));
  EXPECT_TRUE(absl::IsInvalidArgument(AdoptQueue("a/b", directory_.path())));
  identity().magic[0] = 'x';
  EXPECT_TRUE(absl::IsDataLoss(Adopt()));
  EXPECT_TRUE(
      absl::IsUnimplemented(AdoptQueue("queue", directory_.path(), Protocol::kCloudtoidV2)));
}

}  // namespace
}  // namespace interprocess::native
