// SPDX-License-Identifier: MIT

#include "tools/ipq/command_line.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/verbs.h"

namespace ipq {
namespace {

// The one of `candidates` that `word` is nearest to, if it is near: a word of three letters with
// one of them wrong is, one of six with two. Else "".
absl::string_view Nearest(absl::string_view word,
                          const std::vector<absl::string_view>& candidates) {
  absl::string_view nearest;
  size_t least = std::max<size_t>(1, word.size() / 3) + 1;
  for (absl::string_view candidate : candidates) {
    const bool begun = word.size() > 1 && absl::StartsWith(candidate, word);
    const size_t distance = begun ? 1 : EditDistance(word, candidate);
    if (distance >= least || distance >= word.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

// The flag of that name, with hyphens; null if no verb has it.
absl::CommandLineFlag* FindFlag(absl::string_view name) {
  const bool known = std::any_of(Verbs().begin(), Verbs().end(),
                                 [name](const Verb& verb) { return Takes(verb, name); });
  return known ? absl::FindCommandLineFlag(absl::StrReplaceAll(name, {{"-", "_"}})) : nullptr;
}

// Where to read on: of the verb, if one was named.
std::string SeeHelp(const CommandLine& line) {
  const bool named = !line.words.empty() && FindVerb(line.words[0]) != nullptr;
  return named ? absl::StrCat("; see ipq help ", line.words[0]) : "; see ipq --help";
}

absl::Status NoSuchFlag(absl::string_view name, const CommandLine& line) {
  const Verb* verb = line.words.empty() ? nullptr : FindVerb(line.words[0]);
  std::vector<absl::string_view> names = {"help", "version"};
  for (const VerbFlag& flag : CommonFlags()) names.push_back(flag.name);
  for (const Verb& each : Verbs()) {
    if (verb != nullptr && verb != &each) continue;
    for (const VerbFlag& flag : each.flags) names.push_back(flag.name);
  }
  const absl::string_view nearest = Nearest(name, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no flag --", name,
      nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?"), SeeHelp(line)));
}

// What values the flag takes, if it is of a type that does not say so itself.
std::string Wanted(const absl::CommandLineFlag& flag) {
  if (flag.IsOfType<std::optional<uint64_t>>()) return "a whole number, as 10";
  if (flag.IsOfType<std::optional<absl::Duration>>()) {
    return "a length of time, as 500ms, 2s or 1m30s";
  }
  if (flag.IsOfType<bool>()) return "true or false";
  return "";
}

absl::Status Set(absl::CommandLineFlag& flag, absl::string_view name, absl::string_view value) {
  if (flag.IsOfType<Texts>()) {
    Texts texts = absl::GetFlag(FLAGS_message);
    texts.texts.emplace_back(value);
    absl::SetFlag(&FLAGS_message, texts);
    return absl::OkStatus();
  }
  std::string error;
  // Empty would be the same as not given.
  const bool missing = value.empty() && !flag.IsOfType<std::string>();
  if (!missing && flag.ParseFrom(value, &error)) return absl::OkStatus();
  const std::string wanted = Wanted(flag);
  absl::string_view reason = error;
  absl::ConsumePrefix(
      &reason, absl::StrCat("Illegal value '", value, "' specified for flag '", flag.Name(), "'"));
  absl::ConsumePrefix(&reason, "; ");
  return absl::InvalidArgumentError(
      absl::StrCat("--", name, missing ? " needs a value" : absl::StrCat(": '", value, "'"),
                   wanted.empty() ? (reason.empty() ? "" : ": ")
                                  : absl::StrCat(missing ? ": " : " is not ", wanted),
                   wanted.empty() ? reason : ""));
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(absl::Span<const std::string> arguments) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view word = arguments[i];
    if (word == "--") {
      line.words.insert(line.words.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      line.words.push_back(arguments[i]);
      continue;
    }
    word.remove_prefix(absl::StartsWith(word, "--") ? 2 : 1);
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    const bool has_value = absl::StrContains(word, '=');
    std::string name = absl::StrReplaceAll(parts.first, {{"_", "-"}});
    if (!has_value && (name == "help" || arguments[i] == "-h")) {
      line.help = true;
      continue;
    }
    if (!has_value && name == "version") {
      line.version = true;
      continue;
    }
    absl::string_view value = parts.second;
    absl::CommandLineFlag* flag = FindFlag(name);
    absl::string_view negated = name;
    if (flag == nullptr && !has_value && absl::ConsumePrefix(&negated, "no")) {
      absl::ConsumePrefix(&negated, "-");
      flag = FindFlag(negated);
      if (flag != nullptr && !flag->IsOfType<bool>()) flag = nullptr;
      if (flag != nullptr) name = std::string(negated);
      value = "false";
    } else if (flag != nullptr && !has_value) {
      if (flag->IsOfType<bool>()) {
        value = "true";
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value", SeeHelp(line)));
      }
    }
    if (flag == nullptr) return NoSuchFlag(name, line);
    if (absl::Status set = Set(*flag, name, value); !set.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(set.message(), SeeHelp(line)));
    }
    line.flags.push_back(std::move(name));
  }
  return line;
}

std::string VerbHint(absl::string_view word) {
  std::vector<absl::string_view> names;
  for (const Verb& verb : Verbs()) {
    for (absl::string_view synonym : absl::StrSplit(verb.synonyms, ' ')) {
      if (synonym == word) return absl::StrCat("; did you mean ", verb.name, "?");
    }
    names.push_back(verb.name);
  }
  const absl::string_view nearest = Nearest(word, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

size_t EditDistance(absl::string_view one, absl::string_view other) {
  // Row i has the distances of one's first i characters from each beginning of the other.
  std::vector<std::vector<size_t>> rows(one.size() + 1, std::vector<size_t>(other.size() + 1));
  for (size_t i = 0; i <= one.size(); ++i) {
    for (size_t j = 0; j <= other.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1,
                             rows[i - 1][j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[one.size()][other.size()];
}

}  // namespace ipq
