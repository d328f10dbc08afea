// SPDX-License-Identifier: MIT

// What ipq does: one function a verb. Each takes the arguments after the verb, whose number was
// checked, reads its flags, and returns the exit code.

#ifndef INTERPROCESS_TOOLS_IPQ_VERB_FUNCTIONS_H_
#define INTERPROCESS_TOOLS_IPQ_VERB_FUNCTIONS_H_

#include <string>

#include "absl/types/span.h"

namespace ipq {

int Create(absl::Span<const std::string> arguments);
int Send(absl::Span<const std::string> arguments);
int Receive(absl::Span<const std::string> arguments);
int Stat(absl::Span<const std::string> arguments);
int List(absl::Span<const std::string> arguments);
int Purge(absl::Span<const std::string> arguments);
int Remove(absl::Span<const std::string> arguments);
int Doctor(absl::Span<const std::string> arguments);
int Peek(absl::Span<const std::string> arguments);
int Bridge(absl::Span<const std::string> arguments);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_VERB_FUNCTIONS_H_
