// SPDX-License-Identifier: MIT

// The last one out removes an empty queue, whatever has become of its process meanwhile; where it
// cannot, it says so.

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"
#include "tests/platform/linux_sandbox.h"

namespace interprocess {
namespace {

using testing::kForbidden;
using testing::RunInFork;
using testing::TestDirectory;

constexpr uid_t kNobody = 65534;

class LeavingTest : public ::testing::TestWithParam<Protocol> {
 protected:
  QueueOptions Options() const {
    QueueOptions options = directory_.Options();
    options.protocol = GetParam();
    return options;
  }
  // The files below the directory.
  int Files() const {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      files += entry.is_regular_file();
    }
    return files;
  }
  // Opens both ends, sends a message through, changes the process, and closes both.
  void ExpectLeft(const std::function<int()>& change, const std::function<int()>& check = {},
                  absl::StatusCode expected = absl::StatusCode::kOk) const {
    const int code = RunInFork([&] {
      auto publisher = Publisher::Open(Options());
      auto subscriber = Subscriber::Open(Options());
      FORK_CHECK(publisher.ok() && subscriber.ok());
      if (const int changed = change(); changed != 0) return changed;
      FORK_CHECK(publisher->TryEnqueue("x").ok() && subscriber->TryDequeue().ok());
      const absl::Status first = publisher->Close();
      const absl::Status last = subscriber->Close();
      fprintf(stderr, "%s\n%s\n", first.ToString().c_str(), last.ToString().c_str());
      FORK_CHECK(first.ok() || expected == absl::StatusCode::kFailedPrecondition);
      FORK_CHECK(last.code() == expected);
      FORK_CHECK(last.ok() || absl::StrContains(last.message(), directory_.path()));
      FORK_CHECK(subscriber->Close() == last);
      return check ? check() : 0;
    });
    if (code == kForbidden) GTEST_SKIP() << "the system forbids what this test needs";
    EXPECT_EQ(code, 0);
  }

  TestDirectory directory_;
};

TEST_P(LeavingTest, RemovesTheQueueWhenNoHandleIsFree) {
  ExpectLeft([] {
    const rlimit limit = {64, 64};
    FORK_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
    }
    return 0;
  });
  EXPECT_EQ(Files(), 0);
}

TEST_P(LeavingTest, RemovesTheQueueAfterChangingTheRoot) {
  if (GetParam() != Protocol::kNative) GTEST_SKIP() << "the others' semaphores are outside then";
  ExpectLeft([&] {
    if (chroot(directory_.path().c_str()) != 0 || chdir("/") != 0) {
      perror("chroot");
      return kForbidden;
    }
    return 0;
  });
  EXPECT_EQ(Files(), 0);
}

TEST_P(LeavingTest, RemovesTheQueueAfterTheDirectoryWasMoved) {
  if (GetParam() != Protocol::kNative) GTEST_SKIP() << "the others find their files by their paths";
  const std::string moved = directory_.path() + ".moved";
  ExpectLeft([&] {
    FORK_CHECK(rename(directory_.path().c_str(), moved.c_str()) == 0);
    return 0;
  });
  EXPECT_FALSE(std::filesystem::exists(moved + "/queue.ipq"));
  ASSERT_EQ(rename(moved.c_str(), directory_.path().c_str()), 0);
}

TEST_P(LeavingTest, RemovesTheQueueAsAnotherUserWhoMay) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (GetParam() != Protocol::kNative) GTEST_SKIP() << "the others' folders are their maker's";
  ASSERT_EQ(chown(directory_.path().c_str(), kNobody, kNobody), 0);
  ExpectLeft([&] {
    // What leads there need not be open to that user.
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) return kForbidden;
    return 0;
  });
  EXPECT_EQ(Files(), 0);
}

TEST_P(LeavingTest, SaysThatItMayNotRemoveTheQueueAsAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (GetParam() == Protocol::kCloudtoidV3) GTEST_SKIP() << "its lease, a file, stays as well";
  ExpectLeft(
      [] {
        if (setgid(kNobody) != 0 || setuid(kNobody) != 0) return kForbidden;
        return 0;
      },
      {}, absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Files(), 1);
  // Whoever may opens it and removes it.
  ExpectLeft([] { return 0; });
  EXPECT_EQ(Files(), 0);
}

