// SPDX-License-Identifier: MIT

// A bridge is killed at each of its named steps; the next one finishes the work.

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/jetstream/jetstream_fixture.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tools/jetstream/header_block.h"

namespace testing_jetstream {
namespace {

using testing_tools::Child;
using testing_tools::Eventually;

constexpr const char* kSteps[] = {
#include "tests/jetstream/step_names.inc"
};
// More than one batch to a queue has.
constexpr int kMessages = 600;
// What one kill of a bridge to a queue may repeat.
constexpr int kUnderWay = 256;
constexpr int kKilled = 128 + testing_tools::kKill;

struct Death {
  std::string step;  // empty: none
  int passing = 1;
  const char* pace = "0";  // how long each batch to the queue takes
};

class StepsTest : public JetStreamTest, public testing::WithParamInterface<Death> {
 protected:
  // The exit code of a bridge from or to queue "q", which dies at the step if it is given one.
  int RunBridge(const NatsServer& server, bool to_queue, const Death& death) const {
    Child bridge({std::getenv("STEP_BRIDGE"), "--folder=" + directory(), "--queue=q",
                  "--stream=" + server.Url("s"), to_queue ? "--to_queue" : "--noto_queue",
                  "--step=" + death.step, absl::StrCat("--passing=", death.passing),
                  absl::StrCat("--pace=", death.pace)},
                 {-1, -1, 2});
    return bridge.Wait();
  }

  void Send() const {
    auto options = Queue("q");
    options.mode = interprocess::OpenMode::kOpenOrCreate;
    options.capacity = 1 << 20;
    auto publisher = interprocess::Publisher::Open(options);
    ASSERT_TRUE(publisher.ok()) << publisher.status();
    for (int i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(publisher->TryEnqueue(absl::StrCat(i)).ok());
    }
  }
};

TEST_P(StepsTest, NextBridgeFinishesTheWork) {
  const NatsServer server(ServerOptions());
  const bool to_queue = absl::StartsWith(GetParam().step, "to_queue.");
  Send();
  if (to_queue) {
    ASSERT_EQ(RunBridge(server, false, {}), 0);
  }
  ASSERT_EQ(RunBridge(server, to_queue, GetParam()), kKilled) << "the step was not reached";
  if (!to_queue) {
    // What the dead bridge held is back after a while.
    EXPECT_TRUE(Eventually([&] {
      if (RunBridge(server, false, {}) != 0) return false;
      const auto queue = Stat("q");
      return queue.is_null() || (queue["ready"] == 0 && queue["claimed"] == 0);
    }));
    EXPECT_EQ(server.Stored("s"), uint64_t{kMessages});
    return;
  }
  ASSERT_EQ(RunBridge(server, true, {}), 0);
  auto subscriber = interprocess::Subscriber::Open(Queue("q"));
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  std::set<std::string> seen;
  int repeats = 0;
  for (auto message = subscriber->TryDequeue(); message.ok(); message = subscriber->TryDequeue()) {
    absl::string_view body = *message;
    bool marked = false;
    for (const auto& [name, value] : jetstream::TakeHeaderBlock(body)) {
      marked |= name == jetstream::kRedelivered;
    }
    if (seen.insert(std::string(body)).second) continue;
    ++repeats;
    EXPECT_TRUE(marked) << body;
  }
  EXPECT_EQ(seen.size(), size_t{kMessages});
  EXPECT_LE(repeats, kUnderWay);
  EXPECT_EQ(server.Outstanding("s"), 0u);
}

// At the first passing of each step, and at one in the middle.
std::vector<Death> Deaths() {
  std::vector<Death> deaths;
  for (const absl::string_view step : kSteps) {
    // Some are passed for each batch only, and the floor is looked at twice a second.
    const bool seldom = step == "to_queue.asked" || step == "to_queue.enqueued";
    const bool slow = step == "to_queue.floor_raised";
    deaths.push_back({std::string(step), 1, slow ? "600ms" : "0"});
    if (!seldom && !slow) deaths.push_back({std::string(step), kMessages / 2});
  }
  return deaths;
}

INSTANTIATE_TEST_SUITE_P(All, StepsTest, testing::ValuesIn(Deaths()), [](const auto& info) {
  return absl::StrCat(absl::StrReplaceAll(info.param.step, {{".", "_"}}), "_", info.param.passing);
});

}  // namespace
}  // namespace testing_jetstream
