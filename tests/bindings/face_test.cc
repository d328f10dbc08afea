// SPDX-License-Identifier: MIT

#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bindings/face/inspector.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/options.h"
#include "bindings/face/publisher.h"
#include "bindings/face/result.h"
#include "bindings/face/subscriber.h"
#include "gtest/gtest.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::face {
namespace {

constexpr int64_t kForEver = -1;
constexpr int kNative = static_cast<int>(Protocol::kNative);
constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSizeMask = (int64_t{1} << kSizeBits) - 1;

class FaceTest : public ::testing::Test {
 protected:
  QueueOptions Options() const {
    QueueOptions options;
    options.name = "queue";
    options.directory = directory_.path();
    options.capacity = 4096;
    return options;
  }
  std::unique_ptr<FacePublisher> OpenPublisher() const {
    FaceError error;
    std::unique_ptr<FacePublisher> publisher(FacePublisher::Open(Options(), &error));
    EXPECT_NE(publisher, nullptr) << error.text();
    return publisher;
  }
  std::unique_ptr<FaceSubscriber> OpenSubscriber() const {
    FaceError error;
    std::unique_ptr<FaceSubscriber> subscriber(FaceSubscriber::Open(Options(), &error));
    EXPECT_NE(subscriber, nullptr) << error.text();
    return subscriber;
  }
  int64_t Put(const std::string& message) const {
    return publisher_->TryEnqueue(message.data(), static_cast<int64_t>(message.size()));
  }
  std::string Take() const {
    char buffer[4096];
    const int64_t result = subscriber_->TryDequeue(buffer, sizeof buffer, nullptr);
    if (result < 0) return "error " + std::to_string(CodeOf(result));
    return std::string(buffer, static_cast<size_t>(result & kSizeMask));
  }
  void Fill() const { ASSERT_EQ(Put(std::string(4096, 'x')), 0); }
  // Until `count` endpoints sleep.
  bool Wait(int count) const {
    return testing::Eventually([&] {
      FaceError error;
      std::unique_ptr<FaceInspector> inspector(
          FaceInspector::Open("queue", directory_.path(), kNative, &error));
      std::unique_ptr<QueueReport> report(inspector->Report(&error));
      int waiting = 0;
      for (const ParticipantReport& participant : report->participants) {
        if (!participant.waits_for.empty()) ++waiting;
      }
      return waiting == count;
    });
  }

  testing::TestDirectory directory_;
  std::unique_ptr<FacePublisher> publisher_ = OpenPublisher();
  std::unique_ptr<FaceSubscriber> subscriber_ = OpenSubscriber();
  char buffer_[4096];
};

TEST(VersionTest, IsTheModules) {
  std::ifstream file("MODULE.bazel");
  const std::string module((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(module.find("version = \"" + FaceVersion() + "\""), std::string::npos);
}

TEST_F(FaceTest, MessagesGoThrough) {
  EXPECT_EQ(Put("hello"), 0);
  EXPECT_EQ(publisher_->Enqueue(nullptr, 0, kForEver, nullptr), 0);
  EXPECT_EQ(Take(), "hello");
  EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, nullptr, nullptr), 0);
  EXPECT_EQ(subscriber_->TryDequeue(buffer_, sizeof buffer_, nullptr), -kUnavailable);
  EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, 0, nullptr, nullptr), -kDeadlineExceeded);
  EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kMillisecond, nullptr, nullptr),
            -kDeadlineExceeded);
  Fill();
  EXPECT_EQ(Put(std::string(100, 'x')), -kResourceExhausted);
  EXPECT_EQ(publisher_->Enqueue(buffer_, 100, 0, nullptr), -kDeadlineExceeded);
  EXPECT_EQ(publisher_->Enqueue(buffer_, 100, kMillisecond, nullptr), -kDeadlineExceeded);
}

