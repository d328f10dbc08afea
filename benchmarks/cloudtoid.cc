// SPDX-License-Identifier: MIT

// The formats that are shared with Cloudtoid.Interprocess, and the bars that they are to clear.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/entries.h"
#include "benchmarks/harness/judge.h"
#include "benchmarks/harness/program.h"
#include "benchmarks/harness/run.h"

namespace interprocess::benchmarks {
namespace {

constexpr char kOneToOne[] = "throughput 1:1, 64 B";
constexpr char kSameThread[] = "enqueue + dequeue in one thread, 64 B";
constexpr char kSleeping[] = "round trip sleeping, 64 B, median";

// The compare-and-swap of the machine on which the bars for one thread were set, in nanoseconds.
constexpr double kBarsCompareAndSwap = 5.4;

struct Bars {
  Protocol protocol;
  Contestant contestant;
  Contestant sleeping;
  double same_thread;  // ns at most, where a compare-and-swap takes the above
  double one_to_one;   // million messages a second at least
};
std::vector<Bars> Formats() {
  return {
      {Protocol::kCloudtoidV2, InterprocessCloudtoid2(), InterprocessCloudtoid2Sleeping(), 70, 8},
      {Protocol::kCloudtoidV3, InterprocessCloudtoid3(), InterprocessCloudtoid3Sleeping(), 50, 12}};
}

std::vector<Scenario> Scenarios(const Settings& settings) {
  const Load load = LoadOf(settings, 64);
  Scenario same_thread{kSameThread, "ns", {}, InterprocessQueue().name};
  Scenario one_to_one{kOneToOne, "M msg/s", {}, InterprocessQueue().name};
  Scenario sleeping{kSleeping, "ns", {}, InterprocessSleeping().name};
  std::vector<Entry> idle = {
      IdleCpu(absl::StrCat(InterprocessQueue().name, ", "), Protocol::kNative)};
  sleeping.entries.push_back(MedianRoundTrip(InterprocessSleeping(), load));
  same_thread.entries.push_back(SameThreadCost(InterprocessQueue(), load));
  one_to_one.entries.push_back(MillionsPerSecond(InterprocessQueue(), load));
  for (const Bars& format : Formats()) {
    same_thread.entries.push_back(SameThreadCost(format.contestant, load));
    one_to_one.entries.push_back(MillionsPerSecond(format.contestant, load));
    sleeping.entries.push_back(MedianRoundTrip(format.sleeping, load));
    idle.push_back(IdleCpu(absl::StrCat(format.contestant.name, ", "), format.protocol));
  }
  same_thread.entries.push_back(CompareAndSwapCost(settings));
  same_thread.workers = 1;
  same_thread.distance_matters = false;
  sleeping.distance_matters = false;
  return {DistanceScenario(settings), std::move(same_thread), std::move(one_to_one),
          std::move(sleeping), IdleScenario(std::move(idle))};
}

std::vector<Bar> BarsOfFormats() {
  std::vector<Bar> bars;
  for (const Bars& format : Formats()) {
    const std::string& name = format.contestant.name;
    bars.push_back({absl::StrCat(name, ": ", kSameThread, ", to one compare-and-swap"),
                    "times",
                    Bar::kAtMost,
                    format.same_thread / kBarsCompareAndSwap,
                    Key{kSameThread, name, {}},
                    {Key{kSameThread, kCompareAndSwap, {}}}});
    bars.push_back({absl::StrCat(name, ": ", kOneToOne), "M msg/s", Bar::kAtLeast,
                    format.one_to_one, Key{kOneToOne, name, {}}});
    // The format's semaphore beside native's futex: what the semaphore waiter may cost.
    bars.push_back({absl::StrCat(name, ": ", kSleeping, ", to native"),
                    "times",
                    Bar::kAtMost,
                    1.3,
                    Key{kSleeping, name, {}},
                    {Key{kSleeping, InterprocessSleeping().name, {}}}});
    bars.push_back({absl::StrCat(name, ": idle receiver, CPU in 5 s"), "ms", Bar::kAtMost, 1,
                    Key{kIdleTitle, absl::StrCat(name, ", worst of 5 receivers"), {}}});
  }
  return bars;
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  using namespace interprocess::benchmarks;  // NOLINT: only in main
  return RunProgram({"cloudtoid", "Measures the Cloudtoid formats.", &Scenarios, &BarsOfFormats},
                    argc, argv);
}
