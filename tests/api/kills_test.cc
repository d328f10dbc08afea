// SPDX-License-Identifier: MIT

// Processes that are killed at random moments while they take messages from one queue and put them
// into another, on every system: nothing is lost, and no survivor is held up.

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess {
namespace {

using testing::ChildProcess;
using testing::ScratchDirectory;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kMessages = 20'000;
constexpr int kKills = 30;

QueueOptions OptionsOf(const std::string& name, const std::string& directory) {
  QueueOptions options;
  options.name = name;
  options.directory = directory;
  options.capacity = 1 << 16;
  options.max_participants = 16;
  return options;
}

// Moves messages for ever, each acknowledged when it is in the other queue.
CHILD_ROLE(Mover) {
  auto from = Subscriber::Open(OptionsOf("from", arguments[0]));
  auto to = Publisher::Open(OptionsOf("to", arguments[0]));
  CHILD_CHECK(from.ok() && to.ok());
  parent.Say('r');
  for (;;) {
    auto message = from->Borrow(WaitOptions(kPatience));
    CHILD_CHECK(message.ok());
    CHILD_CHECK(to->Enqueue(message->bytes(), WaitOptions(kPatience)).ok());
    CHILD_CHECK(message->Acknowledge().ok());
  }
}

TEST(KillsTest, OfMoversLoseNothing) {
  const ScratchDirectory directory;
  auto source = Publisher::Open(OptionsOf("from", directory.path()));
  auto sink = Subscriber::Open(OptionsOf("to", directory.path()));
  ASSERT_TRUE(source.ok() && sink.ok());

  std::thread sender([&] {
    for (int i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(source->Enqueue(absl::StrCat(i), WaitOptions(kPatience)).ok());
    }
  });
  std::vector<int> times(kMessages);
  std::thread receiver([&] {
    for (int missing = kMessages; missing > 0;) {
      auto message = sink->Dequeue(WaitOptions(kPatience));
      ASSERT_TRUE(message.ok()) << message.status() << ", " << missing << " are missing";
      int number = -1;
      ASSERT_TRUE(absl::SimpleAtoi(*message, &number) && number < kMessages) << *message;
      missing -= ++times[static_cast<size_t>(number)] == 1 ? 1 : 0;
    }
  });

  std::mt19937 random(11);
  std::uniform_int_distribution<int> microseconds(0, 20'000);
  ChildProcess other = ChildProcess::Run("Mover", {directory.path()});
  for (int i = 0; i < kKills; ++i) {
    ChildProcess mover = ChildProcess::Run("Mover", {directory.path()});
    ASSERT_EQ(mover.Hear(), 'r');
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
    mover.Kill();
    mover.Wait();
  }
  ASSERT_EQ(other.Hear(), 'r');
  sender.join();
  receiver.join();
  // What came twice may still be on its way.
  EXPECT_TRUE(testing::Eventually([&] {
    const QueueReport report = QueueInspector::Open("from", directory.path())->Report().value();
    return report.ready == 0 && report.claimed == 0;
  }));
  other.Kill();
  other.Wait();
  int twice = 0;
  for (int count : times) twice += count - 1;
  while (sink->TryDequeue().ok()) ++twice;
  EXPECT_LE(twice, kKills);  // each held one
  for (const char* name : {"from", "to"}) {
    auto inspector = QueueInspector::Open(name, directory.path());
    ASSERT_TRUE(inspector.ok()) << inspector.status();
    const std::vector<Finding> findings = inspector->Check().value();
    for (const Finding& finding : findings) {
      EXPECT_NE(finding.severity, Finding::Severity::kDamaged) << finding.what;
    }
  }
  source->Close().IgnoreError();
  sink->Close().IgnoreError();
  EXPECT_TRUE(ListQueues(directory.path())->empty());
}

}  // namespace
}  // namespace interprocess
