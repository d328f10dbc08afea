// SPDX-License-Identifier: MIT

// Messages through ipq: framings, waiting, several processes at once.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_tools {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class IpqTransferTest : public IpqTest {};

std::string WithLength(const std::string& message) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(message.size() >> (8 * i)));
  return bytes + message;
}

// Messages of all sizes up to `largest`, of any bytes.
std::string RandomMessages(int count, size_t largest) {
  std::mt19937 random(4711);
  const size_t sizes[] = {0, 1, 39, 40, 41, 63, 64, 65, largest};
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    std::string message(random() % 4 == 0 ? sizes[random() % 9] : random() % 500, '\0');
    for (char& c : message) c = static_cast<char>(random());
    bytes += WithLength(message);
  }
  return bytes;
}

TEST_F(IpqTransferTest, LinesKeepEmptyOnesAndALastOneWithoutNewline) {
  EXPECT_EQ(Run({"send", "q"}, "a\n\n\r\nb").code, 0);
  EXPECT_EQ(Ready("q"), 4);
  EXPECT_EQ(Run({"recv", "q"}).out, "a\n\n\r\nb\n");
  EXPECT_EQ(Run({"send", "q"}, "").code, 0);
  EXPECT_EQ(Run({"recv", "q"}).code, 3);
}

TEST_F(IpqTransferTest, EachFramingOfTheOutputOfTheSameMessages) {
  for (const auto& [framing, output] : std::vector<std::pair<std::string, std::string>>{
           {"lines", "one\n\ntwo\n"},
           {"length", WithLength("one") + WithLength("") + WithLength("two")},
           {"raw", "onetwo"}}) {
    EXPECT_EQ(Run({"send", "q"}, "one\n\ntwo").code, 0);
    EXPECT_EQ(Run({"recv", "q", "--framing=" + framing}).out, output);
  }
}

TEST_F(IpqTransferTest, RawTakesEachFileAsOneMessage) {
  WriteFile(File("first"), std::string("a\nb\0c\n", 6));
  WriteFile(File("second"), "");
  EXPECT_EQ(Run({"send", "q", "--framing=raw", File("first"), "-", File("second")}, "x\n").code, 0);
  EXPECT_EQ(Run({"recv", "q", "--framing=length"}).out,
            WithLength(std::string("a\nb\0c\n", 6)) + WithLength("x\n") + WithLength(""));
}

TEST_F(IpqTransferTest, BinaryFlowsThroughASmallQueue) {
  const std::string bytes = RandomMessages(20000, 4096);
  WriteFile(File("in"), bytes);
  const Fd in = OpenToRead(File("in"));
  const Fd out = OpenToWrite(File("out"));
  Child recv =
      Start({"recv", "q", "--follow", "--count=20000", "--framing=length", "--capacity=4K"},
            {-1, out.get(), -1});
  Child send = Start({"send", "q", "--framing=length", "--capacity=4K"}, {in.get(), -1, -1});
  EXPECT_EQ(send.Wait(), 0);
  EXPECT_EQ(recv.Wait(), 0);
  EXPECT_TRUE(ReadFile(File("out")) == bytes);
  EXPECT_EQ(Run({"stat", "q"}).code, 3);
}

TEST_F(IpqTransferTest, WhatIsWrongWithAnInputIsNamedAndWhatCameBeforeIsSent) {
  const std::string big(5000, 'x');
  const struct {
    std::vector<std::string> arguments;
    std::string input;
    std::vector<std::string> messages;
  } cases[] = {
      {{}, "a\n" + big + "\nb\n", {"standard input, line 2", "5,000 bytes", "4,096 bytes"}},
      {{}, "a\n" + std::string(500000, 'x'), {"line 2", "more than that", "4,096"}},
      {{"--framing=length"}, WithLength("a") + WithLength(big), {"message 2", "5,000", "4,096"}},
      {{"--framing=length"}, WithLength("a") + "\x05", {"message 2", "after 1 of its 4"}},
      {{"--framing=length"}, WithLength("a") + WithLength("abc").substr(0, 6), {"6 of its 7"}},
  };
  for (const auto& each : cases) {
    std::vector<std::string> arguments = {"send", "q", "--capacity=4K"};
    arguments.insert(arguments.end(), each.arguments.begin(), each.arguments.end());
    const Outcome outcome = Run(arguments, each.input);
    EXPECT_EQ(outcome.code, 1);
    for (const std::string& message : each.messages) {
      EXPECT_THAT(outcome.err, HasSubstr(message));
    }
    EXPECT_THAT(outcome.err, HasSubstr("ipq: 1 message sent"));
    EXPECT_EQ(Run({"recv", "q"}).out, "a\n");
  }
  for (const std::string& input : {File("nowhere"), directory()}) {
    const Outcome outcome = Run({"send", "q", input});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr(input));
  }
}

