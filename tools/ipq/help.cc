// SPDX-License-Identifier: MIT

#include "tools/ipq/help.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/ipq/verbs.h"

namespace ipq {
namespace {

constexpr absl::string_view kExitCodeText = R"(
Exit codes:
  0    all went well
  1    it failed: the message says why
  2    wrong usage, or a name or a size that no queue can have
  3    there is no such queue, or no such directory
  4    time ran out: no room within --wait, or fewer messages than --count
  5    the file is damaged, or is no queue at all
  130  stopped by SIGINT (Ctrl-C), 143 by SIGTERM, before it was done
  141  nobody reads the output any more

A command whose input or output is closed fails (1) before it does anything.
)";

std::string FlagsText(absl::Span<const VerbFlag> flags) {
  std::string text;
  for (const VerbFlag& flag : flags) {
    std::string head = absl::StrCat("--", flag.name, flag.value.empty() ? "" : " ", flag.value);
    for (absl::string_view line : absl::StrSplit(flag.help, '\n')) {
      // A name that is too long for the column has a line of its own.
      if (head.size() > 17) absl::StrAppend(&text, "  ", std::exchange(head, ""), "\n");
      absl::StrAppendFormat(&text, "  %-17s %s\n", std::exchange(head, ""), line);
    }
  }
  return text;
}

std::string CommonText() {
  return absl::StrCat("\nEvery command also takes:\n", FlagsText(CommonFlags()));
}

}  // namespace

std::string GeneralHelp() {
  std::string text =
      "ipq: message queues in shared memory, from the command line.\n\n"
      "Usage: ipq COMMAND [ARGUMENT...] [--FLAG...]\n\n";
  for (const Verb& verb : Verbs()) {
    absl::StrAppendFormat(&text, "  ipq %-20s  %s\n", absl::StrCat(verb.name, " ", verb.arguments),
                          verb.summary);
  }
  absl::StrAppend(&text,
                  "  ipq help COMMAND          explain a command and its flags\n"
                  "  ipq --version             print the version, its commit and formats\n",
                  CommonText(), kExitCodeText);
  return text;
}

std::string HelpFor(const Verb& verb) {
  std::string text = absl::StrCat("Usage: ipq ", verb.name, verb.arguments.empty() ? "" : " ",
                                  verb.arguments, " [--FLAG...]\n", verb.text);
  if (!verb.flags.empty()) absl::StrAppend(&text, "\n", FlagsText(verb.flags));
  absl::StrAppend(&text, verb.notes, CommonText());
  return text;
}

}  // namespace ipq
