// SPDX-License-Identifier: MIT

// ipq with queues of the Cloudtoid formats, and moving messages between formats.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_tools {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class IpqFormatsTest : public IpqTest {
 protected:
  // Their semaphores are named by the queue alone.
  const std::string q_ = absl::StrCat("ipq-formats-", getpid());

  // Starts `ipq send` of the text to the queue, which stays until all was read.
  Child StartSend(const std::string& protocol, const std::string& text) {
    WriteFile(File("input"), text);
    Fd input = OpenToRead(File("input"));
    return Start({"send", q_, "--protocol=" + protocol, "--capacity=1M"}, {input.get(), -1, -1});
  }
};

TEST_F(IpqFormatsTest, SendAndReceiveInEachFormat) {
  for (const std::string protocol : {"cloudtoid2", "cloudtoid3", "cloudtoid2-fork"}) {
    if (protocol == "cloudtoid2-fork" && !kTheirQueuesAreFiles) continue;  // it is cloudtoid2
    SCOPED_TRACE(protocol);
    Child send = StartSend(protocol, "one\ntwo\n\n");
    ASSERT_TRUE(Eventually([&] {
      const Outcome peek = Run({"peek", q_, "--protocol=" + protocol});
      return peek.out == "one\ntwo\n\n";
    }));
    // Which it is, is found out.
    const json stat = Stat(q_);
    EXPECT_EQ(stat["protocol"], protocol);
    EXPECT_EQ(stat["ready"], 3);
    EXPECT_EQ(stat["capacity"], 1 << 20);
    EXPECT_EQ(Run({"peek", q_, "--count=1"}).out, "one\n");
    EXPECT_THAT(Run({"doctor", q_}).out, HasSubstr(protocol));
    const json list = json::parse(Run({"list", "--json"}).out);
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0]["protocol"], protocol);
    EXPECT_THAT(Run({"list"}).out, HasSubstr(protocol));
    EXPECT_EQ(Run({"recv", q_, "--protocol=" + protocol}).out, "one\ntwo\n\n");
    EXPECT_EQ(send.Wait(), 0);
    // The fork's queues stay.
    EXPECT_EQ(Run({"rm", q_, "--yes"}).code, protocol == "cloudtoid2-fork" ? 0 : 3);
  }
}

TEST_F(IpqFormatsTest, TheSameNameInTwoFormatsIsAskedFor) {
  if (!kTheirQueuesAreFiles) GTEST_SKIP() << "a queue that is memory does not outlive its sender";
  ASSERT_EQ(Run({"send", q_}, "native\n").code, 0);
  ASSERT_EQ(Run({"send", q_, "--protocol=cloudtoid2-fork"}, "fork\n").code, 0);
  const Outcome stat = Run({"stat", q_});
  EXPECT_EQ(stat.code, 2);
  EXPECT_THAT(stat.err, HasSubstr("native, cloudtoid2-fork"));
  EXPECT_EQ(Run({"peek", q_, "--protocol=cloudtoid2-fork"}).out, "fork\n");
  EXPECT_EQ(Run({"recv", q_}).out, "native\n");
  EXPECT_EQ(Run({"rm", q_, "--protocol=cloudtoid2-fork", "--yes"}).code, 0);
}

TEST_F(IpqFormatsTest, VersionTwoDoesNotSayThatNobodyIsAttached) {
  Child receive =
      Start({"recv", q_, "--follow", "--protocol=cloudtoid2", "--capacity=1M"}, {-1, -1, -1});
  ASSERT_TRUE(Eventually([&] { return Run({"stat", q_}).code == 0; }));
  EXPECT_TRUE(Stat(q_)["participants"].is_null());
  EXPECT_TRUE(Stat(q_)["max_participants"].is_null());
  EXPECT_THAT(Run({"stat", q_}).out, HasSubstr("not known"));
  const json list = json::parse(Run({"list", "--json"}).out);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_TRUE(list[0]["publishers"].is_null());
  EXPECT_TRUE(list[0]["subscribers"].is_null());
  EXPECT_THAT(Run({"list"}).out, HasSubstr("?"));
  // Nor that it may go.
  const Outcome removed = Run({"rm", q_});
  EXPECT_NE(removed.code, 0);
  EXPECT_THAT(removed.err, HasSubstr("does not tell whether anybody uses it"));
  EXPECT_EQ(Run({"stat", q_}).code, 0);
}

