// SPDX-License-Identifier: MIT

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "interprocess/queue_inspector.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

using LifeTest = ConformanceTest;

TEST_P(LifeTest, C044_CapacityIsRoundedUp) {
  for (const auto& [asked, given] :
       {std::pair<int64_t, int64_t>{1, 4096}, {4096, 4096}, {4097, 8192}, {100'000, 131'072}}) {
    QueueOptions options = Options();
    options.capacity = asked;
    Publisher publisher = Publisher::Open(options).value();
    Subscriber subscriber = Subscriber::Open(options).value();
    EXPECT_EQ(publisher.capacity(), given);
    EXPECT_EQ(subscriber.capacity(), given);
    EXPECT_EQ(publisher.max_message_size(), static_cast<size_t>(given));
    EXPECT_EQ(subscriber.max_message_size(), static_cast<size_t>(given));
  }
}

TEST_P(LifeTest, C045_OtherOptionsAreFailedPrecondition) {
  Publisher publisher = OpenPublisher();
  QueueOptions options = Options();
  options.capacity = 8192;
  const absl::Status status = Subscriber::Open(options).status();
  EXPECT_STATUS(status, kFailedPrecondition);
  EXPECT_NE(status.message().find("4096"), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("8192"), absl::string_view::npos) << status;
}

TEST_P(LifeTest, C046_OpenExistingNeedsAQueue) {
  QueueOptions options = Options();
  options.mode = OpenMode::kOpenExisting;
  EXPECT_STATUS(Publisher::Open(options).status(), kNotFound);
  EXPECT_STATUS(Subscriber::Open(options).status(), kNotFound);
  Publisher publisher = OpenPublisher();
  EXPECT_TRUE(Subscriber::Open(options).ok());
}

TEST_P(LifeTest, C047_OpenExistingTakesTheQueuesOptions) {
  Publisher publisher = OpenPublisher();
  QueueOptions options = Options();
  options.mode = OpenMode::kOpenExisting;
  options.capacity = 1 << 20;
  EXPECT_EQ(Subscriber::Open(options)->capacity(), kCapacity);
}

TEST_P(LifeTest, C048_CreateNewNeedsNone) {
  QueueOptions options = Options();
  options.mode = OpenMode::kCreateNew;
  Publisher publisher = Publisher::Open(options).value();
  ASSERT_TRUE(publisher.TryEnqueue("there").ok());
  EXPECT_STATUS(Publisher::Open(options).status(), kAlreadyExists);
  EXPECT_STATUS(Subscriber::Open(options).status(), kAlreadyExists);
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), "there");
}

TEST_P(LifeTest, C049_SameNameInTwoDirectoriesIsTwoQueues) {
  const testing::TestDirectory other;
  Publisher here = OpenPublisher();
  Publisher there = Publisher::Open(OptionsIn(other)).value();
  ASSERT_TRUE(here.TryEnqueue("here").ok());
  ASSERT_TRUE(there.TryEnqueue("there").ok());
  Subscriber subscriber = Subscriber::Open(OptionsIn(other)).value();
  EXPECT_EQ(subscriber.TryDequeue().value(), "there");
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), "here");
}

TEST_P(LifeTest, C050_EmptyQueueGoesWithTheLast) {
  {
    Publisher publisher = OpenPublisher();
    { Subscriber subscriber = OpenSubscriber(); }
    EXPECT_TRUE(HasQueue());
    ASSERT_TRUE(publisher.TryEnqueue("x").ok());
    ASSERT_TRUE(OpenSubscriber().TryDequeue().ok());
  }
  EXPECT_FALSE(HasQueue());
}

TEST_P(LifeTest, C051_UndeliveredMessagesAreKept) {
  {
    Publisher publisher = OpenPublisher();
    ASSERT_TRUE(publisher.TryEnqueue("1").ok());
    ASSERT_TRUE(publisher.TryEnqueue(Text(1000)).ok());
  }
  {
    Subscriber subscriber = OpenSubscriber();
    EXPECT_EQ(subscriber.TryDequeue().value(), "1");
  }
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), Text(1000));
  EXPECT_FALSE(HasQueue());
}

