// SPDX-License-Identifier: MIT

// The whole library where only Windows has such paths, names and accounts.

#include <windows.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/platform/windows_calls.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using ::testing::HasSubstr;
using testing::TestDirectory;

constexpr char kName[] = "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7";  // ü日🐧

class WindowsTest : public ::testing::Test {
 protected:
  const TestDirectory directory_;
};

TEST_F(WindowsTest, LongPathsAndNamesInUtf8) {
  // The C++ library can neither make nor remove such.
  std::string folder = directory_.path();
  std::vector<std::wstring> made;
  while (folder.size() < 2 * MAX_PATH) {
    absl::StrAppend(&folder, "/", kName, std::string(60, 'x'));
    made.push_back(*platform::ExtendedPath(folder));
    ASSERT_TRUE(CreateDirectoryW(made.back().c_str(), nullptr)) << GetLastError();
  }
  QueueOptions options;
  options.name = kName;
  options.directory = folder;
  options.capacity = 4096;
  {
    Publisher publisher = Publisher::Open(options).value();
    ASSERT_TRUE(publisher.TryEnqueue("far away").ok());
    const std::vector<QueueEntry> queues = ListQueues(folder).value();
    ASSERT_EQ(queues.size(), 1u);
    EXPECT_EQ(queues[0].name, kName);
    EXPECT_TRUE(queues[0].status.ok()) << queues[0].status;
    EXPECT_EQ(QueueInspector::Open(kName, folder)->Report()->ready, 1u);
    EXPECT_EQ(Subscriber::Open(options)->TryDequeue().value(), "far away");
  }
  EXPECT_TRUE(ListQueues(folder)->empty());
  { ASSERT_TRUE(Publisher::Open(options)->TryEnqueue("stays").ok()); }
  EXPECT_TRUE(RemoveQueue(kName, folder).ok());
  EXPECT_TRUE(ListQueues(folder)->empty());
  for (; !made.empty(); made.pop_back()) EXPECT_TRUE(RemoveDirectoryW(made.back().c_str()));
}

TEST_F(WindowsTest, WhatIsNoNameIsRefused) {
  for (const char* name : {"a\xff", "a:b", "a*", "a?", "a|b", "a<b"}) {
    QueueOptions options = directory_.Options(name);
    EXPECT_EQ(Publisher::Open(options).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(ListQueues(directory_.path())->empty());
}

TEST_F(WindowsTest, AnAccountThatIsNotThereIsNamedAndNothingIsMade) {
  QueueOptions options = directory_.Options();
  options.account = "NOWHERE\\nobody";
  const absl::Status status = Publisher::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("NOWHERE\\nobody"));
  EXPECT_TRUE(ListQueues(directory_.path())->empty());
}

TEST_F(WindowsTest, QueuesForSeveralSessionsAndAnotherAccount) {
  QueueOptions options = directory_.Options();
  options.account = "S-1-5-20";  // the network's services
  options.across_sessions = true;
  Publisher publisher = Publisher::Open(options).value();
  Subscriber subscriber = Subscriber::Open(options).value();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  EXPECT_EQ(subscriber.Dequeue().value(), "x");
  // An opener that does not ask for it joins what the queue's maker asked for.
  Subscriber other = Subscriber::Open(directory_.Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("y").ok());
  EXPECT_EQ(other.Dequeue().value(), "y");
}

}  // namespace
}  // namespace interprocess
