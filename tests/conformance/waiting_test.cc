// SPDX-License-Identifier: MIT

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

class WaitingTest : public ConformanceTest {
 protected:
  struct Call {
    const char* name;
    bool publishes;
    std::function<absl::Status(const WaitOptions&)> call;
  };
  // Every call that waits, on a queue that gives it reason to: full for the publisher, and without
  // a message for the subscriber, which is of another queue.
  std::vector<Call> Calls() {
    return {
        {"Enqueue", true,
         [&](const WaitOptions& wait) { return publisher_.Enqueue(Text(49), wait); }},
        {"Reserve", true,
         [&](const WaitOptions& wait) { return publisher_.Reserve(49, wait).status(); }},
        {"EnqueueBatch", true,
         [&](const WaitOptions& wait) {
           return publisher_.EnqueueBatch({Text(49), Text(50)}, wait).status();
         }},
        {"Dequeue", false,
         [&](const WaitOptions& wait) { return subscriber_.Dequeue(wait).status(); }},
        {"Dequeue into a buffer", false,
         [&](const WaitOptions& wait) {
           return subscriber_.Dequeue(absl::MakeSpan(buffer_), wait).status();
         }},
        {"DequeueBatch", false,
         [&](const WaitOptions& wait) {
           return subscriber_
               .DequeueBatch(
                   3, [](const MessageView&) {}, wait)
               .status();
         }},
        {"Borrow", false,
         [&](const WaitOptions& wait) { return subscriber_.Borrow(wait).status(); }},
    };
  }
  void SetUp() override { ASSERT_TRUE(publisher_.TryEnqueue(Text(Largest())).ok()); }

  // Until a call sleeps in that directory's queue.
  static bool SomebodyWaits(const testing::TestDirectory& directory) {
    // The other formats do not say which participants wait.
    if (GetParam().protocol != Protocol::kNative) {
      return testing::Eventually(testing::AnotherThreadSleeps);
    }
    return testing::Eventually([&] {
      const auto inspector = QueueInspector::Open("queue", directory.path());
      if (!inspector.ok()) return false;
      const auto report = inspector->Report();
      for (const ParticipantReport& participant : report->participants) {
        if (!participant.waits_for.empty()) return true;
      }
      return false;
    });
  }
  // The same, for one of Calls().
  bool SomebodyWaitsIn(const Call& call) {
    return SomebodyWaits(call.publishes ? directory_ : other_directory_);
  }

  testing::TestDirectory other_directory_;
  Publisher publisher_ = OpenPublisher();
  Subscriber subscriber_ = Subscriber::Open(OptionsIn(other_directory_)).value();
  uint8_t buffer_[100] = {};
};

TEST_P(WaitingTest, C036_DequeueWaitsForAMessage) {
  for (absl::Duration spin : {absl::ZeroDuration(), absl::Microseconds(20)}) {
    std::thread thread([&] {
      EXPECT_TRUE(SomebodyWaits(other_directory_));
      EXPECT_TRUE(Publisher::Open(OptionsIn(other_directory_))->TryEnqueue("late").ok());
    });
    WaitOptions wait(absl::InfiniteDuration());
    wait.spin = spin;
    EXPECT_EQ(subscriber_.Dequeue(wait).value(), "late");
    thread.join();
  }
}

TEST_P(WaitingTest, C037_EnqueueWaitsForRoom) {
  for (absl::Duration spin : {absl::ZeroDuration(), absl::Microseconds(20)}) {
    std::thread thread([&] {
      EXPECT_TRUE(SomebodyWaits(directory_));
      EXPECT_EQ(OpenSubscriber().TryDequeue().value(), Text(Largest()));
    });
    WaitOptions wait;
    wait.spin = spin;
    EXPECT_TRUE(publisher_.Enqueue(Text(Largest()), wait).ok());
    thread.join();
  }
}

