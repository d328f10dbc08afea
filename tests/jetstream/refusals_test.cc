// SPDX-License-Identifier: MIT

// What `ipq bridge` says where it cannot go on, and to what is too large.

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/jetstream/jetstream_fixture.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_jetstream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing_tools::Child;
using testing_tools::Eventually;
using testing_tools::Outcome;

TEST_F(JetStreamTest, NoServer) {
  ASSERT_EQ(Run({"send", "q"}, "1\n").code, 0);
  const Outcome outcome = Run({"bridge", "q", "nats://127.0.0.1:1/s"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("connect to nats://127.0.0.1:1: "));
  EXPECT_EQ(Ready("q"), 1u);
  // One that follows waits for it.
  Child bridge = StartBridge("q", "nats://127.0.0.1:1/s", "events");
  ASSERT_TRUE(Eventually([&] { return Count("events", "waiting", "") > 0; }));
  bridge.Signal(SIGTERM);
  EXPECT_EQ(bridge.Wait(), 0);
  EXPECT_EQ(Ready("q"), 1u);
}

TEST_F(JetStreamTest, NoClient) {
  setenv("IPQ_NATS_LIBRARY", File("nothing.so").c_str(), 1);
  const Outcome outcome = Run({"bridge", "q", "nats://127.0.0.1:1/s"});
  unsetenv("IPQ_NATS_LIBRARY");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("no NATS support here"), HasSubstr("apt-get install")));
}

TEST_F(JetStreamTest, CredentialsAreNeeded) {
  NatsServer::Options options = ServerOptions();
  options.more = "authorization { user: ann, password: right }";
  options.user = "ann";
  options.password = "right";
  const NatsServer server(options);
  ASSERT_EQ(Run({"send", "q"}, "1\n2\n").code, 0);
  std::string url = server.Url("s");
  for (const char* who : {"", "ann:wrong@", "bob:right@", "token@"}) {
    std::string given = url;
    given.insert(7, who);
    const Outcome refused = Run({"bridge", "q", given, "--create"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("uthorization"), testing::Not(HasSubstr("wrong"))));
    // Nor does one that follows try for ever.
    EXPECT_EQ(Run({"bridge", "q", given, "--create", "--follow"}).code, 1);
  }
  std::string given = url;
  given.insert(7, "ann:right@");
  EXPECT_EQ(Run({"bridge", "q", given, "--create", "--count=1"}).code, 0);
  setenv("NATS_USER", "ann", 1);
  setenv("NATS_PASSWORD", "right", 1);
  const Outcome outcome = Run({"bridge", "q", url});
  unsetenv("NATS_USER");
  unsetenv("NATS_PASSWORD");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(server.Stored("s"), 2u);
}

