// SPDX-License-Identifier: MIT

#include "benchmarks/harness/program.h"

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/scratch.h"

ABSL_FLAG(bool, json, false, "print JSON instead of tables");
ABSL_FLAG(int, rounds, 5, "how often everything is measured; the median counts");
ABSL_FLAG(double, seconds, 0.3, "how long one measurement takes");
ABSL_FLAG(std::string, filter, "", "run only scenarios that have this in their titles");

namespace interprocess::benchmarks {
namespace {

std::string CommandLine(absl::string_view name, int argc, char** argv) {
  std::string command(name);
  for (int i = 1; i < argc; ++i) absl::StrAppend(&command, " ", argv[i]);
  return command;
}

}  // namespace

int RunProgram(const Program& program, int argc, char** argv) {
  absl::SetProgramUsageMessage(program.usage);
  // --help shows the flags of this file, whatever the program is called.
  absl::FlagsUsageConfig help;
  help.contains_help_flags = [](absl::string_view file) { return absl::EndsWith(__FILE__, file); };
  absl::SetFlagsUsageConfig(help);
  Report report(std::string(program.name), CommandLine(program.name, argc, argv));
  absl::ParseCommandLine(argc, argv);
  const Settings settings{absl::GetFlag(FLAGS_rounds), absl::Seconds(absl::GetFlag(FLAGS_seconds))};
  if (settings.rounds < 1 || settings.duration <= absl::ZeroDuration()) {
    std::fprintf(stderr, "--rounds and --seconds must be above 0\n");
    return 1;
  }

  HandleInterrupts();
  // Both must be known before the first worker is forked.
  (void)CoreCount();
  (void)ScratchDirectory();
  int run = 0;
  for (const Scenario& scenario : program.scenarios(settings)) {
    if (!absl::StrContains(scenario.title, absl::GetFlag(FLAGS_filter))) continue;
    const absl::Status status = report.Run(scenario, settings.rounds);
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      return absl::IsCancelled(status) ? 130 : 1;
    }
    ++run;
  }
  if (run == 0) {
    std::fprintf(stderr, "no scenario has \"%s\" in its title\n",
                 absl::GetFlag(FLAGS_filter).c_str());
    return 1;
  }
  if (program.add_bars != nullptr) program.add_bars(&report);
  const std::string text = absl::GetFlag(FLAGS_json) ? report.Json() : report.Text();
  std::printf("%s\n", text.c_str());
  return 0;
}

}  // namespace interprocess::benchmarks
