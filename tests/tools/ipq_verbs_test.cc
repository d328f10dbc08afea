// SPDX-License-Identifier: MIT

// Each verb of ipq by itself: what it prints, and what it refuses.

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_tools {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class IpqVerbsTest : public IpqTest {};

TEST_F(IpqVerbsTest, VersionIsTheModules) {
  const Outcome version = Run({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith(absl::StrCat("ipq ", interprocess::kVersion, ", ")));
  EXPECT_THAT(version.out, AllOf(HasSubstr("commit"),
                                 ContainsRegex("native version .+, cloudtoid2, cloudtoid3")));
}

TEST_F(IpqVerbsTest, HelpNamesEveryVerbAndItsFlags) {
  EXPECT_EQ(Run({"--help"}).out, Run({"help"}).out);
  const std::string help = Run({"--help"}).out;
  const std::vector<std::vector<std::string>> verbs = {
      {"send", "--framing", "--capacity", "--wait", "--account", "--across-sessions", "--message",
       "--access"},
      {"recv", "--framing", "--count", "--idle", "--follow", "--ack", "--capacity"},
      {"stat", "--json", "--depth"},
      {"list", "--json"},
      {"create", "--capacity", "--access", "--one-publisher", "--one-subscriber"},
      {"purge", "--yes"},
      {"rm", "--yes"},
      {"doctor", "--repair", "--json"}};
  for (const std::vector<std::string>& verb : verbs) {
    EXPECT_THAT(help, HasSubstr("ipq " + verb[0]));
    const Outcome detail = Run({"help", verb[0]});
    EXPECT_EQ(detail.code, 0);
    EXPECT_EQ(detail.out, Run({verb[0], "--help"}).out);
    for (const std::string& flag : verb) EXPECT_THAT(detail.out, HasSubstr(flag));
    EXPECT_THAT(detail.out, HasSubstr("--dir"));
  }
}

TEST_F(IpqVerbsTest, WrongUsageIsTwoAndSaysWhat) {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } cases[] = {
      {{}, "a command is missing"},
      {{"sned", "q"}, "\"sned\""},
      {{"help", "sned"}, "\"sned\""},
      {{"send"}, "name of a queue"},
      {{"stat", "q", "r"}, "\"r\""},
      {{"recv", "q", "--wait=1s"}, "no flag --wait"},
      {{"stat", "q", "--framing=lines"}, "no flag --framing"},
      {{"rm", "q", "--json"}, "no flag --json"},
      {{"recv", "q", "--colour"}, "--colour"},
      {{"recv", "q", "--count=some"}, "'some'"},
      {{"recv", "q", "--count"}, "count"},
      {{"recv", "q", "--framing=words"}, "lines, length and raw"},
      {{"send", "q", "--capacity=12Q"}, "64KiB"},
      {{"send", "q", "--wait=-1s"}, "-1s"},
      {{"recv", "q", "--follow", "--idle=1s"}, "--follow"},
      {{"recv", "q", "--capacity=1M"}, "--capacity"},
      {{"recv", "q", "--account=users"}, "--account"},
      {{"recv", "q", "--across_sessions"}, "--across-sessions"},
      {{"rm", "q", "--account=users"}, "no flag --account"},
      {{"send", "../q"}, "../q"},
      {{"send", "q", "--capacity=0"}, "capacity"},
  };
  for (const auto& each : cases) {
    const Outcome outcome = Run(each.arguments, "x\n");
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(each.message));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  EXPECT_EQ(Run({"list"}).out, "");
}

TEST_F(IpqVerbsTest, MissingQueueIsThreeAndNamed) {
  for (const char* verb : {"recv", "stat", "rm", "doctor"}) {
    const Outcome outcome = Run({verb, "nowhere"});
    EXPECT_EQ(outcome.code, 3) << verb;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("ipq: no such queue"), HasSubstr("nowhere")));
  }
  const Outcome list = Run({"list", "--dir=" + File("nowhere")});
  EXPECT_EQ(list.code, 3);
  EXPECT_THAT(list.err, HasSubstr(File("nowhere")));
}