TEST_P(LifeTest, C052_UndeliveredMessagesGoIfTheLastSaysSo) {
  QueueOptions options = Options();
  options.keep_undelivered = false;
  { ASSERT_TRUE(Publisher::Open(options)->TryEnqueue("x").ok()); }
  EXPECT_FALSE(HasQueue());
}

TEST_P(LifeTest, C053_CallsAfterCloseAreFailedPrecondition) {
  Publisher stays = OpenPublisher();
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  for (int i = 0; i < 2; ++i) {
    publisher.Close().IgnoreError();
    subscriber.Close().IgnoreError();
    EXPECT_STATUS(publisher.TryEnqueue("y"), kFailedPrecondition);
    EXPECT_STATUS(publisher.Enqueue("y"), kFailedPrecondition);
    EXPECT_STATUS(publisher.TryReserve(1).status(), kFailedPrecondition);
    EXPECT_STATUS(subscriber.TryDequeue().status(), kFailedPrecondition);
    EXPECT_STATUS(subscriber.Dequeue().status(), kFailedPrecondition);
    EXPECT_STATUS(subscriber.TryBorrow().status(), kFailedPrecondition);
  }
  EXPECT_EQ(OpenSubscriber().TryDequeue().value(), "x");
}

TEST_P(LifeTest, C054_EndpointsMove) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("1").ok());
  Publisher moved_publisher = std::move(publisher);
  Subscriber moved_subscriber = std::move(subscriber);
  ASSERT_TRUE(moved_publisher.TryEnqueue("2").ok());
  EXPECT_EQ(moved_subscriber.TryDequeue().value(), "1");
  publisher = std::move(moved_publisher);
  subscriber = std::move(moved_subscriber);
  EXPECT_EQ(publisher.capacity(), kCapacity);
  ASSERT_TRUE(publisher.TryEnqueue("3").ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "2");
  EXPECT_EQ(subscriber.TryDequeue().value(), "3");
}

// Which endpoint is alone, and what its kind is called.
template <typename Endpoint>
void ExpectOneAtATime(const QueueOptions& options, absl::string_view kind) {
  Endpoint first = Endpoint::Open(options).value();
  const absl::Status refused = Endpoint::Open(options).status();
  EXPECT_STATUS(refused, kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.message(), absl::StrCat("one ", kind, " at a time")))
      << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), absl::StrCat("process ", getpid()))) << refused;
  ASSERT_TRUE(first.Close().ok());
  EXPECT_TRUE(Endpoint::Open(options).ok());
}

TEST_P(LifeTest, C062_SecondPublisherIsRefusedNamingTheFirst) {
  QueueOptions options = Options();
  options.one_publisher = true;
  Subscriber subscriber = Subscriber::Open(options).value();
  Subscriber other = Subscriber::Open(options).value();
  ExpectOneAtATime<Publisher>(options, "publisher");
}

TEST_P(LifeTest, C063_SecondSubscriberIsRefusedNamingTheFirst) {
  QueueOptions options = Options();
  options.one_subscriber = true;
  Publisher publisher = Publisher::Open(options).value();
  Publisher other = Publisher::Open(options).value();
  ExpectOneAtATime<Subscriber>(options, "subscriber");
}

TEST_P(LifeTest, C064_MakerDecidesWhoIsAlone) {
  QueueOptions options = Options();
  options.one_publisher = options.one_subscriber = true;
  Publisher publisher = Publisher::Open(options).value();
  const absl::Status refused = Subscriber::Open(Options()).status();
  EXPECT_STATUS(refused, kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.message(), "one_publisher")) << refused;
  QueueOptions existing = Options();
  existing.mode = OpenMode::kOpenExisting;
  Subscriber subscriber = Subscriber::Open(existing).value();
  EXPECT_STATUS(Subscriber::Open(existing).status(), kFailedPrecondition);
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "x");
  const QueueReport report =
      QueueInspector::Open(options.name, options.directory, options.protocol)->Report().value();
  EXPECT_TRUE(report.one_publisher);
  EXPECT_TRUE(report.one_subscriber);
}

RUN_ON_ALL_ENGINES(LifeTest);

}  // namespace
}  // namespace interprocess::conformance
