// SPDX-License-Identifier: MIT

// Scenarios, and running them in turn.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_RUN_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "benchmarks/harness/record.h"

namespace interprocess::benchmarks {

// One measurement, which gives a value for each of its labels.
struct Entry {
  std::vector<std::string> labels;
  std::string skipped = {};  // why it is not run, or empty
  std::function<absl::StatusOr<std::vector<double>>()> measure;
  std::optional<double> x = std::nullopt;  // see Scenario::axis
  bool own_threads = false;                // what is measured runs threads of its own on the cores
  bool may_fail = false;                   // a failure is told, and the run goes on without a value
};

// Entries that are compared with each other.
struct Scenario {
  std::string title;
  std::string unit;
  std::vector<Entry> entries = {};
  std::string reference = {};  // the label that the others are compared with, if any
  std::string axis = {};       // what `x` of the entries counts, where a curve is measured
  // The processes that take part, one on each core as long as there are cores. More of them share
  // cores, and are switched for that alone.
  int workers = 2;
  // False where cores do not talk to each other, or a wake-up by the kernel costs far more.
  bool distance_matters = true;
};

// Nanoseconds for a cache line from one core to another and back, of each pair of the first
// `cores`.
struct PairDistance {
  int from;
  int to;
  double nanos;
};
absl::StatusOr<std::vector<PairDistance>> MeasureDistances(int cores, absl::Duration each);

// Measures each entry once, beginning with another one in each round: what the machine does
// meanwhile, it does to all alike. Adds a record for each value. The distance of the cores is
// measured between the entries.
absl::Status RunRound(const Scenario& scenario, int64_t run, int round,
                      std::vector<Record>* records);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_RUN_H_
