// SPDX-License-Identifier: MIT

// Queues whose file is deleted or moved by something that knows nothing of queues.

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/queue_registry.h"
#include "interprocess/wait_any.h"
#include "interprocess/wait_options.h"
#include "tests/conformance/engine_under_test.h"

namespace interprocess::conformance {
namespace {

// Ends a test that would wait for ever without the error.
constexpr absl::Duration kPatience = absl::Seconds(30);

class LostNameTest : public ConformanceTest {
 protected:
  std::string Path() const {
    const QueueOptions options = Options();
    if (options.protocol == Protocol::kNative) return directory_.FileOf(options.name);
    return cloudtoid::LocationOf(options.name, options.directory, options.protocol).path;
  }
  void Unlink() const { ASSERT_TRUE(std::filesystem::remove(Path())); }

  void ExpectLost(const absl::Status& status) const {
    EXPECT_STATUS(status, kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(status.message(), Path())) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "RemoveIPC")) << status;
  }

  // Calls until the call says something else than that it did it, or that it would have to wait.
  static absl::Status FirstError(const std::function<absl::Status()>& call) {
    absl::Status status;
    testing::Eventually([&] {
      status = call();
      return !status.ok() && !absl::IsUnavailable(status) && !absl::IsResourceExhausted(status);
    });
    return status;
  }
  absl::Status FirstError(Publisher& publisher) const {
    return FirstError([&] { return publisher.TryEnqueue("x"); });
  }
  absl::Status FirstError(Subscriber& subscriber) const {
    return FirstError([&] { return subscriber.TryDequeue().status(); });
  }
};

TEST_P(LostNameTest, C055_LostNameEndsCalls) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  Unlink();
  ExpectLost(FirstError(publisher));
  ExpectLost(FirstError(subscriber));
  uint8_t buffer[100];
  for (int i = 0; i < 2; ++i) {
    ExpectLost(publisher.TryEnqueue("y"));
    ExpectLost(publisher.Enqueue("y"));
    ExpectLost(publisher.TryEnqueueBatch({}).status());
    ExpectLost(publisher.TryReserve(1).status());
    ExpectLost(publisher.Reserve(1).status());
    ExpectLost(subscriber.TryDequeue().status());
    ExpectLost(subscriber.Dequeue().status());
    ExpectLost(subscriber.TryDequeue(absl::MakeSpan(buffer)).status());
    ExpectLost(subscriber.Dequeue(absl::MakeSpan(buffer)).status());
    ExpectLost(subscriber.TryDequeueBatch(1, [](const MessageView&) {}).status());
    ExpectLost(subscriber.DequeueBatch(1, [](const MessageView&) {}).status());
    ExpectLost(subscriber.TryBorrow().status());
    ExpectLost(subscriber.Borrow().status());
    ExpectLost(subscriber.Arm().status());
  }
}

