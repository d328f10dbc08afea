// SPDX-License-Identifier: MIT

#include "tools/ipq/logout.h"

namespace ipq {

std::string LogoutWarning(const std::string& /*path*/, interprocess::Protocol /*protocol*/) {
  return "";
}

}  // namespace ipq
