// SPDX-License-Identifier: MIT

// ipq with standard streams that are closed, full, or read by nobody: every verb, every format.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

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

using testing::HasSubstr;
using testing::IsEmpty;

using Words = std::vector<std::string>;

constexpr char kText[] = "1\n2\n3\n4\n5\n";

// Of a receiver that follows. One that is stopped before it has begun is ended by the signal.
const auto kStopped = testing::AnyOf(0, 128 + SIGTERM);

// Which of the standard streams are closed.
struct Closing {
  bool in = false;
  bool out = false;
  bool err = false;
};

constexpr Closing kClosings[] = {{true, false, false}, {false, true, false}, {false, false, true},
                                 {true, true, false},  {true, false, true},  {false, true, true},
                                 {true, true, true}};

std::string NameOf(const Closing& closing) {
  return absl::StrCat("closed:", closing.in ? " in" : "", closing.out ? " out" : "",
                      closing.err ? " err" : "");
}

class IpqStreamsTest : public IpqTest, public testing::WithParamInterface<const char*> {
 protected:
  // Puts the text's messages into the queue. Where a queue goes with its last participant, the
  // sender stays until they are read.
  void Fill() {
    WriteFile(File("text"), kText);
    sender_.push_back(Start({"send", q_, format_, "--capacity=4K", File("text")}, {}));
    if (format_ == "--protocol=native") {
      ASSERT_EQ(sender_.back().Wait(), 0);
    }
    ASSERT_TRUE(Eventually([&] { return Ready(q_) == 5; }));
  }

  // Runs ipq with the streams that `closing` leaves: what it said, "" of a closed stream.
  Outcome RunClosed(const Words& arguments, const Closing& closing) const {
    const Fd out = OpenToWrite(File("out"));
    const Fd err = OpenToWrite(File("err"));
    Child child = Start(arguments, {closing.in ? kClosed : -1, closing.out ? kClosed : out.get(),
                                    closing.err ? kClosed : err.get()});
    Outcome outcome;
    outcome.code = child.Wait();
    outcome.out = ReadFile(File("out"));
    outcome.err = ReadFile(File("err"));
    return outcome;
  }

  // Each way of calling each verb that prints.
  std::vector<Words> Printing() const {
    return {{"recv", q_, format_},
            {"recv", q_, format_, "--follow"},
            {"recv", q_, format_, "--ack"},
            {"recv", q_, format_, "--idle=1h", "--framing=length"},
            {"recv", q_, format_, "--count=2", "--framing=raw"},
            {"peek", q_},
            {"peek", q_, format_, "--count=1"},
            {"recv", q_, format_, "--json"},
            {"peek", q_, "--json"},
            {"stat", q_, format_, "--watch=1h"},
            {"stat", q_},
            {"stat", q_, format_, "--json"},
            {"list"},
            {"list", format_, "--json"},
            {"doctor", q_, format_},
            {"doctor", q_, "--json"},
            {"help"},
            {"help", "send"},
            {"send", "--help"},
            {"--version"}};
  }

  // That all messages are there, and none was out.
  void ExpectUntouched() const {
    EXPECT_EQ(Run({"peek", q_}).out, kText);
    EXPECT_EQ(Stat(q_)["returned"], 0);
  }

  // Others' semaphores are named by the queue alone.
  const std::string q_ = absl::StrCat("ipq-streams-", getpid());
  const std::string format_ = absl::StrCat("--protocol=", GetParam());

 private:
  std::vector<Child> sender_;
};

TEST_P(IpqStreamsTest, AClosedOutputIsNamedAndNothingIsTaken) {
  Fill();
  for (const Closing& closing : kClosings) {
    if (!closing.out) continue;
    SCOPED_TRACE(NameOf(closing));
    for (const Words& arguments : Printing()) {
      SCOPED_TRACE(testing::PrintToString(arguments));
      const Outcome outcome = RunClosed(arguments, closing);
      EXPECT_EQ(outcome.code, 1);
      EXPECT_EQ(outcome.err, closing.err ? "" : "ipq: standard output: Bad file descriptor\n");
    }
    ExpectUntouched();
  }
}

