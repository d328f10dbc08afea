// SPDX-License-Identifier: MIT

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::TestDirectory;

TEST(ListQueuesTest, IsSortedAndShowsWhatIsNoQueue) {
  TestDirectory directory;
  auto b = Publisher::Open(directory.Options("b", 8192));
  auto a = Publisher::Open(directory.Options("a", 4096));
  std::ofstream(directory.FileOf("garbage")) << "no queue";
  std::ofstream(directory.path() + "/other.txt") << "not ours";
  std::ofstream(directory.path() + "/.ipq") << "no name";
  auto entries = ListQueues(directory.path());
  ASSERT_TRUE(entries.ok()) << entries.status();
  std::vector<std::string> names;
  for (const QueueEntry& entry : *entries) {
    names.push_back(entry.name);
    EXPECT_EQ(entry.path, directory.FileOf(entry.name));
    EXPECT_EQ(entry.status.ok(), entry.name == "a" || entry.name == "b") << entry.status;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"", "a", "b", "garbage"}));
  EXPECT_EQ((*entries)[1].capacity, 4096);
  EXPECT_EQ((*entries)[2].capacity, 8192);
  EXPECT_EQ((*entries)[3].capacity, 0);
  EXPECT_EQ((*entries)[3].status.code(), StatusCode::kDataLoss);
}

TEST(ListQueuesTest, EmptyDirectoryHasNone) {
  TestDirectory directory;
  EXPECT_TRUE(ListQueues(directory.path())->empty());
}

TEST(ListQueuesTest, KeepsNoQueueAlive) {
  TestDirectory directory;
  {
    auto publisher = Publisher::Open(directory.Options());
    ASSERT_EQ(ListQueues(directory.path())->size(), 1u);
  }
  EXPECT_TRUE(ListQueues(directory.path())->empty());
}

TEST(RemoveQueueTest, ThoseAttachedGoOnAndAnOpenerGetsANewQueue) {
  TestDirectory directory;
  const QueueOptions options = directory.Options();
  auto old_publisher = Publisher::Open(options);
  auto old_subscriber = Subscriber::Open(options);
  ASSERT_TRUE(old_publisher->TryEnqueue("old").ok());
  ASSERT_TRUE(RemoveQueue("queue", directory.path()).ok());
  EXPECT_FALSE(directory.Has("queue"));
  auto new_subscriber = Subscriber::Open(options);
  EXPECT_EQ(new_subscriber->TryDequeue().status().code(), StatusCode::kUnavailable);
  auto new_publisher = Publisher::Open(options);
  ASSERT_TRUE(new_publisher->TryEnqueue("new").ok());
  EXPECT_EQ(old_subscriber->TryDequeue().value(), "old");
  EXPECT_EQ(old_subscriber->TryDequeue().status().code(), StatusCode::kUnavailable);
  ASSERT_TRUE(old_publisher->TryEnqueue("old again").ok());
  EXPECT_EQ(old_subscriber->TryDequeue().value(), "old again");
  EXPECT_EQ(new_subscriber->TryDequeue().value(), "new");
  old_publisher->Close().IgnoreError();
  old_subscriber->Close().IgnoreError();
  EXPECT_TRUE(directory.Has("queue"));
}

TEST(RemoveQueueTest, MissingQueueIsNotFoundByItsPath) {
  TestDirectory directory;
  const absl::Status status = RemoveQueue("queue", directory.path());
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_NE(status.message().find(directory.FileOf("queue")), absl::string_view::npos) << status;
}

TEST(RemoveQueueTest, RemovesAllMessages) {
  TestDirectory directory;
  { ASSERT_TRUE(Publisher::Open(directory.Options())->TryEnqueue("x").ok()); }
  ASSERT_TRUE(directory.Has("queue"));
  EXPECT_TRUE(RemoveQueue("queue", directory.path()).ok());
  EXPECT_EQ(Subscriber::Open(directory.Options())->TryDequeue().status().code(),
            StatusCode::kUnavailable);
}

TEST(DefaultDirectoryTest, IsUsedWhenNoneIsNamed) {
  QueueOptions options;
  options.name = "registry-test-" + std::to_string(platform::RandomWord());
  auto publisher = Publisher::Open(options);
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  bool listed = false;
  const auto entries = ListQueues();
  ASSERT_TRUE(entries.ok()) << entries.status();
  for (const QueueEntry& entry : *entries) listed = listed || entry.name == options.name;
  EXPECT_TRUE(listed);
  EXPECT_TRUE(RemoveQueue(options.name).ok());
}

}  // namespace
}  // namespace interprocess