TEST_F(JetStreamTest, TlsWithBothCertificates) {
  ASSERT_EQ(std::system(absl::StrCat("openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
                                     "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
                                     "-keyout ",
                                     File("key.pem"), " -out ", File("cert.pem"), " 2>/dev/null")
                            .c_str()),
            0)
      << "openssl is needed";
  ASSERT_EQ(Run({"send", "q"}, "1\n").code, 0);
  testing_tools::WriteFile(
      File("nats.conf"),
      absl::StrCat("listen: \"127.0.0.1:-1\"\nports_file_dir: \"", directory(),
                   "\"\njetstream { store_dir: \"", File("store"), "\" }\ntls { cert_file: \"",
                   File("cert.pem"), "\", key_file: \"", File("key.pem"), "\", ca_file: \"",
                   File("cert.pem"), "\", verify: true }\n"));
  const Child server({"/usr/sbin/nats-server", "-c", File("nats.conf")}, {});
  int port = -1;
  ASSERT_TRUE(Eventually([&] { return (port = PortOf(directory(), server.id())) >= 0; }));
  const std::string url = absl::StrCat("tls://127.0.0.1:", port, "/s");
  const Outcome alien = Run({"bridge", "q", url, "--create"});
  EXPECT_EQ(alien.code, 1);
  EXPECT_THAT(alien.err, HasSubstr("connect to tls://127.0.0.1"));
  EXPECT_THAT(Run({"bridge", "q", url, "--tls-ca", File("none.pem")}).err, HasSubstr("none.pem"));
  const Outcome outcome = Run({"bridge", "q", url, "--create", "--tls-ca", File("cert.pem"),
                               "--tls-cert", File("cert.pem"), "--tls-key", File("key.pem")});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(JetStreamTest, IllegalNamesAreRefusedBeforeConnecting) {
  const std::string host = "nats://127.0.0.1:1/";
  for (const char* path :
       {"", "a.b", "a*", "a b", "s/a..b", "s/.a", "s/a b", "s/$JS.x", "s/a.>", "s/a.*", "s/a/b"}) {
    const Outcome outcome = Run({"bridge", "q", host + path});
    EXPECT_EQ(outcome.code, 2) << path;
    EXPECT_THAT(outcome.err, testing::Not(HasSubstr("connect"))) << path;
  }
  EXPECT_EQ(Run({"bridge", host + "s/a.>.b", "q"}).code, 2);
  EXPECT_EQ(Run({"bridge", host + "s", "q", "--consumer=a.b"}).code, 2);
  EXPECT_EQ(Run({"bridge", "q", host + "s", "--dead-letter=a..b"}).code, 2);
  EXPECT_EQ(Run({"bridge", "q", host + "s", "--retention=other"}).code, 2);
  EXPECT_EQ(Run({"bridge", host + "s", host + "s"}).code, 2);
  const Outcome queues = Run({"bridge", "q", "r", "--create"});
  EXPECT_EQ(queues.code, 2);
  EXPECT_THAT(queues.err, HasSubstr("--create is for streams"));
}

TEST_F(JetStreamTest, DifferencesAreNamed) {
  const NatsServer server(ServerOptions());
  ASSERT_EQ(Run({"send", "q"}, "1\n").code, 0);
  const Outcome none = Run({"bridge", "q", server.Url("s")});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("stream s: there is none; --create makes it"));
  ASSERT_FALSE(server
                   .Ask("$JS.API.STREAM.CREATE.s", {{"name", "s"},
                                                    {"subjects", {"a.*", "b"}},
                                                    {"retention", "limits"},
                                                    {"storage", "file"},
                                                    {"max_msgs", 5},
                                                    {"max_bytes", 1000},
                                                    {"duplicate_window", 1'000'000'000}})
                   .is_null());
  const Outcome other = Run({"bridge", "q", server.Url("s/b"), "--create", "--duplicate-window=1m",
                             "--retention=workqueue", "--max-age=1h"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, AllOf(HasSubstr("retention is limits, needed is workqueue"),
                               HasSubstr("duplicate_window is 1s, needed is 1m"),
                               HasSubstr("max_age is 0, needed is 1h"),
                               HasSubstr("discard is old, needed is new"),
                               HasSubstr("max_bytes is 1000, needed is -1")));
  ASSERT_FALSE(server
                   .Ask("$JS.API.STREAM.UPDATE.s", {{"name", "s"},
                                                    {"subjects", {"a.*", "b"}},
                                                    {"retention", "limits"},
                                                    {"storage", "file"},
                                                    {"max_msgs", 5},
                                                    {"discard", "new"},
                                                    {"duplicate_window", 1'000'000'000}})
                   .is_null());
  EXPECT_THAT(Run({"bridge", "q", server.Url("s")}).err,
              HasSubstr("takes a.*, b: choose a subject"));
  EXPECT_THAT(Run({"bridge", "q", server.Url("s/c")}).err, HasSubstr("and not subject c"));
  EXPECT_EQ(Run({"bridge", "q", server.Url("s/a.x")}).code, 0);

  ASSERT_FALSE(
      server
          .Ask("$JS.API.CONSUMER.DURABLE.CREATE.s.c",
               {{"stream_name", "s"},
                {"config", {{"durable_name", "c"}, {"ack_policy", "all"}, {"max_deliver", 3}}}})
          .is_null());
  const Outcome consumer = Run({"bridge", server.Url("s"), "to", "--consumer=c"});
  EXPECT_EQ(consumer.code, 1);
  EXPECT_THAT(consumer.err, AllOf(HasSubstr("ack_policy is all, needed is explicit"),
                                  HasSubstr("max_deliver is 3")));
  EXPECT_THAT(Run({"bridge", server.Url("s"), "to"}).err,
              HasSubstr("consumer ipq of stream s: there is none"));
}

TEST_F(JetStreamTest, TooLargeForTheServer) {
  NatsServer::Options options = ServerOptions();
  options.more = "max_payload: 100000";
  const NatsServer server(options);
  const std::string large = testing_tools::Lines(6000).substr(0, 230'000);
  ASSERT_EQ(Run({"send", "q", "--message", "small"}).code, 0);
  ASSERT_EQ(Run({"send", "q", "--framing=raw"}, large).code, 0);
  const Outcome refused = Run({"bridge", "q", server.Url("s"), "--create"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("has 2300"), HasSubstr("at most 100000")));
  EXPECT_EQ(server.Stored("s"), 1u);
  EXPECT_EQ(Ready("q"), 1u);

  // Nobody takes the subject: it stays.
  const std::vector<std::string> rescue = {"bridge", "q", server.Url("s"),
                                           "--dead-letter=dead.letters"};
  EXPECT_EQ(Run(rescue).code, 1);
  EXPECT_EQ(Ready("q"), 1u);
  ASSERT_FALSE(
      server.Ask("$JS.API.STREAM.CREATE.dead", {{"name", "dead"}, {"subjects", {"dead.>"}}})
          .is_null());
  const Outcome rescued = Run(rescue);
  EXPECT_EQ(rescued.code, 0) << rescued.err;
  EXPECT_EQ(Ready("q"), 0u);
  EXPECT_EQ(server.Stored("dead"), 5u);
  EXPECT_EQ(Run({"bridge", server.Url("dead"), "parts", "--create"}).code, 0);
  EXPECT_EQ(Run({"recv", "parts", "--framing=raw"}).out, large);
}

TEST_F(JetStreamTest, TooLargeForTheQueue) {
  const NatsServer server(ServerOptions());
  ASSERT_EQ(Run({"send", "q", "--framing=raw"}, std::string(9000, 'x')).code, 0);
  ASSERT_EQ(Run({"send", "q", "--message", "small"}).code, 0);
  ASSERT_EQ(Run({"bridge", "q", server.Url("s"), "--create"}).code, 0);
  const Outcome refused = Run({"bridge", server.Url("s"), "to", "--create", "--capacity=4096"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("has 9000 bytes"), HasSubstr("at most 4096")));
  EXPECT_EQ(server.Outstanding("s"), 2u);
  ASSERT_FALSE(server.Ask("$JS.API.STREAM.CREATE.dead", {{"name", "dead"}, {"subjects", {"dead"}}})
                   .is_null());
  const Outcome rescued =
      Run({"bridge", server.Url("s"), "to", "--capacity=4096", "--dead-letter=dead"});
  EXPECT_EQ(rescued.code, 0) << rescued.err;
  EXPECT_EQ(Run({"recv", "to"}).out, "small\n");
  EXPECT_EQ(server.Stored("dead"), 1u);
}

}  // namespace
}  // namespace testing_jetstream
