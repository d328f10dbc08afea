// SPDX-License-Identifier: MIT

// Bridges whose wall clock is set by a day, ahead and back, while they run.

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "tests/jetstream/jetstream_fixture.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_jetstream {
namespace {

using testing_tools::Child;
using testing_tools::Eventually;

TEST_F(JetStreamTest, WallClockDoesNotMatter) {
  const NatsServer server(ServerOptions());
  const std::string text = testing_tools::Lines(2000);
  ASSERT_EQ(Run({"send", "q"}, text).code, 0);
  setenv("LD_PRELOAD", std::getenv("JUMPING_CLOCK"), 1);
  setenv("CLOCK_AHEAD", File("ahead").c_str(), 1);
  Child there = StartBridge("q", server.Url("s"), "there", {"--create"});
  Child back = StartBridge(server.Url("s"), "to", "back", {"--create", "--ack-wait=1s"});
  unsetenv("LD_PRELOAD");
  ASSERT_TRUE(Eventually([&] { return Ready("to") == 2000; })) << Events("there") << Events("back");
  for (int round = 1; round <= 4; ++round) {
    SCOPED_TRACE(round);
    if (round % 2 == 1) {
      testing_tools::WriteFile(File("ahead"), "");
    } else {
      std::filesystem::remove(File("ahead"));
    }
    ASSERT_EQ(Run({"send", "q"}, text).code, 0);
    const uint64_t all = uint64_t{2000} * (round + 1);
    ASSERT_TRUE(Eventually([&] { return Ready("to") == all; }))
        << Events("there") << Events("back");
  }
  testing_tools::WriteFile(File("ahead"), "");
  for (Child* each : {&there, &back}) {
    each->Signal(SIGINT);
    EXPECT_EQ(each->Wait(), 0);
  }
  EXPECT_EQ(server.Stored("s"), 10'000u);
  EXPECT_EQ(server.Outstanding("s"), 0u);
  EXPECT_EQ(Count("there", "outside_window", "messages"), 0);
}

}  // namespace
}  // namespace testing_jetstream
