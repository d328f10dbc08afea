// Recipes for queues of work, of docs/recipes, each with a test.

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/alarm.h"
#include "interprocess/bytes.h"
#include "interprocess/message.h"
#include "interprocess/message_view.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/testing/test_directory.h"
#include "interprocess/wait_any.h"
#include "interprocess/wait_options.h"

namespace {

using interprocess::Alarm;
using interprocess::BorrowedMessage;
using interprocess::MessageView;
using interprocess::Publisher;
using interprocess::QueueOptions;
using interprocess::Subscriber;
using interprocess::WaitOptions;

// [work_queue]
using Work = absl::FunctionRef<absl::Status(absl::string_view job, bool perhaps_done)>;

// Does one job. A job that fails, or whose worker dies, comes to a worker again.
absl::Status WorkOnce(Subscriber& jobs, Work work) {
  absl::StatusOr<BorrowedMessage> job = jobs.Borrow(absl::Seconds(10));
  if (!job.ok()) return job.status();
  absl::Status done = work(job->text(), job->redelivered());
  if (!done.ok()) return done;  // the message is dropped, and so given back
  return job->Acknowledge();
}
// [end]

// [poison]
// Does one job, or sets it aside if it was handed out three times before.
absl::Status WorkOrSetAside(Subscriber& jobs, Publisher& dead_letters, Work work) {
  absl::StatusOr<BorrowedMessage> job = jobs.Borrow(absl::Seconds(10));
  if (!job.ok()) return job.status();
  absl::Status done = job->info().earlier_deliveries < 3
                          ? work(job->text(), job->redelivered())
                          : dead_letters.Enqueue(job->bytes(), absl::Seconds(1));
  if (!done.ok()) return done;
  return job->Acknowledge();  // only now: killed before, the job is in one queue at least
}
// [end]

// [request]
// Sends a request, and waits for the reply with its number.
absl::StatusOr<std::string> Ask(Publisher& requests, Subscriber& replies,
                                const std::string& reply_queue, uint64_t number,
                                absl::string_view question) {
  absl::Status sent =
      requests.Enqueue(absl::StrCat(reply_queue, "\n", number, "\n", question), absl::Seconds(1));
  if (!sent.ok()) return sent;
  const WaitOptions patience = WaitOptions::Until(absl::Now() + absl::Seconds(5));
  while (true) {
    absl::StatusOr<std::string> reply = replies.Dequeue(patience);
    if (!reply.ok()) return reply.status();
    const std::vector<std::string> parts = absl::StrSplit(*reply, absl::MaxSplits('\n', 1));
    if (parts[0] == absl::StrCat(number)) return parts.at(1);  // others are of earlier requests
  }
}
// [end]

// [reply]
// Answers one request. If this server dies, another one answers it.
absl::Status AnswerOnce(Subscriber& requests, const std::string& directory,
                        absl::FunctionRef<std::string(absl::string_view)> answer) {
  absl::StatusOr<BorrowedMessage> request = requests.Borrow(absl::Seconds(10));
  if (!request.ok()) return request.status();
  const std::vector<std::string> parts = absl::StrSplit(request->text(), absl::MaxSplits('\n', 2));
  if (parts.size() < 3) return request->Acknowledge();  // no request: nobody can be answered
  QueueOptions options;
  options.name = parts[0];
  options.directory = directory;
  options.mode = interprocess::OpenMode::kOpenExisting;
  absl::StatusOr<Publisher> replies = Publisher::Open(options);
  if (replies.ok()) {
    absl::Status sent =
        replies->Enqueue(absl::StrCat(parts[1], "\n", answer(parts[2])), absl::Seconds(1));
    if (!sent.ok() && !absl::IsDeadlineExceeded(sent)) return sent;
  } else if (!absl::IsNotFound(replies.status())) {  // NotFound: the client has gone
    return replies.status();
  }
  return request->Acknowledge();
}
// [end]

// [backpressure]
// Sends a reading, or drops it when no subscriber has made room for 10 ms.
absl::Status SendOrDrop(Publisher& readings, absl::string_view reading, uint64_t& dropped) {
  absl::Status sent = readings.Enqueue(reading, absl::Milliseconds(10));
  if (!absl::IsDeadlineExceeded(sent)) return sent;
  ++dropped;  // and tell somebody
  return absl::OkStatus();
}
// [end]

// [priorities]
// The next message of the first queue that has one; waits until one of them has.
absl::StatusOr<std::string> DequeueByPriority(absl::Span<Subscriber> queues) {
  std::vector<Alarm> alarms(queues.size());
  while (true) {
    for (size_t i = 0; i < queues.size(); ++i) {
      absl::StatusOr<Alarm> armed = queues[i].Arm(alarms[i]);
      if (!armed.ok()) return armed.status();
      alarms[i] = *armed;
    }
    for (Subscriber& queue : queues) {  // after Arm: what comes later ends the sleep
      absl::StatusOr<std::string> message = queue.TryDequeue();
      if (!absl::IsUnavailable(message.status())) return message;
    }
    interprocess::WaitAny(alarms, absl::InfiniteDuration());
  }
}
// [end]

// [batch]
// Sends all messages, up to 256 per call; waits where there is no room.
absl::Status SendAll(Publisher& publisher, absl::Span<const absl::string_view> messages) {
  while (!messages.empty()) {
    absl::StatusOr<size_t> sent = publisher.EnqueueBatch(messages.subspan(0, 256));
    if (!sent.ok()) return sent.status();
    messages.remove_prefix(*sent);
  }
  return absl::OkStatus();
}

// Handles what is there, up to 256 messages per call, each in place.
absl::StatusOr<size_t> HandleMany(Subscriber& subscriber,
                                  absl::FunctionRef<void(absl::string_view)> handle) {
  return subscriber.DequeueBatch(
      256, [&](const MessageView& message) { handle(message.text()); }, absl::Seconds(1));
}
// [end]

class RecipesTest : public testing::Test {
 protected:
  Publisher Open(const std::string& name) const {
    return *Publisher::Open(directory_.Options(name));
  }
  Subscriber Take(const std::string& name) const {
    return *Subscriber::Open(directory_.Options(name));
  }

