// SPDX-License-Identifier: MIT

// The directory of queues whose options name none: it goes with its last queue, is made again by
// later users, and is one user's, also if that user is root in a container.

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/platform/directory.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"
#include "tests/platform/linux_sandbox.h"

namespace interprocess {
namespace {

using testing::kForbidden;
using testing::RunInFork;

constexpr uid_t kNobody = 65534;

QueueOptions Options(const std::string& name) {
  QueueOptions options;
  options.name = name;
  options.capacity = 4096;
  return options;
}

bool DirectoryExists() { return access(platform::DefaultDirectory().c_str(), F_OK) == 0; }

// A /dev/shm that this process and its children alone see. Root keeps all users in it.
bool MountSharedMemory() {
  if (geteuid() != 0) return testing::MountPrivateTmpfs("/dev/shm", "16m");
  if (unshare(CLONE_NEWNS) == 0 &&
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
      mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777,size=16m") == 0) {
    return true;
  }
  perror("a private /dev/shm");
  return false;
}

// What a rootless container does: becomes root in a user namespace.
bool BecomeRootInside() {
  const std::string map = "0 " + std::to_string(geteuid()) + " 1";
  if (unshare(CLONE_NEWUSER) != 0) return false;
  const int handle = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
  const bool mapped =
      handle >= 0 && write(handle, map.data(), map.size()) == static_cast<ssize_t>(map.size());
  close(handle);
  return mapped && geteuid() == 0;
}

void InSharedMemory(const std::function<int()>& body) {
  const int code = RunInFork([&] { return MountSharedMemory() ? body() : kForbidden; });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids what this test needs";
  EXPECT_EQ(code, 0);
}

TEST(DefaultDirectoryTest, GoesWithItsLastQueue) {
  InSharedMemory([] {
    auto first = Publisher::Open(Options("first"));
    auto second = Subscriber::Open(Options("second"));
    FORK_CHECK(first.ok() && second.ok() && DirectoryExists());
    FORK_CHECK(first->Close().ok() && DirectoryExists());
    FORK_CHECK(second->Close().ok() && !DirectoryExists());
    return 0;
  });
}

TEST(DefaultDirectoryTest, StaysWithAMessageAndGoesWhenTheQueueIsRemoved) {
  InSharedMemory([] {
    FORK_CHECK(Publisher::Open(Options("queue"))->TryEnqueue("x").ok());
    FORK_CHECK(DirectoryExists());
    FORK_CHECK(RemoveQueue("queue").ok() && !DirectoryExists());
    return 0;
  });
}

TEST(DefaultDirectoryTest, IsNotLeftByOpeningsThatFail) {
  InSharedMemory([] {
    QueueOptions options = Options("queue");
    options.mode = OpenMode::kOpenExisting;
    FORK_CHECK(absl::IsNotFound(Publisher::Open(options).status()) && !DirectoryExists());
    FORK_CHECK(absl::IsNotFound(RemoveQueue("queue")) && !DirectoryExists());
    FORK_CHECK(ListQueues()->empty() && !DirectoryExists());
    options.mode = OpenMode::kOpenOrCreate;
    options.capacity = int64_t{1} << 30;
    FORK_CHECK(absl::IsResourceExhausted(Publisher::Open(options).status()));
    FORK_CHECK(!DirectoryExists());
    return 0;
  });
}

TEST(DefaultDirectoryTest, IsMadeWhileOthersRemoveIt) {
  InSharedMemory([] {
    std::vector<pid_t> children;
    for (int child = 0; child < 4; ++child) {
      const pid_t id = fork();
      if (id == 0) {
        for (int round = 0; round < 500; ++round) {
          // Half of them share a queue.
          auto subscriber = Subscriber::Open(Options("queue" + std::to_string(child / 2)));
          if (!subscriber.ok()) fprintf(stderr, "%s\n", subscriber.status().ToString().c_str());
          if (!subscriber.ok()) _exit(1);
          subscriber->Close().IgnoreError();
        }
        _exit(0);
      }
      children.push_back(id);
    }
    bool good = true;
    for (const pid_t id : children) {
      int state = -1;
      good = waitpid(id, &state, 0) == id && state == 0 && good;
    }
    FORK_CHECK(good && !DirectoryExists());
    return 0;
  });
}

TEST(DefaultDirectoryTest, CarriesTheUserOutsideTheNamespace) {
  const std::string own = platform::DefaultDirectory();
  const int code = RunInFork([&] {
    if (!BecomeRootInside()) return kForbidden;
    FORK_CHECK(platform::DefaultDirectory() == own);
    return 0;
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids user namespaces";
  EXPECT_EQ(code, 0);
}

TEST(DefaultDirectoryTest, OfAnothersContainerLocksRootNotOut) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user's neighbour here";
  InSharedMemory([] {
    const int code = RunInFork([] {
      if (setgid(kNobody) != 0 || setuid(kNobody) != 0 || !BecomeRootInside()) return kForbidden;
      auto publisher = Publisher::Open(Options("queue"));
      fprintf(stderr, "%s\n", publisher.status().ToString().c_str());
      FORK_CHECK(publisher.ok() && publisher->TryEnqueue("x").ok());
      return 0;
    });
    if (code != 0) return code;
    struct stat found;
    FORK_CHECK(stat("/dev/shm/interprocess-65534/queue.ipq", &found) == 0);
    FORK_CHECK(found.st_uid == kNobody);
    FORK_CHECK(Publisher::Open(Options("queue")).ok());
    return 0;
  });
}

TEST(DefaultDirectoryTest, OfAnotherUserIsRefusedAndTheErrorSaysAWayOut) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  InSharedMemory([] {
    const std::string path = platform::DefaultDirectory();
    FORK_CHECK(mkdir(path.c_str(), 0700) == 0 && chown(path.c_str(), kNobody, kNobody) == 0);
    const absl::Status status = Publisher::Open(Options("queue")).status();
    FORK_CHECK(absl::IsPermissionDenied(status));
    FORK_CHECK(status.message().find(path) != std::string::npos);
    FORK_CHECK(status.message().find("name another directory in the options") != std::string::npos);
    return 0;
  });
}

}  // namespace
}  // namespace interprocess