TEST_F(IpqVerbsTest, OtherCapacityIsRefusedNamingBoth) {
  EXPECT_EQ(Run({"send", "q", "--capacity=64KiB"}, "x\n").code, 0);
  EXPECT_EQ(Run({"send", "q", "--capacity=64K"}, "x\n").code, 0);
  EXPECT_EQ(Run({"send", "q"}, "x\n").code, 0);
  EXPECT_EQ(Run({"recv", "q", "--count=1", "--idle=1s", "--capacity=65536"}).code, 0);
  const Outcome outcome = Run({"send", "q", "--capacity=1M"}, "x\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("65536"), HasSubstr("1048576"), HasSubstr("q.ipq")));
  EXPECT_EQ(Ready("q"), 2);
}

TEST_F(IpqVerbsTest, StatShowsTheDepthAlone) {
  EXPECT_EQ(Run({"send", "q"}, "one\ntwo\n").code, 0);
  EXPECT_EQ(Run({"stat", "q", "--depth"}).out, "2\n");
  EXPECT_EQ(Run({"stat", "q", "--depth", "--json"}).code, 2);
  EXPECT_EQ(Run({"stat", "none", "--depth"}).code, 3);
}

TEST_F(IpqVerbsTest, QueueForOneAtATimeIsMadeShownAndKept) {
  EXPECT_EQ(Run({"create", "q", "--one-publisher", "--one_subscriber"}).code, 0);
  EXPECT_THAT(Run({"stat", "q"}).out, HasSubstr("one publisher, one subscriber"));
  EXPECT_THAT(Run({"doctor", "q"}).out,
              HasSubstr("made for one publisher, one subscriber at a time"));
  EXPECT_EQ(Stat("q")["one_publisher"], true);
  EXPECT_EQ(Stat("q")["one_subscriber"], true);
  interprocess::QueueOptions options;
  options.name = "q";
  options.directory = File("");
  options.mode = interprocess::OpenMode::kOpenExisting;
  {
    const auto publisher = interprocess::Publisher::Open(options);
    ASSERT_TRUE(publisher.ok()) << publisher.status();
    const Outcome refused = Run({"send", "q"}, "x\n");
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("one publisher at a time"));
    EXPECT_EQ(Run({"create", "r", "--one-publisher"}).code, 0);
    EXPECT_EQ(Stat("r")["one_subscriber"], false);
  }
}

TEST_F(IpqVerbsTest, AnAccountThatIsNotThereIsNamed) {
  const Outcome outcome = Run({"send", "q", "--account=no such account"}, "x\n");
  EXPECT_NE(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("no such account"));
  EXPECT_EQ(Run({"list"}).out, "");
  EXPECT_EQ(Run({"send", "q", "--across_sessions"}, "x\n").code, 0);
  EXPECT_EQ(Ready("q"), 1);
}

TEST_F(IpqVerbsTest, StatShowsMessagesAndParticipants) {
  EXPECT_EQ(Run({"send", "q"}, "one\ntwo\n").code, 0);
  EXPECT_THAT(Run({"stat", "q"}).out, AllOf(HasSubstr("2 ready"), HasSubstr("0 of 1024")));
  json stat = Stat("q");
  EXPECT_EQ(stat["name"], "q");
  EXPECT_EQ(stat["path"], File("q.ipq"));
  EXPECT_EQ(stat["capacity"], 1 << 20);
  EXPECT_EQ(stat["ready"], 2);
  EXPECT_EQ(stat["ready_bytes"], 6);
  EXPECT_TRUE(stat["participants"].empty());

  Child subscriber = Start({"recv", "q", "--follow"}, {});
  ASSERT_TRUE(Eventually([&] {
    stat = Stat("q");
    return stat["ready"] == 0 && stat["participants"].size() == 1 &&
           stat["participants"][0]["waits_for"] == "data";
  })) << stat;
  const json& participant = stat["participants"][0];
  EXPECT_EQ(participant["role"], "subscriber");
  EXPECT_EQ(participant["alive"], true);
  EXPECT_EQ(participant["process_id"], subscriber.id());
  EXPECT_EQ(participant["messages"], 2);
  EXPECT_THAT(Run({"stat", "q"}).out,
              AllOf(HasSubstr("subscriber"), HasSubstr(absl::StrCat(subscriber.id()))));
}

TEST_F(IpqVerbsTest, ListShowsQueuesAndWhatIsNone) {
  EXPECT_EQ(Run({"list"}).out, "");
  EXPECT_EQ(json::parse(Run({"list", "--json"}).out), json::array());
  EXPECT_EQ(Run({"send", "b"}, "1\n2\n").code, 0);
  EXPECT_EQ(Run({"send", "a"}, "1\n").code, 0);
  WriteFile(File("garbage.ipq"), "garbage");
  const Outcome text = Run({"list"});
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.out, AllOf(HasSubstr("NAME"), HasSubstr("garbage"), HasSubstr("not a sound")));
  const json list = json::parse(Run({"list", "--json"}).out);
  ASSERT_EQ(list.size(), 3);
  EXPECT_EQ(list[0]["name"], "a");
  EXPECT_EQ(list[1]["name"], "b");
  EXPECT_EQ(list[1]["ready"], 2);
  EXPECT_EQ(list[2]["name"], "garbage");
  EXPECT_TRUE(list[2].contains("problem"));
}

TEST_F(IpqVerbsTest, GarbageIsFiveForWhoeverOpensIt) {
  WriteFile(File("garbage.ipq"), std::string(10000, 'x'));
  for (const char* verb : {"send", "recv", "stat"}) {
    const Outcome outcome = Run({verb, "garbage"}, "x\n");
    EXPECT_EQ(outcome.code, 5) << verb;
    EXPECT_THAT(outcome.err, HasSubstr("garbage.ipq"));
  }
  const Outcome doctor = Run({"doctor", "garbage"});
  EXPECT_EQ(doctor.code, 5);
  EXPECT_THAT(doctor.out, HasSubstr("damaged: "));
  const Outcome as_json = Run({"doctor", "garbage", "--json"});
  EXPECT_EQ(as_json.code, 5);
  EXPECT_EQ(json::parse(as_json.out)["findings"][0]["severity"], "damaged");
  EXPECT_EQ(Run({"rm", "garbage"}).code, 1);
  EXPECT_EQ(Run({"rm", "garbage", "--yes"}).code, 0);
  EXPECT_EQ(Run({"list"}).out, "");
}