TEST_F(FaceTest, SaysWhatIsWrong) {
  int64_t result = Put(std::string(4097, 'x'));
  EXPECT_EQ(CodeOf(result), kInvalidArgument);
  EXPECT_NE(publisher_->ErrorText(result).find("4097"), std::string::npos);
  result = publisher_->TryEnqueue(buffer_, -1);
  EXPECT_EQ(CodeOf(result), kInvalidArgument);
  EXPECT_EQ(publisher_->ErrorText(result), "a size of -1 bytes");
  EXPECT_EQ(Put("four"), 0);
  for (int64_t room : {int64_t{3}, int64_t{0}, int64_t{-1}}) {
    result = subscriber_->TryDequeue(buffer_, room, nullptr);
    EXPECT_EQ(CodeOf(result), kOutOfRange);
    EXPECT_EQ(-result >> kCodeBits, 4);
  }
  EXPECT_NE(subscriber_->ErrorText(result).find("4 bytes"), std::string::npos);
  EXPECT_EQ(Take(), "four");
}

TEST_F(FaceTest, OptionsAreChecked) {
  const std::function<void(QueueOptions&)> mistakes[] = {
      [](QueueOptions& o) { o.name = "a/b"; },
      [](QueueOptions& o) { o.capacity = 0; },
      [](QueueOptions& o) { o.protocol = static_cast<Protocol>(99); },
      [](QueueOptions& o) { o.mode = static_cast<OpenMode>(3); },
      [](QueueOptions& o) { o.access = static_cast<Access>(-1); },
      [](QueueOptions& o) { o.max_participants = 1; },
  };
  for (const auto& mistake : mistakes) {
    QueueOptions options = Options();
    mistake(options);
    FaceError error;
    EXPECT_EQ(FacePublisher::Open(options, &error), nullptr);
    EXPECT_EQ(error.code(), kInvalidArgument) << error.text();
    EXPECT_EQ(FaceSubscriber::Open(options, &error), nullptr);
    EXPECT_EQ(error.code(), kInvalidArgument) << error.text();
  }
  QueueOptions options = Options();
  options.mode = OpenMode::kCreateNew;
  FaceError error;
  EXPECT_EQ(FacePublisher::Open(options, &error), nullptr);
  EXPECT_EQ(error.code(), kAlreadyExists);
}

TEST_F(FaceTest, ReservationsAreKnownByToken) {
  int64_t first[2], second[2];
  ASSERT_EQ(publisher_->TryReserve(5, first), 0);
  ASSERT_EQ(publisher_->Reserve(5, second, kForEver, nullptr), 0);
  std::memcpy(reinterpret_cast<void*>(first[0]), "12345", 5);
  int64_t result = publisher_->Commit(first[1], 6);
  EXPECT_EQ(CodeOf(result), kInvalidArgument);
  EXPECT_EQ(CodeOf(publisher_->Commit(first[1], -1)), kInvalidArgument);
  EXPECT_EQ(publisher_->Commit(first[1], 3), 0);
  result = publisher_->Commit(first[1], 3);
  EXPECT_EQ(CodeOf(result), kFailedPrecondition);
  EXPECT_NE(publisher_->ErrorText(result).find("before"), std::string::npos);
  EXPECT_EQ(publisher_->Abort(second[1]), 0);
  EXPECT_EQ(publisher_->Abort(second[1]), 0);
  for (int64_t token : {int64_t{-1}, int64_t{0}, INT64_MAX, second[1] + 1}) {
    EXPECT_EQ(CodeOf(publisher_->Commit(token, 0)), kFailedPrecondition);
  }
  // The place of the first is used again, its token is not.
  int64_t third[2];
  ASSERT_EQ(publisher_->TryReserve(5, third), 0);
  EXPECT_NE(third[1], first[1]);
  EXPECT_NE(third[1], second[1]);
  EXPECT_EQ(Take(), "123");
  publisher_->Close();
  EXPECT_EQ(CodeOf(publisher_->Commit(third[1], 1)), kFailedPrecondition);
  EXPECT_EQ(CodeOf(publisher_->TryReserve(5, third)), kFailedPrecondition);
  EXPECT_EQ(Take(), "error 14");
}