TEST_P(WaitingTest, C038_DeadlineEndsAWait) {
  for (const Call& call : Calls()) {
    SCOPED_TRACE(call.name);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_STATUS(call.call(WaitOptions(absl::Milliseconds(3))), kDeadlineExceeded);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(3));
  }
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), Text(Largest()));
  EXPECT_STATUS(OpenSubscriber().TryDequeue().status(), kUnavailable);
}

TEST_P(WaitingTest, C039_PastDeadlineStillTriesOnce) {
  for (const Call& call : Calls()) {
    SCOPED_TRACE(call.name);
    EXPECT_STATUS(call.call(WaitOptions(-absl::Seconds(1))), kDeadlineExceeded);
  }
  ASSERT_TRUE(OpenSubscriber().TryDequeue().ok());
  Publisher other = Publisher::Open(OptionsIn(other_directory_)).value();
  WaitOptions past;
  past.deadline = std::chrono::steady_clock::now() - std::chrono::hours(1);
  for (const Call& call : Calls()) {
    SCOPED_TRACE(call.name);
    ASSERT_TRUE(other.TryEnqueue("there").ok());
    EXPECT_TRUE(call.call(past).ok());
    while (subscriber_.TryDequeue().ok()) {
    }
  }
}

TEST_P(WaitingTest, C040_StopBeforeTheCallDoesNothing) {
  ASSERT_TRUE(OpenSubscriber().TryDequeue().ok());
  ASSERT_TRUE(Publisher::Open(OptionsIn(other_directory_))->TryEnqueue("there").ok());
  StopSource source;
  source.RequestStop();
  for (const Call& call : Calls()) {
    SCOPED_TRACE(call.name);
    EXPECT_STATUS(call.call(WaitOptions(source.token())), kCancelled);
  }
  EXPECT_EQ(subscriber_.TryDequeue().value(), "there");
  EXPECT_STATUS(OpenSubscriber().TryDequeue().status(), kUnavailable);
}

TEST_P(WaitingTest, C041_StopEndsAWait) {
  for (const Call& call : Calls()) {
    SCOPED_TRACE(call.name);
    StopSource source;
    std::thread thread([&] {
      EXPECT_STATUS(call.call(WaitOptions(absl::Minutes(5), source.token())), kCancelled);
    });
    EXPECT_TRUE(SomebodyWaitsIn(call));
    source.RequestStop();
    thread.join();
  }
}

TEST_P(WaitingTest, C042_CloseEndsAWait) {
  Publisher stays = OpenPublisher();
  for (size_t i = 0; i < Calls().size(); ++i) {
    publisher_ = OpenPublisher();
    subscriber_ = Subscriber::Open(OptionsIn(other_directory_)).value();
    const Call call = Calls()[i];
    SCOPED_TRACE(call.name);
    std::thread thread([&] { EXPECT_STATUS(call.call(WaitOptions()), kFailedPrecondition); });
    EXPECT_TRUE(SomebodyWaitsIn(call));
    publisher_.Close().IgnoreError();
    subscriber_.Close().IgnoreError();
    thread.join();
  }
}

TEST_P(WaitingTest, C043_ReserveBorrowAndBatchWaitToo) {
  const std::vector<Call> calls = Calls();
  for (size_t i : {size_t{1}, size_t{2}, size_t{5}, size_t{6}}) {
    SCOPED_TRACE(calls[i].name);
    std::thread thread([&] { EXPECT_TRUE(calls[i].call(WaitOptions()).ok()); });
    EXPECT_TRUE(SomebodyWaitsIn(calls[i]));
    OpenSubscriber().TryDequeue().status().IgnoreError();
    EXPECT_TRUE(Publisher::Open(OptionsIn(other_directory_))->TryEnqueue("late").ok());
    thread.join();
    // Full again, for the next that publishes.
    Subscriber own = OpenSubscriber();
    while (own.TryDequeue().ok()) {
    }
    EXPECT_TRUE(publisher_.TryEnqueue(Text(Largest())).ok());
    while (subscriber_.TryDequeue().ok()) {
    }
  }
}

RUN_ON_ALL_ENGINES(WaitingTest);

}  // namespace
}  // namespace interprocess::conformance
