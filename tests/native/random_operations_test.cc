// SPDX-License-Identifier: MIT

// Random steps of several publishers and subscribers, some of which die, against a model of what
// the queue promises: nothing lost, nothing twice, nothing torn, each publisher's order.

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/native/inspect.h"
#include "core/platform/clock.h"
#include "gtest/gtest.h"
#include "interprocess/message.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

using testing::Eventually;
using testing::PublisherPeer;
using testing::QueueBytes;
using testing::SubscriberPeer;
using testing::TestDirectory;

struct Message {
  int publisher = 0;
  uint64_t reserved_at = 0;  // steps
  uint64_t committed_at = 0;
  size_t size = 0;
  uint32_t deliveries = 0;
  bool redelivered = false;
  enum { kWaiting, kHeld, kDone } state = kWaiting;
};

struct Open {
  PublisherEngine::Room room;
  uint64_t reserved_at;
};

struct Writer {
  int number;
  std::unique_ptr<PublisherPeer> peer;
  std::vector<Open> open;
};

struct Reader {
  std::unique_ptr<SubscriberPeer> peer;
  std::vector<std::pair<uint64_t, uint64_t>> held;  // position, message
};

class RandomOperationsTest : public ::testing::TestWithParam<int> {
 protected:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  // The bytes of message `id`: its number, then what follows from it.
  void Fill(absl::Span<uint8_t> bytes, uint64_t id) {
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(id * 37 + i * 11);
    std::memcpy(bytes.data(), &id, sizeof(id));
  }
  bool IsWhole(absl::Span<const uint8_t> bytes, uint64_t id) {
    std::vector<uint8_t> expected(bytes.size());
    Fill(absl::MakeSpan(expected), id);
    return std::memcmp(expected.data(), bytes.data(), bytes.size()) == 0;
  }
  size_t AnySize() { return 8 + (Below(3) == 0 ? Below(1500) : Below(60)); }

  Writer& AnyWriter() {
    if (writers_.empty() || (writers_.size() < 4 && Below(50) == 0)) {
      writers_.push_back({++publishers_, std::make_unique<PublisherPeer>(options_), {}});
    }
    return writers_[Below(writers_.size())];
  }
  Reader& AnyReader() {
    if (readers_.empty() || (readers_.size() < 3 && Below(50) == 0)) {
      readers_.push_back({std::make_unique<SubscriberPeer>(options_), {}});
    }
    return readers_[Below(readers_.size())];
  }

  void Write(Writer& writer) {
    const size_t size = AnySize();
    if (Below(3) == 0) {
      auto room = (*writer.peer)->TryReserve(size);
      if (room.ok()) writer.open.push_back({*room, step_});
      return;
    }
    const uint64_t id = messages_.size();
    std::vector<uint8_t> bytes(size);
    Fill(absl::MakeSpan(bytes), id);
    absl::Status status = (*writer.peer)->TryEnqueue(bytes);
    ASSERT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
    if (status.ok()) messages_.push_back({writer.number, step_, step_, size});
  }
  void Finish(Writer& writer) {
    if (writer.open.empty()) return;
    const size_t i = Below(writer.open.size());
    const Open open = writer.open[i];
    writer.open.erase(writer.open.begin() + static_cast<ptrdiff_t>(i));
    if (Below(4) == 0) {
      (*writer.peer)->Abort(open.room.position);
      return;
    }
    const size_t size = 8 + Below(open.room.bytes.size() - 7);
    Fill(open.room.bytes.first(size), messages_.size());
    EXPECT_TRUE((*writer.peer)->Commit(open.room.position, size).ok());
    messages_.push_back({writer.number, open.reserved_at, step_, size});
  }