TEST_P(IpqStreamsTest, AClosedOutputMakesNoQueue) {
  EXPECT_EQ(RunClosed({"recv", q_, format_, "--follow"}, {true, true, true}).code, 1);
  EXPECT_EQ(RunClosed({"recv", q_, format_, "--idle=1h"}, {false, true, false}).code, 1);
  EXPECT_EQ(Run({"list"}).out, "");
}

TEST_P(IpqStreamsTest, AClosedInputIsNamedAndMakesNoQueue) {
  for (const Closing& closing : kClosings) {
    if (!closing.in) continue;
    SCOPED_TRACE(NameOf(closing));
    WriteFile(File("text"), kText);
    for (const Words& arguments :
         {Words{"send", q_, format_}, Words{"send", q_, format_, File("text"), "-"}}) {
      const Outcome outcome = RunClosed(arguments, closing);
      EXPECT_EQ(outcome.code, 1);
      EXPECT_EQ(outcome.err, closing.err ? "" : "ipq: standard input: Bad file descriptor\n");
    }
    EXPECT_EQ(Run({"list"}).out, "");
  }
}

TEST_P(IpqStreamsTest, AClosedStreamThatIsNotUsedDoesNotMatter) {
  for (const Closing& closing : kClosings) {
    SCOPED_TRACE(NameOf(closing));
    Fill();
    const std::string to = absl::StrCat(q_, "-to");
    const Outcome bridge =
        RunClosed({"bridge", q_, absl::StrCat("native:", to), format_, "--count=1"}, closing);
    EXPECT_EQ(bridge.code, 0) << bridge.err;
    EXPECT_EQ(Ready(to), 1);
    EXPECT_EQ(RunClosed({"rm", to, "--yes"}, closing).code, 0);
    for (const Words& arguments :
         {Words{"recv", q_, format_, "--count=1"}, {"peek", q_, format_}}) {
      if (closing.out) continue;
      const Outcome outcome = RunClosed(arguments, closing);
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      EXPECT_THAT(outcome.out, HasSubstr(arguments[0] == "recv" ? "2\n" : "3\n4\n5\n"));
    }
    EXPECT_EQ(Run({"recv", q_, format_}).code, 0);
  }
}

TEST_P(IpqStreamsTest, AStreamThatIsOpenForTheOtherDirectionIsNamed) {
  Fill();
  WriteFile(File("wrong"), "");
  const Fd wrong_out = OpenToRead(File("wrong"));
  const Fd err = OpenToWrite(File("err"));
  for (const Words& arguments : Printing()) {
    Child child = Start(arguments, {-1, wrong_out.get(), err.get()});
    EXPECT_EQ(child.Wait(), 1) << testing::PrintToString(arguments);
  }
  EXPECT_THAT(ReadFile(File("err")), HasSubstr("ipq: standard output: Bad file descriptor\n"));
  const Fd wrong_in = OpenToWrite(File("wrong"));
  Child send = Start({"send", q_, format_}, {wrong_in.get(), -1, -1});
  EXPECT_EQ(send.Wait(), 1);
  ExpectUntouched();
}

TEST_P(IpqStreamsTest, AFullDiskIsNamedAndNothingIsLost) {
  Fill();
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (full.get() < 0) GTEST_SKIP() << "no /dev/full here";
  for (const Words& arguments : Printing()) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Fd err = OpenToWrite(File("err"));
    Child child = Start(arguments, {-1, full.get(), err.get()});
    EXPECT_EQ(child.Wait(), 1);
    EXPECT_THAT(ReadFile(File("err")),
                testing::MatchesRegex("ipq: standard output: .*No space left on device.*\n"));
  }
  EXPECT_EQ(Run({"peek", q_}).out, kText);
  // Nobody can be told, and that is no reason to fail.
  Child child = Start({"recv", q_, format_, "--count=5"}, {-1, -1, full.get()});
  EXPECT_EQ(child.Wait(), 0);
}

