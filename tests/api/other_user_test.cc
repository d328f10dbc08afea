// SPDX-License-Identifier: MIT

// What other users may do with a queue: they are forked children that became them, so the tests
// need root, and are skipped for others.

#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "core/native/layout.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::RunInFork;

constexpr uid_t kAlice = 61001, kBob = 61002, kCarol = 61003;
constexpr gid_t kTeam = 61010;

constexpr int kCannotBecome = 77;

class OtherUserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    // Below /tmp, which everybody may enter.
    std::string pattern = "/tmp/ipq-users-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    if (RunAs(kAlice, kAlice, [] { return 0; }) == kCannotBecome) {
      GTEST_SKIP() << "this root may not become another user (a user namespace)";
    }
  }
  void TearDown() override {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  void MakeDirectory(mode_t mode, uid_t user, gid_t group) const {
    ASSERT_EQ(chown(path_.c_str(), user, group), 0);
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  QueueOptions Options(Access access) const {
    QueueOptions options;
    options.name = "queue";
    options.directory = path_;
    options.capacity = 4096;
    options.max_participants = 16;
    options.access = access;
    return options;
  }
  template <typename Body>
  static int RunAs(uid_t user, gid_t group, Body body) {
    return RunInFork([&] {
      if (setgroups(0, nullptr) != 0 || setresgid(group, group, group) != 0 ||
          setresuid(user, user, user) != 0) {
        perror("becoming another user");
        return kCannotBecome;
      }
      return body();
    });
  }
  // Makes the queue as that user, with one message in it.
  void MakeQueueAs(uid_t user, gid_t group, Access access) const {
    ASSERT_EQ(RunAs(user, group, [&] { return Put(access); }), 0);
  }
  int Put(Access access) const {
    auto publisher = Publisher::Open(Options(access));
    if (!publisher.ok()) std::fprintf(stderr, "%s\n", publisher.status().ToString().c_str());
    FORK_CHECK(publisher.ok() && publisher->TryEnqueue("one").ok());
    return 0;
  }
  // Finds that message.
  int Take(Access access) const {
    auto subscriber = Subscriber::Open(Options(access));
    if (!subscriber.ok()) std::fprintf(stderr, "%s\n", subscriber.status().ToString().c_str());
    FORK_CHECK(subscriber.ok() && subscriber->TryDequeue().value() == "one");
    return 0;
  }
  // No call opens it, and each says why.
  int ExpectDenied(Access access, const std::string& words) const {
    for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kOpenExisting}) {
      QueueOptions options = Options(access);
      options.mode = mode;
      for (const absl::Status& status :
           {Publisher::Open(options).status(), Subscriber::Open(options).status()}) {
        std::fprintf(stderr, "%s\n", status.ToString().c_str());
        FORK_CHECK(absl::IsPermissionDenied(status));
        FORK_CHECK(absl::StrContains(status.message(), path_));
        FORK_CHECK(absl::StrContains(status.message(), words));
      }
    }
    return 0;
  }
  mode_t ModeOf(const std::string& path) const {
    struct stat found = {};
    EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
  }
  std::string File() const { return path_ + "/queue.ipq"; }

  std::string path_;
};

TEST_F(OtherUserTest, QueueIsForItsOwnerAlone) {
  MakeDirectory(0777, 0, 0);
  MakeQueueAs(kAlice, kAlice, Access::kOwner);
  EXPECT_EQ(ModeOf(File()), 0600u);
  EXPECT_EQ(RunAs(kBob, kBob,
                  [&] {
                    FORK_CHECK(ExpectDenied(Access::kOwner, "Permission denied") == 0);
                    FORK_CHECK(ExpectDenied(Access::kEveryone, "Permission denied") == 0);
                    const auto inspector = QueueInspector::Open("queue", path_);
                    FORK_CHECK(absl::IsPermissionDenied(inspector.status()));
                    const auto queues = ListQueues(path_);
                    FORK_CHECK(queues.ok() && queues->size() == 1);
                    FORK_CHECK(absl::IsPermissionDenied((*queues)[0].status));
                    FORK_CHECK(absl::IsPermissionDenied(RemoveQueue("queue", path_)));
                    return 0;
                  }),
            0);
  EXPECT_EQ(RunAs(kAlice, kAlice, [&] { return Take(Access::kOwner); }), 0);
}

