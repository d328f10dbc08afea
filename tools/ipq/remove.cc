#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verbs.h"

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
  if (!inspector.ok()) return inspector.status();
  const absl::StatusOr<interprocess::QueueReport> report = inspector->Report();
  if (!report.ok()) return report.status();
  const uint64_t messages = report->ready + report->claimed + report->reserved;
  const int64_t participants =
      std::count_if(report->participants.begin(), report->participants.end(),
                    [](const interprocess::ParticipantReport& each) { return each.alive; });
  if (messages == 0 && participants == 0) return "";
  return absl::StrCat("has ", FormatNumberOf(messages, "message"), " and ",
                      FormatNumberOf(participants, "participant"));
}

bool Confirmed(const std::string& question) {
  std::fputs(absl::StrCat("ipq: ", question, " Remove it? [y/N] ").c_str(), stderr);
  std::string answer;
  std::getline(std::cin, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

}  // namespace

int Remove(absl::Span<const std::string> arguments) {
  const std::string& queue = arguments[0];
  const std::string directory = absl::GetFlag(FLAGS_dir);
  const absl::StatusOr<interprocess::Protocol> protocol = FindProtocol(queue);
  if (!protocol.ok()) return Fail(protocol.status());
  if (!absl::GetFlag(FLAGS_yes)) {
    const absl::StatusOr<std::string> objection = Objection(queue, directory, *protocol);
    if (!objection.ok()) return Fail(objection.status());
    if (!objection->empty()) {
      const std::string question =
          absl::StrCat("queue \"", Printable(queue), "\" ", Printable(*objection), ".");
      if (!IsTerminal(kStandardInput) || !IsTerminal(kStandardError)) {
        PrintError(absl::StrCat(question, " Not removed; --yes removes it all the same."));
        return kFailed;
      }
      if (!Confirmed(question)) {
        PrintError("not removed");
        return kFailed;
      }
    }
  }
  const absl::Status removed = interprocess::RemoveQueue(queue, directory, *protocol);
  if (!removed.ok()) return Fail(removed);
  return kOk;
}

}  // namespace ipq
