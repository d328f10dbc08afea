// SPDX-License-Identifier: MIT

// Whether systemd will delete a queue when its owner logs out.

#ifndef INTERPROCESS_TOOLS_IPQ_LOGOUT_H_
#define INTERPROCESS_TOOLS_IPQ_LOGOUT_H_

#include <cstdint>
#include <string>

#include "interprocess/queue_options.h"

namespace ipq {

// What will be deleted and what to do about it, as one paragraph; empty if nothing will. `path` is
// the queue's file. Believes what it cannot read to be as systemd has it by default. Empty on
// systems without systemd.
std::string LogoutWarning(const std::string& path, interprocess::Protocol protocol);

// The same for a file of user `owner`, on the system whose files lie below `root`.
std::string LogoutWarningOn(const std::string& root, const std::string& path, uint32_t owner,
                            interprocess::Protocol protocol);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_LOGOUT_H_
