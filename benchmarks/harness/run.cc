// SPDX-License-Identifier: MIT

#include "benchmarks/harness/run.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/round_trip.h"
#include "benchmarks/harness/scratch.h"

namespace interprocess::benchmarks {
namespace {

// Long enough for a median that repeats.
constexpr absl::Duration kPerPair = absl::Milliseconds(5);
// Workers on further cores stand for what these show.
constexpr int kMostCores = 4;

absl::StatusOr<double> Farthest(const Scenario& scenario) {
  const int cores = std::min({scenario.workers, CoreCount(), kMostCores});
  if (!scenario.distance_matters || cores < 2) return 0.0;
  absl::StatusOr<std::vector<PairDistance>> pairs = MeasureDistances(cores, kPerPair);
  if (!pairs.ok()) return pairs.status();
  double farthest = 0;
  for (const PairDistance& pair : *pairs) farthest = std::max(farthest, pair.nanos);
  return farthest;
}

}  // namespace

absl::StatusOr<std::vector<PairDistance>> MeasureDistances(int cores, absl::Duration each) {
  std::vector<PairDistance> pairs;
  for (int from = 0; from < cores; ++from) {
    for (int to = from + 1; to < cores; ++to) {
      const absl::StatusOr<double> nanos = MeasureLineRoundTrip(from, to, each);
      if (!nanos.ok()) return nanos.status();
      pairs.push_back({from, to, *nanos});
    }
  }
  return pairs;
}

absl::Status RunRound(const Scenario& scenario, int64_t run, int round,
                      std::vector<Record>* records) {
  absl::StatusOr<double> before = Farthest(scenario);
  if (!before.ok()) return before.status();
  const size_t count = scenario.entries.size();
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = scenario.entries[(i + round) % count];
    if (!entry.skipped.empty()) continue;
    const Watch watch;
    absl::StatusOr<std::vector<double>> values = entry.measure();
    // Now, and by this process: the pages of a large queue would be freed beside the next entry.
    EmptyScratchDirectory();
    if (!values.ok()) {
      const absl::Status status(values.status().code(),
                                absl::StrCat(scenario.title, ", ", entry.labels.front(), ": ",
                                             values.status().message()));
      if (!entry.may_fail || absl::IsCancelled(status)) return status;
      std::fprintf(stderr, "left out: %s\n", std::string(status.message()).c_str());
      continue;
    }
    Circumstances seen = watch.Stop();
    const absl::StatusOr<double> after = Farthest(scenario);
    if (!after.ok()) return after.status();
    seen.distance_before = *before;
    seen.distance_after = *after;
    seen.switches_count = scenario.workers <= CoreCount() && !entry.own_threads;
    for (size_t v = 0; v < values->size(); ++v) {
      records->push_back(Record{DescribeMachine(), run, round,
                                Key{scenario.title, entry.labels[v], entry.x}, scenario.unit,
                                (*values)[v], seen});
    }
    before = after;
  }
  return absl::OkStatus();
}

}  // namespace interprocess::benchmarks