TEST_P(LostNameTest, C056_LostNameEndsWaits) {
  using Call = std::function<absl::Status(Publisher&, Subscriber&, const WaitOptions&)>;
  const std::vector<Call> calls = {
      [](Publisher& publisher, Subscriber&, const WaitOptions& wait) {
        return publisher.Enqueue(Text(Largest()), wait);
      },
      [](Publisher& publisher, Subscriber&, const WaitOptions& wait) {
        return publisher.Reserve(Largest(), wait).status();
      },
      [](Publisher&, Subscriber& subscriber, const WaitOptions& wait) {
        return subscriber.Dequeue(wait).status();
      },
      [](Publisher&, Subscriber& subscriber, const WaitOptions& wait) {
        return subscriber
            .DequeueBatch(
                3, [](const MessageView&) {}, wait)
            .status();
      },
      [](Publisher&, Subscriber& subscriber, const WaitOptions& wait) {
        return subscriber.Borrow(wait).status();
      },
  };
  for (const absl::Duration spin : {absl::ZeroDuration(), absl::InfiniteDuration()}) {
    // All at one time, each on a queue of its own that gives it reason to wait.
    std::vector<absl::Status> results(calls.size());
    std::atomic<size_t> begun{0};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < calls.size(); ++i) {
      QueueOptions options = Options();
      options.name += std::to_string(i);
      Publisher publisher = Publisher::Open(options).value();
      Subscriber subscriber = Subscriber::Open(options).value();
      if (i < 2) {
        ASSERT_TRUE(publisher.TryEnqueue(Text(Largest())).ok());
      }
      threads.emplace_back(
          [&, i, publisher = std::move(publisher), subscriber = std::move(subscriber)]() mutable {
            WaitOptions wait(kPatience);
            wait.spin = spin;
            begun.fetch_add(1);
            results[i] = calls[i](publisher, subscriber, wait);
          });
    }
    ASSERT_TRUE(testing::Eventually([&] { return begun.load() == calls.size(); }));
    if (spin == absl::ZeroDuration()) {
      ASSERT_TRUE(testing::Eventually(testing::AnotherThreadSleeps));
    }
    const std::filesystem::path folder = std::filesystem::path(Path()).parent_path();
    std::filesystem::remove_all(folder);
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& result : results) {
      EXPECT_STATUS(result, kFailedPrecondition);
      EXPECT_TRUE(absl::StrContains(result.message(), "RemoveIPC")) << result;
    }
    std::filesystem::create_directories(folder);
  }
}

TEST_P(LostNameTest, C057_NameThatLeadsElsewhereIsLost) {
  namespace fs = std::filesystem;
  const fs::path path = Path();
  const fs::path folder = path.parent_path();
  std::optional<Publisher> another;
  const std::vector<std::function<void()>> losses = {
      [&] { fs::remove_all(folder); },
      [&] { fs::rename(path, folder / "moved"); },
      [&] {
        std::fclose(std::fopen((folder / "other").c_str(), "w"));
        fs::rename(folder / "other", path);
      },
      [&] { fs::rename(folder, folder.string() + "-moved"); },
      [&] {
        fs::rename(path, folder / "moved");
        fs::create_symlink("moved", path);
      },
      [&] {
        fs::remove(path);
        another = OpenPublisher();
      },
      [&] {
        fs::remove_all(folder);
        fs::create_directories(folder);
        another = OpenPublisher();
      },
  };
  for (const auto& lose : losses) {
    Publisher publisher = OpenPublisher();
    Subscriber subscriber = OpenSubscriber();
    lose();
    ExpectLost(FirstError(publisher));
    ExpectLost(FirstError(subscriber));
    if (another.has_value()) {
      EXPECT_TRUE(another->TryEnqueue("x").ok());
      another.reset();
    }
    publisher.Close().IgnoreError();
    subscriber.Close().IgnoreError();
    fs::remove_all(folder.string() + "-moved");
    fs::create_directories(folder);
    fs::remove(path);
  }
}

TEST_P(LostNameTest, C058_MessagesInPlaceOutliveTheName) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(publisher.TryEnqueue("held").ok());
  Reservation room = publisher.TryReserve(9).value();
  std::memcpy(room.span().data(), "committed", 9);
  BorrowedMessage held = subscriber.TryBorrow().value();
  Unlink();
  ExpectLost(FirstError([&] { return publisher.TryReserve(1).status(); }));
  ExpectLost(FirstError([&] { return subscriber.TryDequeue().status(); }));
  EXPECT_EQ(held.text(), "held");
  EXPECT_TRUE(held.Acknowledge().ok());
  EXPECT_TRUE(room.Commit().ok());
  ASSERT_TRUE(subscriber.DrainNameless().ok());
  BorrowedMessage again = subscriber.TryBorrow().value();
  EXPECT_EQ(again.text(), "committed");
  again.GiveBack();
  EXPECT_EQ(subscriber.TryDequeue().value(), "committed");
}

