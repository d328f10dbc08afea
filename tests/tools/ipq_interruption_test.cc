// SPDX-License-Identifier: MIT

// ipq that is stopped, killed, or has no reader: nothing is lost.

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_tools {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class IpqInterruptionTest : public IpqTest {
 protected:
  // Fills queue "q" with Lines(count).
  void Fill(int count) {
    const Outcome sent = Run({"send", "q", "--capacity=16M"}, Lines(count));
    ASSERT_EQ(sent.code, 0) << sent.err;
  }

  // Starts a receiver whose output no process reads, and waits until it holds messages.
  Child StartHeldUp(const std::vector<std::string>& flags, const Pipe& pipe) {
    std::vector<std::string> arguments = {"recv", "q", "--follow"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Child recv = Start(arguments, {-1, pipe.write.get(), -1});
    EXPECT_TRUE(Eventually([&] {
      // A pipe without room, and messages that wait for it: of two looks, since the first may have
      // seen those that had just been written.
      pollfd room = {pipe.write.get(), POLLOUT, 0};
      if (poll(&room, 1, 0) != 0) return false;
      const json first = Stat("q");
      const json second = Stat("q");
      return second["claimed"] > 0 && first["ready"] == second["ready"];
    }));
    return recv;
  }
};

// The number in "... N messages sent".
uint64_t SentCount(const std::string& message) {
  std::vector<absl::string_view> words = absl::StrSplit(message, absl::ByAnyChar(" \n"));
  uint64_t count = 0;
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    if (words[i + 1] != "sent") continue;
    EXPECT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(words[i - 1], {{",", ""}}), &count));
  }
  return count;
}

std::string FirstLine(int fd) {
  std::string line;
  char byte = 0;
  while (read(fd, &byte, 1) == 1) {
    line.push_back(byte);
    if (byte == '\n') break;
  }
  return line;
}

TEST_F(IpqInterruptionTest, WithAckAReaderThatLeavesLosesNothing) {
  Fill(5000);
  std::string seen;
  for (int round = 0; round < 20; ++round) {
    Pipe pipe;
    Child recv = Start({"recv", "q", "--follow", "--ack"}, {-1, pipe.write.get(), -1});
    pipe.write.Close();
    for (int i = 0; i < 3; ++i) seen += FirstLine(pipe.read.get());
    pipe.read.Close();
    EXPECT_EQ(recv.Wait(), 128 + SIGPIPE);
  }
  seen += Run({"recv", "q"}).out;
  EXPECT_TRUE(SortedLines(seen) == SortedLines(Lines(5000)));
}

TEST_F(IpqInterruptionTest, WhatNobodyReadsAnyMoreStaysInTheQueue) {
  Fill(50000);
  Pipe pipe;
  const Fd err = OpenToWrite(File("err"));
  Child recv = Start({"recv", "q", "--follow"}, {-1, pipe.write.get(), err.get()});
  pipe.write.Close();
  std::string seen = FirstLine(pipe.read.get());
  pipe.read.Close();
  EXPECT_EQ(recv.Wait(), 128 + SIGPIPE);
  EXPECT_THAT(ReadFile(File("err")), IsEmpty());
  const uint64_t left = Ready("q");
  // A pipe of 64 KiB took less than half of them.
  EXPECT_GT(left, 25000);
  const std::vector<std::string> rest = SortedLines(Run({"recv", "q"}).out);
  EXPECT_EQ(rest.size(), left);
  EXPECT_TRUE(std::adjacent_find(rest.begin(), rest.end()) == rest.end());
}

TEST_F(IpqInterruptionTest, AStopWhileNobodyReadsEndsAndKeepsTheRest) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{}, {"--ack"}}) {
    Fill(50000);
    Pipe pipe;
    Child recv = StartHeldUp(flags, pipe);
    recv.Signal(SIGINT);
    EXPECT_EQ(recv.Wait(), 0);
    pipe.write.Close();
    const std::string piped = ReadAll(pipe.read.get());
    const std::string rest = Run({"recv", "q"}).out;
    // What was cut short was not acknowledged.
    std::vector<std::string> all = SortedLines(piped.substr(0, piped.rfind('\n') + 1) + rest);
    if (!flags.empty()) all.erase(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(all.size(), 50000);
    EXPECT_TRUE(all == SortedLines(Lines(50000)));
  }
}

TEST_F(IpqInterruptionTest, StopsUnderLoadAddUp) {
  constexpr int kLines = 500000;
  const std::string text = Lines(kLines);
  WriteFile(File("in"), text);
  std::string received;
  uint64_t sent = 0;
  for (int round = 0; round < 3; ++round) {
    const Fd out = OpenToWrite(File("out"));
    const Fd err = OpenToWrite(File("err"));
    Child recv = Start({"recv", "q", "--follow"}, {-1, out.get(), -1});
    Child send = Start({"send", "q", File("in")}, {-1, -1, err.get()});
    ASSERT_TRUE(Eventually([&] { return lseek(out.get(), 0, SEEK_END) > 100000; }));
    (round == 1 ? send : recv).Signal(round == 0 ? SIGINT : SIGTERM);
    EXPECT_EQ((round == 1 ? send : recv).Wait(), round == 1 ? 128 + SIGTERM : 0);
    if (round == 1) {
      recv.Signal(SIGINT);
      EXPECT_EQ(recv.Wait(), 0);
    } else {
      // Nobody reads any more: it fills the queue and waits.
      ASSERT_TRUE(Eventually([&] { return OneWaitsFor("space", "q"); }));
      send.Signal(SIGINT);
      EXPECT_EQ(send.Wait(), 128 + SIGINT);
    }
    sent = SentCount(ReadFile(File("err")));
    EXPECT_GT(sent, 0);
    const uint64_t left = Ready("q");
    received = ReadFile(File("out"));
    EXPECT_EQ(SortedLines(received).size() + left, sent);
    if (left > 0) received += Run({"recv", "q"}).out;
    // The first `sent` lines of the text, each once.
    size_t end = 0;
    for (uint64_t i = 0; i < sent; ++i) end = text.find('\n', end) + 1;
    EXPECT_TRUE(SortedLines(received) == SortedLines(text.substr(0, end)));
    Run({"rm", "q", "--yes"});
  }
}

