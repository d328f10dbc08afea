// ipq: message queues in shared memory, from the command line.

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/help.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/version.h"

namespace ipq {
namespace {

constexpr absl::string_view kVerbFlags[] = {
    "framing", "capacity", "wait",   "count",  "idle",    "follow",         "ack",
    "json",    "yes",      "repair", "to_dir", "account", "across_sessions"};

bool g_parsing = false;

struct CommandLine {
  bool help = false;
  bool version = false;
  std::vector<std::string> words;  // what is no flag
};

// Nothing if there is no such flag, which was said. Ends the process if a value is malformed.
std::optional<CommandLine> Parse(int argc, char** argv) {
  CommandLine line;
  // abseil's own --help tells of all flags at once and is a failure: these two are taken out.
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    const absl::string_view word = argv[i];
    if (word == "--") {
      rest.insert(rest.end(), argv + i, argv + argc);
      break;
    }
    const bool help = word == "--help" || word == "-h";
    const bool version = word == "--version";
    line.help = line.help || help;
    line.version = line.version || version;
    if (!help && !version) rest.push_back(argv[i]);
  }

  // The parser itself ends the process if a value is malformed, with the code for a failure.
  g_parsing = true;
  std::atexit([] {
    if (g_parsing) ExitAtOnce(kUsage);
  });
  std::vector<char*> words;
  std::vector<absl::UnrecognizedFlag> unknown;
  absl::ParseAbseilFlagsOnly(static_cast<int>(rest.size()), rest.data(), words, unknown);
  g_parsing = false;
  if (!unknown.empty()) {
    PrintError(absl::StrCat("there is no flag --", unknown[0].flag_name, "; see ipq --help"));
    return std::nullopt;
  }
  line.words.assign(words.begin() + 1, words.end());
  return line;
}

// What is wrong with how `verb` was called; empty if nothing is.
std::string UsageError(const Verb& verb, absl::Span<const std::string> arguments) {
  if (arguments.size() < verb.min_arguments) {
    return verb.min_arguments == 2 ? "it needs the names of two queues"
                                   : "it needs the name of a queue";
  }
  if (arguments.size() > verb.max_arguments) {
    return absl::StrCat("\"", arguments[verb.max_arguments], "\" is one argument too many");
  }
  for (absl::string_view name : kVerbFlags) {
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    const bool given = flag->CurrentValue() != flag->DefaultValue();
    const bool taken = std::find(verb.flags.begin(), verb.flags.end(), name) != verb.flags.end();
    if (given && !taken) return absl::StrCat("it has no flag --", name);
  }
  for (const std::optional<absl::Duration>& duration :
       {absl::GetFlag(FLAGS_wait), absl::GetFlag(FLAGS_idle)}) {
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
  PrintError(absl::StrCat("there is no command \"", arguments[0], "\"; see ipq --help"));
  return kUsage;
}

int Run(int argc, char** argv) {
  const std::optional<CommandLine> line = Parse(argc, argv);
  if (!line.has_value()) return kUsage;
  const absl::Span<const std::string> arguments = line->words;
  if (line->version) return PrintOutput(absl::StrCat("ipq ", kVersion, "\n"));
  if (line->help) return Help(arguments);
  if (arguments.empty()) {
    PrintError("a command is missing; see ipq --help");
    return kUsage;
  }
  if (arguments[0] == "help") return Help(arguments.subspan(1));
  const Verb* verb = FindVerb(arguments[0]);
  if (verb == nullptr) return Help(arguments);
  if (std::string error = UsageError(*verb, arguments.subspan(1)); !error.empty()) {
    PrintError(absl::StrCat(verb->name, ": ", error, "; see ipq help ", verb->name));
    return kUsage;
  }
  if (verb->prints) {
    // Before it takes or makes anything.
    const absl::Status usable = CheckStandardStream(kStandardOutput);
    if (!usable.ok()) return Fail(usable);
  }
  return verb->run(arguments.subspan(1));
}

}  // namespace
}  // namespace ipq

int main(int argc, char** argv) {
  std::vector<std::string> words = ipq::PrepareStreams(argc, argv);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return ipq::Run(static_cast<int>(words.size()), pointers.data());
}
