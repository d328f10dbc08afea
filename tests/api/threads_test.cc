// SPDX-License-Identifier: MIT

// Messages in place in other threads than their endpoint's, and endpoints in two threads.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/engine/loans.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using testing::Eventually;
using testing::TestDirectory;

// Threads that do what they are handed.
template <typename Task>
class Pool {
 public:
  template <typename Work>
  Pool(int threads, Work work) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, work] {
        while (std::optional<Task> task = Next()) work(*std::move(task));
      });
    }
  }
  ~Pool() {
    {
      absl::MutexLock lock(mutex_);
      ends_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }
  void Add(Task task) {
    absl::MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }

 private:
  std::optional<Task> Next() {
    absl::MutexLock lock(mutex_);
    mutex_.Await(absl::Condition(this, &Pool::HasTaskOrEnds));
    if (tasks_.empty()) return std::nullopt;
    std::optional<Task> task = std::move(tasks_.back());
    tasks_.pop_back();
    return task;
  }
  bool HasTaskOrEnds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !tasks_.empty() || ends_;
  }
  absl::Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool ends_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

class ThreadsTest : public ::testing::TestWithParam<Protocol> {
 protected:
  QueueOptions Options() const {
    QueueOptions options = directory_.Options();
    options.protocol = GetParam();
    return options;
  }
  bool OneAtATime() const { return GetParam() != Protocol::kNative; }

  static constexpr int kMessages = 3000;
  TestDirectory directory_;
};

TEST_P(ThreadsTest, PoolAcknowledgesWhatOneThreadBorrows) {
  auto publisher = Publisher::Open(Options()).value();
  auto subscriber = std::make_unique<Subscriber>(Subscriber::Open(Options()).value());
  std::vector<std::atomic<int>> seen(kMessages);
  std::atomic<int> acknowledged{0};
  {
    Pool<BorrowedMessage> pool(3, [&](BorrowedMessage message) {
      const auto number = static_cast<size_t>(std::stoi(std::string(message.text())));
      // Some are given back the first time they come.
      if (number % 7 == 0 && seen[number].fetch_add(1) == 0) return message.GiveBack();
      seen[number] = 10;
      EXPECT_TRUE(message.Acknowledge().ok());
      ++acknowledged;
    });
    std::thread sender([&] {
      for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(publisher.Enqueue(absl::StrCat(i)).ok());
    });
    while (acknowledged < kMessages) {
      auto message = subscriber->Borrow(WaitOptions(absl::Milliseconds(5)));
      if (message.ok()) {
        pool.Add(*std::move(message));
      } else {
        ASSERT_TRUE(absl::IsDeadlineExceeded(message.status()) ||
                    (OneAtATime() && absl::IsUnimplemented(message.status())))
            << message.status();
      }
    }
    sender.join();
  }
  for (const std::atomic<int>& state : seen) EXPECT_EQ(state, 10);
  EXPECT_TRUE(absl::IsUnavailable(subscriber->TryDequeue().status()));
}

TEST_P(ThreadsTest, PoolCommitsWhatOneThreadReserves) {
  auto publisher = Publisher::Open(Options()).value();
  auto subscriber = Subscriber::Open(Options()).value();
  int64_t sum = 0;
  std::thread receiver([&] {
    for (int i = 0; i < kMessages + kMessages / 2; ++i) {
      auto text = subscriber.Dequeue(WaitOptions(absl::Minutes(1)));
      ASSERT_TRUE(text.ok()) << text.status();
      sum += std::stoi(*text);
    }
  });
  {
    std::atomic<int> number{0};
    Pool<Reservation> pool(3, [&](Reservation reservation) {
      const std::string text = absl::StrCat(++number);
      std::copy(text.begin(), text.end(), reservation.span().begin());
      absl::Status status;
      do {
        status = reservation.Commit(text.size());
      } while (OneAtATime() && absl::IsResourceExhausted(status));
      EXPECT_TRUE(status.ok()) << status;
    });
    for (int i = 0; i < kMessages; ++i) {
      pool.Add(publisher.Reserve(8).value());
      if (i % 2 == 0) {
        ASSERT_TRUE(publisher.Enqueue("1").ok());
      }
      if (i % 5 == 0) publisher.Reserve(60).value().Abort();
    }
  }
  receiver.join();
  EXPECT_EQ(sum, int64_t{kMessages} * (kMessages + 1) / 2 + kMessages / 2);
}

