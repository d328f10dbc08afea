// SPDX-License-Identifier: MIT

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

using ExchangeTest = ConformanceTest;

absl::Span<const uint8_t> Bytes(const std::string& text) {
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

TEST_P(ExchangeTest, C001_EnqueuedMessageIsDequeued) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("hello").ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "hello");
  ASSERT_TRUE(publisher.Enqueue("world").ok());
  uint8_t buffer[10] = {};
  MessageInfo info;
  EXPECT_EQ(subscriber.TryDequeue(absl::MakeSpan(buffer), &info).value(), 5u);
  EXPECT_EQ(std::string(buffer, buffer + 6), std::string("world\0", 6));
  EXPECT_EQ(info.size, 5u);
  EXPECT_EQ(info.earlier_deliveries, 0u);
  EXPECT_FALSE(info.redelivered);
}

TEST_P(ExchangeTest, C002_EmptyQueueIsUnavailable) {
  Subscriber subscriber = OpenSubscriber();
  uint8_t buffer[1];
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
  EXPECT_STATUS(subscriber.TryDequeue(absl::MakeSpan(buffer)).status(), kUnavailable);
  EXPECT_STATUS(subscriber.TryBorrow().status(), kUnavailable);
}

TEST_P(ExchangeTest, C003_MessagesOfAPublisherKeepTheirOrder) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(publisher.TryEnqueue(std::to_string(i)).ok());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(subscriber.TryDequeue().value(), std::to_string(i));
}

TEST_P(ExchangeTest, C004_ZeroLengthIsAMessage) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("").ok());
  ASSERT_TRUE(publisher.TryEnqueue(absl::Span<const uint8_t>()).ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "");
  EXPECT_EQ(subscriber.TryDequeue(absl::Span<uint8_t>()).value(), 0u);
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
}

TEST_P(ExchangeTest, C005_EverySizeArrivesWhole) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  std::vector<size_t> sizes = {0, 1, 7, 8, 9, 47, 48, 49, 63, 64, 65, 127, 128, 129, 2048};
  sizes.insert(sizes.end(), {Largest() - 1, Largest()});
  for (size_t size : sizes) {
    ASSERT_TRUE(publisher.TryEnqueue(Text(size, 3)).ok()) << size;
    EXPECT_EQ(subscriber.TryDequeue().value(), Text(size, 3)) << size;
  }
}

TEST_P(ExchangeTest, C006_MessageOfWholeCapacityFits) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(publisher.TryEnqueue(Text(Largest(), i)).ok()) << i;
    EXPECT_EQ(subscriber.TryDequeue().value(), Text(Largest(), i));
    ASSERT_TRUE(publisher.TryEnqueue(Text(100, i)).ok()) << i;
    EXPECT_EQ(subscriber.TryDequeue().value(), Text(100, i));
  }
}

TEST_P(ExchangeTest, C007_FullQueueIsResourceExhausted) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (size_t size : {size_t{0}, size_t{100}, Largest()}) {
    int in = 0;
    absl::Status status;
    while ((status = publisher.TryEnqueue(Text(size, in))).ok()) ++in;
    EXPECT_STATUS(status, kResourceExhausted);
    EXPECT_GT(in, 0);
    EXPECT_EQ(subscriber.TryDequeue().value(), Text(size, 0));
    EXPECT_TRUE(publisher.TryEnqueue(Text(size, in)).ok());
    for (int i = 1; i <= in; ++i) EXPECT_EQ(subscriber.TryDequeue().value(), Text(size, i));
  }
}

TEST_P(ExchangeTest, C008_TooLargeMessageIsInvalidArgument) {
  Publisher publisher = OpenPublisher();
  const std::string large = Text(publisher.max_message_size() + 1);
  EXPECT_STATUS(publisher.TryEnqueue(large), kInvalidArgument);
  EXPECT_STATUS(publisher.Enqueue(large), kInvalidArgument);
  EXPECT_STATUS(publisher.TryReserve(large.size()).status(), kInvalidArgument);
  EXPECT_STATUS(publisher.Reserve(large.size()).status(), kInvalidArgument);
  EXPECT_TRUE(publisher.TryEnqueue(Text(publisher.max_message_size())).ok());
}

TEST_P(ExchangeTest, C009_SmallBufferIsOutOfRange) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (size_t size : {size_t{1}, size_t{48}, size_t{49}, Largest()}) {
    ASSERT_TRUE(publisher.TryEnqueue(Text(size)).ok());
    std::vector<uint8_t> buffer(size - 1);
    MessageInfo info;
    for (int i = 0; i < 3; ++i) {
      info.size = 0;
      EXPECT_STATUS(subscriber.TryDequeue(absl::MakeSpan(buffer), &info).status(), kOutOfRange);
      EXPECT_EQ(info.size, size);
    }
    EXPECT_STATUS(subscriber.TryDequeue(absl::MakeSpan(buffer)).status(), kOutOfRange);
    EXPECT_STATUS(subscriber.Dequeue(absl::MakeSpan(buffer)).status(), kOutOfRange);
    buffer.resize(size);
    EXPECT_EQ(subscriber.TryDequeue(absl::MakeSpan(buffer), &info).value(), size);
    EXPECT_EQ(info.earlier_deliveries, 0u);
    EXPECT_EQ(std::string(buffer.begin(), buffer.end()), Text(size));
  }
}

TEST_P(ExchangeTest, C010_MessageHasAnyBytes) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  ASSERT_TRUE(publisher.TryEnqueue(all).ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), all);
}

