// SPDX-License-Identifier: MIT

// What a publisher does when others use the queue between its looks at the offsets and its
// reservation.

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/step.h"
#include "core/cloudtoid/location.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::cloudtoid {
namespace {

// The first publisher that comes to the step g_step runs g_meanwhile there.
const char* g_step = "";
std::function<void()> g_meanwhile;

void RunOnceAtTheStep(const char* step) {
  if (!absl::EndsWith(step, g_step) || !g_meanwhile) return;
  const std::function<void()> run = std::move(g_meanwhile);
  g_meanwhile = nullptr;
  run();
}

// The offset that something else keeps changing, so that what was loaded is never what stands
// there.
std::atomic<int64_t>* g_restless;

void ChangeBetweenTheLoads(const char* step) {
  if (absl::StrContains(step, "publisher.loaded_one_offset")) g_restless->fetch_xor(16);
}

class LoadOrderTest : public ::testing::TestWithParam<Protocol> {
 protected:
  ~LoadOrderTest() override { base::step_hook = nullptr; }

  QueueOptions Options(int64_t capacity) const {
    QueueOptions options;
    options.name =
        absl::StrCat("load-order-", directory_.path().substr(directory_.path().rfind('/') + 1));
    options.directory = directory_.path();
    options.capacity = capacity;
    options.protocol = GetParam();
    return options;
  }

  ::interprocess::testing::ScratchDirectory directory_;
};

TEST_P(LoadOrderTest, UnreadMessagesAreNotOverwritten) {
  constexpr int64_t kCapacity = 4096;
  const QueueOptions options = Options(kCapacity);
  Publisher slow = Publisher::Open(options).value();
  Publisher quick = Publisher::Open(options).value();
  Subscriber subscriber = Subscriber::Open(options).value();
  const std::string whole(kCapacity - 8, 'w');
  // Both offsets go round, so that the write offset stands where it stood, and the ring is full.
  g_step = "publisher.loaded_one_offset";
  g_meanwhile = [&] {
    ASSERT_TRUE(quick.TryEnqueue(whole).ok());
    ASSERT_TRUE(subscriber.TryDequeue().ok());
    ASSERT_TRUE(quick.TryEnqueue(whole).ok());
  };
  base::step_hook = RunOnceAtTheStep;
  EXPECT_EQ(slow.TryEnqueue("overwrites").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(g_meanwhile);
  base::step_hook = nullptr;
  EXPECT_EQ(subscriber.TryDequeue().value(), whole);
  EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
}

// A publisher saw room and is stopped before it takes it. Meanwhile the queue takes `before`
// messages of `size` bytes, gives as many as it can of them away, and is filled again, until the
// write offset stands where it stood.
void TakesNoRoomThatIsGone(const QueueOptions& options, size_t size, int laps,
                           const std::string& late) {
  Publisher slow = Publisher::Open(options).value();
  Publisher quick = Publisher::Open(options).value();
  Subscriber subscriber = Subscriber::Open(options).value();
  std::deque<std::string> waiting;
  g_step = "publisher.saw_room";
  g_meanwhile = [&] {
    const int in_a_lap = static_cast<int>(options.capacity / (8 + static_cast<int64_t>(size)));
    for (int i = 0; i < laps * in_a_lap; ++i) {
      const std::string message(size, static_cast<char>('a' + i % 26));
      if (static_cast<int>(waiting.size()) == in_a_lap) {
        ASSERT_EQ(subscriber.TryDequeue().value(), waiting.front());
        waiting.pop_front();
      }
      ASSERT_TRUE(quick.TryEnqueue(message).ok());
      waiting.push_back(message);
    }
  };
  base::step_hook = RunOnceAtTheStep;
  EXPECT_EQ(slow.TryEnqueue(late).code(), absl::StatusCode::kResourceExhausted);
  base::step_hook = nullptr;
  ASSERT_FALSE(g_meanwhile);
  for (const std::string& message : waiting) EXPECT_EQ(subscriber.TryDequeue().value(), message);
  EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(slow.TryEnqueue(late).ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), late);
}

TEST_P(LoadOrderTest, APublisherDelayedForADoubleLapTakesNoRoomThatIsGone) {
  TakesNoRoomThatIsGone(Options(64), 8, 2, "");
}

TEST_P(LoadOrderTest, NorForSixLapsOfAQueueOfManyMessages) {
  TakesNoRoomThatIsGone(Options(4096), 120, 6, std::string(4000, 'l'));
}

TEST_P(LoadOrderTest, NorForALapOfWhichTheOffsetsShowNothingOdd) {
  TakesNoRoomThatIsGone(Options(64), 56, 2, std::string(56, 'l'));
}

// The queue is as full as it was: only the offsets, which have gone around, tell nothing.
TEST_P(LoadOrderTest, ADoubleLapThatLeavesRoomIsNoHindrance) {
  const QueueOptions options = Options(64);
  Publisher slow = Publisher::Open(options).value();
  Publisher quick = Publisher::Open(options).value();
  Subscriber subscriber = Subscriber::Open(options).value();
  g_step = "publisher.saw_room";
  g_meanwhile = [&] {
    for (int i = 0; i < 16; ++i) {
      ASSERT_TRUE(quick.TryEnqueue("").ok());
      ASSERT_TRUE(subscriber.TryDequeue().ok());
    }
  };
  base::step_hook = RunOnceAtTheStep;
  EXPECT_TRUE(slow.TryEnqueue(std::string(56, 'l')).ok());
  base::step_hook = nullptr;
  EXPECT_FALSE(g_meanwhile);
  EXPECT_EQ(subscriber.TryDequeue().value(), std::string(56, 'l'));
}

TEST_P(LoadOrderTest, OffsetsThatChangeAllTheTimeKeepNobodyForEver) {
  const QueueOptions options = Options(4096);
  Publisher publisher = Publisher::Open(options).value();
  const Location location = LocationOf(options.name, options.directory, options.protocol);
  const auto file =
      platform::Directory::Open(location.directory)->OpenFile(location.file_name, false);
  const auto mapping = platform::MappedFile::Map(*file, 4096, /*read_only=*/false);
  // The one that is loaded first: version 2's write offset, version 3's read offset.
  g_restless = reinterpret_cast<std::atomic<int64_t>*>(mapping->data()) +
               (GetParam() == Protocol::kCloudtoidV2 ? 1 : 0);
  g_restless->store(-16);  // nor is it ever one that a queue has
  base::step_hook = ChangeBetweenTheLoads;
  const absl::Status status = publisher.TryEnqueue("late");
  base::step_hook = nullptr;
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

INSTANTIATE_TEST_SUITE_P(Protocols, LoadOrderTest,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3));

}  // namespace
}  // namespace interprocess::cloudtoid
