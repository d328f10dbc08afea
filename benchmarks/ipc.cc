// SPDX-License-Identifier: MIT

// Interprocess between processes: throughput, round trips, and what a queue costs.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/entries.h"
#include "benchmarks/harness/program.h"
#include "benchmarks/harness/run.h"

namespace interprocess::benchmarks {
namespace {

std::vector<Scenario> IpcScenarios(const Settings& settings) {
  std::vector<Scenario> scenarios = {DistanceScenario(settings)};
  for (int pairs : {1, 2, 4}) {
    const std::string ratio = absl::StrCat(pairs, ":", pairs);
    Scenario small{absl::StrCat("throughput ", ratio, ", 64 B"), "M msg/s"};
    Scenario middle{absl::StrCat("throughput ", ratio, ", 1 KiB"), "M msg/s"};
    Scenario large{absl::StrCat("throughput ", ratio, ", 64 KiB"), "GiB/s"};
    for (const Contestant& contestant :
         {InterprocessQueue(), InterprocessBlocking(), InterprocessInPlace()}) {
      small.entries.push_back(MillionsPerSecond(contestant, LoadOf(settings, 64, pairs)));
      middle.entries.push_back(MillionsPerSecond(contestant, LoadOf(settings, 1024, pairs)));
      large.entries.push_back(GibibytesPerSecond(contestant, LoadOf(settings, 64 << 10, pairs)));
    }
    large.entries.push_back(
        GibibytesPerSecond(InterprocessInPlaceWritten(), LoadOf(settings, 64 << 10, pairs)));
    for (Scenario* scenario : {&small, &middle, &large}) {
      scenario->workers = 2 * pairs;
      scenarios.push_back(std::move(*scenario));
    }
  }

  Scenario polling{"round trip polling, 64 B", "ns"};
  polling.entries.push_back(RoundTripPercentiles(InterprocessQueue(), LoadOf(settings, 64)));
  scenarios.push_back(std::move(polling));

  Scenario sleeping{"round trip sleeping, 64 B", "ns"};
  sleeping.entries.push_back(RoundTripPercentiles(InterprocessSleeping(), LoadOf(settings, 64)));
  sleeping.entries.push_back(RoundTripPercentiles(BareFutex(), LoadOf(settings, 64)));
  scenarios.push_back(std::move(sleeping));

  for (Scenario& scenario : ResourceScenarios()) scenarios.push_back(std::move(scenario));
  return scenarios;
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  using namespace interprocess::benchmarks;  // NOLINT: only in main
  return RunProgram({"ipc", "Measures queues between processes.", &IpcScenarios, &ResourceBars},
                    argc, argv);
}
