// SPDX-License-Identifier: MIT

#ifndef INTERPROCESS_TOOLS_IPQ_VERSION_H_
#define INTERPROCESS_TOOLS_IPQ_VERSION_H_

#include <string>

namespace ipq {

// What `ipq --version` prints: the version, the commit if the build was stamped with it, and the
// formats of queues.
std::string VersionText();

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_VERSION_H_
