// SPDX-License-Identifier: MIT

// What is typed to ipq: flags in all their forms, and what it says of what it does not understand.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"
#include "tools/ipq/command_line.h"

namespace testing_tools {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

class IpqCommandLineTest : public IpqTest {
 protected:
  // How many queues there are.
  size_t Queues() const { return json::parse(Run({"list", "--json"}).out).size(); }
};

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(ipq::EditDistance("", ""), 0u);
  EXPECT_EQ(ipq::EditDistance("send", "send"), 0u);
  EXPECT_EQ(ipq::EditDistance("sned", "send"), 1u);
  EXPECT_EQ(ipq::EditDistance("sen", "send"), 1u);
  EXPECT_EQ(ipq::EditDistance("", "send"), 4u);
  EXPECT_EQ(ipq::EditDistance("kitten", "sitting"), 3u);
}

TEST_F(IpqCommandLineTest, FlagsTakeHyphensAndUnderscores) {
  for (const Words& flags : {Words{"--across-sessions"},
                             {"--across_sessions"},
                             {"--across-sessions=true"},
                             {"--noacross-sessions"},
                             {"--no-across_sessions"},
                             {"-across-sessions"}}) {
    Words arguments = {"send", "q"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Outcome outcome = Run(arguments, "x\n");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
  }
  for (const std::string flag : {"--to-dir", "--to_dir"}) {
    const Outcome outcome = Run({"bridge", "q", "r", "--count=1", flag, directory()});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
  }
  EXPECT_EQ(Ready("r"), 2);
  for (const std::string verb : {"send", "recv", "bridge"}) {
    const std::string help = Run({"help", verb}).out;
    EXPECT_THAT(help, HasSubstr("--across-sessions"));
    EXPECT_THAT(help, Not(HasSubstr("_s")));
  }
  // A value may look like a flag, and what follows "--" is none.
  EXPECT_EQ(Run({"send", "s", "--message", "--ack", "--message=a=b"}).code, 0);
  EXPECT_EQ(Run({"recv", "--", "s"}).out, "--ack\na=b\n");
}

TEST_F(IpqCommandLineTest, EveryErrorIsIpqsAndSaysWhatWouldBeRight) {
  const struct {
    Words arguments;
    std::string hint;
  } cases[] = {
      {{"sned", "q"}, "did you mean send?"},
      {{"recvv", "q"}, "did you mean recv?"},
      {{"doc", "q"}, "did you mean doctor?"},
      {{"ls"}, "did you mean list?"},
      {{"delete", "q"}, "did you mean rm?"},
      {{"help", "pek"}, "did you mean peek?"},
      {{"frobnicate"}, "see ipq --help"},
      {{"send", "q", "--wat=1s"}, "there is no flag --wat; did you mean --wait?"},
      {{"send", "q", "--acros_sesions"}, "did you mean --across-sessions?"},
      {{"recv", "q", "--cuont=1"}, "did you mean --count?"},
      {{"recv", "q", "--zzz"}, "see ipq help recv"},
      {{"recv", "q", "-n", "3"}, "see ipq help recv"},
      {{"recv", "q", "--help=1"}, "--help"},
      {{"send", "q", "--wait=2"}, "--wait: '2' is not a length of time, as 500ms, 2s or 1m30s"},
      {{"send", "q", "--wait", "soon"}, "as 500ms, 2s or 1m30s"},
      {{"recv", "q", "--count=-1"}, "--count: '-1' is not a whole number, as 10"},
      {{"recv", "q", "--count=1.5"}, "a whole number, as 10"},
      {{"recv", "q", "--count="}, "--count needs a value: a whole number"},
      {{"recv", "q", "--idle"}, "--idle needs a value"},
      {{"recv", "q", "--framing=words"}, "--framing: 'words': it is one of lines, length and raw"},
      {{"send", "q", "--capacity=12Q"}, "64KiB"},
      {{"send", "q", "--capacity="}, "--capacity needs a value"},
      {{"create", "q", "--access=all"}, "owner, group and everyone"},
      {{"stat", "q", "--protocol=mine"}, "native, cloudtoid2, cloudtoid3"},
      {{"stat", "q", "--json=maybe"}, "true or false"},
      {{"stat", "q", "--flagfile=x"}, "there is no flag --flagfile"},
      {{"send", "q", "file", "--message=x"}, "give one of them"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(testing::PrintToString(each.arguments));
    const Outcome outcome = Run(each.arguments, "x\n");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(each.hint));
    EXPECT_THAT(outcome.out, IsEmpty());
    for (const std::string& line : SortedLines(outcome.err)) {
      EXPECT_THAT(line, StartsWith("ipq: "));
    }
  }
  EXPECT_EQ(Queues(), 0u);
}

TEST_F(IpqCommandLineTest, MessagesAreSentAsTheyAreTyped) {
  EXPECT_EQ(Run({"send", "q", "--message=one", "--message", "two\nlines", "--message="}).code, 0);
  EXPECT_EQ(Ready("q"), 3);
  EXPECT_EQ(Run({"recv", "q"}).out, "one\ntwo\nlines\n\n");
  const Outcome large =
      Run({"send", "q", "--capacity=4K", "--message=x", "--message=" + std::string(5000, 'x')});
  EXPECT_EQ(large.code, 1);
  EXPECT_THAT(large.err, AllOf(HasSubstr("--message 2"), HasSubstr("5,000"), HasSubstr("4,096")));
  const Outcome full = Run({"send", "q", "--capacity=4K", "--wait=0", "--message",
                            std::string(4000, 'x'), "--message", std::string(4000, 'y')});
  EXPECT_EQ(full.code, 4);
  EXPECT_THAT(full.err, AllOf(HasSubstr("--message 2"), HasSubstr("1 message sent")));
}

TEST_F(IpqCommandLineTest, ATextInAFilesPlaceGetsAHint) {
  const Outcome outcome = Run({"send", "q", "hello"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("ipq: hello: "), HasSubstr("ipq send QUEUE --message TEXT")));
}

TEST_F(IpqCommandLineTest, AMissingDirectoryIsCalledOne) {
  const std::string missing = File("nowhere");
  for (const Words& arguments :
       {Words{"list"}, {"stat", "q"}, {"recv", "q"}, {"rm", "q"}, {"rm", "*"}, {"peek", "q"}}) {
    Words there = arguments;
    there.push_back("--dir=" + missing);
    const Outcome outcome = Run(there);
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, AllOf(StartsWith("ipq: no such directory: "), HasSubstr(missing)));
  }
  EXPECT_THAT(Run({"stat", "q"}).err, StartsWith("ipq: no such queue: "));
}