TEST_P(ExchangeTest, C011_BatchGoesInAsFarAsThereIsRoom) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  const std::string text = Text(1500);
  const std::vector<absl::Span<const uint8_t>> batch(5, Bytes(text));
  const size_t in = publisher.TryEnqueueBatch(batch).value();
  EXPECT_GT(in, 0u);
  EXPECT_LT(in, 5u);
  EXPECT_EQ(publisher.TryEnqueueBatch(batch).value(), 0u);
  for (size_t i = 0; i < in; ++i) EXPECT_EQ(subscriber.TryDequeue().value(), text);
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
}

TEST_P(ExchangeTest, C012_BatchWithATooLargeMessagePutsNone) {
  Publisher publisher = OpenPublisher();
  const std::string small = "x", large = Text(kCapacity + 1);
  const absl::Span<const uint8_t> batch[] = {Bytes(small), Bytes(large)};
  EXPECT_STATUS(publisher.TryEnqueueBatch(batch).status(), kInvalidArgument);
  EXPECT_STATUS(OpenSubscriber().TryDequeue().status(), kUnavailable);
}

TEST_P(ExchangeTest, C013_EmptyBatchIsZero) {
  Publisher publisher = OpenPublisher();
  EXPECT_EQ(publisher.TryEnqueueBatch({}).value(), 0u);
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  Subscriber subscriber = OpenSubscriber();
  EXPECT_EQ(subscriber.TryDequeueBatch(0, [](const MessageView&) { FAIL(); }).value(), 0u);
  EXPECT_EQ(subscriber.TryDequeue().value(), "x");
}

TEST_P(ExchangeTest, C014_BatchIsTakenInOrder) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  const std::string first = Text(10), second = Text(0), third = Text(100);
  const absl::Span<const uint8_t> batch[] = {Bytes(first), Bytes(second), Bytes(third)};
  ASSERT_EQ(publisher.TryEnqueueBatch(batch).value(), 3u);
  std::vector<std::string> taken;
  EXPECT_EQ(subscriber
                .TryDequeueBatch(10,
                                 [&](const MessageView& message) {
                                   taken.emplace_back(message.text());
                                   EXPECT_EQ(message.info().size, message.bytes().size());
                                 })
                .value(),
            3u);
  EXPECT_EQ(taken, (std::vector<std::string>{first, second, third}));
}

TEST_P(ExchangeTest, C015_BatchTakesAtMostMax) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(publisher.TryEnqueue(std::to_string(i)).ok());
  int calls = 0;
  EXPECT_EQ(subscriber.TryDequeueBatch(3, [&](const MessageView&) { ++calls; }).value(), 3u);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(subscriber.TryDequeue().value(), "3");
}

TEST_P(ExchangeTest, C016_BatchOfAnEmptyQueueIsUnavailable) {
  Subscriber subscriber = OpenSubscriber();
  EXPECT_STATUS(subscriber.TryDequeueBatch(3, [](const MessageView&) { FAIL(); }).status(),
                kUnavailable);
}

TEST_P(ExchangeTest, C017_CompetingSubscribersTakeEachMessageOnce) {
  constexpr int kMessages = 4000;
  std::vector<std::atomic<int>> seen(kMessages);
  std::atomic<int> left{kMessages};
  std::vector<std::thread> threads;
  for (int s = 0; s < 3; ++s) {
    threads.emplace_back([&] {
      Subscriber subscriber = OpenSubscriber();
      int last = -1;
      while (left > 0) {
        auto message = subscriber.Dequeue(WaitOptions(absl::Milliseconds(10)));
        if (!message.ok()) continue;
        const int number = std::stoi(*message);
        EXPECT_GT(number, last);
        last = number;
        ++seen[static_cast<size_t>(number)];
        --left;
      }
    });
  }
  Publisher publisher = OpenPublisher();
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(publisher.Enqueue(std::to_string(i) + std::string(i % 90, ' ')).ok());
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], 1) << i;
}

TEST_P(ExchangeTest, C018_SeveralPublishersEachKeepTheirOrder) {
  constexpr int kPublishers = 3, kMessages = 2000;
  Subscriber subscriber = OpenSubscriber();
  std::vector<std::thread> threads;
  for (int p = 0; p < kPublishers; ++p) {
    threads.emplace_back([this, p] {
      Publisher publisher = OpenPublisher();
      for (int i = 0; i < kMessages; ++i) {
        ASSERT_TRUE(publisher
                        .Enqueue(std::to_string(p) + ":" + std::to_string(i) +
                                 std::string((p + i) % 100, ' '))
                        .ok());
      }
    });
  }
  int next[kPublishers] = {};
  for (int i = 0; i < kPublishers * kMessages; ++i) {
    auto message = subscriber.Dequeue(WaitOptions(absl::Seconds(60)));
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(std::stoi(message->substr(2)), next[(*message)[0] - '0']++);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(ExchangeTest, C019_RingGoesRoundManyTimes) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  uint32_t in = 0, out = 0;
  const auto size = [](uint32_t i) { return i * 2654435761u % 1200; };
  while (out < 20000) {
    while (publisher.TryEnqueue(Text(size(in), static_cast<int>(in))).ok()) ++in;
    const uint32_t until = out + 1 + in % (in - out);
    for (; out < until; ++out) {
      ASSERT_EQ(subscriber.TryDequeue().value(), Text(size(out), static_cast<int>(out))) << out;
    }
  }
}

TEST_P(ExchangeTest, C020_MessageWaitsForALaterSubscriber) {
  Publisher publisher = OpenPublisher();
  ASSERT_TRUE(publisher.TryEnqueue("early").ok());
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), "early");
}

RUN_ON_ALL_ENGINES(ExchangeTest);

}  // namespace
}  // namespace interprocess::conformance
