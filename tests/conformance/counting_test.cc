// SPDX-License-Identifier: MIT

#include <cstdint>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/queue_inspector.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

using CountingTest = ConformanceTest;

TEST_P(CountingTest, C065_DepthCountsWhatWaits) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  const QueueInspector inspector =
      QueueInspector::Open(Options().name, Options().directory, GetParam().protocol).value();
  const auto expect = [&](uint64_t depth) {
    EXPECT_EQ(publisher.ApproximateDepth().value(), depth);
    EXPECT_EQ(subscriber.ApproximateDepth().value(), depth);
    EXPECT_EQ(inspector.ApproximateDepth().value(), depth);
  };
  expect(0);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  expect(50);
  const auto reservation = publisher.TryReserve(10);
  ASSERT_TRUE(reservation.ok());
  expect(51);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(subscriber.TryDequeue().ok());
  const auto borrowed = subscriber.TryBorrow();
  ASSERT_TRUE(borrowed.ok());
  expect(30);
}

TEST_P(CountingTest, C066_EndpointsCount) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  EXPECT_EQ(subscriber.Counters()->messages, 0u);
  for (int i = 0; i < 3; ++i) EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
  EXPECT_STATUS(subscriber.Dequeue(absl::Milliseconds(1)).status(), kDeadlineExceeded);
  EXPECT_EQ(subscriber.Counters()->full_or_empty, 1u);
  EXPECT_EQ(subscriber.Counters()->waits, 1u);
  ASSERT_TRUE(publisher.TryEnqueue(Text(Largest())).ok());
  EXPECT_STATUS(publisher.TryEnqueue(Text(49)), kResourceExhausted);
  EXPECT_STATUS(publisher.Enqueue(Text(49), absl::Milliseconds(1)), kDeadlineExceeded);
  ASSERT_TRUE(subscriber.TryDequeue().ok());
  ASSERT_TRUE(publisher.TryEnqueue(Text(49)).ok());
  EXPECT_EQ(publisher.Counters()->messages, 2u);
  EXPECT_EQ(publisher.Counters()->bytes, Largest() + 49);
  EXPECT_EQ(publisher.Counters()->full_or_empty, 1u);
  EXPECT_EQ(publisher.Counters()->waits, 1u);
  EXPECT_EQ(subscriber.Counters()->messages, 1u);
  EXPECT_EQ(subscriber.Counters()->bytes, Largest());
}

RUN_ON_ALL_ENGINES(CountingTest);

}  // namespace
}  // namespace interprocess::conformance