TEST_F(IpqCommandLineTest, RmTakesNamesAndPatterns) {
  const auto make = [this](const Words& names) {
    for (const std::string& name : names) ASSERT_EQ(Run({"create", name}).code, 0) << name;
  };
  make({"a1", "a2", "b1", "b2", "c"});
  EXPECT_EQ(Run({"rm", "c", "b1"}).code, 0);
  EXPECT_EQ(Queues(), 3u);
  EXPECT_EQ(Run({"rm", "a*"}).code, 0);
  EXPECT_EQ(Queues(), 1u);
  const Outcome none = Run({"rm", "a*"});
  EXPECT_EQ(none.code, 3);
  EXPECT_THAT(none.err, HasSubstr("a*"));
  // One that is missing or in use does not keep it from the others, and is what it ends with.
  make({"a1", "a2"});
  ASSERT_EQ(Run({"send", "a1"}, "x\n").code, 0);
  const Outcome partly = Run({"rm", "nowhere", "a?", "b2"});
  EXPECT_EQ(partly.code, 3);
  EXPECT_THAT(partly.err, AllOf(HasSubstr("nowhere"), HasSubstr("\"a1\" has 1 message")));
  EXPECT_EQ(Queues(), 1u);
  EXPECT_EQ(Run({"rm", "[a-z]*", "--yes"}).code, 0);
  EXPECT_EQ(Queues(), 0u);
}

TEST_F(IpqCommandLineTest, ListTakesPatterns) {
  for (const std::string name : {"a1", "a2", "b1"}) ASSERT_EQ(Run({"create", name}).code, 0);
  EXPECT_EQ(json::parse(Run({"list", "a*", "--json"}).out).size(), 2u);
  EXPECT_EQ(json::parse(Run({"list", "b1", "a2", "--json"}).out).size(), 2u);
  EXPECT_EQ(Run({"list", "z*"}).out, "");
  EXPECT_EQ(Run({"list", "z*"}).code, 0);
}

TEST_F(IpqCommandLineTest, CreateMakesAQueueThatStays) {
  EXPECT_EQ(Run({"create", "q", "--capacity=64K", "--access=everyone"}).code, 0);
  const json stat = Stat("q");
  EXPECT_EQ(stat["capacity"], 65536);
  EXPECT_EQ(stat["ready"], 0);
  EXPECT_EQ(Run({"doctor", "q"}).code, 0);
  const Outcome again = Run({"create", "q"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, AllOf(HasSubstr("q.ipq"), HasSubstr("exists")));
  EXPECT_EQ(Run({"create", "r", "--capacity=0"}).code, 2);
  EXPECT_THAT(Run({"create", "r", "--protocol=cloudtoid3"}).err, HasSubstr("cloudtoid3"));
  EXPECT_EQ(Run({"rm", "q"}).code, 0);
  // The next user finds it whole.
  EXPECT_EQ(Run({"create", "q"}).code, 0);
  EXPECT_EQ(Run({"send", "q", "--message=x"}).code, 0);
  EXPECT_EQ(Run({"doctor", "q", "--repair"}).code, 0);
  EXPECT_EQ(Run({"doctor", "q"}).out, "sound\n");
  EXPECT_EQ(Run({"recv", "q"}).out, "x\n");
}

TEST_F(IpqCommandLineTest, PurgeDropsWhatIsThere) {
  EXPECT_EQ(Run({"purge", "q", "--yes"}).code, 3);
  ASSERT_EQ(Run({"send", "q"}, Lines(500)).code, 0);
  Child receiver = Start({"recv", "r", "--follow"}, {});
  const Outcome refused = Run({"purge", "q"}, "y\n");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("500 messages"), HasSubstr("--yes")));
  EXPECT_EQ(Ready("q"), 500);
  EXPECT_EQ(Run({"purge", "q", "--yes"}).code, 0);
  EXPECT_EQ(Ready("q"), 0);
  ASSERT_TRUE(Eventually([&] { return OneWaitsFor("data", "r"); }));
  EXPECT_EQ(Run({"purge", "r"}).code, 0);
  EXPECT_TRUE(OneWaitsFor("data", "r"));
}

}  // namespace
}  // namespace testing_tools