TEST_P(LeavingTest, SaysThatAllHandlesWereClosed) {
  ExpectLeft(
      [&] {
        for (int handle = 3; handle < 1024; ++handle) close(handle);
        // Their numbers are another file's from now on, and stay so.
        const int other = open((directory_.path() + ".other").c_str(), O_RDWR | O_CREAT, 0600);
        FORK_CHECK(other >= 3 && unlink((directory_.path() + ".other").c_str()) == 0);
        for (int handle = 3; handle < 64; ++handle) {
          FORK_CHECK(handle == other || dup2(other, handle) == handle);
        }
        return 0;
      },
      [] {
        for (int handle = 3; handle < 64; ++handle) {
          FORK_CHECK(fcntl(handle, F_GETFD) != -1);
          struct flock lock = {};
          lock.l_type = F_WRLCK;
          lock.l_whence = SEEK_SET;
          FORK_CHECK(fcntl(handle, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
        }
        return 0;
      },
      absl::StatusCode::kFailedPrecondition);
}

// The numbers go to other endpoints of this queue, whose handles they are from then on.
TEST_P(LeavingTest, AfterAllHandlesWereClosedTouchesNoLockOfOtherEndpoints) {
  const int code = RunInFork([&] {
    auto old = Subscriber::Open(Options());
    FORK_CHECK(old.ok());
    for (int handle = 3; handle < 1024; ++handle) close(handle);
    auto publisher = Publisher::Open(Options());
    auto subscriber = Subscriber::Open(Options());
    FORK_CHECK(publisher.ok() && subscriber.ok());
    FORK_CHECK(absl::IsFailedPrecondition(old->Close()));
    // Both are still seen to live: another who comes and goes leaves them the queue.
    FORK_CHECK(RunInFork([&] { return Subscriber::Open(Options())->Close().ok() ? 0 : 1; }) == 0);
    FORK_CHECK(publisher->TryEnqueue("x").ok());
    FORK_CHECK(subscriber->TryDequeue().value() == "x");
    FORK_CHECK(publisher->Close().ok() && subscriber->Close().ok());
    return 0;
  });
  EXPECT_EQ(code, 0);
}

TEST_P(LeavingTest, AWaitingCallSaysThatItsLeaseWasClosed) {
  if (GetParam() != Protocol::kNative) GTEST_SKIP() << "the others' calls need no lease";
  const int code = RunInFork([&] {
    auto subscriber = Subscriber::Open(Options());
    FORK_CHECK(subscriber.ok());
    for (int handle = 3; handle < 1024; ++handle) close(handle);
    const absl::Status status = subscriber->Dequeue(WaitOptions(absl::Minutes(1))).status();
    fprintf(stderr, "%s\n", status.ToString().c_str());
    FORK_CHECK(absl::IsFailedPrecondition(status));
    FORK_CHECK(absl::StrContains(status.message(), "closefrom"));
    return 0;
  });
  EXPECT_EQ(code, 0);
}

// Handles, mappings, threads and what lies in the directory, after a thousand rounds as before.
TEST_P(LeavingTest, AThousandRoundsLeaveNothing) {
  const auto count = [](const char* path) {
    int entries = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      entries += !entry.path().empty();
    return entries;
  };
  const auto mappings = [] {
    int lines = 0;
    FILE* maps = fopen("/proc/self/maps", "r");
    for (int c; maps != nullptr && (c = fgetc(maps)) != EOF;) lines += c == '\n';
    if (maps != nullptr) fclose(maps);
    return lines;
  };
  const auto round = [&] {
    auto publisher = Publisher::Open(Options());
    auto subscriber = Subscriber::Open(Options());
    ASSERT_TRUE(publisher.ok() && subscriber.ok());
    ASSERT_TRUE(publisher->TryEnqueue("x").ok() && subscriber->TryDequeue().ok());
    ASSERT_TRUE(publisher->Close().ok() && subscriber->Close().ok());
  };
  for (int i = 0; i < 20; ++i) round();
  const int handles = count("/proc/self/fd"), threads = count("/proc/self/task"), maps = mappings();
  const size_t bytes = mallinfo2().uordblks;
  for (int i = 0; i < 1000; ++i) round();
  EXPECT_EQ(count("/proc/self/fd"), handles);
  EXPECT_EQ(count("/proc/self/task"), threads);
  EXPECT_LE(mappings(), maps);
  // Less than a byte a round: the allocator counts what it keeps for later.
  EXPECT_LT(mallinfo2().uordblks, bytes + 1000);
  EXPECT_EQ(Files(), 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, LeavingTest,
                         ::testing::Values(Protocol::kNative, Protocol::kCloudtoidV2,
                                           Protocol::kCloudtoidV3),
                         [](const auto& test) { return ProtocolName(test.param); });

}  // namespace
}  // namespace interprocess