// The last message in place leaves the queue, in whatever thread it is dropped.
TEST_P(ThreadsTest, LastToDropLeavesInAnyThread) {
  for (int round = 0; round < 20; ++round) {
    auto publisher = Publisher::Open(Options()).value();
    auto subscriber = Subscriber::Open(Options()).value();
    ASSERT_TRUE(publisher.TryEnqueue("1").ok());
    std::vector<BorrowedMessage> borrowed;
    borrowed.push_back(subscriber.TryBorrow().value());
    std::vector<Reservation> reserved;
    for (int i = 0; i < 3; ++i) reserved.push_back(publisher.TryReserve(8).value());
    std::vector<std::thread> threads;
    for (BorrowedMessage& message : borrowed) {
      threads.emplace_back(
          [taken = std::move(message)]() mutable { EXPECT_TRUE(taken.Acknowledge().ok()); });
    }
    for (Reservation& reservation : reserved) {
      threads.emplace_back([taken = std::move(reservation)]() mutable { taken.Abort(); });
    }
    subscriber.Close().IgnoreError();
    publisher.Close().IgnoreError();
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(
        absl::IsNotFound(QueueInspector::Open("queue", directory_.path(), GetParam()).status()));
  }
}

// A message that is acknowledged elsewhere lets the call that waits go on.
TEST_P(ThreadsTest, AcknowledgingEndsAWaitForTheNextMessage) {
  auto publisher = Publisher::Open(Options()).value();
  auto subscriber = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("1").ok());
  std::thread worker([message = subscriber.TryBorrow().value(), &publisher]() mutable {
    EXPECT_TRUE(Eventually([] { return testing::AnotherThreadSleeps(); }));
    EXPECT_TRUE(message.Acknowledge().ok());
    EXPECT_TRUE(publisher.TryEnqueue("2").ok());
  });
  EXPECT_EQ(subscriber.Dequeue(WaitOptions(absl::Minutes(1))).value(), "2");
  worker.join();
}

INSTANTIATE_TEST_SUITE_P(Formats, ThreadsTest,
                         ::testing::Values(Protocol::kNative, Protocol::kCloudtoidV2,
                                           Protocol::kCloudtoidV3),
                         [](const auto& info) { return std::string(ProtocolName(info.param)); });

// Whatever meets the end: exactly one of those that return and of the one that ends is the last.
TEST(LoansTest, ExactlyOneIsTheLast) {
  for (int round = 0; round < 2000; ++round) {
    Loans loans;
    std::atomic<int> last{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < round % 4; ++i) {
      loans.Lend();
      threads.emplace_back([&] { last += loans.Return() ? 1 : 0; });
    }
    last += loans.End() ? 1 : 0;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(last, 1);
  }
}

TEST(LoansTest, KnowsWhetherAllWereReturned) {
  Loans loans;
  EXPECT_TRUE(loans.AllReturned());
  loans.Lend();
  loans.Lend();
  EXPECT_FALSE(loans.Return());
  EXPECT_FALSE(loans.AllReturned());
  EXPECT_FALSE(loans.Return());
  EXPECT_TRUE(loans.AllReturned());
  loans.Lend();
  EXPECT_FALSE(loans.End());
  EXPECT_TRUE(loans.Return());
}

#ifndef NDEBUG
TEST(MisuseDeathTest, TwoCallsAtOneTimeAreCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  TestDirectory directory;
  EXPECT_DEATH(
      {
        auto subscriber = Subscriber::Open(directory.Options()).value();
        std::thread other([&] { subscriber.Dequeue().IgnoreError(); });
        Eventually([] { return testing::AnotherThreadSleeps(); });
        subscriber.TryDequeue().IgnoreError();
      },
      "two calls at one time: open one Publisher or Subscriber for each thread");
}

TEST(MisuseDeathTest, CallInABatchsHandlerIsCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  TestDirectory directory;
  EXPECT_DEATH(
      {
        auto publisher = Publisher::Open(directory.Options()).value();
        auto subscriber = Subscriber::Open(directory.Options()).value();
        publisher.TryEnqueue("1").IgnoreError();
        subscriber
            .TryDequeueBatch(1, [&](const MessageView&) { subscriber.TryDequeue().IgnoreError(); })
            .IgnoreError();
      },
      "nothing but Close in a batch's handler");
}
#endif

}  // namespace
}  // namespace interprocess
