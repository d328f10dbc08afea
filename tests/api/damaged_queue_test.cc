// SPDX-License-Identifier: MIT

// Bytes that something else changed while the queue is in use: no call crashes, hangs or gives an
// error other than those it documents, and the inspector tells damage without crashing.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/native/layout.h"
#include "core/native/words.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::QueueBytes;
using testing::TestDirectory;

class DamagedQueueTest : public ::testing::TestWithParam<int> {
 protected:
  void ExpectOneOf(const absl::Status& status, std::set<StatusCode> codes) {
    EXPECT_TRUE(status.ok() || codes.count(status.code()) != 0) << status;
    if (status.code() == StatusCode::kDataLoss) {
      EXPECT_NE(status.message().find("queue.ipq"), absl::string_view::npos) << status;
    }
  }

  uint64_t Any() { return random_(); }
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  // What is often looked for: small, near a power of two, all ones, anything.
  uint64_t Odd() {
    switch (Below(6)) {
      case 0:
        return Below(200);
      case 1:
        return (uint64_t{1} << Below(64)) + Below(5) - 2;
      case 2:
        return UINT64_MAX - Below(3);
      case 3:
        return Below(4) << 20 | Below(8192) << 7 | Below(128);  // a reservation's, of 64 slots
      case 4:
        return Below(4) << 16 | Below(3) << 14 | Below(20);  // a claim's
      default:
        return Any();
    }
  }

  void Damage(const QueueBytes& bytes) {
    const uint64_t position = Below(64);
    native::Slot& slot = bytes.slot(position);
    native::Reservation& reservation = bytes.memory().reservation(position);
    native::Header& header = bytes.header();
    switch (Below(12)) {
      case 0:
        slot.word.store(Odd());
        break;
      case 1:
        reservation.word.store(Odd());
        break;
      case 2:
        bytes.memory().claim(position).word.store(Odd());
        break;
      case 3:
        reservation.end.store(Odd());
        break;
      case 4:
        header.released.store(Odd());
        break;
      case 5:
        slot.about.store(Odd());
        break;
      case 6:
        slot.start.store(Odd());
        break;
      case 7:
        header.tail.store(Odd());
        break;
      case 8:
        header.head.store(Odd());
        break;
      case 9:
        header.returns.store(Odd());
        break;
      case 10:
        (Below(2) == 0 ? header.last_look : *reinterpret_cast<std::atomic<int64_t>*>(&header.data))
            .store(static_cast<int64_t>(Odd()));
        break;
      default: {
        header.ids_used.store(static_cast<uint32_t>(Odd()));
        // Of ids that no participant has: a participant may rely on its own record.
        native::Participant& record = bytes.memory().participant(9 + Below(8));
        record.state.store(Odd());
        record.role.store(static_cast<uint32_t>(Odd()));
        break;
      }
    }
  }

