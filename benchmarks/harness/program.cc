// SPDX-License-Identifier: MIT

#include "benchmarks/harness/program.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/page.h"
#include "benchmarks/harness/record.h"
#include "benchmarks/harness/report.h"
#include "benchmarks/harness/scratch.h"

ABSL_FLAG(bool, json, false, "print JSON instead of tables");
ABSL_FLAG(int, rounds, 5, "how often everything is measured; 0 only shows what --csv holds");
ABSL_FLAG(double, seconds, 0.3, "how long one measurement takes");
ABSL_FLAG(std::string, filter, "", "run only scenarios that have this in their titles");
ABSL_FLAG(std::string, csv, "", "append each value to this file, and show all that it holds");
ABSL_FLAG(std::string, html, "", "write a page with plots to this file");

namespace interprocess::benchmarks {
namespace {

std::string CommandLine(absl::string_view name, int argc, char** argv) {
  std::string command(name);
  for (int i = 1; i < argc; ++i) absl::StrAppend(&command, " ", argv[i]);
  return command;
}

// Bazel runs programs in another folder than the one that the user is in, and says in which.
std::string UserPath(const std::string& path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (path.empty() || path[0] == '/' || folder == nullptr) return path;
  return absl::StrCat(folder, "/", path);
}

std::vector<Scenario> Selected(const Program& program, const Settings& settings) {
  std::vector<Scenario> selected;
  for (Scenario& scenario : program.scenarios(settings)) {
    if (absl::StrContains(scenario.title, absl::GetFlag(FLAGS_filter))) {
      selected.push_back(std::move(scenario));
    }
  }
  return selected;
}

// What was measured is in the file even if a later scenario fails.
absl::Status MeasureRounds(const std::vector<Scenario>& scenarios, int rounds,
                           std::vector<Record>* records) {
  const int64_t run = absl::ToUnixSeconds(absl::Now());
  const std::string csv = UserPath(absl::GetFlag(FLAGS_csv));
  for (int round = 1; round <= rounds; ++round) {
    for (const Scenario& scenario : scenarios) {
      std::vector<Record> measured;
      absl::Status status = RunRound(scenario, run, round, &measured);
      if (!csv.empty()) status.Update(AppendRecords(csv, measured));
      if (!status.ok()) return status;
      records->insert(records->end(), measured.begin(), measured.end());
    }
  }
  return absl::OkStatus();
}

// One for each machine, in the order in which they come first.
std::vector<Report> ReportsOf(const Program& program, const std::string& command,
                              const std::vector<Scenario>& scenarios,
                              const std::vector<Record>& records) {
  std::vector<Report> reports;
  for (const Record& record : records) {
    const bool shown = std::any_of(
        scenarios.begin(), scenarios.end(),
        [&record](const Scenario& scenario) { return scenario.title == record.key.scenario; });
    if (!shown) continue;
    auto report = std::find_if(reports.begin(), reports.end(), [&record](const Report& report) {
      return report.records.front().machine == record.machine;
    });
    if (report == reports.end()) {
      reports.push_back(Report{std::string(program.name), command, scenarios, program.bars(), {}});
      report = reports.end() - 1;
    }
    report->records.push_back(record);
  }
  return reports;
}

absl::Status Run(const Program& program, const std::string& command) {
  const Settings settings{absl::GetFlag(FLAGS_rounds), absl::Seconds(absl::GetFlag(FLAGS_seconds))};
  const std::string csv = UserPath(absl::GetFlag(FLAGS_csv));
  if (settings.rounds < (csv.empty() ? 1 : 0) || settings.duration <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        "--seconds must be above 0, and so must be --rounds without --csv");
  }
  const std::vector<Scenario> scenarios = Selected(program, settings);
  if (scenarios.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no scenario has \"", absl::GetFlag(FLAGS_filter), "\" in its title"));
  }
  absl::StatusOr<std::vector<Record>> records{std::vector<Record>()};
  // Says before it measures whether the file can be added to.
  if (!csv.empty()) records = ReadRecords(csv);
  if (!records.ok()) return records.status();
  const absl::Status status = MeasureRounds(scenarios, settings.rounds, &*records);
  if (!status.ok()) return status;
  // The file's figures are rounded: what is shown now is what will be shown later.
  if (!csv.empty()) records = ReadRecords(csv);
  if (!records.ok()) return records.status();
  const std::vector<Report> reports = ReportsOf(program, command, scenarios, *records);
  for (const Report& report : reports) {
    std::printf("%s\n", (absl::GetFlag(FLAGS_json) ? Json(report) : Text(report)).c_str());
  }
  const std::string html = UserPath(absl::GetFlag(FLAGS_html));
  return html.empty() ? absl::OkStatus() : WritePage(reports, html);
}

}  // namespace

int RunProgram(const Program& program, int argc, char** argv) {
  absl::SetProgramUsageMessage(program.usage);
  // --help shows the flags of this file, whatever the program is called.
  absl::FlagsUsageConfig help;
  help.contains_help_flags = [](absl::string_view file) { return absl::EndsWith(__FILE__, file); };
  absl::SetFlagsUsageConfig(help);
  const std::string command = CommandLine(program.name, argc, argv);
  absl::ParseCommandLine(argc, argv);

  HandleInterrupts();
  // These must be known before the first worker is forked.
  (void)DescribeMachine();
  (void)ScratchDirectory();
  const absl::Status status = Run(program, command);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return absl::IsCancelled(status) ? 130 : 1;
}

}  // namespace interprocess::benchmarks
