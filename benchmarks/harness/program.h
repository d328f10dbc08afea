// SPDX-License-Identifier: MIT

// What the comparing programs have in common: flags, and running what they select.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_PROGRAM_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_PROGRAM_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "benchmarks/harness/judge.h"
#include "benchmarks/harness/run.h"

namespace interprocess::benchmarks {

struct Settings {
  int rounds;
  absl::Duration duration;  // of one measurement
};

struct Program {
  absl::string_view name;
  absl::string_view usage;
  std::vector<Scenario> (*scenarios)(const Settings&);
  std::vector<Bar> (*bars)();
};

// Parses flags, runs the scenarios whose title the filter lets through, round by round, and prints
// them with the rounds that the CSV file holds already. The exit status.
int RunProgram(const Program& program, int argc, char** argv);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_PROGRAM_H_
