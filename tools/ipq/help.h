// SPDX-License-Identifier: MIT

// What ipq says of itself and its verbs.

#ifndef INTERPROCESS_TOOLS_IPQ_HELP_H_
#define INTERPROCESS_TOOLS_IPQ_HELP_H_

#include <string>

#include "tools/ipq/verbs.h"

namespace ipq {

std::string GeneralHelp();
std::string HelpFor(const Verb& verb);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_HELP_H_
