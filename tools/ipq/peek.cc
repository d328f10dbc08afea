// SPDX-License-Identifier: MIT

#include <cstddef>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "interprocess/queue_inspector.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/message_writer.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {

int Peek(absl::Span<const std::string> arguments) {
  constexpr size_t kDefaultCount = 10;
  if (absl::GetFlag(FLAGS_json) && absl::GetFlag(FLAGS_framing).has_value()) {
    PrintError("--json has a line for each message and takes no --framing: give one of them");
    return kUsage;
  }
  absl::StatusOr<interprocess::QueueInspector> inspector = Inspect(arguments[0]);
  if (!inspector.ok()) return Fail(inspector.status());
  const size_t count = absl::GetFlag(FLAGS_count).value_or(kDefaultCount);
  const absl::StatusOr<std::vector<std::string>> messages = inspector->Peek(count);
  if (!messages.ok()) return Fail(messages.status());
  const bool json = absl::GetFlag(FLAGS_json);
  StopSignals stop;
  MessageWriter writer(kStandardOutput, absl::GetFlag(FLAGS_framing).value_or(Framing::kLines),
                       MessageWriter::Delivery::kWritten, stop);
  absl::Status written;
  for (const std::string& message : *messages) {
    written = writer.Add(json ? FormatMessage(message, false) : message);
    if (!written.ok()) break;
  }
  if (written.ok()) written = writer.Flush();
  if (written.ok()) return kOk;
  if (absl::IsAborted(written)) return kBrokenPipe;
  if (absl::IsCancelled(written)) return kSignalBase + stop.signal();
  return Fail(written);
}

}  // namespace ipq
