// Which of the two offsets a publisher loads first, shown by what comes between the loads.

#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/cloudtoid/place.h"
#include "core/native/step.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::cloudtoid {
namespace {

std::function<void()> g_between;

void RunOnceBetweenTheLoads(const char* step) {
  if (!absl::StrContains(step, "publisher.loaded_one_offset") || !g_between) return;
  const std::function<void()> run = std::move(g_between);
  g_between = nullptr;
  run();
}

// The offset that something else keeps changing, so that what was loaded is never what stands
// there.
std::atomic<int64_t>* g_restless;

void ChangeBetweenTheLoads(const char* step) {
  if (absl::StrContains(step, "publisher.loaded_one_offset")) g_restless->fetch_xor(16);
}

class LoadOrder : public ::testing::TestWithParam<Protocol> {};

TEST_P(LoadOrder, UnreadMessagesAreNotOverwritten) {
  constexpr int64_t kCapacity = 4096;
  ::interprocess::testing::ScratchDirectory directory;
  QueueOptions options;
  options.name = absl::StrCat("load-order-", getpid());
  options.directory = directory.path();
  options.capacity = kCapacity;
  options.protocol = GetParam();
  Publisher slow = Publisher::Open(options).value();
  Publisher quick = Publisher::Open(options).value();
  Subscriber subscriber = Subscriber::Open(options).value();
  const std::string whole(kCapacity - 8, 'w');
  // Both offsets go round, so that the write offset stands where it stood, and the ring is full.
  g_between = [&] {
    ASSERT_TRUE(quick.TryEnqueue(whole).ok());
    ASSERT_TRUE(subscriber.TryDequeue().ok());
    ASSERT_TRUE(quick.TryEnqueue(whole).ok());
  };
  native::step_hook = RunOnceBetweenTheLoads;
  EXPECT_EQ(slow.TryEnqueue("overwrites").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(g_between);
  native::step_hook = nullptr;
  EXPECT_EQ(subscriber.TryDequeue().value(), whole);
  EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
}

TEST_P(LoadOrder, OffsetsThatChangeAllTheTimeKeepNobodyForEver) {
  ::interprocess::testing::ScratchDirectory directory;
  QueueOptions options;
  options.name = absl::StrCat("restless-", getpid());
  options.directory = directory.path();
  options.capacity = 4096;
  options.protocol = GetParam();
  Publisher publisher = Publisher::Open(options).value();
  const Place place = PlaceOf(options.name, options.directory, options.protocol);
  const auto file = platform::Directory::Open(place.directory)->OpenFile(place.file_name, false);
  const auto mapping = platform::MappedFile::Map(*file, 4096, /*read_only=*/false);
  // The one that is loaded first: version 2's write offset, version 3's read offset.
  g_restless = reinterpret_cast<std::atomic<int64_t>*>(mapping->data()) +
               (GetParam() == Protocol::kCloudtoidV2 ? 1 : 0);
  g_restless->store(-16);  // nor is it ever one that a queue has
  native::step_hook = ChangeBetweenTheLoads;
  const absl::Status status = publisher.TryEnqueue("late");
  native::step_hook = nullptr;
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

INSTANTIATE_TEST_SUITE_P(Protocols, LoadOrder,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3));

}  // namespace
}  // namespace interprocess::cloudtoid
