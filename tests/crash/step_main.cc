// SPDX-License-Identifier: MIT

// All steps, in all ways: see --help.

#include <stdio.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "tests/crash/step_grid.h"
#include "tests/stress/stress.h"
#include "tests/stress/traffic.h"

ABSL_FLAG(std::string, step, "", "only steps whose names begin so");
ABSL_FLAG(std::string, how, "", "only kill, stop or stop_for_ever");
ABSL_FLAG(uint32_t, pairs, 0, "only this number of publishers, and of subscribers; 0: 1 and 2");
ABSL_FLAG(int, rounds, 1, "of each case");
ABSL_FLAG(int, jobs, 2, "cases at one time");
ABSL_FLAG(uint64_t, seed, 0, "of a run that is to be repeated; 0: a new one");

int main(int argc, char** argv) {
  namespace crash = interprocess::crash;
  namespace stress = interprocess::stress;
  absl::SetProgramUsageMessage("kills and stops a participant at each step of the protocol");
  absl::ParseCommandLine(argc, argv);
  const uint64_t given = absl::GetFlag(FLAGS_seed);
  const uint64_t seed = given != 0 ? given : stress::SeedFromEnvironment();
  const std::string how = absl::GetFlag(FLAGS_how);
  const uint32_t wanted_pairs = absl::GetFlag(FLAGS_pairs);
  stress::Random seeds(seed);
  std::vector<crash::StepCase> cases;
  for (const std::string& step : crash::StepNames()) {
    if (!absl::StartsWith(step, absl::GetFlag(FLAGS_step))) continue;
    if (!crash::CanBeReached(step)) {
      printf("skipped: %s needs root\n", step.c_str());
      continue;
    }
    for (crash::How each : {crash::How::kKill, crash::How::kStopAWhile, crash::How::kStopForEver}) {
      if (!how.empty() && how != crash::NameOf(each)) continue;
      for (uint32_t pairs : {1u, 2u}) {
        if (wanted_pairs != 0 && pairs != wanted_pairs) continue;
        for (int round = 0; round < absl::GetFlag(FLAGS_rounds); ++round) {
          cases.push_back({step, each, pairs, cases.empty() ? seed : seeds.Next(), ""});
        }
      }
    }
  }
  const std::vector<crash::StepResult> results = crash::RunGrid(cases, absl::GetFlag(FLAGS_jobs));
  printf("%sseed %llu\n", crash::Table(cases, results).c_str(),
         static_cast<unsigned long long>(seed));
  for (const crash::StepResult& result : results) {
    if (!result.failure.empty()) return 1;
  }
  return cases.empty() ? 1 : 0;
}
