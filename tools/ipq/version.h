// SPDX-License-Identifier: MIT

#ifndef TOOLS_IPQ_VERSION_H_
#define TOOLS_IPQ_VERSION_H_

#include <string>

namespace ipq {

// What `ipq --version` prints: the version, the commit if the build was stamped with it, and the
// formats of queues.
std::string VersionText();

}  // namespace ipq

#endif  // TOOLS_IPQ_VERSION_H_
