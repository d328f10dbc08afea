// SPDX-License-Identifier: MIT

// Interprocess beside its peers, in turn and in one run, and the bars that it is to clear.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/entries.h"
#include "benchmarks/harness/program.h"
#include "benchmarks/harness/report.h"

namespace interprocess::benchmarks {
namespace {

constexpr char kOneToOne64[] = "throughput 1:1, 64 B";
constexpr char kTwoToTwo64[] = "throughput 2:2, 64 B";
constexpr char kOneToOne1K[] = "throughput 1:1, 1 KiB";
constexpr char kOneToOne64K[] = "throughput 1:1, 64 KiB";
constexpr char kSameThread[] = "enqueue + dequeue in one thread, 64 B";
constexpr char kPolling[] = "round trip polling, 64 B, median";
constexpr char kSleeping[] = "round trip sleeping, 64 B, median";

// The compare-and-swap of the machine on which the bar for one thread was set at 30 ns.
constexpr double kBarsCompareAndSwap = 5.4;

std::vector<Contestant> Everybody() {
  return {InterprocessQueue(), TicketRing(), IndexRing(), BoostQueue(), ZeroMq(), Pipe(),
          UnixSocket()};
}

Scenario Throughput(const Settings& settings, const char* title, size_t message_size, int pairs) {
  Scenario scenario{title, "M msg/s", {}, InterprocessQueue().name};
  for (const Contestant& contestant : Everybody()) {
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

std::vector<Scenario> PeerScenarios(const Settings& settings) {
  const Load load = LoadOf(settings, 64);
  Scenario same_thread{kSameThread, "ns", {}, InterprocessQueue().name};
  for (const Contestant& contestant :
       {InterprocessQueue(), TicketRing(), IndexRing(), BoostQueue(), Pipe(), UnixSocket()}) {
    same_thread.entries.push_back(SameThreadCost(contestant, load));
  }
  same_thread.entries.push_back(CompareAndSwapCost(settings));

  Scenario polling{kPolling, "ns", {}, InterprocessQueue().name};
  for (const Contestant& contestant :
       {InterprocessQueue(), TicketRing(), IndexRing(), BoostQueue()}) {
    polling.entries.push_back(MedianRoundTrip(contestant, load));
  }

  Scenario sleeping{kSleeping, "ns", {}, InterprocessSleeping().name};
  for (const Contestant& contestant :
       {InterprocessSleeping(), BareFutex(), BoostSleeping(), ZeroMq(), Pipe(), UnixSocket()}) {
    sleeping.entries.push_back(MedianRoundTrip(contestant, load));
  }

  std::vector<Scenario> scenarios = {LineScenario(settings),
                                     Throughput(settings, kOneToOne64, 64, 1),
                                     Throughput(settings, kTwoToTwo64, 64, 2),
                                     Throughput(settings, kOneToOne1K, 1024, 1),
                                     LargeThroughput(settings),
                                     std::move(same_thread),
                                     std::move(polling),
                                     std::move(sleeping)};
  for (Scenario& scenario : ResourceScenarios()) scenarios.push_back(std::move(scenario));
  return scenarios;
}

void AddPeerBars(Report* report) {
  const std::string self = InterprocessQueue().name;
  const std::string ticket = TicketRing().name;
  const std::string index = IndexRing().name;
  const auto ratio = [&](const char* title, const std::string& label, const std::string& peer,
                         Bar::Kind kind, double limit) {
    report->AddBarIf(report->Ratio(title, label, peer),
                     {absl::StrCat(title, ", to ", peer), "times", kind, limit});
  };
  ratio(kOneToOne64, self, ticket, Bar::kAtLeast, 1);
  ratio(kOneToOne64, self, BoostQueue().name, Bar::kAtLeast, 4);
  ratio(kTwoToTwo64, self, ticket, Bar::kAtLeast, 1.5);
  ratio(kOneToOne64K, self, index, Bar::kAtLeast, 0.9);
  report->AddBarIf(
      report->Ratio(kOneToOne64K, InterprocessInPlace().name, index),
      {absl::StrCat(kOneToOne64K, " in place, to ", index), "times", Bar::kAtLeast, 2});
  report->AddBarIf(report->Ratio(kSameThread, self, kCompareAndSwap),
                   {absl::StrCat(kSameThread, ", to one compare-and-swap"), "times", Bar::kAtMost,
                    30 / kBarsCompareAndSwap});
  ratio(kPolling, self, ticket, Bar::kAtMost, 1);
  ratio(kSleeping, InterprocessSleeping().name, BareFutex().name, Bar::kAtMost, 1.2);
  AddResourceBars(report);
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  using namespace interprocess::benchmarks;  // NOLINT: only in main
  return RunProgram(
      {"peers", "Compares Interprocess with its peers.", &PeerScenarios, &AddPeerBars}, argc, argv);
}