  void CallSomething(Publisher& publisher, Subscriber& subscriber) {
    const std::set<StatusCode> put = {StatusCode::kResourceExhausted, StatusCode::kDataLoss};
    const std::set<StatusCode> take = {StatusCode::kUnavailable, StatusCode::kOutOfRange,
                                       StatusCode::kDataLoss};
    std::set<StatusCode> waiting = take;
    waiting.insert(StatusCode::kDeadlineExceeded);
    const std::vector<uint8_t> message(Below(300), 'x');
    const absl::Span<const uint8_t> batch[] = {message, message, {}};
    WaitOptions soon(absl::Microseconds(50));
    soon.spin = absl::Microseconds(Below(2) * 20);
    switch (Below(10)) {
      case 0:
        ExpectOneOf(publisher.TryEnqueue(message), put);
        break;
      case 1:
        ExpectOneOf(publisher.TryEnqueueBatch(batch).status(), put);
        break;
      case 2: {
        auto reservation = publisher.TryReserve(message.size());
        ExpectOneOf(reservation.status(), put);
        if (!reservation.ok()) break;
        std::memset(reservation->span().data(), 'y', reservation->span().size());
        if (Below(2) == 0) {
          EXPECT_TRUE(reservation->Commit(Below(message.size() + 1)).ok());
        }
        break;
      }
      case 3: {
        auto status = publisher.Enqueue(message, soon);
        ExpectOneOf(status, {StatusCode::kDeadlineExceeded, StatusCode::kDataLoss});
        break;
      }
      case 4:
        ExpectOneOf(subscriber.TryDequeue(absl::MakeSpan(buffer_).first(Below(4097))).status(),
                    take);
        break;
      case 5:
        ExpectOneOf(subscriber.TryDequeue().status(), take);
        break;
      case 6:
        ExpectOneOf(subscriber.Dequeue(absl::MakeSpan(buffer_), soon).status(), waiting);
        break;
      case 7: {
        auto borrowed = subscriber.TryBorrow();
        ExpectOneOf(borrowed.status(), take);
        if (!borrowed.ok()) break;
        ReadAll(borrowed->bytes());
        if (Below(2) == 0) {
          EXPECT_TRUE(borrowed->Acknowledge().ok());
        }
        break;
      }
      case 8:
        ExpectOneOf(
            subscriber.TryDequeueBatch(5, [&](const MessageView& view) { ReadAll(view.bytes()); })
                .status(),
            take);
        break;
      default: {
        auto inspector = QueueInspector::Open("queue", directory_.path());
        ASSERT_TRUE(inspector.ok()) << inspector.status();
        EXPECT_TRUE(inspector->Report().ok());
        EXPECT_TRUE(inspector->Check().ok());
      }
    }
  }
  void ReadAll(absl::Span<const uint8_t> bytes) {
    for (uint8_t byte : bytes) sum_ = sum_ + byte;
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(4096);
  volatile uint64_t sum_ = 0;
};

TEST_P(DamagedQueueTest, CallsGiveDocumentedErrorsInTime) {
  absl::Duration slowest;
  for (int queue = 0; queue < 40; ++queue) {
    {
      auto publisher = Publisher::Open(options_);
      auto subscriber = Subscriber::Open(options_);
      ASSERT_TRUE(publisher.ok() && subscriber.ok())
          << publisher.status() << subscriber.status() << queue;
      QueueBytes bytes(directory_.FileOf("queue"));
      for (int round = 0; round < 60; ++round) {
        if (Below(3) != 0) Damage(bytes);
        if (Below(8) == 0) Damage(bytes);
        const absl::Time before = absl::Now();
        CallSomething(*publisher, *subscriber);
        slowest = std::max(slowest, absl::Now() - before);
        if (HasFailure()) return;
      }
      // Endpoints that come later.
      auto late = Subscriber::Open(options_);
      ExpectOneOf(late.status(), {StatusCode::kDataLoss, StatusCode::kResourceExhausted});
      if (late.ok()) CallSomething(*publisher, *late);
    }
    absl::Status removed = RemoveQueue("queue", directory_.path());
    EXPECT_TRUE(removed.ok() || absl::IsNotFound(removed)) << removed;
  }
  // A call gives up on words that make no sense after some steps, not after some time.
  EXPECT_LT(slowest, absl::Seconds(5));
  RecordProperty("slowest_microseconds", static_cast<int>(absl::ToInt64Microseconds(slowest)));
}

TEST_P(DamagedQueueTest, WholeImageOfGarbageIsSurvived) {
  for (int queue = 0; queue < 20; ++queue) {
    {
      auto publisher = Publisher::Open(options_);
      auto subscriber = Subscriber::Open(options_);
      ASSERT_TRUE(publisher.ok() && subscriber.ok());
      QueueBytes bytes(directory_.FileOf("queue"));
      for (uint64_t slot = 0; slot < 64; ++slot) {
        for (uint64_t word = 0; word < 8; ++word) {
          const uint64_t value = queue % 2 == 0 ? Odd() : Any();
          std::memcpy(bytes.data() + 8192 + slot * 64 + word * 8, &value, 8);
        }
      }
      for (int round = 0; round < 10; ++round) CallSomething(*publisher, *subscriber);
      auto inspector = QueueInspector::Open("queue", directory_.path());
      EXPECT_FALSE(inspector->Check()->empty());
      EXPECT_TRUE(inspector->Repair().ok());
    }
    RemoveQueue("queue", directory_.path()).IgnoreError();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DamagedQueueTest, ::testing::Range(1, 5));

}  // namespace
}  // namespace interprocess