TEST_F(IpqVerbsTest, DoctorAdoptsAQueueWhoseDeviceHasChanged) {
  EXPECT_EQ(Run({"send", "q"}, "kept\n").code, 0);
  {
    std::fstream file(File("q.ipq"), std::ios::in | std::ios::out | std::ios::binary);
    constexpr int kDeviceOffset = 88;  // docs/wire_format.md
    file.seekp(kDeviceOffset);
    file.write("another!", 8);
    ASSERT_TRUE(file.good());
  }
  const Outcome refused = Run({"doctor", "q"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("device"));
  EXPECT_EQ(Run({"doctor", "q", "--adopt"}).out, "sound\n");
  EXPECT_EQ(Run({"recv", "q"}).out, "kept\n");
}

TEST_F(IpqVerbsTest, RmWithoutTerminalRefusesWhatIsInUse) {
  EXPECT_EQ(Run({"send", "q"}, "x\n").code, 0);
  const Outcome refused = Run({"rm", "q"}, "y\n");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("1 message"), HasSubstr("--yes")));
  EXPECT_EQ(Ready("q"), 1);
  EXPECT_EQ(Run({"rm", "q", "--yes"}).code, 0);
  EXPECT_EQ(Run({"stat", "q"}).code, 3);

  Child subscriber = Start({"recv", "r", "--follow"}, {});
  ASSERT_TRUE(Eventually([&] { return !Stat("r").is_null(); }));
  const Outcome in_use = Run({"rm", "r"});
  EXPECT_EQ(in_use.code, 1);
  EXPECT_THAT(in_use.err, HasSubstr("1 participant"));
}

TEST_F(IpqVerbsTest, JsonHasTextsAndBytesThatAreNone) {
  const std::string binary("\xff\0x", 3);
  WriteFile(File("binary"), binary);
  EXPECT_EQ(Run({"send", "q", "--message", "one \"two\"\n", "--message="}).code, 0);
  EXPECT_EQ(Run({"send", "q", "--framing=raw", File("binary")}).code, 0);
  const std::string lines =
      "{\"bytes\":10,\"text\":\"one \\\"two\\\"\\n\"}\n"
      "{\"bytes\":0,\"text\":\"\"}\n"
      "{\"bytes\":3,\"base64\":\"/wB4\"}\n";
  EXPECT_EQ(Run({"peek", "q", "--json"}).out, lines);
  EXPECT_EQ(Run({"recv", "q", "--json", "--framing=raw"}).code, 2);
  EXPECT_EQ(Run({"recv", "q", "--json"}).out, lines);
}

TEST_F(IpqVerbsTest, WatchShowsALineForEachInterval) {
  EXPECT_EQ(Run({"stat", "q", "--count=3"}).code, 2);
  EXPECT_EQ(Run({"stat", "q", "--watch=1ms"}).code, 3);
  ASSERT_EQ(Run({"send", "q"}, "1\n2\n").code, 0);
  const Outcome text = Run({"stat", "q", "--watch=1ms", "--count=3"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(SortedLines(text.out).size(), 4u);
  EXPECT_THAT(text.out, AllOf(StartsWith("TIME "), HasSubstr("IN/S")));

  const Fd out = OpenToWrite(File("out"));
  Child watch = Start({"stat", "q", "--watch=1ms", "--json"}, {-1, out.get(), -1});
  const auto shows = [this](const char* rate) {
    for (const std::string& line : SortedLines(ReadFile(File("out")))) {
      if (json::parse(line)[rate] > 0) return true;
    }
    return false;
  };
  ASSERT_TRUE(Eventually([this] { return !ReadFile(File("out")).empty(); }));
  EXPECT_FALSE(shows("in_per_second"));
  ASSERT_EQ(Run({"send", "q"}, Lines(100)).code, 0);
  EXPECT_TRUE(Eventually([&] { return shows("in_per_second"); }));
  EXPECT_FALSE(shows("out_per_second"));
  EXPECT_EQ(Run({"recv", "q", "--count=100"}).code, 0);
  EXPECT_TRUE(Eventually([&] { return shows("out_per_second"); }));
  EXPECT_EQ(Run({"rm", "q", "--yes"}).code, 0);
  EXPECT_EQ(watch.Wait(), 3);
}

TEST_F(IpqVerbsTest, DoctorFindsASoundQueueSound) {
  EXPECT_EQ(Run({"send", "q"}, "x\n").code, 0);
  const Outcome text = Run({"doctor", "q"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "sound\n");
  const json report = json::parse(Run({"doctor", "q", "--repair", "--json"}).out);
  EXPECT_EQ(report["damaged"], false);
  EXPECT_EQ(report["resolved"], 0);
  EXPECT_TRUE(report["findings"].empty());
  EXPECT_EQ(Ready("q"), 1);
}

}  // namespace
}  // namespace testing_tools
