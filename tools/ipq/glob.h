// SPDX-License-Identifier: MIT

// Patterns of names, as shells have them.

#ifndef INTERPROCESS_TOOLS_IPQ_GLOB_H_
#define INTERPROCESS_TOOLS_IPQ_GLOB_H_

#include "absl/strings/string_view.h"

namespace ipq {

// Whether `text` has a character that means something in a pattern.
bool IsGlob(absl::string_view text);

// Whether all of `name` is what `pattern` says: '*' is any text, '?' any character, "[a-f]" one of
// several and "[!a-f]" one that is none of them, '\' makes what follows an ordinary one. A '[' that
// is not closed is an ordinary character. Characters are bytes of UTF-8 outside of '?' and '*'.
bool GlobMatches(absl::string_view pattern, absl::string_view name);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_GLOB_H_