  // `id` came out.
  void Deliver(uint64_t id, absl::Span<const uint8_t> bytes, const MessageInfo& info) {
    ASSERT_LT(id, messages_.size());
    Message& message = messages_[id];
    ASSERT_EQ(message.state, Message::kWaiting) << "message " << id << " came twice";
    EXPECT_EQ(bytes.size(), message.size);
    EXPECT_TRUE(IsWhole(bytes, id)) << "message " << id << " is torn";
    EXPECT_EQ(info.earlier_deliveries, message.deliveries);
    EXPECT_EQ(info.redelivered, message.redelivered);
    if (message.deliveries++ > 0) return;
    for (uint64_t other = 0; other < messages_.size(); ++other) {
      const Message& before = messages_[other];
      EXPECT_FALSE(before.publisher == message.publisher && before.deliveries == 0 &&
                   before.committed_at < message.reserved_at)
          << "message " << id << " came before " << other << " of the same publisher";
    }
  }
  void Read(Reader& reader) {
    auto claim = (*reader.peer)->TryBorrow();
    if (!claim.ok()) {
      ASSERT_TRUE(absl::IsUnavailable(claim.status())) << claim.status();
      return;
    }
    uint64_t id;
    std::memcpy(&id, claim->view.bytes().data(), sizeof(id));
    Deliver(id, claim->view.bytes(), claim->view.info());
    if (HasFatalFailure()) return;
    messages_[id].state = Message::kHeld;
    reader.held.push_back({claim->position, id});
    if (Below(3) != 0) Release(reader, reader.held.size() - 1, true);
  }
  void Release(Reader& reader, size_t i, bool acknowledge) {
    const auto [position, id] = reader.held[i];
    reader.held.erase(reader.held.begin() + static_cast<ptrdiff_t>(i));
    messages_[id].state = acknowledge ? Message::kDone : Message::kWaiting;
    if (acknowledge) {
      EXPECT_TRUE((*reader.peer)->Acknowledge(position).ok());
    } else {
      (*reader.peer)->GiveBack(position);
    }
  }
  void Kill(Reader& reader) {
    reader.peer->Die();
    for (const auto& [position, id] : reader.held) {
      messages_[id].state = Message::kWaiting;
      messages_[id].redelivered = true;
    }
    reader = std::move(readers_.back());
    readers_.pop_back();
  }
  void Kill(Writer& writer) {
    writer.peer->Die();
    writer = std::move(writers_.back());
    writers_.pop_back();
  }
  void ExpectSound() {
    QueueBytes bytes(directory_.FileOf("queue"));
    for (const Finding& finding : CheckOnce(bytes.memory(), [](uint32_t) { return true; })) {
      ADD_FAILURE() << "at step " << step_ << ": " << finding.what;
    }
  }

  void Step() {
    switch (Below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return Write(AnyWriter());
      case 7:
      case 8:
      case 9:
        return Finish(AnyWriter());
      case 10: {
        Reader& reader = AnyReader();
        if (!reader.held.empty()) Release(reader, Below(reader.held.size()), Below(2) == 0);
        return;
      }
      case 11:
        if (Below(10) == 0) Kill(AnyWriter());
        return;
      case 12:
        if (Below(10) == 0) Kill(AnyReader());
        return;
      case 13: {
        // Long enough for a reservation to be passed by.
        if (Below(10) != 0) return;
        const int64_t end = platform::MonotonicNanos() + 1'100'000;
        while (platform::MonotonicNanos() < end) {
        }
        return;
      }
      default:
        return Read(AnyReader());
    }
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  uint64_t step_ = 0;
  int publishers_ = 0;
  std::vector<Message> messages_;
  std::vector<Writer> writers_;
  std::vector<Reader> readers_;
};

TEST_P(RandomOperationsTest, KeepWhatTheQueuePromises) {
  for (step_ = 1; step_ <= 6000 && !HasFailure(); ++step_) {
    Step();
    if (step_ % 500 == 0) ExpectSound();
  }
  if (HasFailure()) FAIL() << "at step " << step_;
  // All that is held is given back or dropped, and then everything that waits comes out.
  for (Writer& writer : writers_) {
    while (!writer.open.empty()) Finish(writer);
  }
  for (Reader& reader : readers_) {
    while (!reader.held.empty()) Release(reader, 0, false);
  }
  EXPECT_TRUE(Eventually([&] {
    Read(AnyReader());
    for (Reader& reader : readers_) {
      while (!reader.held.empty()) Release(reader, 0, true);
    }
    for (const Message& message : messages_) {
      if (message.state != Message::kDone) return HasFailure();
    }
    return true;
  }));
  for (uint64_t id = 0; id < messages_.size(); ++id) {
    EXPECT_EQ(messages_[id].state, Message::kDone) << "message " << id << " was lost";
  }
  EXPECT_GT(messages_.size(), 100u);
  ExpectSound();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperationsTest, ::testing::Range(1, 13));

}  // namespace
}  // namespace interprocess::native
