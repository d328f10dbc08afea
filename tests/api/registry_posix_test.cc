// SPDX-License-Identifier: MIT

// Directories of queues where POSIX systems have what others have not: FIFOs, modes, fork.

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::RunInFork;
using testing::TestDirectory;

TEST(ListQueuesTest, ShowsAFifoAsNoQueue) {
  TestDirectory directory;
  ASSERT_EQ(mkfifo(directory.FileOf("fifo").c_str(), 0600), 0);
  const auto entries = ListQueues(directory.path());
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ((*entries)[0].name, "fifo");
  EXPECT_FALSE((*entries)[0].status.ok());
}

TEST(DefaultDirectoryTest, IsTheOwnersAlone) {
  QueueOptions options;
  options.name = "registry-test-" + std::to_string(getpid());
  auto publisher = Publisher::Open(options);
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  const std::string path = DefaultDirectory() + "/" + options.name + ".ipq";
  struct stat found;
  EXPECT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(DefaultDirectory().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
  EXPECT_TRUE(RemoveQueue(options.name).ok());
}

// A queue's directory is where it was when the endpoint opened it.
TEST(RelativeDirectoryTest, IsThatOfTheOpening) {
  TestDirectory directory;
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(chdir(directory.path().c_str()) == 0);
              QueueOptions options = directory.Options();
              options.directory = ".";
              auto publisher = Publisher::Open(options);
              FORK_CHECK(publisher.ok());
              FORK_CHECK(directory.Has("queue"));
              FORK_CHECK(chdir("/") == 0);
              publisher->Close().IgnoreError();
              FORK_CHECK(!directory.Has("queue"));
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace interprocess
