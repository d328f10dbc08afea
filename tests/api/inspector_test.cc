// SPDX-License-Identifier: MIT

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::Eventually;
using testing::PublisherPeer;
using testing::Put;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::TestDirectory;

class InspectorTest : public ::testing::Test {
 protected:
  QueueInspector Inspect() const {
    return QueueInspector::Open("queue", directory_.path()).value();
  }
  QueueReport Report() const { return Inspect().Report().value(); }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
};

TEST_F(InspectorTest, ReportsTheQueueAndWhatIsInIt) {
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  for (const char* message : {"12345", "123", "1234567"}) {
    ASSERT_TRUE(publisher->TryEnqueue(message).ok());
  }
  ASSERT_TRUE(subscriber->TryDequeue().ok());
  auto borrowed = subscriber->TryBorrow();
  auto reservation = publisher->TryReserve(100);
  ASSERT_TRUE(borrowed.ok() && reservation.ok());
  const QueueReport report = Report();
  EXPECT_EQ(Inspect().capacity(), 4096);
  EXPECT_EQ(report.name, "queue");
  EXPECT_EQ(report.path, directory_.FileOf("queue"));
  EXPECT_EQ(report.capacity, 4096);
  EXPECT_EQ(report.file_size, 18432);
  EXPECT_EQ(report.format_version, 4);
  EXPECT_EQ(report.max_participants, 16);
  EXPECT_EQ(report.slots, 64u);
  EXPECT_EQ(report.ready, 1u);
  EXPECT_EQ(report.ready_bytes, 7u);
  EXPECT_EQ(report.reserved, 1u);
  EXPECT_EQ(report.claimed, 1u);
  EXPECT_EQ(report.tail, 4u);
  EXPECT_EQ(report.returned, 0u);
  borrowed->GiveBack();
  EXPECT_EQ(Report().returned, 1u);
}

TEST_F(InspectorTest, ReportsParticipants) {
  const int64_t before = absl::ToUnixNanos(absl::Now());
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher->TryEnqueue(std::string(4096, 'x')).ok());
  EXPECT_FALSE(publisher->TryEnqueue(std::string(49, 'x')).ok());
  ASSERT_TRUE(subscriber->TryDequeue().ok());
  EXPECT_FALSE(subscriber->TryDequeue().ok());
  const QueueReport report = Report();
  ASSERT_EQ(report.participants.size(), 2u);
  const ParticipantReport& one = report.participants[0];
  EXPECT_EQ(one.role, "publisher");
  EXPECT_TRUE(one.alive);
  EXPECT_EQ(one.process_id, platform::ProcessId());
  EXPECT_GT(one.process_start_ns, 0);
  EXPECT_LT(one.process_start_ns, before);
  EXPECT_EQ(one.waits_for, "");
  EXPECT_EQ(one.messages, 1u);
  EXPECT_EQ(one.bytes, 4096u);
  EXPECT_EQ(one.full_or_empty, 1u);
  EXPECT_EQ(one.sleeps, 0u);
  EXPECT_EQ(one.holds, 0u);
  const ParticipantReport& two = report.participants[1];
  EXPECT_EQ(two.role, "subscriber");
  EXPECT_EQ(two.messages, 1u);
  EXPECT_EQ(two.bytes, 4096u);
  EXPECT_EQ(two.full_or_empty, 1u);
}

TEST_F(InspectorTest, ReportsWhatIsWaitedFor) {
  auto subscriber = Subscriber::Open(options_);
  std::thread waiter([&] { EXPECT_TRUE(subscriber->Dequeue().ok()); });
  EXPECT_TRUE(Eventually([&] { return Report().participants[0].waits_for == "data"; }));
  EXPECT_GE(Report().participants[0].sleeps, 1u);
  EXPECT_TRUE(Publisher::Open(options_)->TryEnqueue("x").ok());
  waiter.join();
  EXPECT_EQ(Report().participants[0].waits_for, "");
}

TEST_F(InspectorTest, NamesTheDeadAndRepairs) {
  PublisherPeer publisher(options_);
  PublisherPeer dead_publisher(options_);
  SubscriberPeer dead_subscriber(options_);
  ASSERT_TRUE(Put(publisher, "held").ok());
  ASSERT_TRUE(dead_subscriber->TryBorrow().ok());
  ASSERT_TRUE(dead_publisher->TryReserve(10).ok());
  dead_publisher.Die();
  dead_subscriber.Die();
  QueueInspector inspector = Inspect();
  auto findings = inspector.Check();
  ASSERT_EQ(findings->size(), 2u);
  for (const Finding& finding : *findings) {
    EXPECT_EQ(finding.severity, Finding::Severity::kNote);
    EXPECT_NE(finding.what.find(std::to_string(platform::ProcessId())), std::string::npos)
        << finding.what;
  }
  EXPECT_FALSE(Report().participants[1].alive);
  EXPECT_EQ(Report().participants[1].holds, 1u);
  EXPECT_EQ(inspector.Repair().value(), 2);
  EXPECT_TRUE(inspector.Check()->empty());
  const QueueReport report = Report();
  EXPECT_EQ(report.participants.size(), 1u);
  EXPECT_EQ(report.reserved, 0u);
  EXPECT_EQ(report.claimed, 0u);
  EXPECT_EQ(report.ready, 1u);
  EXPECT_EQ(inspector.Repair().value(), 0);
}

TEST_F(InspectorTest, ChecksAQueueInUseWithoutComplaint) {
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  std::atomic<bool> done{false};
  std::thread user([&] {
    for (int i = 0; !done; ++i) {
      ASSERT_TRUE(publisher->Enqueue(std::string(i % 300, 'x')).ok());
      ASSERT_TRUE(subscriber->Dequeue().ok());
    }
  });
  QueueInspector inspector = Inspect();
  for (int i = 0; i < 1000; ++i) {
    const auto findings = inspector.Check();
    for (const Finding& finding : *findings) ADD_FAILURE() << finding.what;
    ASSERT_TRUE(inspector.Report().ok());
  }
  done = true;
  user.join();
}

TEST_F(InspectorTest, FindsDamageInAQueueInUse) {
  auto publisher = Publisher::Open(options_);
  ASSERT_TRUE(publisher->TryEnqueue("x").ok());
  QueueBytes(directory_.FileOf("queue")).slot(0).about.store(1000);
  auto findings = Inspect().Check();
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_EQ((*findings)[0].severity, Finding::Severity::kDamaged);
}

TEST_F(InspectorTest, KeepsNoQueueFromBeingRemovedAndOutlivesIt) {
  std::optional<QueueInspector> inspector;
  {
    auto publisher = Publisher::Open(options_);
    inspector.emplace(Inspect());
  }
  EXPECT_FALSE(directory_.Has("queue"));
  EXPECT_TRUE(inspector->Report()->participants.empty());
  EXPECT_TRUE(inspector->Check()->empty());
  EXPECT_EQ(inspector->Repair().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(InspectorTest, LooksWithoutWriting) {
  { ASSERT_TRUE(Publisher::Open(options_)->TryEnqueue("x").ok()); }
  QueueBytes bytes(directory_.FileOf("queue"));
  const std::string before(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Report();
  EXPECT_TRUE(Inspect().Check()->empty());
  EXPECT_EQ(ListQueues(directory_.path())->size(), 1u);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), before);
}

TEST_F(InspectorTest, MissingQueueIsNotFoundByItsPath) {
  const absl::Status status = QueueInspector::Open("missing", directory_.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(directory_.FileOf("missing")), absl::string_view::npos);
}

}  // namespace
}  // namespace interprocess
