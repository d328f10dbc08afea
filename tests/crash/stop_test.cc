// SPDX-License-Identifier: MIT

// A participant that is stopped loses nothing, and holds up nothing but what is its own.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/stress/children.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

using stress::Child;
using stress::Parent;

WaitOptions Patience() { return WaitOptions(absl::Seconds(20)); }

class StoppedTest : public ::testing::Test {
 protected:
  StoppedTest() {
    options_.name = "stopped";
    options_.directory = stress::MakeQueueDirectory();
    options_.capacity = 4096;
    options_.max_participants = 8;
  }
  ~StoppedTest() override { stress::RemoveQueueDirectory(options_.directory); }

  QueueOptions options_;
};

TEST_F(StoppedTest, PublisherHoldsBackOnlyItsOwnMessage) {
  Child stopped = Child::Start([this](const Parent& parent) {
    auto publisher = Publisher::Open(options_);
    auto room = publisher->Reserve(100);
    std::fill(room->span().begin(), room->span().end(), uint8_t{'s'});
    parent.Say('r');
    parent.Hear();
    const bool ok = room->Commit().ok();
    parent.Say('c');
    parent.Hear();
    return ok ? 0 : 1;
  });
  ASSERT_EQ(stopped.Hear(), 'r');
  stopped.Stop();
  stopped.Say('g');  // heard when it goes on

  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(publisher->Enqueue(absl::StrCat("message ", i), Patience()).ok());
    auto message = subscriber->Dequeue(Patience());
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(*message, absl::StrCat("message ", i));
  }
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
  // The ring comes round to its slot in the end: full, and nothing is taken from it.
  int more = 0;
  while (publisher->TryEnqueue("more").ok()) ++more;
  EXPECT_EQ(more, 3);

  stopped.Continue();
  ASSERT_EQ(stopped.Hear(), 'c');
  MessageInfo info;
  auto message = subscriber->Dequeue(Patience(), &info);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(*message, std::string(100, 's'));
  EXPECT_FALSE(info.redelivered);
  EXPECT_TRUE(publisher->Enqueue("after", Patience()).ok());
  for (int i = 0; i < more; ++i) EXPECT_EQ(*subscriber->Dequeue(Patience()), "more");
  EXPECT_EQ(*subscriber->Dequeue(Patience()), "after");
  stopped.Say('e');
  EXPECT_EQ(stopped.Wait(), 0);
}

TEST_F(StoppedTest, SubscriberKeepsWhatItBorrowed) {
  Child stopped = Child::Start([this](const Parent& parent) {
    auto subscriber = Subscriber::Open(options_);
    auto publisher = Publisher::Open(options_);
    publisher->TryEnqueue("kept").IgnoreError();
    auto message = subscriber->Borrow();
    parent.Say('r');
    parent.Hear();
    const bool ok = message->text() == "kept" && message->Acknowledge().ok() &&
                    message->info().earlier_deliveries == 0;
    parent.Say('a');
    parent.Hear();
    return ok ? 0 : 1;
  });
  ASSERT_EQ(stopped.Hear(), 'r');
  stopped.Stop();
  stopped.Say('g');

  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  int others = 0;
  for (; publisher->TryEnqueue("other").ok(); ++others) {
    EXPECT_EQ(*subscriber->Dequeue(Patience()), "other");
  }
  EXPECT_EQ(others, 63);
  // Longer than any redelivery takes. Each waiter looks for the dead, and there are none.
  const WaitOptions longer(absl::Milliseconds(1200));
  EXPECT_TRUE(absl::IsDeadlineExceeded(subscriber->Dequeue(longer).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(publisher->Enqueue("x", WaitOptions(absl::Seconds(1)))));

  stopped.Continue();
  ASSERT_EQ(stopped.Hear(), 'a');
  EXPECT_TRUE(publisher->Enqueue("after", Patience()).ok());
  EXPECT_EQ(*subscriber->Dequeue(Patience()), "after");
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
  stopped.Say('e');
  EXPECT_EQ(stopped.Wait(), 0);
}

TEST_F(StoppedTest, KilledWhileStoppedItsMessageComesAgain) {
  Child stopped = Child::Start([this](const Parent& parent) {
    auto subscriber = Subscriber::Open(options_);
    auto publisher = Publisher::Open(options_);
    publisher->TryEnqueue("held").IgnoreError();
    auto message = subscriber->Borrow();
    parent.Say('r');
    parent.Hear();
    return 0;
  });
  ASSERT_EQ(stopped.Hear(), 'r');
  stopped.Stop();
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(subscriber.ok());
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
  stopped.Kill();
  MessageInfo info;
  auto message = subscriber->Dequeue(Patience(), &info);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(*message, "held");
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(info.earlier_deliveries, 1u);
}

}  // namespace
}  // namespace interprocess::crash
