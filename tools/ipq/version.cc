// SPDX-License-Identifier: MIT

#include "tools/ipq/version.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/version.h"
#include "core/native/layout.h"
#include "interprocess/queue_options.h"
#include "tools/ipq/commit.h"
#include "tools/ipq/flags.h"

namespace ipq {

std::string VersionText() {
  const std::string commit = kCommit;
  std::string text =
      absl::StrCat("ipq ", interprocess::kVersion, ", ",
                   commit.empty() ? "built without its commit" : "commit ", commit, "\nformats:");
  for (interprocess::Protocol protocol : interprocess::kAllProtocols) {
    absl::StrAppend(&text, protocol == interprocess::kAllProtocols[0] ? " " : ", ",
                    interprocess::ProtocolName(protocol));
    if (protocol == interprocess::Protocol::kNative) {
      absl::StrAppend(&text, " version ", interprocess::native::kFormatVersion);
    }
  }
  return text + "\n";
}

}  // namespace ipq
