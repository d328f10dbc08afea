// All steps, in all ways: see --help.

#include <stdio.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/crash/step_grid.h"
#include "tests/stress/flags.h"
#include "tests/stress/stress.h"
#include "tests/stress/traffic.h"

int main(int argc, char** argv) {
  namespace crash = interprocess::crash;
  namespace stress = interprocess::stress;
  const stress::Flags flags(
      argc, argv, "Kills and stops a participant at each step of the protocol.",
      {{"step", "", "only steps whose names begin so"},
       {"how", "", "only kill, stop or stop_for_ever"},
       {"pairs", "0", "only so many publishers and as many subscribers; 0: 1 and 2"},
       {"rounds", "1", "of each case"},
       {"jobs", "2", "cases at one time"},
       {"seed", "0", "of a run that is to be repeated; 0: a new one"}});
  const uint64_t given = static_cast<uint64_t>(flags.Number("seed"));
  const uint64_t seed = given != 0 ? given : stress::SeedFromEnvironment();
  const std::string how = flags.Text("how");
  const uint32_t wanted_pairs = static_cast<uint32_t>(flags.Number("pairs"));
  stress::Random seeds(seed);
  std::vector<crash::StepCase> cases;
  for (const std::string& step : crash::StepNames()) {
    if (!absl::StartsWith(step, flags.Text("step"))) continue;
    for (crash::How each : {crash::How::kKill, crash::How::kStopAWhile, crash::How::kStopForEver}) {
      if (!how.empty() && how != crash::NameOf(each)) continue;
      for (uint32_t pairs : {1u, 2u}) {
        if (wanted_pairs != 0 && pairs != wanted_pairs) continue;
        for (int round = 0; round < flags.Number("rounds"); ++round) {
          cases.push_back({step, each, pairs, cases.empty() ? seed : seeds.Next(), ""});
        }
      }
    }
  }
  const std::vector<crash::StepResult> results =
      crash::RunGrid(cases, static_cast<int>(flags.Number("jobs")));
  printf("%sseed %llu\n", crash::Table(cases, results).c_str(),
         static_cast<unsigned long long>(seed));
  for (const crash::StepResult& result : results) {
    if (!result.failure.empty()) return 1;
  }
  return cases.empty() ? 1 : 0;
}