TEST_F(OtherUserTest, GroupSharesWhatWasMadeForTheGroup) {
  MakeDirectory(02770, 0, kTeam);
  MakeQueueAs(kAlice, kTeam, Access::kGroup);
  EXPECT_EQ(ModeOf(File()), 0660u);
  EXPECT_EQ(RunAs(kCarol, kCarol, [&] { return ExpectDenied(Access::kGroup, ""); }), 0);
  EXPECT_EQ(RunAs(kBob, kTeam, [&] { return Take(Access::kGroup); }), 0);
}

TEST_F(OtherUserTest, EveryoneSharesWhatWasMadeForEveryone) {
  MakeDirectory(01777, 0, 0);
  MakeQueueAs(kAlice, kAlice, Access::kEveryone);
  EXPECT_EQ(ModeOf(File()), 0666u);
  EXPECT_EQ(RunAs(kBob, kBob, [&] { return Take(Access::kEveryone); }), 0);
}

// Where everybody may make files, one of the name may have been made to be opened by somebody else.
TEST_F(OtherUserTest, QueueOfAnotherUserIsNotOpenedUnlessItIsToBeShared) {
  for (const mode_t mode : {01777, 0777}) {
    MakeDirectory(mode, 0, 0);
    MakeQueueAs(kAlice, kAlice, Access::kEveryone);
    const auto denied = [&] {
      return ExpectDenied(Access::kOwner, "belongs to user " + std::to_string(kAlice));
    };
    EXPECT_EQ(RunAs(kBob, kBob, denied), 0);
    EXPECT_EQ(RunInFork(denied), 0) << "root is fooled";
    EXPECT_EQ(RunAs(kAlice, kAlice, [&] { return Take(Access::kOwner); }), 0);
  }
  // Nobody but its owner could have made it here.
  MakeDirectory(0755, kAlice, kAlice);
  MakeQueueAs(kAlice, kAlice, Access::kOwner);
  EXPECT_EQ(RunInFork([&] { return Take(Access::kOwner); }), 0);
}

// A user that may not remove the queue's name leaves the queue usable.
TEST_F(OtherUserTest, LastToLeaveWhoMayNotRemoveTheQueueLeavesItUsable) {
  MakeDirectory(01777, 0, 0);
  MakeQueueAs(kAlice, kAlice, Access::kEveryone);
  EXPECT_EQ(RunAs(kBob, kBob, [&] { return Take(Access::kEveryone); }), 0);
  ASSERT_TRUE(std::filesystem::exists(File()));
  EXPECT_EQ(RunAs(kCarol, kCarol, [&] { return Put(Access::kEveryone); }), 0);
  EXPECT_EQ(RunAs(kAlice, kAlice, [&] { return Take(Access::kEveryone); }), 0);
  EXPECT_FALSE(std::filesystem::exists(File()));
}

// Killed after it had marked the queue as removed, and before it could remove the name.
TEST_F(OtherUserTest, QueueWhoseRemoverDiedIsUsedByWhoMayNotRemoveIt) {
  MakeDirectory(01777, 0, 0);
  MakeQueueAs(kAlice, kAlice, Access::kEveryone);
  testing::QueueBytes(File()).header().life.store(native::kLifeRetired);
  EXPECT_EQ(RunAs(kBob, kBob, [&] { return Take(Access::kEveryone); }), 0);
  testing::QueueBytes(File()).header().life.store(native::kLifeRetired);
  EXPECT_EQ(RunAs(kBob, kBob,
                  [&] {
                    FORK_CHECK(absl::IsPermissionDenied(RemoveQueue("queue", path_)));
                    return Put(Access::kEveryone);
                  }),
            0);
  EXPECT_EQ(RunAs(kAlice, kAlice, [&] { return Take(Access::kEveryone); }), 0);
  EXPECT_FALSE(std::filesystem::exists(File()));
}

TEST_F(OtherUserTest, RemovalThatIsForbiddenLeavesTheQueueUsable) {
  MakeDirectory(01777, 0, 0);
  MakeQueueAs(kAlice, kAlice, Access::kEveryone);
  EXPECT_EQ(RunAs(kBob, kBob,
                  [&] {
                    FORK_CHECK(absl::IsPermissionDenied(RemoveQueue("queue", path_)));
                    return Take(Access::kEveryone);
                  }),
            0);
}

}  // namespace
}  // namespace interprocess