TEST_F(FaceTest, BorrowedMessagesAreKnownByToken) {
  for (const char* text : {"1", "2", "3"}) ASSERT_EQ(Put(text), 0);
  int64_t place[3];
  ASSERT_EQ(subscriber_->TryBorrow(place), 1);
  EXPECT_EQ(*reinterpret_cast<char*>(place[0]), '1');
  EXPECT_EQ(place[2], 0);
  EXPECT_EQ(subscriber_->GiveBack(place[1]), 0);
  EXPECT_EQ(CodeOf(subscriber_->Acknowledge(place[1])), kFailedPrecondition);
  int64_t places[4 * 4];
  ASSERT_EQ(subscriber_->TryBorrowBatch(places, 4), 3);
  EXPECT_EQ(places[3] & kSizeMask, 1);
  EXPECT_EQ(subscriber_->TryBorrowBatch(places, 1), -kUnavailable);
  EXPECT_EQ(subscriber_->TryBorrowBatch(places, 0), 0);
  int again = 0;
  for (int i = 0; i < 3; ++i) {
    // The position is the message's, however often it is handed out.
    EXPECT_EQ(places[4 * i + 2], *reinterpret_cast<char*>(places[4 * i]) - '1');
    if (*reinterpret_cast<char*>(places[4 * i]) == '1') {
      ++again;
      EXPECT_EQ(places[4 * i + 3] >> kSizeBits, 1);  // it was handed out once before
    }
  }
  EXPECT_EQ(again, 1);
  subscriber_->Close();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(subscriber_->Acknowledge(places[4 * i + 1]), 0);
  EXPECT_EQ(CodeOf(subscriber_->Acknowledge(places[1])), kFailedPrecondition);
}

TEST_F(FaceTest, WhatIsOpenGoesWithTheEndpoint) {
  ASSERT_EQ(Put("1"), 0);
  int64_t place[3];
  ASSERT_EQ(subscriber_->Borrow(place, kForEver, nullptr), 1);
  subscriber_ = OpenSubscriber();
  EXPECT_EQ(Take(), "1");
  ASSERT_EQ(publisher_->TryReserve(4096, place), 0);
  publisher_ = OpenPublisher();
  Fill();
}

TEST_F(FaceTest, PositionsComeWithEachCall) {
  for (const char* text : {"0", "1", "2", "3", "4", "5"}) ASSERT_EQ(Put(text), 0);
  int64_t place[3] = {-1, -1, -1};
  EXPECT_EQ(subscriber_->TryDequeue(buffer_, sizeof buffer_, place), 1);
  EXPECT_EQ(place[0], 0);
  EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, nullptr, place), 1);
  EXPECT_EQ(place[0], 1);
  ASSERT_EQ(subscriber_->Borrow(place, kForEver, nullptr), 1);
  EXPECT_EQ(place[2], 2);
  ASSERT_EQ(subscriber_->AcknowledgeAndTryBorrow(place[1], place), 1);
  EXPECT_EQ(place[2], 3);
  int64_t places[2 * 4];
  ASSERT_EQ(subscriber_->TryBorrowBatch(places, 2), 2);
  EXPECT_EQ(places[2], 4);
  EXPECT_EQ(places[4 + 2], 5);
}

// Messages one behind the other, as bindings pack them.
std::string Pack(const std::vector<std::string>& messages) {
  std::string packed;
  for (const std::string& message : messages) {
    const auto size = static_cast<int64_t>(message.size());
    packed.append(reinterpret_cast<const char*>(&size), sizeof size);
    packed += message;
    packed.resize((packed.size() + 7) / 8 * 8);
  }
  return packed;
}

TEST_F(FaceTest, BatchesGoThrough) {
  const std::string packed = Pack({"one", "", std::string(100, 'x')});
  const auto size = static_cast<int64_t>(packed.size());
  EXPECT_EQ(publisher_->TryEnqueueBatch(packed.data(), size, 3), 3);
  EXPECT_EQ(publisher_->TryEnqueueBatch(nullptr, 0, 0), 0);
  char buffer[20];
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer, 7, 1), -kOutOfRange);
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer, 10, 1), -(kOutOfRange + (3 << kCodeBits)));
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer, sizeof buffer, 9), 1);
  EXPECT_EQ(std::string(buffer, 11), Pack({"one"}).substr(0, 11));
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer_, sizeof buffer_, 9), 2);
  EXPECT_EQ(std::string(buffer_, 112), Pack({"", std::string(100, 'x')}).substr(0, 112));
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer_, sizeof buffer_, 9), -kUnavailable);
  EXPECT_EQ(subscriber_->TryDequeueBatch(buffer_, sizeof buffer_, 0), 0);
}

