// SPDX-License-Identifier: MIT

// Files whose size changes while a queue is in use: what the library answers, and what it cannot.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::RunInFork;
using testing::TestDirectory;

class CutFileTest : public ::testing::Test {
 protected:
  std::string Path() const { return directory_.FileOf("queue"); }
  int64_t Size() const {
    struct stat found = {};
    EXPECT_EQ(stat(Path().c_str(), &found), 0);
    return found.st_size;
  }
  void ExpectRefused() {
    for (const absl::Status& status :
         {Publisher::Open(options_).status(), Subscriber::Open(options_).status(),
          QueueInspector::Open("queue", directory_.path()).status()}) {
      EXPECT_TRUE(absl::IsDataLoss(status)) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), "its header says")) << status;
    }
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
};

TEST_F(CutFileTest, WhoComesAfterItWasCutOrExtendedIsRefused) {
  auto publisher = Publisher::Open(options_);
  ASSERT_TRUE(publisher->TryEnqueue("one").ok());
  const int64_t size = Size();
  ASSERT_EQ(truncate(Path().c_str(), size + 4096), 0);
  ExpectRefused();
  EXPECT_TRUE(publisher->TryEnqueue("two").ok()) << "a process that has it mapped does not notice";
  // Behind the last byte that is touched from here on.
  ASSERT_EQ(truncate(Path().c_str(), size - 4096), 0);
  ExpectRefused();
  ASSERT_EQ(truncate(Path().c_str(), size), 0);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  EXPECT_EQ(subscriber->TryDequeue().value(), "one");
  EXPECT_EQ(subscriber->TryDequeue().value(), "two");
}

// The header's page is gone, and comes back as zeros.
TEST_F(CutFileTest, CutToNothingAndExtendedAgainIsNoQueue) {
  {
    auto publisher = Publisher::Open(options_);
    ASSERT_TRUE(publisher->TryEnqueue("one").ok());
  }
  const int64_t size = Size();
  ASSERT_EQ(truncate(Path().c_str(), 0), 0);
  ASSERT_EQ(truncate(Path().c_str(), size), 0);
  EXPECT_TRUE(absl::IsDataLoss(Subscriber::Open(options_).status()));
  EXPECT_TRUE(RemoveQueue("queue", directory_.path()).ok());
  EXPECT_TRUE(Publisher::Open(options_).ok());
}

// A hole reads as zeros, which is what a slot holds that was never used.
TEST_F(CutFileTest, HoleInTheSlotsIsSurvived) {
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(publisher->TryEnqueue("message").ok());
  ASSERT_TRUE(subscriber->TryDequeue().ok());
  const int handle = open(Path().c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(handle, 0);
  ASSERT_EQ(fallocate(handle, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 4096), 0);
  close(handle);
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
  const absl::Status put = publisher->TryEnqueue("message");
  EXPECT_TRUE(put.ok() || absl::IsResourceExhausted(put) || absl::IsDataLoss(put)) << put;
  EXPECT_FALSE(QueueInspector::Open("queue", directory_.path())->Check()->empty());
}

// docs/security.md: a file with a name cannot be sealed against it.
TEST_F(CutFileTest, SystemEndsWhoTouchesWhatWasCutOff) {
  const int code = RunInFork([&] {
    signal(SIGBUS, SIG_DFL);
    auto publisher = Publisher::Open(options_);
    FORK_CHECK(publisher.ok() && truncate(Path().c_str(), 8192) == 0);
    publisher->TryEnqueue("x").IgnoreError();
    return 0;
  });
  EXPECT_EQ(code, 1000 + SIGBUS);
  // A newcomer finds out in time, and may make the queue anew.
  ExpectRefused();
  EXPECT_TRUE(RemoveQueue("queue", directory_.path()).ok());
  EXPECT_TRUE(Publisher::Open(options_)->TryEnqueue("x").ok());
}

// So that nothing but cutting it can take it away.
TEST_F(CutFileTest, SpaceOfTheWholeFileIsTakenWhenItIsMade) {
  auto publisher = Publisher::Open(options_);
  struct stat found = {};
  ASSERT_EQ(stat(Path().c_str(), &found), 0);
  EXPECT_GE(found.st_blocks * 512, found.st_size);
}

}  // namespace
}  // namespace interprocess
