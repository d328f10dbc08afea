// SPDX-License-Identifier: MIT

// Interprocess beside its peers, in turn and in one run, and the bars that it is to clear.

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

constexpr char kOneToOne32[] = "throughput 1:1, 32 B";
constexpr char kOneToOne64[] = "throughput 1:1, 64 B";
constexpr char kTwoToTwo64[] = "throughput 2:2, 64 B";
constexpr char kOneToOne1K[] = "throughput 1:1, 1 KiB";
constexpr char kOneToOne64K[] = "throughput 1:1, 64 KiB";
constexpr char kSameThread[] = "enqueue + dequeue in one thread, 64 B";
constexpr char kPolling[] = "round trip polling, 64 B, median";
constexpr char kSleeping[] = "round trip sleeping, 64 B, median";

std::vector<Contestant> Everybody() {
  std::vector<Contestant> all = {InterprocessQueue(),
                                 InterprocessExclusive(),
                                 TicketRing(),
                                 IndexRing(),
                                 BoostQueue(),
                                 ZeroMq(),
                                 Pipe(),
                                 UnixSocket()};
  for (Contestant& contestant : NotHere()) all.push_back(std::move(contestant));
  return all;
}

Scenario Throughput(const Settings& settings, const char* title, size_t message_size,
                    int pairs = 1) {
  Scenario scenario{title, "M msg/s", {}, InterprocessQueue().name};
  scenario.workers = 2 * pairs;
  std::vector<Contestant> contestants = Everybody();
  contestants.insert(contestants.begin() + 1, InterprocessBatches(32));
  for (const Contestant& contestant : contestants) {
    if (pairs > 1 && contestant.one_to_one) continue;
    scenario.entries.push_back(
        MillionsPerSecond(contestant, LoadOf(settings, message_size, pairs)));
  }
  return scenario;
}

Scenario LargeThroughput(const Settings& settings) {
  Scenario scenario{kOneToOne64K, "GiB/s", {}, InterprocessQueue().name};
  std::vector<Contestant> contestants = Everybody();
  contestants.insert(contestants.begin() + 1,
                     {InterprocessInPlace(), InterprocessInPlaceWritten()});
  for (const Contestant& contestant : contestants) {
    scenario.entries.push_back(GibibytesPerSecond(contestant, LoadOf(settings, 64 << 10)));
  }
  return scenario;
}

Scenario SameThread(const Settings& settings) {
  Scenario scenario{kSameThread, "ns", {}, InterprocessQueue().name};
  scenario.workers = 1;
  scenario.distance_matters = false;
  for (const Contestant& contestant : {InterprocessQueue(), InterprocessExclusive(), TicketRing(),
                                       IndexRing(), BoostQueue(), Pipe(), UnixSocket()}) {
    scenario.entries.push_back(SameThreadCost(contestant, LoadOf(settings, 64)));
  }
  scenario.entries.push_back(CompareAndSwapCost(settings));
  return scenario;
}

Scenario RoundTrips(const Settings& settings, const char* title,
                    const std::vector<Contestant>& contestants) {
  Scenario scenario{title, "ns", {}, contestants.front().name};
  for (const Contestant& contestant : contestants) {
    scenario.entries.push_back(MedianRoundTrip(contestant, LoadOf(settings, 64)));
  }
  return scenario;
}

std::vector<Scenario> PeerScenarios(const Settings& settings) {
  std::vector<Scenario> scenarios = {DistanceScenario(settings),
                                     Throughput(settings, kOneToOne32, 32),
                                     Throughput(settings, kOneToOne64, 64),
                                     Throughput(settings, kTwoToTwo64, 64, 2),
                                     Throughput(settings, kOneToOne1K, 1024),
                                     LargeThroughput(settings),
                                     SameThread(settings),
                                     RoundTrips(settings, kPolling,
                                                {InterprocessQueue(), InterprocessExclusive(),
                                                 TicketRing(), IndexRing(), BoostQueue()}),
                                     RoundTrips(settings, kSleeping,
                                                {InterprocessSleeping(), BareFutex(),
                                                 BoostSleeping(), ZeroMq(), Pipe(), UnixSocket()})};
  // The kernel's wake-up costs a hundred times what a cache line does.
  scenarios.back().distance_matters = false;
  for (Scenario& scenario : ResourceScenarios()) scenarios.push_back(std::move(scenario));
  return scenarios;
}

std::vector<Bar> PeerBars() {
  std::vector<Bar> bars;
  const std::string self = InterprocessQueue().name;
  const std::string exclusive = InterprocessExclusive().name;
  const std::string batches = InterprocessBatches(32).name;
  const std::string ticket = TicketRing().name;
  const std::string index = IndexRing().name;
  const std::string boost = BoostQueue().name;
  const std::string zero = ZeroMq().name;
  const auto add = [&bars](const char* title, const std::string& of, const std::string& to,
                           Bar::Kind kind, double near, double far) {
    bars.push_back({absl::StrCat(title, ": ", of, " to ", to),
                    "times",
                    kind,
                    near,
                    Key{title, of, {}},
                    {Key{title, to, {}}},
                    far});
  };
  add(kOneToOne64, self, ticket, Bar::kAtLeast, 1.3, 1);
  add(kOneToOne64, exclusive, index, Bar::kAtLeast, 1.3, 1);
  add(kOneToOne32, self, index, Bar::kAtLeast, 1, 1.2);
  add(kTwoToTwo64, self, ticket, Bar::kAtLeast, 1, 1);
  add(kOneToOne64, self, boost, Bar::kAtLeast, 1.8, 1.8);
  add(kOneToOne64, self, zero, Bar::kAtLeast, 1.2, 1.2);
  add(kOneToOne64, batches, zero, Bar::kAtLeast, 1.5, 1.5);
  add(kOneToOne64, batches, self, Bar::kAtLeast, 2, 2);
  add(kTwoToTwo64, self, boost, Bar::kAtLeast, 1.3, 1.3);
  add(kTwoToTwo64, self, zero, Bar::kAtLeast, 0.9, 0.9);
  add(kOneToOne1K, self, ticket, Bar::kAtLeast, 0.95, 0.95);
  bars.back().name += absl::StrCat(" or ", index, ", the better");
  bars.back().to.push_back(Key{kOneToOne1K, index, {}});
  add(kOneToOne64K, self, index, Bar::kAtLeast, 0.95, 0.95);
  add(kOneToOne64K, InterprocessInPlace().name, index, Bar::kAtLeast, 2, 2);
  add(kPolling, self, ticket, Bar::kAtMost, 1.1, 1.1);
  add(kSleeping, InterprocessSleeping().name, BareFutex().name, Bar::kAtMost, 1.1, 1.1);
  add(kSameThread, self, ticket, Bar::kAtMost, 1.6, 1.6);
  add(kSameThread, exclusive, index, Bar::kAtMost, 1.5, 1.5);
  for (Bar& bar : ResourceBars()) bars.push_back(std::move(bar));
  return bars;
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  using namespace interprocess::benchmarks;  // NOLINT: only in main
  return RunProgram({"peers", "Compares Interprocess with its peers.", &PeerScenarios, &PeerBars},
                    argc, argv);
}