TEST_F(FaceTest, BatchesLieWithinTheirMemory) {
  const std::string packed = Pack({"one", "two"});
  for (int64_t size : {int64_t{0}, int64_t{7}, int64_t{10}, int64_t{16}, int64_t{26}}) {
    const int64_t result = publisher_->TryEnqueueBatch(packed.data(), size, 2);
    EXPECT_EQ(CodeOf(result), kInvalidArgument) << size;
  }
  EXPECT_EQ(publisher_->TryEnqueueBatch(packed.data(), 27, 2), 2);
  for (int64_t lie : {int64_t{-1}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(CodeOf(publisher_->TryEnqueueBatch(&lie, sizeof lie, 1)), kInvalidArgument);
  }
}

TEST_F(FaceTest, InterruptEndsAWaitAndIsRearmed) {
  FaceInterrupt interrupt;
  for (int i = 0; i < 3; ++i) {
    std::thread thread([&] {
      EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, &interrupt, nullptr),
                -kCancelled);
    });
    EXPECT_TRUE(Wait(1));
    interrupt.Raise();
    thread.join();
    int64_t place[2];
    EXPECT_EQ(Put("there"), 0);
    EXPECT_EQ(subscriber_->Borrow(place, kForEver, &interrupt), -kCancelled);
    EXPECT_EQ(Take(), "there");
    interrupt.Clear();
  }
}

TEST_F(FaceTest, ShortCallPassesAWaitingOne) {
  std::thread thread([&] {
    EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, nullptr, nullptr), 4);
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Wait(1));
    EXPECT_EQ(subscriber_->TryDequeue(nullptr, 0, nullptr), -kUnavailable);
    EXPECT_EQ(subscriber_->Dequeue(nullptr, 0, 0, nullptr, nullptr), -kDeadlineExceeded);
    EXPECT_EQ(subscriber_->GiveBack(7), 0);
  }
  EXPECT_TRUE(Wait(1));
  EXPECT_EQ(Put("last"), 0);
  thread.join();
}

TEST_F(FaceTest, WaitingCallsTakeTurns) {
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      char buffer[8];
      if (subscriber_->Dequeue(buffer, sizeof buffer, kForEver, nullptr, nullptr) == 1) ++got;
    });
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(Wait(1));
    EXPECT_EQ(Put("x"), 0);
    EXPECT_TRUE(testing::Eventually([&] { return got == i + 1; }));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(FaceTest, DeadlineAndInterruptHoldInLine) {
  std::thread first([&] {
    EXPECT_EQ(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, nullptr, nullptr), 1);
  });
  EXPECT_TRUE(Wait(1));
  char buffer[8];
  EXPECT_EQ(subscriber_->Dequeue(buffer, sizeof buffer, 3 * kMillisecond, nullptr, nullptr),
            -kDeadlineExceeded);
  FaceInterrupt interrupt;
  std::thread second([&] {
    EXPECT_EQ(subscriber_->Dequeue(buffer, sizeof buffer, kForEver, &interrupt, nullptr),
              -kCancelled);
  });
  interrupt.Raise();
  second.join();
  EXPECT_TRUE(Wait(1));
  EXPECT_EQ(Put("x"), 0);
  first.join();
}

TEST_F(FaceTest, CloseEndsAllWaits) {
  Fill();
  FaceError error;
  QueueOptions options = Options();
  options.name = "other";
  std::unique_ptr<FaceSubscriber> other(FaceSubscriber::Open(options, &error));
  std::vector<std::thread> threads;
  std::atomic<int> begun{0};
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      ++begun;
      EXPECT_EQ(CodeOf(publisher_->Enqueue("x", 1000, kForEver, nullptr)), kFailedPrecondition);
    });
    threads.emplace_back([&] {
      int64_t place[2];
      ++begun;
      EXPECT_EQ(CodeOf(other->Borrow(place, kForEver, nullptr)), kFailedPrecondition);
    });
  }
  EXPECT_TRUE(testing::Eventually([&] { return begun == 6; }));
  EXPECT_TRUE(Wait(1));
  publisher_->Close();
  other->Close();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(FaceTest, CloseWaitsForTheCallOfAThreadThatDoesNotOwnTheTurns) {
  EXPECT_EQ(subscriber_->TryDequeue(nullptr, 0, nullptr), -kUnavailable);  // this thread owns them
  std::thread thread([&] {
    EXPECT_EQ(CodeOf(subscriber_->Dequeue(buffer_, sizeof buffer_, kForEver, nullptr, nullptr)),
              kFailedPrecondition);
  });
  EXPECT_TRUE(Wait(1));
  // Unmaps the queue, which the call still uses when it wakes.
  subscriber_->Close();
  thread.join();
}

