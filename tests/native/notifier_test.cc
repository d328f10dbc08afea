// SPDX-License-Identifier: MIT

// Raising the flag, waking, and taking the flag back.

#include <atomic>
#include <cstdint>

#include "core/native/waiting.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::FakeEnvironment;
using testing::FakeWorld;

class NotifierTest : public ::testing::Test {
 protected:
  FakeWorld world_;
  FakeEnvironment environment_{world_}, notifier_{world_};
  Header header_{};
  WaitWord& word_ = header_.data;
  Notifier notifies_{word_, notifier_};
};

TEST_F(NotifierTest, NotifiersDoNothingWhileNobodyWaits) {
  notifies_.Notify();
  EXPECT_EQ(notifier_.wakes, 0);
  EXPECT_EQ(word_.seq.load(), 0u);
}

TEST_F(NotifierTest, OneNotificationClearsTheFlagForTheNext) {
  word_.flag.store(1);
  notifies_.Notify();
  notifies_.Notify();
  EXPECT_EQ(notifier_.wakes, 1);
  EXPECT_EQ(word_.seq.load(), 1u);
}

// Whoever stops or dies while it wakes leaves the flag up, so that the next one wakes.
TEST_F(NotifierTest, FlagStaysUpUntilTheSleepersAreAwake) {
  word_.flag.store(1);
  notifier_.on_wake = [&](const std::atomic<uint32_t>&) { EXPECT_EQ(word_.flag.load(), 1u); };
  notifies_.Notify();
  EXPECT_EQ(word_.flag.load(), 0u);
}

TEST_F(NotifierTest, LateNotifierTakesNoNewerFlagBack) {
  word_.flag.store(1);
  notifier_.on_wake = [&](const std::atomic<uint32_t>&) {
    RaiseFlag(header_, word_, environment_);
  };
  notifies_.Notify();
  EXPECT_EQ(word_.flag.load(), 2u);
}

TEST_F(NotifierTest, FlagStaysUpWhileOthersSleep) {
  word_.flag.store(1);
  notifier_.more_asleep = true;
  notifies_.Notify();
  EXPECT_EQ(word_.flag.load(), 1u);
  EXPECT_EQ(word_.seq.load(), 1u);
}

// Those that it has woken pass it on.
TEST_F(NotifierTest, NotifierThatHasJustWokenLeavesTheRestToThem) {
  word_.flag.store(1);
  notifier_.more_asleep = true;
  for (int i = 0; i < 3; ++i) notifies_.Notify();
  EXPECT_EQ(notifier_.wakes, 1);
  // Not one that has gone to sleep since.
  RaiseFlag(header_, word_, environment_);
  notifies_.Notify();
  EXPECT_EQ(notifier_.wakes, 2);
  // Another notifier knows nothing of it.
  Notifier other(word_, notifier_);
  other.Notify();
  EXPECT_EQ(notifier_.wakes, 3);
}

TEST_F(NotifierTest, FlagOnlyGrows) {
  word_.seq.store(4);
  EXPECT_EQ(RaiseFlag(header_, word_, environment_).seq, 4u);
  EXPECT_EQ(word_.flag.load(), 5u);
  word_.flag.store(7);
  RaiseFlag(header_, word_, environment_);
  EXPECT_EQ(word_.flag.load(), 7u);
  word_.flag.store(UINT32_MAX);
  RaiseFlag(header_, word_, environment_);
  EXPECT_EQ(word_.flag.load(), 5u) << "counts wrap";
  word_.seq.store(UINT32_MAX);
  word_.flag.store(0);
  RaiseFlag(header_, word_, environment_);
  EXPECT_EQ(word_.flag.load(), 1u) << "never 0";
}

TEST_F(NotifierTest, OneBarrierServesAllThatGoToSleepAtOneCount) {
  RaiseFlag(header_, word_, environment_);
  RaiseFlag(header_, word_, notifier_);
  EXPECT_EQ(environment_.barriers, 1);
  EXPECT_EQ(notifier_.barriers, 0);
  WakeSome(word_, notifier_);
  RaiseFlag(header_, word_, notifier_);
  EXPECT_EQ(notifier_.barriers, 1);
}

// Two of all that an owner holds up look whether it has died; another does when one of them leaves.
TEST_F(NotifierTest, TwoWatchAHolderForAll) {
  FakeEnvironment third(world_);
  Sleeper one(header_, word_, environment_), two(header_, word_, notifier_);
  Sleeper three(header_, word_, third);
  for (Sleeper* each : {&one, &two, &three}) each->Prepare();
  EXPECT_EQ(one.HeldLimit(), kHeldSleepNanos);
  EXPECT_EQ(two.HeldLimit(), kSecondHeldSleepNanos);
  EXPECT_EQ(three.HeldLimit(), kIdleSleepNanos);
  world_.now += kHeldSleepNanos;
  EXPECT_EQ(one.HeldLimit(), kHeldSleepNanos);
  three.End();
  EXPECT_EQ(environment_.wakes + notifier_.wakes + third.wakes, 0);
  one.End();
  EXPECT_EQ(environment_.wakes, 1);
  three.Prepare();
  EXPECT_EQ(three.HeldLimit(), kHeldSleepNanos);
}

TEST_F(NotifierTest, OneThatWatchesBesidesFindsADeathThoughTheFirstHasStopped) {
  Sleeper first(header_, word_, environment_), second(header_, word_, notifier_);
  first.Prepare();
  second.Prepare();
  EXPECT_EQ(first.HeldLimit(), kHeldSleepNanos);
  int64_t slept = 0;
  for (int64_t limit; slept < 30 * kMillisecond; slept += limit) {
    limit = second.HeldLimit();
    EXPECT_LE(limit, kSecondHeldSleepNanos);
    world_.now += limit;
  }
  EXPECT_EQ(second.HeldLimit(), kHeldSleepNanos) << "in place of the first";
  first.Prepare();
  EXPECT_EQ(first.HeldLimit(), kSecondHeldSleepNanos) << "goes on, and finds another in its place";
}

TEST_F(NotifierTest, WatchThatNobodyHasSaidIsNotBelieved) {
  Sleeper one(header_, word_, environment_);
  for (int64_t forged : {INT64_MAX, INT64_MIN, world_.now + 1000 * kMillisecond}) {
    word_.watched[0].store(forged);
    EXPECT_EQ(one.HeldLimit(), kHeldSleepNanos) << forged;
    word_.watched[0].store(world_.now + 1);
    word_.watched[1].store(forged);
    EXPECT_EQ(one.HeldLimit(), kSecondHeldSleepNanos) << forged;
    one.End();
  }
}

}  // namespace
}  // namespace interprocess::native
