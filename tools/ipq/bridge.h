// SPDX-License-Identifier: MIT

// What the bridges between queues and those to streams share.

#ifndef INTERPROCESS_TOOLS_IPQ_BRIDGE_H_
#define INTERPROCESS_TOOLS_IPQ_BRIDGE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "interprocess/queue_options.h"
#include "tools/ipq/stop_signals.h"

namespace ipq {

// "cloudtoid2:orders" names a queue in that format; without a format's name before it, it is one of
// --protocol's.
interprocess::QueueOptions BridgeQueue(absl::string_view argument);

// The exit code for what ended a bridge that moved this many messages, after saying what is wrong.
int EndBridge(const absl::Status& status, uint64_t moved, const StopSignals& stop);

// Whether a word names a stream of NATS JetStream.
inline bool IsStream(absl::string_view argument) {
  return absl::StartsWith(argument, "nats://") || absl::StartsWith(argument, "tls://");
}

// bridge_stream.cc: one of the two is a stream.
int BridgeStream(absl::Span<const std::string> arguments);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_BRIDGE_H_
