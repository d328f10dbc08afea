// SPDX-License-Identifier: MIT

// The long form: see --help.

#include <stdio.h>

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "tests/crash/crash.h"
#include "tests/stress/stress.h"

ABSL_FLAG(std::string, scenario, "all",
          "kill, stop, all_at_once, restart, resolvers, openers, measure, or all");
ABSL_FLAG(int, rounds, 10000, "of each scenario");
ABSL_FLAG(uint64_t, seed, 0, "of a run that is to be repeated; 0: a new one");

int main(int argc, char** argv) {
  namespace crash = interprocess::crash;
  namespace stress = interprocess::stress;
  absl::SetProgramUsageMessage("kills and stops participants, and checks what becomes of messages");
  absl::ParseCommandLine(argc, argv);
  struct {
    const char* name;
    crash::Outcome (*run)(const crash::CrashOptions&);
  } const scenarios[] = {
      {"kill", crash::KillUnderLoad},        {"stop", crash::StopUnderLoad},
      {"all_at_once", crash::KillAllAtOnce}, {"restart", crash::RestartMachine},
      {"resolvers", crash::KillResolvers},   {"openers", crash::KillWhileOpening},
      {"measure", crash::MeasureRecovery},
  };
  const std::string wanted = absl::GetFlag(FLAGS_scenario);
  bool known = false;
  int failures = 0;
  for (const auto& scenario : scenarios) {
    if (wanted != "all" && wanted != scenario.name) continue;
    known = true;
    crash::CrashOptions options;
    options.directory = stress::MakeQueueDirectory();
    options.rounds = absl::GetFlag(FLAGS_rounds);
    const uint64_t seed = absl::GetFlag(FLAGS_seed);
    options.seed = seed != 0 ? seed : stress::SeedFromEnvironment();
    crash::Outcome outcome = scenario.run(options);
    printf("%s%s%s\n", outcome.figures.c_str(),
           outcome.failure.empty() ? "" : "FAILED: ", outcome.failure.c_str());
    fflush(stdout);
    failures += !outcome.failure.empty();
    stress::RemoveQueueDirectory(options.directory);
  }
  if (!known) fprintf(stderr, "no such scenario: %s\n", wanted.c_str());
  return known && failures == 0 ? 0 : 1;
}