  const interprocess::testing::TestDirectory directory_;
};

TEST_F(RecipesTest, AJobThatFailsComesAgain) {
  Publisher publisher = Open("q");
  Subscriber jobs = Take("q");
  ASSERT_TRUE(publisher.TryEnqueue("job").ok());
  EXPECT_TRUE(absl::IsAborted(
      WorkOnce(jobs, [](absl::string_view, bool) { return absl::AbortedError("later"); })));
  std::string seen;
  EXPECT_TRUE(WorkOnce(jobs, [&](absl::string_view job, bool perhaps_done) {
                seen = std::string(job);
                return perhaps_done ? absl::InternalError("nobody died") : absl::OkStatus();
              }).ok());
  EXPECT_EQ(seen, "job");
  EXPECT_TRUE(absl::IsUnavailable(jobs.TryDequeue().status()));
}

TEST_F(RecipesTest, AJobThatAlwaysFailsIsSetAside) {
  Publisher publisher = Open("q");
  Subscriber jobs = Take("q");
  Publisher dead_letters = Open("dead");
  Subscriber dead = Take("dead");
  ASSERT_TRUE(publisher.TryEnqueue("poison").ok());
  int tries = 0;
  const auto fail = [&](absl::string_view, bool) {
    ++tries;
    return absl::AbortedError("never");
  };
  while (WorkOrSetAside(jobs, dead_letters, fail).code() == absl::StatusCode::kAborted) {
  }
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(*dead.TryDequeue(), "poison");
  EXPECT_TRUE(absl::IsUnavailable(jobs.TryDequeue().status()));
}

TEST_F(RecipesTest, ARequestIsAnswered) {
  Publisher requests = Open("requests");
  Subscriber waiting = Take("requests");
  const QueueOptions mine = directory_.Options("replies");
  Subscriber replies = *Subscriber::Open(mine);
  ASSERT_TRUE(Publisher::Open(mine)->TryEnqueue("6\nof an earlier request").ok());
  std::thread server([&] {
    EXPECT_TRUE(AnswerOnce(waiting, mine.directory, [](absl::string_view question) {
                  return absl::StrCat(question, " yourself");
                }).ok());
  });
  absl::StatusOr<std::string> reply = Ask(requests, replies, mine.name, 7, "hello");
  server.join();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(*reply, "hello yourself");
}

TEST_F(RecipesTest, AClientThatHasGoneHoldsNoServerUp) {
  Publisher requests = Open("requests");
  Subscriber waiting = Take("requests");
  ASSERT_TRUE(requests.TryEnqueue("nobody\n1\nhello").ok());
  EXPECT_TRUE(AnswerOnce(waiting, testing::TempDir(), [](absl::string_view) { return ""; }).ok());
  EXPECT_TRUE(absl::IsUnavailable(waiting.TryDequeue().status()));
}

TEST_F(RecipesTest, AFullQueueDropsReadings) {
  Publisher readings = Open("q");
  uint64_t dropped = 0;
  for (int i = 0; i < 65; ++i) ASSERT_TRUE(SendOrDrop(readings, "21.5", dropped).ok());
  EXPECT_EQ(dropped, 1u);  // 64 fit into 4,096 bytes
}

TEST_F(RecipesTest, UrgentMessagesComeFirst) {
  Publisher urgent = Open("urgent");
  Publisher normal = Open("normal");
  std::vector<Subscriber> queues;
  queues.push_back(Take("urgent"));
  queues.push_back(Take("normal"));
  ASSERT_TRUE(normal.TryEnqueue("one").ok());
  ASSERT_TRUE(urgent.TryEnqueue("two").ok());
  EXPECT_EQ(*DequeueByPriority(absl::MakeSpan(queues)), "two");
  EXPECT_EQ(*DequeueByPriority(absl::MakeSpan(queues)), "one");
  std::thread later([&] { EXPECT_TRUE(normal.TryEnqueue("three").ok()); });
  EXPECT_EQ(*DequeueByPriority(absl::MakeSpan(queues)), "three");
  later.join();
}

TEST_F(RecipesTest, BatchesArriveInOrder) {
  Publisher publisher = Open("q");
  Subscriber subscriber = Take("q");
  const std::vector<absl::string_view> messages(1000, "m");
  std::thread sender([&] { EXPECT_TRUE(SendAll(publisher, messages).ok()); });
  size_t received = 0;
  while (received < messages.size()) {
    absl::StatusOr<size_t> batch =
        HandleMany(subscriber, [](absl::string_view text) { EXPECT_EQ(text, "m"); });
    ASSERT_TRUE(batch.ok()) << batch.status();
    received += *batch;
  }
  sender.join();
}

}  // namespace