TEST_P(IpqStreamsTest, AReaderThatIsGoneEndsEachVerbQuietly) {
  for (const auto disposition : {SIG_DFL, SIG_IGN}) {
    Fill();
    signal(SIGPIPE, disposition);  // a child has what its parent has
    for (const Words& arguments : Printing()) {
      SCOPED_TRACE(testing::PrintToString(arguments));
      Pipe pipe;
      pipe.read.Close();
      const Fd err = OpenToWrite(File("err"));
      Child child = Start(arguments, {-1, pipe.write.get(), err.get()});
      EXPECT_EQ(child.Wait(), 128 + SIGPIPE);
      EXPECT_THAT(ReadFile(File("err")), IsEmpty());
      // Where nobody reads the errors, the work is done all the same.
      Child told = Start({"stat", "nowhere"}, {-1, -1, pipe.write.get()});
      EXPECT_EQ(told.Wait(), 3);
    }
    signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(Run({"peek", q_}).out, kText);
    EXPECT_EQ(Run({"recv", q_, format_}).out, kText);
  }
}

TEST_P(IpqStreamsTest, AStopEndsWhatHasNoStreamsAndWaits) {
  for (const Closing& closing : kClosings) {
    SCOPED_TRACE(NameOf(closing));
    const int in = closing.in ? kClosed : -1;
    const int err = closing.err ? kClosed : -1;
    Child recv = Start({"recv", q_, format_, "--follow"}, {in, -1, err});
    ASSERT_TRUE(Eventually([&] { return !Stat(q_).is_null(); }));
    recv.Signal(SIGTERM);
    EXPECT_THAT(recv.Wait(), kStopped);
    // One that the signal ended left its queue, of another capacity.
    Run({"rm", q_, "--yes"});

    WriteFile(File("long"), Lines(500));
    Child send = Start({"send", q_, format_, "--capacity=4K", File("long")},
                       {in, closing.out ? kClosed : -1, err});
    ASSERT_TRUE(Eventually([&] { return Ready(q_) > 10; }));
    send.Signal(SIGTERM);
    EXPECT_EQ(send.Wait(), 128 + SIGTERM);
    Run({"rm", q_, "--yes"});
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, IpqStreamsTest,
                         testing::Values("native", "cloudtoid2", "cloudtoid3"),
                         [](const auto& info) { return std::string(info.param); });

class IpqSharedStreamsTest : public IpqTest {};

// Each is told that there is room, one takes it, and the others sleep in their write.
TEST_F(IpqSharedStreamsTest, AStopEndsReceiversThatShareAFullPipe) {
  ASSERT_EQ(Run({"send", "q", "--capacity=16M"}, Lines(60000)).code, 0);
  Pipe pipe;
  std::vector<Child> receivers;
  for (int i = 0; i < 6; ++i) {
    receivers.push_back(Start({"recv", "q", "--follow"}, {-1, pipe.write.get(), -1}));
  }
  std::string page(4096, '\0');
  for (int i = 0; i < 50; ++i) {
    ASSERT_GT(read(pipe.read.get(), page.data(), page.size()), 0);
  }
  for (const Child& receiver : receivers) receiver.Signal(SIGTERM);
  for (Child& receiver : receivers) EXPECT_THAT(receiver.Wait(), kStopped);
}

TEST_F(IpqSharedStreamsTest, AStopEndsAPeekThatNobodyReads) {
  ASSERT_EQ(Run({"send", "q", "--capacity=16M"}, Lines(60000)).code, 0);
  Pipe pipe;
  const Fd err = OpenToWrite(File("err"));
  Child peek = Start({"peek", "q", "--count=60000"}, {-1, pipe.write.get(), err.get()});
  char byte = 0;
  ASSERT_EQ(read(pipe.read.get(), &byte, 1), 1);
  peek.Signal(SIGTERM);
  EXPECT_EQ(peek.Wait(), 128 + SIGTERM);
  EXPECT_THAT(ReadFile(File("err")), IsEmpty());
}

}  // namespace
}  // namespace testing_tools
