// SPDX-License-Identifier: MIT

// The command line: its flags go to flags.h's, what is left are words.

#ifndef INTERPROCESS_TOOLS_IPQ_COMMAND_LINE_H_
#define INTERPROCESS_TOOLS_IPQ_COMMAND_LINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ipq {

struct CommandLine {
  bool help = false;
  bool version = false;
  std::vector<std::string> words;  // that are no flags
  std::vector<std::string> flags;  // the names of those that were given, with hyphens
};

// Sets the flags that `arguments`, without the program's name, give: "--name=value", "--name
// value", "--name" and "--noname" for one that is true or false, with hyphens or underscores. What
// follows "--" is words. InvalidArgument: a flag that no verb has, or a value that it does not
// take, and what is right.
absl::StatusOr<CommandLine> ParseCommandLine(absl::Span<const std::string> arguments);

// "; did you mean VERB?" if that is like `word`, or means the same; else "".
std::string VerbHint(absl::string_view word);

// The edits (a character more, less, another, two swapped) that make one of the other.
size_t EditDistance(absl::string_view one, absl::string_view other);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_COMMAND_LINE_H_
