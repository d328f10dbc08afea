// SPDX-License-Identifier: MIT

// Closing: from another thread, from a handler, with messages in place still open.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::Eventually;
using testing::TestDirectory;

class CloseTest : public ::testing::Test {
 protected:
  CloseTest()
      : publisher_(Publisher::Open(options_).value()),
        subscriber_(Subscriber::Open(options_).value()) {}

  void Fill() { ASSERT_TRUE(publisher_.TryEnqueue(std::string(4096, 'x')).ok()); }
  bool SomebodyWaitsFor(const std::string& what) {
    auto report = QueueInspector::Open("queue", directory_.path())->Report();
    for (const ParticipantReport& participant : report->participants) {
      if (participant.waits_for == what) return true;
    }
    return false;
  }
  // `call` waits in a thread of its own until `close` ends it.
  void ExpectEnds(const std::function<absl::Status()>& call, const std::string& waits_for,
                  const std::function<void()>& close) {
    std::atomic<bool> ended{false};
    std::thread thread([&] {
      EXPECT_EQ(call().code(), StatusCode::kFailedPrecondition);
      ended = true;
    });
    EXPECT_TRUE(Eventually([&] { return SomebodyWaitsFor(waits_for); }));
    EXPECT_FALSE(ended);
    close();
    EXPECT_FALSE(SomebodyWaitsFor(waits_for)) << "Close returned before the call did";
    thread.join();
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  Publisher publisher_;
  Subscriber subscriber_;
};

TEST_F(CloseTest, EndsAnEnqueueThatWaits) {
  Fill();
  ExpectEnds([&] { return publisher_.Enqueue(std::string(49, 'x')); }, "space",
             [&] { publisher_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsAReserveThatWaits) {
  Fill();
  ExpectEnds([&] { return publisher_.Reserve(49).status(); }, "space",
             [&] { publisher_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsADequeueThatWaits) {
  uint8_t buffer[8];
  ExpectEnds([&] { return subscriber_.Dequeue(absl::MakeSpan(buffer)).status(); }, "data",
             [&] { subscriber_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsADequeueOfAStringThatWaits) {
  ExpectEnds([&] { return subscriber_.Dequeue().status(); }, "data",
             [&] { subscriber_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsABorrowThatWaits) {
  ExpectEnds([&] { return subscriber_.Borrow().status(); }, "data",
             [&] { subscriber_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsABatchThatWaits) {
  ExpectEnds([&] { return subscriber_.DequeueBatch(5, [](const MessageView&) {}).status(); },
             "data", [&] { subscriber_.Close().IgnoreError(); });
}

TEST_F(CloseTest, EndsACallThatPolls) {
  std::atomic<bool> polls{false};
  std::thread thread([&] {
    WaitOptions wait;
    wait.spin = absl::Hours(1);
    polls = true;
    EXPECT_EQ(subscriber_.Dequeue(wait).status().code(), StatusCode::kFailedPrecondition);
  });
  EXPECT_TRUE(Eventually([&] { return polls.load(); }));
  subscriber_.Close().IgnoreError();
  thread.join();
}

TEST_F(CloseTest, EndsOnlyItsOwnEndpointsCalls) {
  auto other = Subscriber::Open(options_);
  std::thread thread([&] { EXPECT_EQ(other->Dequeue().value(), "for the other"); });
  EXPECT_TRUE(Eventually([&] { return SomebodyWaitsFor("data"); }));
  subscriber_.Close().IgnoreError();
  EXPECT_TRUE(publisher_.Enqueue("for the other").ok());
  thread.join();
}

TEST_F(CloseTest, FromSeveralThreadsAtOnceIsAsFromOne) {
  for (int round = 0; round < 50; ++round) {
    auto subscriber = Subscriber::Open(options_);
    std::vector<std::thread> threads;
    threads.emplace_back(
        [&] { EXPECT_EQ(subscriber->Dequeue().status().code(), StatusCode::kFailedPrecondition); });
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { subscriber->Close().IgnoreError(); });
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(CloseTest, FromTheHandlerEndsTheBatch) {
  for (const char* message : {"1", "2", "3"}) ASSERT_TRUE(publisher_.TryEnqueue(message).ok());
  std::string seen;
  EXPECT_EQ(subscriber_
                .TryDequeueBatch(10,
                                 [&](const MessageView& message) {
                                   seen += std::string(message.text());
                                   if (seen == "12") subscriber_.Close().IgnoreError();
                                 })
                .value(),
            2u);
  EXPECT_EQ(seen, "12");
  EXPECT_EQ(subscriber_.TryDequeue().status().code(), StatusCode::kFailedPrecondition);
  // It has left: one publisher is attached.
  auto report = QueueInspector::Open("queue", directory_.path())->Report();
  EXPECT_EQ(report->participants.size(), 1u);
  EXPECT_EQ(Subscriber::Open(options_)->TryDequeue().value(), "3");
}

TEST_F(CloseTest, FromAnotherThreadWaitsForTheHandler) {
  ASSERT_TRUE(publisher_.TryEnqueue("1").ok());
  std::atomic<bool> handling{false}, closed{false}, closing{false};
  std::thread closer([&] {
    EXPECT_TRUE(Eventually([&] { return handling.load(); }));
    closing = true;
    subscriber_.Close().IgnoreError();
    closed = true;
  });
  EXPECT_TRUE(subscriber_
                  .TryDequeueBatch(1,
                                   [&](const MessageView& message) {
                                     handling = true;
                                     EXPECT_TRUE(Eventually([&] { return closing.load(); }));
                                     for (int i = 0; i < 100; ++i) std::this_thread::yield();
                                     EXPECT_FALSE(closed);
                                     EXPECT_EQ(message.text(), "1");
                                   })
                  .ok());
  closer.join();
  EXPECT_TRUE(closed);
}

// What it borrowed before is dropped while the engine takes a batch: the engine stays.
TEST_F(CloseTest, HandlerMayCloseAndDropWhatItBorrowed) {
  using Drop = std::function<void(BorrowedMessage&)>;
  const Drop drops[] = {[](BorrowedMessage& message) { message.GiveBack(); },
                        [](BorrowedMessage& message) { EXPECT_TRUE(message.Acknowledge().ok()); },
                        [](BorrowedMessage& message) {
                          std::thread([&] { EXPECT_TRUE(message.Acknowledge().ok()); }).join();
                        }};
  for (const Drop& drop : drops) {
    subscriber_ = Subscriber::Open(options_).value();
    for (const char* message : {"1", "2", "quit", "more"}) {
      ASSERT_TRUE(publisher_.TryEnqueue(message).ok());
    }
    std::vector<BorrowedMessage> pending;
    for (int i = 0; i < 2; ++i) pending.push_back(subscriber_.TryBorrow().value());
    const auto taken = subscriber_.TryDequeueBatch(10, [&](const MessageView& message) {
      subscriber_.Close().IgnoreError();
      for (BorrowedMessage& borrowed : pending) drop(borrowed);
      EXPECT_EQ(message.text(), "quit");
    });
    EXPECT_EQ(taken.value(), 1u);
    // It has left: one publisher is attached.
    EXPECT_EQ(QueueInspector::Open("queue", directory_.path())->Report()->participants.size(), 1u);
    subscriber_ = Subscriber::Open(options_).value();
    while (subscriber_.TryDequeue().ok()) {
    }
  }
}

TEST_F(CloseTest, DropInTheHandlerIsNotTheEndOfTheCall) {
  for (const char* message : {"1", "2"}) ASSERT_TRUE(publisher_.TryEnqueue(message).ok());
  std::atomic<bool> dropped{false}, closing{false}, closed{false};
  std::thread closer([&] {
    EXPECT_TRUE(Eventually([&] { return dropped.load(); }));
    closing = true;
    subscriber_.Close().IgnoreError();
    closed = true;
  });
  std::vector<BorrowedMessage> pending;
  pending.push_back(subscriber_.TryBorrow().value());
  EXPECT_TRUE(subscriber_
                  .TryDequeueBatch(1,
                                   [&](const MessageView& message) {
                                     pending.clear();
                                     dropped = true;
                                     EXPECT_TRUE(Eventually([&] { return closing.load(); }));
                                     for (int i = 0; i < 100; ++i) std::this_thread::yield();
                                     EXPECT_FALSE(closed);
                                     EXPECT_EQ(message.text(), "2");
                                   })
                  .ok());
  closer.join();
  EXPECT_TRUE(closed);
}

// The call that a close ends is the owner's last: it destroys the endpoint while the close runs.
TEST_F(CloseTest, OwnerThatIsWokenMayDestroyItsEndpoint) {
  for (int round = 0; round < 100; ++round) {
    auto subscriber = std::make_unique<Subscriber>(Subscriber::Open(options_).value());
    Subscriber* const seen_by_closer = subscriber.get();
    std::atomic<bool> begun{false};
    std::thread owner([&] {
      begun = true;
      EXPECT_EQ(subscriber->Dequeue().status().code(), StatusCode::kFailedPrecondition);
      subscriber.reset();
      // Whichever thread leaves: what is destroyed has left.
      EXPECT_EQ(QueueInspector::Open("queue", directory_.path())->Report()->participants.size(),
                2u);
    });
    // Half of them sleep by then, the others are on their way.
    EXPECT_TRUE(Eventually([&] { return begun && (round % 2 == 0 || SomebodyWaitsFor("data")); }));
    seen_by_closer->Close().IgnoreError();
    owner.join();
  }
}

TEST_F(CloseTest, OwnerThatIsWokenMayReplaceItsEndpoint) {
  Fill();
  for (int round = 0; round < 50; ++round) {
    std::thread owner([&] {
      EXPECT_EQ(publisher_.Reserve(49).status().code(), StatusCode::kFailedPrecondition);
      publisher_ = Publisher::Open(options_).value();
    });
    EXPECT_TRUE(Eventually([&] { return SomebodyWaitsFor("space"); }));
    publisher_.Close().IgnoreError();
    owner.join();
  }
  EXPECT_EQ(publisher_.TryReserve(49).status().code(), StatusCode::kResourceExhausted);
}

TEST_F(CloseTest, OpenReservationsCommitNoMore) {
  auto reservation = publisher_.TryReserve(4);
  ASSERT_TRUE(reservation.ok());
  publisher_.Close().IgnoreError();
  reservation->span()[3] = 1;
  EXPECT_EQ(reservation->Commit().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(reservation->span().empty());
  EXPECT_EQ(subscriber_.TryDequeue().status().code(), StatusCode::kUnavailable);
}

TEST_F(CloseTest, ReservationOutlivesItsPublisher) {
  auto reservation = publisher_.TryReserve(4096);
  ASSERT_TRUE(reservation.ok());
  { Publisher gone = std::move(publisher_); }
  std::fill(reservation->span().begin(), reservation->span().end(), 7);
  EXPECT_EQ(reservation->span()[4095], 7);
  auto next = Publisher::Open(options_);
  EXPECT_EQ(next->TryReserve(49).status().code(), StatusCode::kResourceExhausted);
  reservation->Abort();
  EXPECT_TRUE(next->TryEnqueue(std::string(4096, 'x')).ok());
}

TEST_F(CloseTest, BorrowedMessagesAreAcknowledgedAfterClosing) {
  for (const char* message : {"1", "2"}) ASSERT_TRUE(publisher_.TryEnqueue(message).ok());
  auto first = subscriber_.TryBorrow();
  auto second = subscriber_.TryBorrow();
  ASSERT_TRUE(first.ok() && second.ok());
  { Subscriber gone = std::move(subscriber_); }
  EXPECT_EQ(first->text(), "1");
  EXPECT_TRUE(first->Acknowledge().ok());
  EXPECT_EQ(first->Acknowledge().code(), StatusCode::kFailedPrecondition);
  second->GiveBack();
  EXPECT_EQ(second->Acknowledge().code(), StatusCode::kFailedPrecondition);
  auto next = Subscriber::Open(options_);
  MessageInfo info;
  EXPECT_EQ(next->TryDequeue(&info).value(), "2");
  EXPECT_EQ(info.earlier_deliveries, 1u);
  EXPECT_EQ(next->TryDequeue().status().code(), StatusCode::kUnavailable);
}

TEST_F(CloseTest, EndpointIsAttachedUntilItsLastMessageInPlaceIsDropped) {
  ASSERT_TRUE(publisher_.TryEnqueue("1").ok());
  auto borrowed = subscriber_.TryBorrow();
  ASSERT_TRUE(borrowed.ok());
  subscriber_.Close().IgnoreError();
  publisher_.Close().IgnoreError();
  EXPECT_TRUE(directory_.Has("queue"));
  EXPECT_TRUE(borrowed->Acknowledge().ok());
  EXPECT_FALSE(directory_.Has("queue"));
}

TEST_F(CloseTest, EveryCallAfterwardsSaysSo) {
  publisher_.Close().IgnoreError();
  publisher_.Close().IgnoreError();
  subscriber_.Close().IgnoreError();
  subscriber_.Close().IgnoreError();
  uint8_t buffer[8];
  const absl::Span<const uint8_t> batch[] = {{}};
  const auto handle = [](const MessageView&) { ADD_FAILURE(); };
  for (const absl::Status& status :
       {publisher_.TryEnqueue(""), publisher_.Enqueue(""),
        publisher_.TryEnqueueBatch(batch).status(), publisher_.TryReserve(1).status(),
        publisher_.Reserve(1).status(), subscriber_.TryDequeue().status(),
        subscriber_.Dequeue().status(), subscriber_.TryDequeue(absl::MakeSpan(buffer)).status(),
        subscriber_.Dequeue(absl::MakeSpan(buffer)).status(),
        subscriber_.TryDequeueBatch(1, handle).status(),
        subscriber_.DequeueBatch(1, handle).status(), subscriber_.TryBorrow().status(),
        subscriber_.Borrow().status()}) {
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
    EXPECT_NE(status.message().find("closed"), absl::string_view::npos) << status;
  }
  EXPECT_EQ(publisher_.capacity(), 4096);
  EXPECT_EQ(subscriber_.max_message_size(), 4096u);
}

// A close may meet a call at any of its steps: the engine is never left under it.
TEST_F(CloseTest, MeetsCallsAtAnyMoment) {
  for (int round = 0; round < 200; ++round) {
    auto subscriber = Subscriber::Open(options_);
    std::atomic<bool> started{false};
    std::thread caller([&] {
      absl::Status status;
      do {
        started = true;
        status = subscriber->TryDequeue().status();
      } while (status.code() == StatusCode::kUnavailable);
      EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
    });
    while (!started) std::this_thread::yield();
    subscriber->Close().IgnoreError();
    caller.join();
  }
}

}  // namespace
}  // namespace interprocess
