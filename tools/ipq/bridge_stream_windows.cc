// SPDX-License-Identifier: MIT

#include "tools/ipq/bridge.h"
#include "tools/ipq/exit_code.h"

namespace ipq {

int BridgeStream(absl::Span<const std::string> /*arguments*/) {
  PrintError("this build has no NATS support: Windows has none yet");
  return kFailed;
}

}  // namespace ipq
