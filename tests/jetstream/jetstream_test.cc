// SPDX-License-Identifier: MIT

// `ipq bridge` between queues and the real NATS server.

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interprocess/subscriber.h"
#include "nlohmann/json.hpp"
#include "tests/jetstream/jetstream_fixture.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"
#include "tools/jetstream/client.h"
#include "tools/jetstream/header_block.h"

namespace testing_jetstream {
namespace {

using jetstream::Client;
using testing::AllOf;
using testing::HasSubstr;
using testing_tools::Child;
using testing_tools::Eventually;
using testing_tools::Outcome;

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// 50,000 lines of the project's own pages, in their order.
TEST_F(JetStreamTest, TextComesBackByteForByte) {
  const NatsServer server(ServerOptions());
  const std::string page =
      testing_tools::ReadFile("README.md") + testing_tools::ReadFile("CHANGELOG.md");
  ASSERT_NE(page, "");
  constexpr int kLines = 50'000;
  std::string text;
  for (int lines = 0; lines < kLines;) {
    for (absl::string_view line : absl::StrSplit(page, '\n')) {
      if (lines < kLines) absl::StrAppend(&text, line, " ", ++lines, "\n");
    }
  }
  ASSERT_EQ(Run({"send", "from", "--capacity=16M"}, text).code, 0);
  const Outcome there = Run({"bridge", "from", server.Url("text"), "--create", "--json"});
  EXPECT_EQ(there.code, 0) << there.err;
  EXPECT_THAT(there.out, HasSubstr(absl::StrCat("\"messages\":", kLines)));
  EXPECT_EQ(server.Stored("text"), uint64_t{kLines});
  const Outcome back = Run({"bridge", server.Url("text"), "to", "--create", "--capacity=16M"});
  EXPECT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(Run({"recv", "to"}).out, text);
  EXPECT_EQ(server.Outstanding("text"), 0u);
  EXPECT_EQ(Ready("from"), 0u);
}

TEST_F(JetStreamTest, StreamIsMadeAsAsked) {
  const NatsServer server(ServerOptions());
  ASSERT_EQ(Run({"send", "q"}, "1\n").code, 0);
  const auto config = [&](const std::string& name, const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"bridge", "q", server.Url(name), "--create", "--count=0"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return server.Ask("$JS.API.STREAM.INFO." + name)["config"];
  };
  const nlohmann::json plain = config("a", {});
  EXPECT_EQ(plain["retention"], "limits");
  EXPECT_EQ(plain["max_age"], 0);
  EXPECT_EQ(plain["discard"], "new");
  EXPECT_EQ(plain["duplicate_window"], 120'000'000'000);
  const nlohmann::json other =
      config("b", {"--retention=interest", "--max-age=1h", "--duplicate-window=5m"});
  EXPECT_EQ(other["retention"], "interest");
  EXPECT_EQ(other["max_age"], 3'600'000'000'000);
  EXPECT_EQ(other["duplicate_window"], 300'000'000'000);
}

TEST_F(JetStreamTest, HeadersPassBothWays) {
  const NatsServer server(ServerOptions());
  const std::string block = "NATS/1.0\r\nTrace: 7\r\nIpq-Deliveries: 99\r\n\r\n";
  ASSERT_EQ(Run({"send", "from", "--framing=raw"}, block + "body").code, 0);
  // One that was handed out before.
  { interprocess::Subscriber::Open(Queue("from"))->TryBorrow()->GiveBack(); }
  ASSERT_EQ(Run({"bridge", "from", server.Url("s"), "--create", "--headers"}).code, 0);
  const Outcome back = Run({"bridge", server.Url("s"), "to", "--create", "--headers"});
  ASSERT_EQ(back.code, 0) << back.err;
  const std::string message = Run({"recv", "to", "--framing=raw"}).out;
  EXPECT_THAT(message, testing::StartsWith("NATS/1.0\r\n"));
  EXPECT_THAT(message, testing::EndsWith("\r\n\r\nbody"));
  EXPECT_THAT(message,
              AllOf(HasSubstr("Trace: 7\r\n"), HasSubstr("Nats-Msg-Id: "), HasSubstr("/from\r\n"),
                    HasSubstr("Ipq-Subject: s\r\n"), HasSubstr("Ipq-Sequence: 1\r\n")));
  EXPECT_THAT(message, testing::Not(HasSubstr("99")));
  EXPECT_THAT(message, testing::Not(HasSubstr("Ipq-Redelivered")));
}

// A full server is back-pressure: what it refuses is sent again. The server answers in two ways,
// for the stream's limit and for its own.
TEST_F(JetStreamTest, FullServerIsWaitedFor) {
  const std::string text = testing_tools::Lines(20'000);
  for (const bool own_limit : {false, true}) {
    SCOPED_TRACE(own_limit);
    NatsServer::Options options = ServerOptions();
    options.folder += absl::StrCat(own_limit);
    if (own_limit) options.jetstream = "max_file_store: 1MB";
    const NatsServer server(options);
    nlohmann::json config = {{"name", "s"},
                             {"subjects", {"s"}},
                             {"retention", "workqueue"},
                             {"storage", "file"},
                             {"discard", "new"}};
    if (!own_limit) config["max_msgs"] = 5000;
    ASSERT_FALSE(server.Ask("$JS.API.STREAM.CREATE.s", config).is_null());
    ASSERT_EQ(Run({"send", "q", "--capacity=16M"}, text).code, 0);
    const std::string events = absl::StrCat("events", own_limit);
    Child bridge = StartBridge("q", server.Url("s"), events, {"--retention=workqueue"});
    ASSERT_TRUE(Eventually([&] { return Count(events, "waiting", "") > 0; }));
    EXPECT_THAT(Events(events), HasSubstr("the server refuses messages"));
    // What is taken from the stream makes room in it.
    Child drain = StartBridge(server.Url("s"), "to", "drained",
                              {"--create", "--capacity=16M", "--retention=workqueue"});
    ASSERT_TRUE(Eventually([&] { return Ready("to") == 20'000; })) << Events(events);
    for (Child* each : {&bridge, &drain}) {
      each->Signal(SIGINT);
      EXPECT_EQ(each->Wait(), 0);
    }
    EXPECT_EQ(testing_tools::SortedLines(Run({"recv", "to"}).out),
              testing_tools::SortedLines(text));
  }
}

// As is a full queue, for longer than the server waits for acknowledgements.
TEST_F(JetStreamTest, FullQueueIsWaitedFor) {
  const NatsServer server(ServerOptions());
  const std::string text = testing_tools::Lines(3000);
  ASSERT_EQ(Run({"send", "q"}, text).code, 0);
  ASSERT_EQ(Run({"bridge", "q", server.Url("s"), "--create"}).code, 0);
  Child bridge = StartBridge(server.Url("s"), "to", "events",
                             {"--create", "--ack-wait=300ms", "--capacity=8K"});
  ASSERT_TRUE(Eventually([&] { return Count("events", "waiting", "") > 0; }));
  absl::SleepFor(absl::Seconds(1));
  const Outcome received = Run({"recv", "to", "--count=3000", "--idle=1m"});
  bridge.Signal(SIGINT);
  EXPECT_EQ(bridge.Wait(), 0);
  EXPECT_EQ(testing_tools::SortedLines(received.out), testing_tools::SortedLines(text));
  EXPECT_EQ(Ready("to"), 0u);
  EXPECT_EQ(server.Outstanding("s"), 0u);
}

TEST_F(JetStreamTest, TwoBridgesShareAQueueAndAStream) {
  const NatsServer server(ServerOptions());
  const std::string text = testing_tools::Lines(20'000);
  Child one = StartBridge("q", server.Url("s"), "one", {"--create", "--capacity=16M"});
  Child two = StartBridge("q", server.Url("s"), "two", {"--create", "--capacity=16M"});
  Child three = StartBridge(server.Url("s"), "to", "three", {"--create", "--capacity=16M"});
  Child four = StartBridge(server.Url("s"), "to", "four", {"--create", "--capacity=16M"});
  ASSERT_TRUE(Eventually([&] { return Run({"stat", "q"}).code == 0; }));
  ASSERT_EQ(Run({"send", "q"}, text).code, 0);
  ASSERT_TRUE(Eventually([&] { return Ready("to") == 20'000; }));
  for (Child* each : {&one, &two, &three, &four}) {
    each->Signal(SIGINT);
    EXPECT_EQ(each->Wait(), 0);
  }
  EXPECT_EQ(server.Stored("s"), 20'000u);
  EXPECT_EQ(Count("one", "done", "messages") + Count("two", "done", "messages"), 20'000);
  EXPECT_EQ(testing_tools::SortedLines(Run({"recv", "to"}).out), testing_tools::SortedLines(text));
}

// A queue of the same name has the same positions, and other ids.
TEST_F(JetStreamTest, AnotherQueuesIdsAreOthers) {
  const NatsServer server(ServerOptions());
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(Run({"send", "q", "--message", absl::StrCat(round)}).code, 0);
    ASSERT_EQ(Run({"bridge", "q", server.Url("s"), "--create"}).code, 0);
  }
  EXPECT_EQ(server.Stored("s"), 3u);
}

// What was sent and not acknowledged, and is sent by the next bridge, is not stored twice.
TEST_F(JetStreamTest, MessageThatWasStoredBeforeIsRecognised) {
  const NatsServer server(ServerOptions());
  ASSERT_EQ(Run({"send", "q", "--message", "once"}).code, 0);
  ASSERT_EQ(Run({"send", "other", "--message", "x"}).code, 0);
  ASSERT_EQ(Run({"bridge", "other", server.Url("s"), "--create"}).code, 0);
  std::string id;
  {
    auto subscriber = interprocess::Subscriber::Open(Queue("q"));
    id = jetstream::MakeMessageId(subscriber->unique(), 0);
  }
  const std::unique_ptr<Client> client = server.Connect();
  ASSERT_TRUE(client->Request("s", {{"Nats-Msg-Id", id}}, Bytes("once"), absl::Seconds(5)).ok());
  const Outcome outcome = Run({"bridge", "q", server.Url("s"), "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"repeats\":1"));
  EXPECT_EQ(server.Stored("s"), 2u);
}

TEST_F(JetStreamTest, OutageLongerThanTheWindowIsCounted) {
  NatsServer server(ServerOptions());
  Child bridge =
      StartBridge("q", server.Url("s"), "events", {"--create", "--duplicate-window=100ms"});
  ASSERT_TRUE(Eventually([&] { return !server.Ask("$JS.API.STREAM.INFO.s").is_null(); }));
  server.Signal(SIGSTOP);
  ASSERT_EQ(Run({"send", "q"}, testing_tools::Lines(10)).code, 0);
  ASSERT_TRUE(Eventually([&] { return Stat("q")["claimed"] == 10; }));
  absl::SleepFor(absl::Milliseconds(200));
  server.Kill();
  server.Start();
  ASSERT_TRUE(Eventually([&] { return server.Stored("s") == 10; })) << Events("events");
  bridge.Signal(SIGINT);
  EXPECT_EQ(bridge.Wait(), 0);
  EXPECT_EQ(Count("events", "outside_window", "messages"), 10);
  EXPECT_EQ(Count("events", "done", "outside_window"), 10);
  EXPECT_EQ(Count("events", "disconnected", ""), 1);
  EXPECT_EQ(Count("events", "reconnected", ""), 1);
}

// Ctrl-C while the server hangs: what is under way goes back to the queue.
TEST_F(JetStreamTest, StopGivesBackWhatIsUnderWay) {
  NatsServer server(ServerOptions());
  Child bridge = StartBridge("q", server.Url("s"), "events", {"--create"});
  ASSERT_TRUE(Eventually([&] { return !server.Ask("$JS.API.STREAM.INFO.s").is_null(); }));
  server.Signal(SIGSTOP);
  ASSERT_EQ(Run({"send", "q"}, testing_tools::Lines(10)).code, 0);
  ASSERT_TRUE(Eventually([&] { return Stat("q")["claimed"] == 10; }));
  bridge.Signal(SIGTERM);
  EXPECT_EQ(bridge.Wait(), 0);
  server.Signal(SIGCONT);
  EXPECT_EQ(Count("events", "given_back", "messages"), 10);
  EXPECT_EQ(Ready("q"), 10u);
  // Their ids are those of before.
  EXPECT_EQ(Run({"bridge", "q", server.Url("s")}).code, 0);
  EXPECT_EQ(server.Stored("s"), 10u);
}

// The formats without positions go as well; a bridge that is killed may send a message twice.
TEST_F(JetStreamTest, OtherFormats) {
  const NatsServer server(ServerOptions());
  const std::string name = absl::StrCat("jetstream-", getpid());
  for (const std::string format : {"cloudtoid2", "cloudtoid3"}) {
    Child bridge = StartBridge(format + ":" + name, server.Url(format), format, {"--create"});
    ASSERT_TRUE(Eventually([&] { return Run({"stat", name, "--protocol=" + format}).code == 0; }));
    ASSERT_EQ(Run({"send", name, "--protocol=" + format}, testing_tools::Lines(200)).code, 0);
    ASSERT_TRUE(Eventually([&] { return server.Stored(format) == 200; })) << Events(format);
    bridge.Signal(SIGINT);
    EXPECT_EQ(bridge.Wait(), 0);
  }
}

TEST_F(JetStreamTest, CountAndIdle) {
  const NatsServer server(ServerOptions());
  ASSERT_EQ(Run({"send", "q"}, "1\n2\n3\n").code, 0);
  EXPECT_EQ(Run({"bridge", "q", server.Url("s"), "--create", "--count=2"}).code, 0);
  EXPECT_EQ(Run({"bridge", "q", server.Url("s"), "--count=2"}).code, 4);
  EXPECT_EQ(Run({"bridge", server.Url("s"), "to", "--create", "--count=2"}).code, 0);
  EXPECT_EQ(server.Outstanding("s"), 1u);
  EXPECT_EQ(Run({"bridge", server.Url("s"), "to", "--count=2", "--idle=100ms"}).code, 4);
  EXPECT_EQ(Run({"recv", "to"}).out, "1\n2\n3\n");
  EXPECT_EQ(Run({"bridge", "none", server.Url("s")}).code, 3);
}

}  // namespace
}  // namespace testing_jetstream
