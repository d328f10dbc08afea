// SPDX-License-Identifier: MIT

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {

int Create(absl::Span<const std::string> arguments) {
  interprocess::QueueOptions options = OptionsFor(arguments[0]);
  options.mode = interprocess::OpenMode::kCreateNew;
  if (options.protocol == interprocess::Protocol::kCloudtoidV2 ||
      options.protocol == interprocess::Protocol::kCloudtoidV3) {
    PrintError(absl::StrCat("a queue of ", interprocess::ProtocolName(options.protocol),
                            " goes with its last participant: one that nobody uses cannot be made; "
                            "send and recv --follow make one"));
    return kUsage;
  }
  const absl::StatusOr<interprocess::Publisher> publisher = interprocess::Publisher::Open(options);
  if (!publisher.ok()) return Fail(publisher.status());
  // A participant that leaves an empty queue takes it along, and one that dies does not: this one
  // ends without leaving. The queue's next user finds nothing left to be done for it.
  ExitAtOnce(kOk);
}

}  // namespace ipq
