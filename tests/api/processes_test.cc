// SPDX-License-Identifier: MIT

// Processes that share a queue, on every system: started anew, and killed.

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess {
namespace {

using testing::ChildProcess;
using testing::ScratchDirectory;

constexpr absl::Duration kPatience = absl::Seconds(60);

QueueOptions OptionsIn(const std::string& directory) {
  QueueOptions options;
  options.name = "shared";
  options.directory = directory;
  options.capacity = 1 << 16;
  options.max_participants = 16;
  return options;
}

// Publishes [1] numbers from [2] on, waiting for room.
CHILD_ROLE(Publisher) {
  auto publisher = Publisher::Open(OptionsIn(arguments[0]));
  CHILD_CHECK(publisher.ok());
  parent.Say('r');
  const int first = std::stoi(arguments[2]);
  for (int i = first; i < first + std::stoi(arguments[1]); ++i) {
    CHILD_CHECK(publisher->Enqueue(std::to_string(i), WaitOptions(kPatience)).ok());
  }
  return 0;
}

// Takes a message in place, says 'h', and holds it until killed.
CHILD_ROLE(Holder) {
  auto subscriber = Subscriber::Open(OptionsIn(arguments[0]));
  CHILD_CHECK(subscriber.ok());
  auto held = subscriber->Borrow(WaitOptions(kPatience));
  CHILD_CHECK(held.ok());
  parent.Say('h');
  parent.Hear(600'000);
  return 0;
}

// Reserves room for a message, says 'h', and holds it until killed.
CHILD_ROLE(Reserver) {
  auto publisher = Publisher::Open(OptionsIn(arguments[0]));
  CHILD_CHECK(publisher.ok());
  auto held = publisher->TryReserve(100);
  CHILD_CHECK(held.ok());
  parent.Say('h');
  parent.Hear(600'000);
  return 0;
}

// Opens the queue, says 'o', and leaves when told.
CHILD_ROLE(Visitor) {
  auto subscriber = Subscriber::Open(OptionsIn(arguments[0]));
  CHILD_CHECK(subscriber.ok());
  parent.Say('o');
  parent.Hear();
  return 0;
}

class ProcessesTest : public ::testing::Test {
 protected:
  bool QueueExists() const { return !ListQueues(directory_.path()).value().empty(); }
  ChildProcess Run(const std::string& role, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), directory_.path());
    return ChildProcess::Run(role, more);
  }

  ScratchDirectory directory_;
  const QueueOptions options_ = OptionsIn(directory_.path());
};

TEST_F(ProcessesTest, TwoPublishersSendEachMessageOnce) {
  constexpr int kMessages = 20'000;
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  ChildProcess low = Run("Publisher", {absl::StrCat(kMessages), "0"});
  ChildProcess high = Run("Publisher", {absl::StrCat(kMessages), absl::StrCat(kMessages)});
  int next[] = {0, kMessages};  // each in its publisher's order
  for (int i = 0; i < 2 * kMessages; ++i) {
    auto message = subscriber->Dequeue(WaitOptions(kPatience));
    ASSERT_TRUE(message.ok()) << message.status();
    int number;
    ASSERT_TRUE(absl::SimpleAtoi(*message, &number)) << *message;
    ASSERT_EQ(number, next[number >= kMessages]++);
  }
  EXPECT_EQ(low.Wait(), 0);
  EXPECT_EQ(high.Wait(), 0);
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
}

TEST_F(ProcessesTest, SleeperIsWokenByAnotherProcess) {
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  for (int round = 0; round < 3; ++round) {
    ChildProcess child = Run("Publisher", {"1", absl::StrCat(round)});
    auto message = subscriber->Dequeue(WaitOptions(kPatience));
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(*message, absl::StrCat(round));
    EXPECT_EQ(child.Wait(), 0);
  }
}

TEST_F(ProcessesTest, MessageOfAKilledSubscriberIsDeliveredAgain) {
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(publisher->TryEnqueue(absl::StrCat(round)).ok());
    ChildProcess holder = Run("Holder");
    ASSERT_EQ(holder.Hear(), 'h');
    EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
    holder.Kill();
    MessageInfo info;
    auto message = subscriber->Dequeue(WaitOptions(kPatience), &info);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(*message, absl::StrCat(round));
    EXPECT_TRUE(info.redelivered);
    EXPECT_EQ(info.position, static_cast<uint64_t>(round));
  }
}

// One queue's is the same for all, and another's, of the same name too, is another.
TEST_F(ProcessesTest, UniqueNamesAQueue) {
  std::set<uint64_t> seen = {0};
  for (int round = 0; round < 3; ++round) {
    auto first = Subscriber::Open(options_);
    auto second = Subscriber::Open(options_);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_TRUE(seen.insert(first->unique()).second) << first->unique();
    EXPECT_EQ(second->unique(), first->unique());
  }
}

TEST_F(ProcessesTest, StoppedReserverHoldsNobodyUpAndAKilledOneLeavesNothing) {
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  ChildProcess reserver = Run("Reserver");
  ASSERT_EQ(reserver.Hear(), 'h');
  reserver.Stop();
  ASSERT_TRUE(publisher->TryEnqueue("behind").ok());
  auto message = subscriber->Dequeue(WaitOptions(kPatience));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(*message, "behind");
  reserver.Kill();
  reserver.Wait();
  ASSERT_TRUE(publisher->TryEnqueue("after").ok());
  message = subscriber->Dequeue(WaitOptions(kPatience));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(*message, "after");
}

TEST_F(ProcessesTest, LastProcessToLeaveRemovesTheQueue) {
  ChildProcess first = Run("Visitor");
  ASSERT_EQ(first.Hear(), 'o');
  ChildProcess second = Run("Visitor");
  ASSERT_EQ(second.Hear(), 'o');
  first.Say('q');
  EXPECT_EQ(first.Wait(), 0);
  EXPECT_TRUE(QueueExists());
  second.Say('q');
  EXPECT_EQ(second.Wait(), 0);
  EXPECT_FALSE(QueueExists());
}

TEST_F(ProcessesTest, QueueOutlivesItsKilledMakersAndKeepsWhatIsInIt) {
  {
    ChildProcess publisher = Run("Publisher", {"3", "7"});
    EXPECT_EQ(publisher.Wait(), 0);
  }
  ChildProcess holder = Run("Holder");
  ASSERT_EQ(holder.Hear(), 'h');
  holder.Kill();
  EXPECT_NE(holder.Wait(), 0);
  ASSERT_TRUE(QueueExists());
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  std::multiset<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    auto message = subscriber->Dequeue(WaitOptions(kPatience));
    ASSERT_TRUE(message.ok()) << message.status();
    seen.insert(*message);
  }
  EXPECT_EQ(seen, (std::multiset<std::string>{"7", "8", "9"}));
}

TEST_F(ProcessesTest, NameIsFreeAtOnceWhenTheQueueInUseIsRemoved) {
  ChildProcess visitor = Run("Visitor");
  ASSERT_EQ(visitor.Hear(), 'o');
  ASSERT_TRUE(RemoveQueue("shared", directory_.path()).ok());
  EXPECT_FALSE(QueueExists());
  QueueOptions options = options_;
  options.mode = OpenMode::kCreateNew;
  EXPECT_TRUE(Publisher::Open(options).ok());
  visitor.Say('q');
  EXPECT_EQ(visitor.Wait(), 0);
}

}  // namespace
}  // namespace interprocess
