// SPDX-License-Identifier: MIT

// What endpoints count, how many messages wait, and what the statuses of a queue that is full or
// empty say.

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

constexpr Protocol kFileProtocols[] = {Protocol::kNative, Protocol::kCloudtoidV2,
                                       Protocol::kCloudtoidV3};

class CountersTest : public ::testing::TestWithParam<Protocol> {
 protected:
  QueueOptions Options() const {
    QueueOptions options = directory_.Options();
    options.protocol = GetParam();
    // The Cloudtoid formats name their semaphore by the queue's name, whatever the directory.
    options.name = "queue" + directory_.path().substr(directory_.path().find_last_of("/\\") + 1);
    return options;
  }
  void Fill() {
    while (publisher_.TryEnqueue(std::string(100, 'x')).ok()) {
    }
  }

  const testing::TestDirectory directory_;
  Publisher publisher_ = Publisher::Open(Options()).value();
  Subscriber subscriber_ = Subscriber::Open(Options()).value();
};

TEST_P(CountersTest, MessagesAndBytes) {
  ASSERT_TRUE(publisher_.TryEnqueue("12").ok());
  ASSERT_TRUE(publisher_.TryEnqueueBatch({"345", "6"}).ok());
  ASSERT_TRUE(publisher_.TryReserve(10)->Commit(4).ok());
  EXPECT_EQ(publisher_.Counters()->messages, 4u);
  EXPECT_EQ(publisher_.Counters()->bytes, 10u);
  ASSERT_TRUE(subscriber_.TryDequeue().ok());
  ASSERT_TRUE(subscriber_.TryDequeueBatch(2, [](const MessageView&) {}).ok());
  EXPECT_EQ(subscriber_.Counters()->messages, 3u);
  EXPECT_EQ(subscriber_.Counters()->bytes, 6u);
  subscriber_.TryBorrow()->GiveBack();
  EXPECT_EQ(subscriber_.Counters()->messages, 4u);
  EXPECT_EQ(subscriber_.Counters()->bytes, 10u);
  EXPECT_EQ(subscriber_.Counters()->redelivered, 0u);
}

// However often it is tried, by tries or the polls of a wait.
TEST_P(CountersTest, FullOrEmptyCountsOnceUntilAMessage) {
  EXPECT_EQ(subscriber_.Counters()->full_or_empty, 0u);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(subscriber_.TryDequeue().ok());
  EXPECT_FALSE(subscriber_.Dequeue(absl::Milliseconds(1)).ok());
  EXPECT_EQ(subscriber_.Counters()->full_or_empty, 1u);
  EXPECT_EQ(subscriber_.Counters()->waits, 1u);
  Fill();
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(publisher_.TryEnqueue(std::string(100, 'x')).ok());
  EXPECT_FALSE(publisher_.Enqueue(std::string(100, 'x'), absl::Milliseconds(1)).ok());
  EXPECT_EQ(publisher_.Counters()->full_or_empty, 1u);
  EXPECT_EQ(publisher_.Counters()->waits, 1u);
  while (subscriber_.TryDequeue().ok()) {
  }
  EXPECT_FALSE(subscriber_.TryDequeue().ok());
  EXPECT_EQ(subscriber_.Counters()->full_or_empty, 2u);
  Fill();
  EXPECT_EQ(publisher_.Counters()->full_or_empty, 2u);
}

TEST_P(CountersTest, ClosedEndpointSaysSo) {
  publisher_.Close().IgnoreError();
  EXPECT_EQ(publisher_.Counters().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(publisher_.ApproximateDepth().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(publisher_.TryEnqueue("x").message(), Options().name));
}

TEST_P(CountersTest, StatusesNameTheQueue) {
  StopSource stopped;
  stopped.RequestStop();
  EXPECT_FALSE(subscriber_.Dequeue(stopped.token()).status().message().empty());
  for (const absl::Status& status :
       {subscriber_.TryDequeue().status(), subscriber_.TryBorrow().status(),
        subscriber_.TryDequeueBatch(1, [](const MessageView&) {}).status(),
        subscriber_.Dequeue(absl::Milliseconds(1)).status()}) {
    EXPECT_TRUE(absl::StrContains(status.message(), "has no message now")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), Options().name)) << status;
  }
  Fill();
  for (const absl::Status& status :
       {publisher_.TryEnqueue(std::string(100, 'x')), publisher_.TryReserve(100).status(),
        publisher_.Enqueue(std::string(100, 'x'), absl::Milliseconds(1)),
        publisher_.EnqueueBatch({std::string(100, 'x')}, absl::Milliseconds(1)).status()}) {
    EXPECT_TRUE(absl::StrContains(status.message(), "has no room now")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), Options().name)) << status;
  }
}

