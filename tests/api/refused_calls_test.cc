// SPDX-License-Identifier: MIT

// Systems without a call that the library uses, as old kernels, other kernels and sandboxes are.

#include "tests/platform/refused_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"
#include "tests/platform/linux_sandbox.h"

namespace interprocess {
namespace {

using testing::kForbidden;
using testing::RefuseCalls;
using testing::RunInFork;
using testing::TestDirectory;

#ifndef SYS_faccessat2
constexpr int SYS_faccessat2 = 439;
#endif

#define EXPECT_FORK_SUCCEEDED(result)                                     \
  do {                                                                    \
    const int code = (result);                                            \
    if (code == kForbidden) GTEST_SKIP() << "the system forbids filters"; \
    EXPECT_EQ(code, 0);                                                   \
  } while (false)

// What a queue says on a system without open-file-description locks.
int SaysThatThereAreNoLocks(const absl::Status& status, const std::string& call) {
  fprintf(stderr, "%s\n", status.ToString().c_str());
  FORK_CHECK(absl::IsUnimplemented(status));
  FORK_CHECK(absl::StrContains(status.message(), call));
  FORK_CHECK(absl::StrContains(status.message(), "errno"));
  FORK_CHECK(absl::StrContains(status.message(), "open-file-description locks"));
  FORK_CHECK(!absl::StrContains(status.message(), "max_participants"));
  return 0;
}

TEST(RefusedCallsTest, NoLocksAreNotAllPlacesTaken) {
  for (const int error : {EINVAL, ENOSYS}) {
    TestDirectory directory;
    EXPECT_FORK_SUCCEEDED(RunInFork([&] {
      if (!RefuseCalls({{SYS_fcntl, error, 1, F_OFD_SETLK}, {SYS_fcntl, error, 1, F_OFD_GETLK}})) {
        return kForbidden;
      }
      FORK_CHECK(SaysThatThereAreNoLocks(Publisher::Open(directory.Options()).status(),
                                         "fcntl(F_OFD_SETLK)") == 0);
      return SaysThatThereAreNoLocks(Subscriber::Open(directory.Options()).status(),
                                     "fcntl(F_OFD_SETLK)");
    }));
    EXPECT_FALSE(directory.Has("queue"));
  }
}

TEST(RefusedCallsTest, NoLooksAtLocksAreToldToWhoOpensAndWhoInspects) {
  TestDirectory directory;
  auto publisher = Publisher::Open(directory.Options()).value();
  EXPECT_FORK_SUCCEEDED(RunInFork([&] {
    if (!RefuseCalls({{SYS_fcntl, EINVAL, 1, F_OFD_GETLK}})) return kForbidden;
    FORK_CHECK(SaysThatThereAreNoLocks(Subscriber::Open(directory.Options()).status(),
                                       "fcntl(F_OFD_GETLK)") == 0);
    return SaysThatThereAreNoLocks(QueueInspector::Open("queue", directory.path()).status(),
                                   "fcntl(F_OFD_GETLK)");
  }));
}

TEST(RefusedCallsTest, RefusedLocksAreNotAllPlacesTaken) {
  for (const int error : {EPERM, ENOLCK}) {
    TestDirectory directory;
    EXPECT_FORK_SUCCEEDED(RunInFork([&] {
      if (!RefuseCalls({{SYS_fcntl, error, 1, F_OFD_SETLK}})) return kForbidden;
      const absl::Status status = Publisher::Open(directory.Options()).status();
      fprintf(stderr, "%s\n", status.ToString().c_str());
      FORK_CHECK(absl::StrContains(status.message(), "fcntl(F_OFD_SETLK)"));
      FORK_CHECK(!absl::StrContains(status.message(), "max_participants"));
      return 0;
    }));
  }
}

// Container runtimes that are older than the call refuse it with EPERM.
TEST(RefusedCallsTest, ARefusedQuestionIsNoRefusedDirectory) {
  for (const int error : {EPERM, ENOSYS, EINVAL}) {
    for (const Protocol protocol :
         {Protocol::kNative, Protocol::kCloudtoidV2, Protocol::kCloudtoidV3}) {
      TestDirectory directory;
      EXPECT_FORK_SUCCEEDED(RunInFork([&] {
        if (!RefuseCalls({{SYS_faccessat2, error}})) return kForbidden;
        QueueOptions options = directory.Options();
        options.protocol = protocol;
        auto publisher = Publisher::Open(options);
        fprintf(stderr, "%s\n", publisher.status().ToString().c_str());
        FORK_CHECK(publisher.ok() && publisher->TryEnqueue("x").ok());
        return 0;
      }));
    }
  }
}

}  // namespace
}  // namespace interprocess
