// SPDX-License-Identifier: MIT

// The verbs of ipq, as data: what each takes, what it does, and how it is explained. A flag more is
// a row more here and a definition more in flags.cc.

#ifndef INTERPROCESS_TOOLS_IPQ_VERBS_H_
#define INTERPROCESS_TOOLS_IPQ_VERBS_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ipq {

// A flag that a verb takes. One with several values to choose from has a row for each.
struct VerbFlag {
  absl::string_view name;   // as it is typed: with hyphens
  absl::string_view value;  // as the help shows it; empty if it takes none
  absl::string_view help;   // its lines
};

struct Verb {
  absl::string_view name;
  absl::string_view synonyms;  // what others call it, with spaces between: for "did you mean"
  absl::string_view summary;
  absl::string_view arguments;  // as the usage line shows them
  size_t min_arguments;
  size_t max_arguments;
  bool prints;  // it needs standard output
  absl::string_view text;
  absl::Span<const VerbFlag> flags;  // beside the common ones
  absl::string_view notes;           // below the flags
  int (*run)(absl::Span<const std::string> arguments);
};

absl::Span<const Verb> Verbs();

// Those that every verb takes.
absl::Span<const VerbFlag> CommonFlags();

// The verb of that name, or null.
const Verb* FindVerb(absl::string_view name);

// Whether `verb` takes the flag of that name, as it is typed.
bool Takes(const Verb& verb, absl::string_view flag);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_VERBS_H_
