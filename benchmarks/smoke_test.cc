// SPDX-License-Identifier: MIT

// Keeps the benchmarks alive: each program runs with hardly any work, and its numbers make sense.
// A message that is lost, damaged or out of order makes a program fail. No time is asserted.

#include <stdio.h>
#include <sys/wait.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace interprocess::benchmarks {
namespace {

struct Outcome {
  int exit_status;
  std::string output;
};

Outcome RunProgram(const std::string& program, const std::string& arguments) {
  const std::string command = absl::StrCat("benchmarks/", program, " ", arguments);
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::string output;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  const int state = pclose(pipe);
  return {WIFEXITED(state) ? WEXITSTATUS(state) : -1, output};
}

nlohmann::json RunForJson(const std::string& program, const std::string& arguments) {
  const Outcome outcome = RunProgram(program, absl::StrCat("--json ", arguments));
  EXPECT_EQ(outcome.exit_status, 0) << program << " " << arguments;
  nlohmann::json json = nlohmann::json::parse(outcome.output, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(json.is_discarded()) << outcome.output;
  return json;
}

// Everything is measured, skipped by name or left out for a reason; gives the labels.
std::set<std::string> LabelsOfSaneResults(const nlohmann::json& json) {
  std::set<std::string> labels;
  EXPECT_FALSE(json["results"].empty());
  EXPECT_GE(json["values"], json["left_out"].size());
  for (const nlohmann::json& row : json["results"]) {
    labels.insert(row["label"]);
    if (row.contains("skipped")) {
      EXPECT_NE(row["skipped"], "") << row;
    } else if (row.contains("median")) {
      EXPECT_GE(row["median"], 0.0) << row;
    } else {
      EXPECT_FALSE(json["left_out"].empty()) << row;
    }
  }
  return labels;
}

constexpr char kQuick[] = "--rounds=1 --seconds=0.01 --filter=";

TEST(CoreBenchmarkTest, RunsTheCasesOfTheOriginalWithoutAFailingCall) {
  const nlohmann::json json = RunForJson("core", "--benchmark_min_time=1x");
  std::set<std::string> names;
  for (const nlohmann::json& row : json["benchmarks"]) {
    EXPECT_FALSE(row.contains("error_occurred")) << row;
    names.insert(row["name"]);
  }
  EXPECT_EQ(names.count("Message enqueue/manual_time"), 1u);
  EXPECT_EQ(names.count("Message enqueue and dequeue"), 1u);
  EXPECT_EQ(names.count("Message enqueue and dequeue - no message buffer"), 1u);
}

TEST(IpcBenchmarkTest, VerifiesThroughputAndRoundTrips) {
  for (const char* filter : {"throughput", "'round trip'", "attach", "memory"}) {
    LabelsOfSaneResults(RunForJson("ipc", absl::StrCat(kQuick, filter)));
  }
}

TEST(PeersBenchmarkTest, ComparesEachPeerOrSkipsItByName) {
  const nlohmann::json json = RunForJson("peers", absl::StrCat(kQuick, "throughput"));
  const std::set<std::string> labels = LabelsOfSaneResults(json);
  for (const char* name : {"Interprocess", "ticket MPMC ring", "SPSC index ring",
                           "Boost message_queue", "ZeroMQ ipc", "pipe", "Unix socket"}) {
    EXPECT_EQ(labels.count(name), 1u) << name;
  }
  EXPECT_FALSE(json["bars"].empty());
  EXPECT_TRUE(absl::StrContains(std::string(json["machine"]), "core"));
  for (const nlohmann::json& bar : json["bars"]) {
    EXPECT_EQ(bar["verdict"], "not judged: takes 3 undisturbed rounds") << bar;
  }
}

TEST(PeersBenchmarkTest, MeasuresRoundTripsAndOneThread) {
  LabelsOfSaneResults(RunForJson("peers", absl::StrCat(kQuick, "'round trip'")));
  LabelsOfSaneResults(RunForJson("peers", absl::StrCat(kQuick, "'one thread'")));
}

TEST(PeersBenchmarkTest, PrintsATableWithBars) {
  const Outcome outcome = RunProgram("peers", absl::StrCat(kQuick, "'size of the file'"));
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_TRUE(absl::StrContains(outcome.output, "file of a queue, 1 MiB")) << outcome.output;
  EXPECT_TRUE(absl::StrContains(outcome.output, "not judged")) << outcome.output;
}

TEST(PeersBenchmarkTest, AddsRoundsToAFileAndShowsThemWithoutMeasuring) {
  const std::string csv = absl::StrCat(testing::TempDir(), "/rounds.csv");
  const std::string arguments = absl::StrCat(" --seconds=0.01 --filter='one thread' --csv=", csv);
  const nlohmann::json once = RunForJson("peers", absl::StrCat("--rounds=1", arguments));
  const nlohmann::json thrice = RunForJson("peers", absl::StrCat("--rounds=2", arguments));
  const nlohmann::json shown = RunForJson("peers", absl::StrCat("--rounds=0", arguments));
  EXPECT_EQ(int{thrice["values"]}, 3 * int{once["values"]});
  EXPECT_EQ(thrice["results"], shown["results"]);
  EXPECT_NE(RunProgram("peers", "--rounds=0 2>/dev/null").exit_status, 0);
}

TEST(ScaleBenchmarkTest, MeasuresEachCurve) {
  for (const char* filter : {"'by open reservations'", "'by queues'", "'size of batch'",
                             "'by dead'", "'waiting publishers'"}) {
    const nlohmann::json json = RunForJson("scale", absl::StrCat(kQuick, filter));
    LabelsOfSaneResults(json);
    for (const nlohmann::json& row : json["results"]) {
      EXPECT_TRUE(row.contains("x") || row["unit"] == "times") << row;
    }
  }
}

TEST(PeersBenchmarkTest, RefusesAFilterThatLetsNothingThrough) {
  EXPECT_NE(RunProgram("peers", "--filter=nonsense 2>/dev/null").exit_status, 0);
}

}  // namespace
}  // namespace interprocess::benchmarks