TEST_F(IpqInterruptionTest, AStoppedSenderWhoseInputSleepsEnds) {
  Pipe pipe;
  const Fd err = OpenToWrite(File("err"));
  Child send = Start({"send", "q"}, {pipe.read.get(), -1, err.get()});
  ASSERT_EQ(write(pipe.write.get(), "one\ntw", 6), 6);
  ASSERT_TRUE(Eventually([&] { return Ready("q") == 1; }));
  send.Signal(SIGINT);
  EXPECT_EQ(send.Wait(), 128 + SIGINT);
  EXPECT_EQ(ReadFile(File("err")), "ipq: stopped: 1 message sent\n");
  EXPECT_EQ(Run({"recv", "q"}).out, "one\n");
}

TEST_F(IpqInterruptionTest, AStopBeforeCountIsReachedIsNoSuccess) {
  Child recv = Start({"recv", "q", "--follow", "--count=1"}, {});
  ASSERT_TRUE(Eventually([&] { return !Stat("q").is_null(); }));
  recv.Signal(SIGTERM);
  EXPECT_EQ(recv.Wait(), 128 + SIGTERM);
}

TEST_F(IpqInterruptionTest, AKilledReceiversMessagesAreDeliveredAgain) {
  for (const bool repair : {true, false}) {
    Fill(50000);
    Pipe pipe;
    Child recv = StartHeldUp({}, pipe);
    recv.Signal(SIGKILL);
    EXPECT_EQ(recv.Wait(), 128 + SIGKILL);
    if (repair) {
      const Outcome doctor = Run({"doctor", "q"});
      EXPECT_EQ(doctor.code, 0);
      EXPECT_THAT(doctor.out, AllOf(HasSubstr("note: "), HasSubstr(absl::StrCat(recv.id()))));
      const json report = json::parse(Run({"doctor", "q", "--repair", "--json"}).out);
      EXPECT_EQ(report["resolved"], 1);
      EXPECT_TRUE(report["left"].empty()) << report;
      EXPECT_EQ(Stat("q")["claimed"], 0);
    }
    const Outcome rest = Run({"recv", "q"});
    EXPECT_EQ(rest.code, 0);
    EXPECT_THAT(rest.err, HasSubstr("held by a subscriber that died"));
    pipe.write.Close();
    const std::string piped = ReadAll(pipe.read.get());
    std::vector<std::string> all = SortedLines(piped.substr(0, piped.rfind('\n') + 1) + rest.out);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    EXPECT_TRUE(all == SortedLines(Lines(50000)));
  }
}

TEST_F(IpqInterruptionTest, AKilledSenderLeavesASoundQueue) {
  WriteFile(File("in"), Lines(500));
  Child send = Start({"send", "q", "--capacity=4K", File("in")}, {});
  ASSERT_TRUE(Eventually([&] { return OneWaitsFor("space", "q"); }));
  send.Signal(SIGKILL);
  EXPECT_EQ(send.Wait(), 128 + SIGKILL);
  EXPECT_THAT(Run({"doctor", "q"}).out, HasSubstr(absl::StrCat(send.id())));
  EXPECT_THAT(Run({"doctor", "q", "--repair"}).out, HasSubstr("1 dead participant resolved"));
  EXPECT_EQ(Run({"doctor", "q"}).out, "sound\n");
  const uint64_t ready = Ready("q");
  const std::string received = Run({"recv", "q"}).out;
  EXPECT_EQ(SortedLines(received).size(), ready);
  EXPECT_EQ(Lines(500).substr(0, received.size()), received);
}

TEST_F(IpqInterruptionTest, ATerminalIsToldThatASenderWaits) {
  WriteFile(File("in"), Lines(500));
  const Terminal terminal;
  Child send = Start({"send", "q", "--capacity=4K", File("in")}, {-1, -1, terminal.program.get()});
  std::string shown;
  ASSERT_TRUE(Eventually([&] {
    char byte = 0;
    if (read(terminal.user.get(), &byte, 1) == 1) shown.push_back(byte);
    return shown.find("waiting for room") != std::string::npos;
  }));
  EXPECT_THAT(shown, HasSubstr("messages"));
}

TEST_F(IpqInterruptionTest, RmAsksOnATerminal) {
  EXPECT_EQ(Run({"send", "q"}, "x\n").code, 0);
  for (const std::string answer : {"n\n", "\n", "yes\n"}) {
    const Terminal terminal;
    ASSERT_GT(write(terminal.user.get(), answer.data(), answer.size()), 0);
    Child rm = Start({"rm", "q"}, {terminal.program.get(), -1, terminal.program.get()});
    const bool yes = answer == "yes\n";
    EXPECT_EQ(rm.Wait(), yes ? 0 : 1);
    EXPECT_EQ(Run({"stat", "q"}).code, yes ? 3 : 0);
  }
}

}  // namespace
}  // namespace testing_tools
