// SPDX-License-Identifier: MIT

// Try calls make no system call while no participant sleeps. The kernel kills the child that makes
// one.

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/platform/barrier.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::Eventually;
using testing::RunInFork;
using testing::TestDirectory;

// From here on the process may end, say why, look whether a lease is held (a participant looks now
// and then for others that have died), and look at the queue's name (every 250 ms); the first other
// call kills it.
bool ForbidSystemCalls() {
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 6, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_OFD_GETLK, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof(filter) / sizeof(filter[0]), const_cast<sock_filter*>(filter)};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

constexpr int kForbidden = 77;

TEST(SystemCallTest, TheFilterKills) {
  const int code = RunInFork([] {
    if (!ForbidSystemCalls()) return kForbidden;
    getppid();
    return 0;
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids filters";
  EXPECT_EQ(code, 1000 + SIGSYS);
}

TEST(SystemCallTest, TryCallsMakeNone) {
  TestDirectory directory;
  const int code = RunInFork([&] {
    QueueOptions options = directory.Options();
    auto publisher = Publisher::Open(options);
    auto subscriber = Subscriber::Open(options);
    auto bystander = Subscriber::Open(options);
    FORK_CHECK(publisher.ok() && subscriber.ok() && bystander.ok());
    std::vector<uint8_t> bytes(4096);
    const absl::Span<const uint8_t> whole(bytes);
    const absl::Span<const uint8_t> batch[] = {whole.first(3), whole.first(300), {}};
    if (!ForbidSystemCalls()) return kForbidden;
    for (int round = 0; round < 20000; ++round) {
      const auto message = whole.first(static_cast<size_t>(round) % 4097);
      FORK_CHECK(publisher->TryEnqueue(message).ok());
      FORK_CHECK(subscriber->TryDequeue(absl::MakeSpan(bytes)).ok());
      FORK_CHECK(absl::IsUnavailable(subscriber->TryDequeue(absl::MakeSpan(bytes)).status()));
      FORK_CHECK(publisher->TryEnqueue(whole).ok());
      FORK_CHECK(absl::IsResourceExhausted(publisher->TryEnqueue(whole)));
      FORK_CHECK(subscriber->TryBorrow().value().Acknowledge().ok());
      FORK_CHECK(publisher->TryReserve(100).value().Commit(7).ok());
      FORK_CHECK(publisher->TryEnqueueBatch(batch).value() == 3);
      FORK_CHECK(subscriber->TryDequeueBatch(10, [](const MessageView&) {}).value() == 4);
      { auto aborted = publisher->TryReserve(100); }
      FORK_CHECK(publisher->Enqueue(message).ok());
      FORK_CHECK(subscriber->Dequeue(absl::MakeSpan(bytes)).ok());
    }
    _exit(0);  // closing makes many
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids filters";
  EXPECT_EQ(code, 0);
}

// From here on the system refuses barriers, which it allowed before.
bool RefuseBarriers() {
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof(filter) / sizeof(filter[0]), const_cast<sock_filter*>(filter)};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

TEST(SystemCallTest, BarriersThatAreRefusedLaterAreNoticed) {
  const int code = RunInFork([] {
    if (!platform::ProcessBarrierAvailable() || !platform::SharedBarrierAvailable()) {
      return kForbidden;
    }
    FORK_CHECK(platform::ProcessBarrier());
    FORK_CHECK(platform::SharedBarrier());
    if (!RefuseBarriers()) return kForbidden;
    FORK_CHECK(!platform::ProcessBarrier());
    FORK_CHECK(!platform::SharedBarrier());
    return 0;
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids filters, or has no barrier";
  EXPECT_EQ(code, 0);
}

TEST(SystemCallTest, SleepsAndClosesWhereBarriersAreRefusedLater) {
  TestDirectory directory;
  const int code = RunInFork([&] {
    const QueueOptions options = directory.Options();
    auto publisher = Publisher::Open(options);
    auto subscriber = Subscriber::Open(options);
    FORK_CHECK(publisher.ok() && subscriber.ok());
    if (!RefuseBarriers()) return kForbidden;
    absl::Status end;
    int came = 0;
    std::thread receiver([&] {
      while (true) {
        auto message = subscriber->Dequeue();
        end = message.status();
        if (!end.ok()) return;
        ++came;
      }
    });
    for (int i = 0; i < 1000; ++i) FORK_CHECK(publisher->Enqueue("x").ok());
    FORK_CHECK(Eventually(
        [&] { return QueueInspector::Open("queue", directory.path())->Report()->ready == 0; }));
    subscriber->Close().IgnoreError();
    receiver.join();
    FORK_CHECK(came == 1000);
    FORK_CHECK(absl::IsFailedPrecondition(end));
    return 0;
  });
  if (code == kForbidden) GTEST_SKIP() << "the system forbids filters";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace interprocess
