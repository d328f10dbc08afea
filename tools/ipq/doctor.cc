// SPDX-License-Identifier: MIT

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "nlohmann/json.hpp"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/logout.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

using interprocess::Finding;

struct Diagnosis {
  interprocess::Protocol protocol = interprocess::Protocol::kNative;
  std::vector<Finding> findings;  // before the repair
  std::optional<int> resolved;    // if a repair was asked for
  std::vector<Finding> left;      // after it
  std::string warning;            // of what the system will do to it; empty if nothing
  std::string alone;              // as OneAtATime
};

absl::StatusOr<Diagnosis> Examine(const std::string& queue) {
  Diagnosis diagnosis;
  const absl::StatusOr<interprocess::Protocol> protocol = FindProtocol(queue);
  ABSL_RETURN_IF_ERROR(protocol.status());
  diagnosis.protocol = *protocol;
  if (absl::GetFlag(FLAGS_adopt)) {
    absl::Status adopted = interprocess::AdoptQueue(queue, absl::GetFlag(FLAGS_dir), *protocol);
    if (!adopted.ok()) return adopted;
  }
  absl::StatusOr<interprocess::QueueInspector> inspector =
      interprocess::QueueInspector::Open(queue, absl::GetFlag(FLAGS_dir), *protocol);
  if (absl::IsDataLoss(inspector.status())) {
    diagnosis.findings = {{Finding::Severity::kDamaged, std::string(inspector.status().message())}};
    diagnosis.left = diagnosis.findings;
    return diagnosis;
  }
  ABSL_RETURN_IF_ERROR(inspector.status());
  absl::StatusOr<std::vector<Finding>> findings = inspector->Check();
  ABSL_RETURN_IF_ERROR(findings.status());
  diagnosis.findings = *std::move(findings);
  diagnosis.left = diagnosis.findings;
  if (const auto report = inspector->Report(); report.ok()) {
    diagnosis.warning = LogoutWarning(report->path, *protocol);
    diagnosis.alone = OneAtATime(*report);
  }
  if (!absl::GetFlag(FLAGS_repair)) return diagnosis;
  absl::StatusOr<int> resolved = inspector->Repair();
  ABSL_RETURN_IF_ERROR(resolved.status());
  diagnosis.resolved = *resolved;
  findings = inspector->Check();
  ABSL_RETURN_IF_ERROR(findings.status());
  diagnosis.left = *std::move(findings);
  return diagnosis;
}

absl::string_view SeverityName(Finding::Severity severity) {
  return severity == Finding::Severity::kDamaged ? "damaged" : "note";
}

std::string FindingsText(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, SeverityName(finding.severity), ": ", Printable(finding.what), "\n");
  }
  return text;
}

nlohmann::ordered_json FindingsJson(const std::vector<Finding>& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"severity", SeverityName(finding.severity)}, {"what", finding.what}});
  }
  return list;
}

std::string DoctorText(const Diagnosis& diagnosis) {
  std::string text = FindingsText(diagnosis.findings);
  if (diagnosis.resolved.has_value()) {
    absl::StrAppend(&text, "repaired: ", FormatNumberOf(*diagnosis.resolved, "dead participant"),
                    " resolved\n");
    if (!diagnosis.left.empty()) {
      absl::StrAppend(&text, "left after the repair:\n", FindingsText(diagnosis.left));
    }
  }
  if (diagnosis.left.empty()) {
    absl::StrAppend(&text, "sound",
                    diagnosis.protocol == interprocess::Protocol::kNative ? "" : " (",
                    diagnosis.protocol == interprocess::Protocol::kNative
                        ? ""
                        : absl::StrCat(interprocess::ProtocolName(diagnosis.protocol), ")"),
                    "\n");
  }
  if (!diagnosis.alone.empty()) {
    absl::StrAppend(&text, "made for ", diagnosis.alone, " at a time\n");
  }
  if (!diagnosis.warning.empty()) absl::StrAppend(&text, "warning: ", diagnosis.warning, "\n");
  return text;
}

std::string DoctorJson(const std::string& queue, bool damaged, const Diagnosis& diagnosis) {
  nlohmann::ordered_json json = {{"name", queue},
                                 {"protocol", interprocess::ProtocolName(diagnosis.protocol)},
                                 {"damaged", damaged},
                                 {"findings", FindingsJson(diagnosis.findings)}};
  if (diagnosis.resolved.has_value()) {
    json["resolved"] = *diagnosis.resolved;
    json["left"] = FindingsJson(diagnosis.left);
  }
  if (!diagnosis.alone.empty()) json["at_a_time"] = diagnosis.alone;
  if (!diagnosis.warning.empty()) json["warning"] = diagnosis.warning;
  return FormatJson(json);
}

}  // namespace

int Doctor(absl::Span<const std::string> arguments) {
  const absl::StatusOr<Diagnosis> diagnosis = Examine(arguments[0]);
  if (!diagnosis.ok()) return Fail(diagnosis.status());
  const bool damaged = std::any_of(
      diagnosis->left.begin(), diagnosis->left.end(),
      [](const Finding& finding) { return finding.severity == Finding::Severity::kDamaged; });
  const int printed =
      PrintOutput(absl::GetFlag(FLAGS_json) ? DoctorJson(arguments[0], damaged, *diagnosis)
                                            : DoctorText(*diagnosis));
  if (printed != kOk) return printed;
  return damaged ? kDamaged : kOk;
}

}  // namespace ipq
