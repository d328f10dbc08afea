// SPDX-License-Identifier: MIT

// What others do at one step of a call, again and again: the call still comes to an end.

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/base/step.h"
#include "core/native/layout.h"
#include "core/native/words.h"
#include "gtest/gtest.h"
#include "tests/native/testing/file_queue.h"

// The largest block that was asked for.
static std::atomic<size_t> largest_block{0};

void* operator new(size_t size) {
  if (size > largest_block.load()) largest_block.store(size);
  if (void* block = std::malloc(size)) return block;
  std::abort();
}
// A sanitizer's own is not this one's pair.
void* operator new(size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace interprocess::native {
namespace {

using testing::PublisherPeer;
using testing::Put;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::Take;
using testing::TestDirectory;

// Runs `body` at each step of that name, but not at those of the body itself.
class AtEach {
 public:
  AtEach(std::string step, std::function<void()> body)
      : step_(std::move(step)), body_(std::move(body)) {
    current_ = this;
    base::step_hook.store(&Hook);
  }
  AtEach(const AtEach&) = delete;
  AtEach& operator=(const AtEach&) = delete;
  ~AtEach() { base::step_hook.store(nullptr); }

  uint64_t times() const { return times_; }

 private:
  static void Hook(const char* step) {
    if (current_->inside_ || current_->step_ != step) return;
    current_->inside_ = true;
    ++current_->times_;
    current_->body_();
    current_->inside_ = false;
  }

  static AtEach* current_;
  const std::string step_;
  const std::function<void()> body_;
  bool inside_ = false;
  uint64_t times_ = 0;
};
AtEach* AtEach::current_ = nullptr;

class RacesTest : public ::testing::Test {
 protected:
  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
};

TEST_F(RacesTest, SubscriberThatLosesEveryRaceGivesUp) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  ASSERT_TRUE(Put(publisher, "never had").ok());
  QueueBytes bytes(directory_.FileOf("queue"));
  uint64_t position = 0;
  const Ring& ring = bytes.memory().ring();
  AtEach look("subscriber.seen_ready", [&] {
    bytes.memory().claim(position).word.store(Ring::ClaimedWord(9, ring.LapOf(position)));
    ++position;
    bytes.slot(position).word.store(Ring::ReadyWord(ring.LapOf(position)));
    bytes.memory().claim(position).word.store(Ring::FreeWord(ring.LapOf(position)));
  });
  EXPECT_TRUE(absl::IsUnavailable(Take(subscriber).status()));
  EXPECT_GT(look.times(), 1000u);
  EXPECT_LE(look.times(), 4 * bytes.memory().max_steps());
}

// One that another is ahead of all the time finds nothing, and no damage.
TEST_F(RacesTest, WhatAnotherTakesFirstIsNoDamage) {
  PublisherPeer publisher(options_);
  SubscriberPeer slow(options_);
  SubscriberPeer quick(options_);
  QueueBytes bytes(directory_.FileOf("queue"));
  ASSERT_TRUE(Put(publisher, "message").ok());
  {
    AtEach look("subscriber.seen_ready", [&] {
      EXPECT_EQ(Take(quick).value(), "message");
      EXPECT_TRUE(Put(publisher, "message").ok());
    });
    EXPECT_TRUE(absl::IsUnavailable(Take(slow).status()));
    EXPECT_GT(look.times(), 1000u);
    EXPECT_LE(look.times(), 4 * bytes.memory().max_steps());
  }
  EXPECT_EQ(Take(slow).value(), "message");
}

// However many reservations a stopped publisher has open, the others go on.
TEST_F(RacesTest, AnyNumberOfReservationsIsPassedBy) {
  const QueueOptions options = directory_.Options("many", 1 << 16);
  PublisherPeer publisher(options);
  SubscriberPeer subscriber(options);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(publisher->TryReserve(1).ok());
  ASSERT_TRUE(Put(publisher, "behind").ok());
  EXPECT_TRUE(absl::IsUnavailable(Take(subscriber).status()));
  usleep(1100);
  EXPECT_EQ(Take(subscriber).value(), "behind");
}

TEST_F(RacesTest, ReservationsPassedByTakeNoMemory) {
  PublisherPeer publisher(options_);
  SubscriberPeer subscriber(options_);
  for (int i = 0; i < 63; ++i) ASSERT_TRUE(publisher->TryReserve(1).ok());
  EXPECT_TRUE(absl::IsUnavailable(Take(subscriber).status()));
  usleep(1100);
  largest_block.store(0);
  uint8_t byte;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(subscriber->TryDequeue(absl::MakeSpan(&byte, 1), nullptr).ok());
  }
  EXPECT_EQ(largest_block.load(), 0u);
}

}  // namespace
}  // namespace interprocess::native