TEST_F(IpqFormatsTest, VersionThreeSaysWhoIsAttached) {
  Child receive =
      Start({"recv", q_, "--follow", "--protocol=cloudtoid3", "--capacity=1M"}, {-1, -1, -1});
  ASSERT_TRUE(Eventually([&] {
    return Run({"stat", q_}).code == 0 && Stat(q_)["participants"].size() == 1;
  }));
  const json list = json::parse(Run({"list", "--json"}).out);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["publishers"], 0);
  EXPECT_EQ(list[0]["subscribers"], 1);
}

TEST_F(IpqFormatsTest, WhatNobodyReadsIsTold) {
  const Outcome sent = Run({"send", q_, "--protocol=cloudtoid3", "--wait=50ms"}, "one\ntwo\n");
  EXPECT_EQ(sent.code, 4);
  EXPECT_THAT(sent.err, HasSubstr("2 messages not read"));
}

TEST_F(IpqFormatsTest, BridgeMovesUntilThereIsNoMore) {
  const std::string text = Lines(2000);
  Child send = StartSend("cloudtoid2", text);
  ASSERT_TRUE(Eventually([&] { return Run({"stat", q_}).code == 0; }));
  const Outcome bridge =
      Run({"bridge", "cloudtoid2:" + q_, "native:" + q_, "--idle=2s", "--capacity=1M"});
  EXPECT_EQ(bridge.code, 0) << bridge.err;
  EXPECT_EQ(send.Wait(), 0);
  EXPECT_EQ(Run({"recv", q_}).out, text);
}

TEST_F(IpqFormatsTest, BridgeNeedsTwoQueues) {
  EXPECT_EQ(Run({"bridge", "a"}).code, 2);
  EXPECT_EQ(Run({"bridge", "a", "native:a"}).code, 2);
  EXPECT_EQ(Run({"bridge", "nowhere", "cloudtoid2:" + q_}).code, 3);
  EXPECT_EQ(Run({"bridge", "a", "b", "--protocol=what"}).code, 2);
}

struct Pair {
  std::string from;
  std::string to;
  int kills;
};

class IpqBridgeKillsTest : public IpqFormatsTest, public testing::WithParamInterface<Pair> {};

TEST_P(IpqBridgeKillsTest, LoseNothing) {
  constexpr int kLines = 60'000;
  const Pair& pair = GetParam();
  const std::string text = Lines(kLines);
  // Both ends stay attached, so that no queue goes with a bridge.
  Fd output = OpenToWrite(File("output"));
  Child receive = Start({"recv", q_, "--follow", "--protocol=" + pair.to, "--capacity=1M"},
                        {-1, output.get(), -1});
  Child send = StartSend(pair.from, text);
  ASSERT_TRUE(Eventually([&] {
    return Run({"stat", q_, "--protocol=" + pair.from}).code == 0 &&
           Run({"stat", q_, "--protocol=" + pair.to}).code == 0;
  }));
  const std::vector<std::string> bridge = {"bridge", pair.from + ":" + q_, pair.to + ":" + q_,
                                           "--follow"};
  std::mt19937 random(20);
  std::uniform_int_distribution<int> microseconds(0, 60'000);
  for (int i = 0; i < pair.kills; ++i) {
    Child killed = Start(bridge, {});
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
    killed.Signal(kKill);
    EXPECT_EQ(killed.Wait(), 128 + kKill);
  }
  Child last = Start(bridge, {});
  EXPECT_EQ(send.Wait(), 0);  // all was read
  std::vector<std::string> wanted = SortedLines(text);
  std::vector<std::string> got;
  EXPECT_TRUE(Eventually([&] {
    got = SortedLines(ReadFile(File("output")));
    got.erase(std::unique(got.begin(), got.end()), got.end());
    return got.size() >= wanted.size();
  }));
  EXPECT_TRUE(got == wanted) << got.size() << " different lines of " << wanted.size();
  const size_t twice = SortedLines(ReadFile(File("output"))).size() - got.size();
  EXPECT_LE(twice, static_cast<size_t>(pair.kills) * 256);
  // The last one out takes the queues with it, and their semaphores.
  for (Child* child : {&last, &receive}) {
    child->Signal(SIGTERM);
    EXPECT_EQ(child->Wait(), kSignalsAreHandled ? 0 : 128 + SIGTERM);
  }
}

INSTANTIATE_TEST_SUITE_P(Pairs, IpqBridgeKillsTest,
                         testing::Values(Pair{"native", "cloudtoid2", 20},
                                         Pair{"cloudtoid3", "native", 20},
                                         Pair{"cloudtoid2", "cloudtoid3", 10}),
                         [](const auto& info) { return info.param.from + info.param.to; });

}  // namespace
}  // namespace testing_tools
