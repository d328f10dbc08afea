// SPDX-License-Identifier: MIT

#include "tools/ipq/queue_access.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ipq {

using interprocess::Protocol;
using interprocess::QueueInspector;

interprocess::QueueOptions OptionsFor(absl::string_view queue) {
  interprocess::QueueOptions options;
  options.name = std::string(queue);
  options.directory = absl::GetFlag(FLAGS_dir);
  options.protocol = absl::GetFlag(FLAGS_protocol).value_or(NamedProtocol()).value;
  options.access = absl::GetFlag(FLAGS_access).value_or(NamedAccess()).value;
  options.account = absl::GetFlag(FLAGS_account);
  options.across_sessions = absl::GetFlag(FLAGS_across_sessions);
  options.one_publisher = absl::GetFlag(FLAGS_one_publisher);
  options.one_subscriber = absl::GetFlag(FLAGS_one_subscriber);
  if (const auto capacity = absl::GetFlag(FLAGS_capacity); capacity.has_value()) {
    options.capacity = capacity->bytes;
  }
  return options;
}

absl::StatusOr<Protocol> FindProtocol(const std::string& queue) {
  if (const auto given = absl::GetFlag(FLAGS_protocol); given.has_value()) return given->value;
  std::vector<Protocol> found;
  std::string names;
  for (Protocol protocol : interprocess::kAllProtocols) {
    const absl::Status status =
        QueueInspector::Open(queue, absl::GetFlag(FLAGS_dir), protocol).status();
    // What is there but damaged or out of reach is there.
    if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) continue;
    found.push_back(protocol);
    absl::StrAppend(&names, names.empty() ? "" : ", ", interprocess::ProtocolName(protocol));
  }
  if (found.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are queues of that name in several formats: ", names, "; choose by --protocol"));
  }
  return found.empty() ? Protocol::kNative : found[0];
}

absl::StatusOr<std::vector<interprocess::QueueEntry>> ListEntries() {
  const std::optional<NamedProtocol> only = absl::GetFlag(FLAGS_protocol);
  std::vector<interprocess::QueueEntry> all;
  for (Protocol protocol : interprocess::kAllProtocols) {
    if (only.has_value() && only->value != protocol) continue;
    ABSL_ASSIGN_OR_RETURN(std::vector<interprocess::QueueEntry> entries,
                          interprocess::ListQueues(absl::GetFlag(FLAGS_dir), protocol));
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
  }
  return all;
}

absl::StatusOr<QueueInspector> Inspect(const std::string& queue) {
  ABSL_ASSIGN_OR_RETURN(const Protocol protocol, FindProtocol(queue));
  return QueueInspector::Open(queue, absl::GetFlag(FLAGS_dir), protocol);
}

std::string OneAtATime(const interprocess::QueueReport& report) {
  std::vector<std::string> alone;
  if (report.one_publisher) alone.push_back("one publisher");
  if (report.one_subscriber) alone.push_back("one subscriber");
  return absl::StrJoin(alone, ", ");
}

}  // namespace ipq