TEST_F(IpqTransferTest, AFullQueueIsFourWithinWait) {
  for (const std::string wait : {"0", "20ms"}) {
    const Outcome outcome = Run({"send", "q", "--capacity=4K", "--wait=" + wait}, Lines(100));
    EXPECT_EQ(outcome.code, 4);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("full"), HasSubstr("messages sent")));
    const uint64_t sent = Ready("q");
    EXPECT_GT(sent, 0);
    EXPECT_THAT(outcome.err, HasSubstr(absl::StrCat("ipq: ", sent, " messages sent")));
    EXPECT_THAT(outcome.err, HasSubstr(absl::StrCat("line ", sent + 1, ":")));
    EXPECT_EQ(Run({"recv", "q", absl::StrCat("--count=", sent)}).code, 0);
  }
}

TEST_F(IpqTransferTest, AWaitingSenderGoesOnWhenThereIsRoom) {
  WriteFile(File("in"), Lines(500));
  Child send = Start({"send", "q", "--capacity=4K", File("in")}, {});
  ASSERT_TRUE(Eventually([&] { return OneWaitsFor("space", "q"); }));
  const Outcome recv = Run({"recv", "q", "--idle=10s", "--count=500"});
  EXPECT_EQ(recv.code, 0);
  EXPECT_TRUE(recv.out == Lines(500));
  EXPECT_EQ(send.Wait(), 0);
}

TEST_F(IpqTransferTest, RecvEndsWhenEmptyIdleOrAfterCount) {
  EXPECT_EQ(Run({"send", "q"}, "1\n2\n3\n4\n").code, 0);
  Outcome outcome = Run({"recv", "q", "--count=2"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "1\n2\n");
  EXPECT_EQ(Run({"recv", "q", "--count=0"}).out, "");
  outcome = Run({"recv", "q", "--count=3"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.out, "3\n4\n");
  EXPECT_THAT(outcome.err, HasSubstr("2 of 3"));
  // It makes the queue, and the queue goes with it.
  outcome = Run({"recv", "q", "--idle=1ms"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(Run({"recv", "q", "--idle=1ms", "--count=1"}).code, 4);
  EXPECT_EQ(Run({"stat", "q"}).code, 3);
}

TEST_F(IpqTransferTest, AReceiverMayComeFirst) {
  const Fd out = OpenToWrite(File("out"));
  Child recv = Start({"recv", "q", "--follow", "--count=2"}, {-1, out.get(), -1});
  ASSERT_TRUE(Eventually([&] { return !Stat("q").is_null(); }));
  EXPECT_EQ(Run({"send", "q"}, "1\n2\n").code, 0);
  EXPECT_EQ(recv.Wait(), 0);
  EXPECT_EQ(ReadFile(File("out")), "1\n2\n");
}

TEST_F(IpqTransferTest, ATextComesOutAsItWentIn) {
  const std::string text = Lines(60000);
  const Outcome sent = Run({"send", "q", "--capacity=16M"}, text);
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_EQ(Ready("q"), 60000);
  for (const bool ack : {false, true}) {
    const Outcome recv = Run(ack ? std::vector<std::string>{"recv", "q", "--ack"}
                                 : std::vector<std::string>{"recv", "q", "--count=30000"});
    EXPECT_EQ(recv.code, 0) << recv.err;
    const size_t half = text.find("\n30000 ") + 1;
    EXPECT_TRUE(recv.out == (ack ? text.substr(half) : text.substr(0, half)));
  }
}

TEST_F(IpqTransferTest, TwoSendersAndTwoReceiversShareTheWork) {
  const std::string text = Lines(60000);
  WriteFile(File("in"), text);
  std::vector<Child> children;
  const Fd in1 = OpenToRead(File("in"));
  const Fd in2 = OpenToRead(File("in"));
  const Fd out1 = OpenToWrite(File("out1"));
  const Fd out2 = OpenToWrite(File("out2"));
  children.push_back(Start({"recv", "q", "--follow", "--count=60000"}, {-1, out1.get(), -1}));
  children.push_back(
      Start({"recv", "q", "--follow", "--ack", "--count=60000"}, {-1, out2.get(), -1}));
  Child send1 = Start({"send", "q"}, {in1.get(), -1, -1});
  Child send2 = Start({"send", "q", File("in")}, {});
  EXPECT_EQ(send1.Wait(), 0);
  EXPECT_EQ(send2.Wait(), 0);
  for (Child& child : children) EXPECT_EQ(child.Wait(), 0);
  const std::vector<std::string> received =
      SortedLines(ReadFile(File("out1")) + ReadFile(File("out2")));
  EXPECT_EQ(received.size(), 120000);
  EXPECT_TRUE(received == SortedLines(text + text));
}

}  // namespace
}  // namespace testing_tools
