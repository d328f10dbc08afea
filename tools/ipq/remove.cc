// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "tools/ipq/confirm.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/glob.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

// Why somebody should be asked before the queue is removed; empty if nothing is lost by it. An
// error if it cannot be removed at all.
absl::StatusOr<std::string> Objection(const std::string& queue, const std::string& directory,
                                      interprocess::Protocol protocol) {
  absl::StatusOr<interprocess::QueueInspector> inspector =
      interprocess::QueueInspector::Open(queue, directory, protocol);
  if (absl::IsDataLoss(inspector.status())) {
    return absl::StrCat("is no sound queue (", inspector.status().message(), ")");
  }
  ABSL_RETURN_IF_ERROR(inspector.status());
  ABSL_ASSIGN_OR_RETURN(const interprocess::QueueReport report, inspector->Report());
  const uint64_t messages = report.ready + report.claimed + report.reserved;
  const int64_t participants =
      std::count_if(report.participants.begin(), report.participants.end(),
                    [](const interprocess::ParticipantReport& each) { return each.alive; });
  if (!report.participants_known) {
    return absl::StrCat("has ", FormatNumberOf(messages, "message"),
                        ", and its format does not tell whether anybody uses it");
  }
  if (messages == 0 && participants == 0) return "";
  return absl::StrCat("has ", FormatNumberOf(messages, "message"), " and ",
                      FormatNumberOf(participants, "participant"));
}

int RemoveOne(const std::string& queue, interprocess::Protocol protocol) {
  const std::string directory = absl::GetFlag(FLAGS_dir);
  if (!absl::GetFlag(FLAGS_yes)) {
    const absl::StatusOr<std::string> objection = Objection(queue, directory, protocol);
    if (!objection.ok()) return Fail(objection.status());
    if (!objection->empty() &&
        !Confirmed(absl::StrCat("queue \"", Printable(queue), "\" ", Printable(*objection)),
                   "Remove it?", "not removed")) {
      return kFailed;
    }
  }
  const absl::Status removed = interprocess::RemoveQueue(queue, directory, protocol);
  return removed.ok() ? kOk : Fail(removed);
}

int RemoveNamed(const std::string& queue) {
  const absl::StatusOr<interprocess::Protocol> protocol = FindProtocol(queue);
  return protocol.ok() ? RemoveOne(queue, *protocol) : Fail(protocol.status());
}

int RemoveMatching(const std::string& pattern) {
  const absl::StatusOr<std::vector<interprocess::QueueEntry>> entries = ListEntries();
  if (!entries.ok()) return Fail(entries.status());
  // A queue may have a name like a pattern: then that one is meant.
  for (const interprocess::QueueEntry& entry : *entries) {
    if (entry.name == pattern) return RemoveNamed(pattern);
  }
  int code = kOk;
  bool matched = false;
  for (const interprocess::QueueEntry& entry : *entries) {
    if (!GlobMatches(pattern, entry.name)) continue;
    matched = true;
    const int removed = RemoveOne(entry.name, entry.protocol);
    if (code == kOk) code = removed;
  }
  if (matched) return code;
  return Fail(absl::NotFoundError(absl::StrCat("none has a name like '", pattern, "'")));
}

}  // namespace

int Remove(absl::Span<const std::string> arguments) {
  int code = kOk;
  for (const std::string& argument : arguments) {
    const int removed = IsGlob(argument) ? RemoveMatching(argument) : RemoveNamed(argument);
    if (code == kOk) code = removed;
  }
  return code;
}

}  // namespace ipq