TEST_P(CountersTest, BatchWaitsForRoomOfItsFirstMessage) {
  EXPECT_EQ(publisher_.EnqueueBatch({}).value(), 0u);
  EXPECT_EQ(publisher_.EnqueueBatch({"1", "2"}).value(), 2u);
  Fill();
  const std::vector<std::string> batch(1000, std::string(100, 'y'));
  EXPECT_EQ(publisher_.EnqueueBatch(batch, absl::Milliseconds(1)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  std::thread taker([&] {
    while (subscriber_.Dequeue(absl::Minutes(1)).value() != batch[0]) {
    }
  });
  const size_t in = publisher_.EnqueueBatch(batch, absl::Minutes(1)).value();
  EXPECT_GE(in, 1u);
  EXPECT_LT(in, batch.size());
  taker.join();
  EXPECT_EQ(publisher_.EnqueueBatch({std::string(1 << 20, 'x')}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Protocols, CountersTest, ::testing::ValuesIn(kFileProtocols));

class DepthTest : public ::testing::Test {
 protected:
  // What each who may ask is told.
  std::vector<uint64_t> Depths() {
    const QueueOptions options = directory_.Options();
    return {publisher_.ApproximateDepth().value(), subscriber_.ApproximateDepth().value(),
            QueueInspector::Open(options.name, options.directory)->ApproximateDepth().value()};
  }

  const testing::TestDirectory directory_;
  Publisher publisher_ = Publisher::Open(directory_.Options()).value();
  Subscriber subscriber_ = Subscriber::Open(directory_.Options()).value();
};

TEST_F(DepthTest, CountsWhatWaits) {
  uint64_t waiting = 0;
  // Many laps, with all numbers of messages that fit.
  for (int round = 0; round < 200; ++round) {
    while (publisher_.TryEnqueue("x").ok()) ++waiting;
    EXPECT_EQ(waiting, 64u);
    for (int i = 0; i < round % 60; ++i, --waiting) ASSERT_TRUE(subscriber_.TryDequeue().ok());
    ASSERT_EQ(Depths(), std::vector<uint64_t>(3, waiting)) << round;
  }
}

TEST_F(DepthTest, SaysWhatItCounts) {
  EXPECT_EQ(Depths(), std::vector<uint64_t>(3, 0));
  auto reservation = publisher_.TryReserve(10);
  ASSERT_TRUE(publisher_.TryEnqueue("x").ok());
  EXPECT_EQ(Depths(), std::vector<uint64_t>(3, 2));
  ASSERT_TRUE(reservation->Commit(1).ok());
  auto borrowed = subscriber_.TryBorrow();
  ASSERT_TRUE(borrowed.ok());
  EXPECT_EQ(Depths(), std::vector<uint64_t>(3, 1));
  borrowed->GiveBack();
  EXPECT_EQ(Depths(), std::vector<uint64_t>(3, 1));
}

TEST_F(DepthTest, OtherFormatsDoNotTell) {
  QueueOptions options = directory_.Options();
  options.name = "other" + directory_.path().substr(directory_.path().find_last_of("/\\") + 1);
  for (Protocol protocol : {Protocol::kCloudtoidV2, Protocol::kCloudtoidV3}) {
    options.protocol = protocol;
    Publisher publisher = Publisher::Open(options).value();
    EXPECT_EQ(publisher.ApproximateDepth().status().code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(QueueInspector::Open(options.name, options.directory, protocol)
                  ->ApproximateDepth()
                  .status()
                  .code(),
              absl::StatusCode::kUnimplemented);
  }
}

}  // namespace
}  // namespace interprocess