TEST_P(LostNameTest, C059_NamelessQueueIsDrainedOnRequest) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (const char* text : {"1", "2", "3", "4"}) ASSERT_TRUE(publisher.TryEnqueue(text).ok());
  Unlink();
  // Without an error before: it looks for itself.
  ASSERT_TRUE(subscriber.DrainNameless().ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "1");
  EXPECT_EQ(subscriber.Dequeue().value(), "2");
  EXPECT_EQ(subscriber.TryDequeueBatch(1, [](const MessageView&) {}).value(), 1u);
  EXPECT_TRUE(subscriber.Borrow()->Acknowledge().ok());
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
  // There is nothing to wait for.
  ExpectLost(subscriber.Dequeue().status());
  ExpectLost(subscriber.Borrow().status());
  ExpectLost(subscriber.Arm().status());
  EXPECT_STATUS(subscriber.TryDequeue().status(), kUnavailable);
}

TEST_P(LostNameTest, C060_SoundQueueIsNotDrained) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  const absl::Status status = subscriber.DrainNameless();
  EXPECT_STATUS(status, kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "has not lost its name")) << status;
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  EXPECT_EQ(subscriber.Dequeue().value(), "x");
}

TEST_P(LostNameTest, C061_RemovedQueueGoesOnWithoutItsName) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  ASSERT_TRUE(RemoveQueue(Options().name, Options().directory, Options().protocol).ok());
  EXPECT_STATUS(subscriber.DrainNameless(), kFailedPrecondition);
  Publisher another = OpenPublisher();
  EXPECT_STATUS(subscriber.DrainNameless(), kFailedPrecondition);
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  EXPECT_EQ(subscriber.Dequeue().value(), "x");
}

TEST_P(LostNameTest, SlowPublisherLearnsAtOnce) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(publisher.TryEnqueue("x").ok());
    ASSERT_TRUE(subscriber.TryDequeue().ok());
  }
  // Slow for long enough that each call looks at the clock.
  const auto slow_call = [&] {
    absl::SleepFor(absl::Milliseconds(260));
    return publisher.TryEnqueue("x");
  };
  for (int i = 0; i < 17; ++i) ASSERT_TRUE(slow_call().ok());
  Unlink();
  ExpectLost(slow_call());
}

TEST_P(LostNameTest, PublisherThatSlowsDownLearnsWithinSixteenCalls) {
  Publisher publisher = OpenPublisher();
  Subscriber subscriber = OpenSubscriber();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(publisher.TryEnqueue("x").ok());
    ASSERT_TRUE(subscriber.TryDequeue().ok());
  }
  Unlink();
  int calls = 1;
  for (; publisher.TryEnqueue("x").ok(); ++calls) absl::SleepFor(absl::Milliseconds(260));
  EXPECT_LE(calls, 17);
  ExpectLost(publisher.TryEnqueue("x"));
}

TEST_P(LostNameTest, ThreadThatWaitsOnSeveralQueuesLearns) {
  Subscriber subscriber = OpenSubscriber();
  const testing::TestDirectory other;
  Subscriber sound = Subscriber::Open(OptionsIn(other)).value();
  std::array<Alarm, 2> alarms;
  Unlink();
  ExpectLost(FirstError([&] {
    const absl::StatusOr<Alarm> armed = subscriber.Arm(alarms[0]);
    if (!armed.ok()) return armed.status();
    alarms[0] = *armed;
    alarms[1] = sound.Arm(alarms[1]).value();
    EXPECT_STATUS(sound.TryDequeue().status(), kUnavailable);
    WaitAny(alarms, kPatience);
    return absl::OkStatus();
  }));
  EXPECT_STATUS(sound.TryDequeue().status(), kUnavailable);
}

RUN_ON_ALL_ENGINES(LostNameTest);

}  // namespace
}  // namespace interprocess::conformance
