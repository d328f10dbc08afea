// SPDX-License-Identifier: MIT

// ipq: message queues in shared memory, from the command line.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "tools/ipq/command_line.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/help.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verbs.h"
#include "tools/ipq/version.h"

namespace ipq {
namespace {

// What is wrong with how `verb` was called; empty if nothing is.
std::string UsageError(const Verb& verb, absl::Span<const std::string> arguments,
                       const CommandLine& line) {
  if (arguments.size() < verb.min_arguments) {
    return verb.min_arguments == 2 ? "it needs the names of two queues"
                                   : "it needs the name of a queue";
  }
  if (arguments.size() > verb.max_arguments) {
    return absl::StrCat("\"", arguments[verb.max_arguments], "\" is one argument too many");
  }
  for (const std::string& flag : line.flags) {
    if (!Takes(verb, flag)) return absl::StrCat("it has no flag --", flag);
  }
  for (const std::optional<absl::Duration>& duration :
       {absl::GetFlag(FLAGS_wait), absl::GetFlag(FLAGS_idle), absl::GetFlag(FLAGS_watch)}) {
    if (duration.has_value() && *duration < absl::ZeroDuration()) {
      return absl::StrCat(absl::FormatDuration(*duration), " is no time to wait");
    }
  }
  return "";
}

int Help(absl::Span<const std::string> arguments) {
  if (arguments.empty()) return PrintOutput(GeneralHelp());
  const Verb* verb = FindVerb(arguments[0]);
  if (verb != nullptr) return PrintOutput(HelpFor(*verb));
  PrintError(absl::StrCat("there is no command \"", arguments[0], "\"", VerbHint(arguments[0]),
                          "; see ipq --help"));
  return kUsage;
}

int Run(absl::Span<const std::string> arguments) {
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) {
    PrintError(line.status().message());
    return kUsage;
  }
  const absl::Span<const std::string> words = line->words;
  if (line->version) return PrintOutput(VersionText());
  if (line->help) return Help(words);
  if (words.empty()) {
    PrintError("a command is missing; see ipq --help");
    return kUsage;
  }
  if (words[0] == "help") return Help(words.subspan(1));
  const Verb* verb = FindVerb(words[0]);
  if (verb == nullptr) return Help(words);
  if (std::string error = UsageError(*verb, words.subspan(1), *line); !error.empty()) {
    PrintError(absl::StrCat(verb->name, ": ", error, "; see ipq help ", verb->name));
    return kUsage;
  }
  if (absl::GetFlag(FLAGS_dir).empty()) absl::SetFlag(&FLAGS_dir, EnvironmentVariable("IPQ_DIR"));
  if (verb->prints) {
    // Before it takes or makes anything.
    const absl::Status usable = CheckStandardStream(kStandardOutput);
    if (!usable.ok()) return Fail(usable);
  }
  return verb->run(words.subspan(1));
}

}  // namespace
}  // namespace ipq

int main(int argc, char** argv) {
  const std::vector<std::string> words = ipq::PrepareStreams(argc, argv);
  return ipq::Run(absl::MakeConstSpan(words).subspan(words.empty() ? 0 : 1));
}
