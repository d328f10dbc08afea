// What ipq can do, as data: the verbs, what each takes, and how it is explained.

#ifndef TOOLS_IPQ_HELP_H_
#define TOOLS_IPQ_HELP_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ipq {

struct Verb {
  absl::string_view name;
  absl::string_view summary;
  absl::string_view arguments;  // as the usage line shows them
  size_t min_arguments;
  size_t max_arguments;
  absl::Span<const absl::string_view> flags;  // beside --dir, --help and --version
  absl::string_view text;
  bool prints;  // it needs standard output
  int (*run)(absl::Span<const std::string> arguments);
};

absl::Span<const Verb> Verbs();

// The verb of that name, or null.
const Verb* FindVerb(absl::string_view name);

std::string GeneralHelp();
std::string HelpFor(const Verb& verb);

}  // namespace ipq

#endif  // TOOLS_IPQ_HELP_H_
