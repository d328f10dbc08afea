// SPDX-License-Identifier: MIT

// Endpoints in a forked child: they refuse to work there, and harm no other participant.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::Eventually;
using testing::RunInFork;
using testing::TestDirectory;

class ForkTest : public ::testing::Test {
 protected:
  void Open() {
    publisher_.emplace(Publisher::Open(options_).value());
    subscriber_.emplace(Subscriber::Open(options_).value());
  }
  size_t Attached() const {
    return QueueInspector::Open("queue", directory_.path())->Report()->participants.size();
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  std::optional<Publisher> publisher_;
  std::optional<Subscriber> subscriber_;
};

TEST_F(ForkTest, EveryCallInTheChildIsRefused) {
  Open();
  ASSERT_TRUE(publisher_->TryEnqueue("for the parent").ok());
  EXPECT_EQ(RunInFork([&] {
              uint8_t buffer[8];
              const absl::Span<const uint8_t> batch[] = {{}};
              const auto handle = [](const MessageView&) { abort(); };
              for (const absl::Status& status :
                   {publisher_->TryEnqueue(""), publisher_->Enqueue(""),
                    publisher_->TryEnqueueBatch(batch).status(), publisher_->TryReserve(1).status(),
                    publisher_->Reserve(1).status(), subscriber_->TryDequeue().status(),
                    subscriber_->Dequeue().status(),
                    subscriber_->TryDequeue(absl::MakeSpan(buffer)).status(),
                    subscriber_->Dequeue(absl::MakeSpan(buffer)).status(),
                    subscriber_->TryDequeueBatch(1, handle).status(),
                    subscriber_->DequeueBatch(1, handle).status(),
                    subscriber_->TryBorrow().status(), subscriber_->Borrow().status()}) {
                FORK_CHECK(status.code() == StatusCode::kFailedPrecondition);
                FORK_CHECK(status.message().find("fork") != absl::string_view::npos);
              }
              publisher_->Close().IgnoreError();
              subscriber_->Close().IgnoreError();
              publisher_.reset();
              subscriber_.reset();
              return 0;
            }),
            0);
  EXPECT_EQ(Attached(), 2u);
  EXPECT_EQ(subscriber_->TryDequeue().value(), "for the parent");
  EXPECT_TRUE(publisher_->TryEnqueue("more").ok());
}

TEST_F(ForkTest, ChildOpensEndpointsOfItsOwn) {
  Open();
  EXPECT_EQ(RunInFork([&] {
              auto publisher = Publisher::Open(options_);
              FORK_CHECK(publisher.ok());
              FORK_CHECK(publisher->TryEnqueue("from the child").ok());
              return 0;
            }),
            0);
  EXPECT_EQ(subscriber_->Dequeue().value(), "from the child");
}

TEST_F(ForkTest, MessagesInPlaceAreTheParents) {
  Open();
  ASSERT_TRUE(publisher_->TryEnqueue("lent").ok());
  auto borrowed = subscriber_->TryBorrow();
  auto reservation = publisher_->TryReserve(4);
  ASSERT_TRUE(borrowed.ok() && reservation.ok());
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(borrowed->Acknowledge().code() == StatusCode::kFailedPrecondition);
              FORK_CHECK(reservation->Commit().code() == StatusCode::kFailedPrecondition);
              return 0;
            }),
            0);
  EXPECT_EQ(RunInFork([&] {
              borrowed->GiveBack();
              reservation->Abort();
              publisher_.reset();
              subscriber_.reset();
              return 0;
            }),
            0);
  auto report = QueueInspector::Open("queue", directory_.path())->Report();
  EXPECT_EQ(report->claimed, 1u);
  EXPECT_EQ(report->reserved, 1u);
  EXPECT_TRUE(borrowed->Acknowledge().ok());
  EXPECT_TRUE(reservation->Commit().ok());
}

// The endpoints are gone, and what they had handed out keeps their places.
TEST_F(ForkTest, MessagesThatOutlivedTheirEndpointsAreTheParents) {
  Open();
  ASSERT_TRUE(publisher_->TryEnqueue("lent").ok());
  auto borrowed = subscriber_->TryBorrow();
  auto reservation = publisher_->TryReserve(4);
  ASSERT_TRUE(borrowed.ok() && reservation.ok());
  publisher_.reset();
  subscriber_.reset();
  EXPECT_EQ(RunInFork([&] {
              borrowed->GiveBack();
              reservation->Abort();
              return 0;
            }),
            0);
  EXPECT_EQ(Attached(), 2u);
  auto findings = QueueInspector::Open("queue", directory_.path())->Check();
  for (const Finding& finding : *findings) ADD_FAILURE() << finding.what;
  // Nobody may get the ids meanwhile.
  auto other = Subscriber::Open(options_);
  EXPECT_EQ(Attached(), 3u);
  EXPECT_TRUE(borrowed->Acknowledge().ok());
  reservation->Abort();
  EXPECT_EQ(Attached(), 1u);
}

TEST_F(ForkTest, DeathOfTheParentIsNoticedThoughItsChildLives) {
  Open();
  ASSERT_TRUE(publisher_->TryEnqueue("once").ok());
  int alive[2], done[2];
  ASSERT_EQ(pipe(alive), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    auto subscriber = Subscriber::Open(options_);
    auto borrowed = subscriber->TryBorrow();
    if (!borrowed.ok() || borrowed->text() != "once") _exit(1);
    if (fork() == 0) {
      // Lives until the test is over.
      close(done[1]);
      char word = 'x';
      if (write(alive[1], &word, 1) != 1) _exit(1);
      (void)!read(done[0], &word, 1);
      _exit(0);
    }
    while (true) pause();
  }
  char word = 0;
  ASSERT_EQ(read(alive[0], &word, 1), 1);
  EXPECT_EQ(subscriber_->TryDequeue().status().code(), StatusCode::kUnavailable);
  kill(parent, SIGKILL);
  int state;
  ASSERT_EQ(waitpid(parent, &state, 0), parent);
  MessageInfo info;
  EXPECT_EQ(subscriber_->Dequeue(WaitOptions(absl::Seconds(30)), &info).value(), "once");
  EXPECT_TRUE(info.redelivered);
  for (int handle : {alive[0], alive[1], done[0], done[1]}) close(handle);
}

TEST_F(ForkTest, InspectorReportsInTheChildToo) {
  Open();
  auto inspector = QueueInspector::Open("queue", directory_.path());
  ASSERT_TRUE(inspector.ok());
  EXPECT_EQ(RunInFork([&] {
              auto report = inspector->Report();
              FORK_CHECK(report.ok() && report->participants.size() == 2);
              auto own = QueueInspector::Open("queue", directory_.path());
              FORK_CHECK(own.ok());
              report = own->Report();
              FORK_CHECK(report.ok() && report->participants.size() == 2);
              FORK_CHECK(report->participants[0].alive && report->participants[1].alive);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace interprocess