TEST_F(FaceTest, ManyThreadsShareAnEndpoint) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  std::atomic<int> taken{0};
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_EQ(publisher_->Enqueue(&i, sizeof i, kForEver, nullptr), 0);
      }
    });
    threads.emplace_back([&, t] {
      int message;
      while (taken < kThreads * kEach) {
        const int64_t result =
            t % 2 == 0
                ? subscriber_->TryDequeue(&message, sizeof message, nullptr)
                : subscriber_->Dequeue(&message, sizeof message, kMillisecond, nullptr, nullptr);
        if (result < 0) continue;
        sum += message;
        ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, kThreads * kEach);
  EXPECT_EQ(sum, int64_t{kThreads} * kEach * (kEach - 1) / 2);
}

TEST_F(FaceTest, InspectorAndRegistryTell) {
  ASSERT_EQ(Put("hello"), 0);
  FaceError error;
  std::unique_ptr<FaceInspector> inspector(
      FaceInspector::Open("queue", directory_.path(), kNative, &error));
  ASSERT_NE(inspector, nullptr) << error.text();
  std::unique_ptr<QueueReport> report(inspector->Report(&error));
  EXPECT_EQ(report->protocol, Protocol::kNative);
  EXPECT_EQ(report->name, "queue");
  EXPECT_EQ(inspector->capacity(), 4096);
  EXPECT_EQ(report->ready, 1);
  EXPECT_EQ(report->ready_bytes, 5);
  ASSERT_EQ(report->participants.size(), 2u);
  EXPECT_EQ(report->participants[0].messages + report->participants[1].messages, 1u);
  std::unique_ptr<FaceFindings> findings(inspector->Check(&error));
  EXPECT_EQ(findings->count(), 0);
  std::unique_ptr<FaceMessages> messages(inspector->Peek(9, &error));
  ASSERT_EQ(messages->count(), 1);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(messages->address(0)),
                        static_cast<size_t>(messages->size(0))),
            "hello");
  EXPECT_EQ(std::unique_ptr<FaceMessages>(inspector->Peek(-1, &error))->count(), 0);
  EXPECT_EQ(inspector->Repair(&error), 0);
  EXPECT_EQ(FaceInspector::Open("none", directory_.path(), kNative, &error), nullptr);
  EXPECT_EQ(error.code(), kNotFound);

  std::unique_ptr<FaceQueueList> list(FaceQueueList::Open(directory_.path(), kNative, &error));
  ASSERT_EQ(list->count(), 1);
  EXPECT_EQ(list->name(0), "queue");
  EXPECT_EQ(list->capacity(0), 4096);
  EXPECT_EQ(list->code(0), kOk) << list->error_text(0);
  EXPECT_EQ(FaceRemoveQueue("queue", directory_.path(), kNative, &error), kOk);
  EXPECT_EQ(FaceRemoveQueue("queue", directory_.path(), kNative, &error), kNotFound);
  EXPECT_EQ(FaceQueueList::Open(directory_.path() + "/none", kNative, &error), nullptr);
  EXPECT_EQ(error.code(), kNotFound);

  for (const int protocol : {-1, 1, 5}) {
    EXPECT_EQ(FaceInspector::Open("queue", directory_.path(), protocol, &error), nullptr);
    EXPECT_EQ(error.code(), kInvalidArgument);
    EXPECT_EQ(FaceQueueList::Open(directory_.path(), protocol, &error), nullptr);
    EXPECT_EQ(error.code(), kInvalidArgument);
    EXPECT_EQ(FaceRemoveQueue("queue", directory_.path(), protocol, &error), kInvalidArgument);
    EXPECT_EQ(FaceDefaultDirectory(protocol), "");
  }
}

}  // namespace
}  // namespace interprocess::face
