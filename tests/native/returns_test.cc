// SPDX-License-Identifier: MIT

// How subscribers find what was put back, and what they make of words that no participant leaves.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/native/layout.h"
#include "core/native/words.h"
#include "gtest/gtest.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::PublisherPeer;
using testing::Put;
using testing::SubscriberPeer;
using testing::Take;
using testing::TestDirectory;

constexpr auto kEmpty = absl::StatusCode::kUnavailable;

class ReturnsTest : public ::testing::Test {
 protected:
  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  PublisherPeer publisher_{options_};
  SubscriberPeer subscriber_{options_};
};

// What lies between the first that is not done and the last is looked through, if more was put back
// than is remembered one by one.
TEST_F(ReturnsTest, EverythingThatWasPutBackIsFoundThoughMoreWasThanIsRemembered) {
  SubscriberPeer giver(options_);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Put(publisher_, std::to_string(i)).ok());
  std::vector<uint64_t> held;
  for (int i = 0; i < 40; ++i) held.push_back(giver->TryBorrow()->position);
  ASSERT_EQ(Take(subscriber_).status().code(), kEmpty);
  for (int round = 0; round < 10; ++round) {
    for (uint64_t position : held) giver->GiveBack(position);
    for (size_t i = 0; i < held.size(); ++i) ASSERT_TRUE(giver->TryBorrow().ok());
  }
  for (uint64_t position : held) giver->GiveBack(position);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Take(subscriber_).ok()) << i;
  EXPECT_EQ(Take(subscriber_).status().code(), kEmpty);
}

// Whoever counted it stopped before it said where it is.
TEST_F(ReturnsTest, PutBackAndCountedAndNotSaidWhereIsFound) {
  SubscriberPeer giver(options_);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(publisher_, std::to_string(i)).ok());
  ASSERT_EQ(giver->TryBorrow()->position, 0u);
  for (int i = 1; i < 20; ++i) ASSERT_TRUE(Take(subscriber_).ok());
  subscriber_.memory().claim(0).word.store(Ring::ReturnedWord(0));
  subscriber_.memory().header().returns.fetch_add(1);
  EXPECT_EQ(Take(subscriber_).value(), "0");
}

// A zeroed page of a file on a disk, or a word that something else has written.
TEST_F(ReturnsTest, WordsThatNoParticipantLeavesAreDataLoss) {
  const QueueMemory& memory = subscriber_.memory();
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(Put(publisher_, "x").ok());
    ASSERT_TRUE(Take(subscriber_).ok());
  }
  const auto expect_damage = [&](std::atomic<uint64_t>& word, uint64_t value, bool publisher) {
    const uint64_t sound = word.exchange(value);
    if (publisher) {
      const absl::Status status = Put(publisher_, "x");
      EXPECT_TRUE(absl::IsDataLoss(status)) << status;
      EXPECT_NE(status.message().find("150"), std::string::npos) << status;
    }
    const absl::Status status = Take(SubscriberPeer(options_)).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(status.message().find("150"), std::string::npos) << status;
    word.store(sound);
  };
  memory.header().head.store(150);
  for (uint64_t value : {uint64_t{0}, memory.ring().ReservedWord(1, 0, 0)}) {
    expect_damage(memory.reservation(150).word, value, true);
  }
  for (uint64_t value : {uint64_t{0}, Ring::ReadyWord(0)}) {
    expect_damage(memory.slot(150).word, value, false);
  }
  ASSERT_TRUE(Put(publisher_, "x").ok());
  for (uint64_t value : {uint64_t{0}, Ring::ClaimedWord(1, 1)}) {
    expect_damage(memory.claim(150).word, value, false);
  }
  for (uint64_t value : {uint64_t{0}, Ring::ReadyWord(1)}) {
    expect_damage(memory.slot(150).word, value, false);
  }
  EXPECT_EQ(Take(subscriber_).value(), "x");
}

}  // namespace
}  // namespace interprocess::native
