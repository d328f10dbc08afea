// The long form: see --help.

#include <stdio.h>

#include <cstdint>
#include <string>

#include "tests/crash/crash.h"
#include "tests/stress/flags.h"
#include "tests/stress/stress.h"

int main(int argc, char** argv) {
  namespace crash = interprocess::crash;
  namespace stress = interprocess::stress;
  const stress::Flags flags(
      argc, argv, "Kills and stops participants, and checks what becomes of messages.",
      {{"scenario", "all", "kill, stop, all_at_once, resolvers, openers, measure, or all"},
       {"rounds", "10000", "of each scenario"},
       {"seed", "0", "of a run that is to be repeated; 0: a new one"}});
  struct {
    const char* name;
    crash::Outcome (*run)(const crash::CrashOptions&);
  } const scenarios[] = {
      {"kill", crash::KillUnderLoad},        {"stop", crash::StopUnderLoad},
      {"all_at_once", crash::KillAllAtOnce}, {"resolvers", crash::KillResolvers},
      {"openers", crash::KillWhileOpening},  {"measure", crash::MeasureRecovery},
  };
  const std::string wanted = flags.Text("scenario");
  bool known = false;
  int failures = 0;
  for (const auto& scenario : scenarios) {
    if (wanted != "all" && wanted != scenario.name) continue;
    known = true;
    crash::CrashOptions options;
    options.directory = stress::MakeQueueDirectory();
    options.rounds = static_cast<int>(flags.Number("rounds"));
    const uint64_t seed = static_cast<uint64_t>(flags.Number("seed"));
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
