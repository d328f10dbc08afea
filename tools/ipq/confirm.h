// SPDX-License-Identifier: MIT

// Asks before something is lost.

#ifndef INTERPROCESS_TOOLS_IPQ_CONFIRM_H_
#define INTERPROCESS_TOOLS_IPQ_CONFIRM_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ipq {

// True if --yes was given, or the user says so on the terminal. Else says why not: `fact` is what
// is the matter, `question` what is asked, `not_done` what has not been done, as "not removed".
bool Confirmed(const std::string& fact, absl::string_view question, absl::string_view not_done);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_CONFIRM_H_
