#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "nlohmann/json.hpp"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/glob.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

using interprocess::ParticipantReport;
using interprocess::QueueReport;
using nlohmann::ordered_json;

absl::StatusOr<QueueReport> ReportOf(const std::string& queue) {
  absl::StatusOr<interprocess::QueueInspector> inspector = Inspect(queue);
  if (!inspector.ok()) return inspector.status();
  return inspector->Report();
}

absl::StatusOr<QueueReport> ReportOf(const std::string& queue, const std::string& directory,
                                     interprocess::Protocol protocol) {
  auto inspector = interprocess::QueueInspector::Open(queue, directory, protocol);
  if (!inspector.ok()) return inspector.status();
  return inspector->Report();
}

// Of the native format only; the others do not tell.
bool HasSlots(const QueueReport& report) {
  return report.protocol == interprocess::Protocol::kNative;
}

std::string FormatStart(int64_t process_start_ns) {
  if (process_start_ns == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixNanos(process_start_ns),
                          absl::LocalTimeZone());
}

std::string StatText(const QueueReport& report) {
  std::vector<std::vector<std::string>> facts = {
      {"queue", Printable(report.name)},
      {"file", Printable(report.path)},
      {"capacity", FormatBytes(report.capacity)},
      {"file size", FormatBytes(report.file_size)},
      {"format", absl::StrCat(interprocess::ProtocolName(report.protocol), ", version ",
                              report.format_version)},
      {"messages", absl::StrCat(FormatCount(report.ready), " ready, ", FormatCount(report.claimed),
                                " being read, ", FormatCount(report.reserved), " being written")},
      {"ready bytes", FormatBytes(report.ready_bytes)},
  };
  if (HasSlots(report)) {
    facts.push_back({"slots", FormatCount(report.slots)});
    facts.push_back({"positions", FormatCount(report.tail)});
    facts.push_back({"returned", FormatCount(report.returned)});
  } else {
    facts.push_back({"write offset", FormatCount(report.tail)});
  }
  facts.push_back({"participants",
                   report.participants_known
                       ? absl::StrCat(report.participants.size(), " of ", report.max_participants)
                       : "not known, for the format does not tell"});
  std::string text = FormatTable(facts);
  if (report.participants.empty()) return text;
  std::vector<std::vector<std::string>> rows = {{">ID", "ROLE", ">PROCESS", "PROCESS STARTED",
                                                 "STATE", "WAITS FOR", ">MESSAGES", ">BYTES",
                                                 ">FULL/EMPTY", ">SLEEPS", ">HOLDS"}};
  for (const ParticipantReport& each : report.participants) {
    rows.push_back({absl::StrCat(each.id), each.role, absl::StrCat(each.process_id),
                    FormatStart(each.process_start_ns), each.alive ? "alive" : "dead",
                    each.waits_for.empty() ? "-" : each.waits_for, FormatCount(each.messages),
                    FormatCount(each.bytes), FormatCount(each.full_or_empty),
                    FormatCount(each.sleeps), FormatCount(each.holds)});
  }
  return absl::StrCat(text, "\n", FormatTable(rows));
}

// `value`, or null where the report knows of no participants.
template <typename Value>
ordered_json OfParticipants(const QueueReport& report, Value value) {
  return report.participants_known ? ordered_json(std::move(value)) : ordered_json();
}

ordered_json StatJson(const QueueReport& report) {
  ordered_json participants = ordered_json::array();
  for (const ParticipantReport& each : report.participants) {
    participants.push_back({{"id", each.id},
                            {"role", each.role},
                            {"alive", each.alive},
                            {"process_id", each.process_id},
                            {"process_start_ns", each.process_start_ns},
                            {"waits_for", each.waits_for},
                            {"messages", each.messages},
                            {"bytes", each.bytes},
                            {"full_or_empty", each.full_or_empty},
                            {"sleeps", each.sleeps},
                            {"holds", each.holds}});
  }
  return {{"name", report.name},
          {"protocol", interprocess::ProtocolName(report.protocol)},
          {"path", report.path},
          {"capacity", report.capacity},
          {"file_size", report.file_size},
          {"format_version", report.format_version},
          {"max_participants", OfParticipants(report, report.max_participants)},
          {"slots", report.slots},
          {"ready", report.ready},
          {"reserved", report.reserved},
          {"claimed", report.claimed},
          {"ready_bytes", report.ready_bytes},
          {"tail", report.tail},
          {"returned", report.returned},
          {"participants", OfParticipants(report, std::move(participants))}};
}

// A queue of the list: what it is like now, or why that is not known.
struct Listed {
  interprocess::QueueEntry entry;
  absl::StatusOr<QueueReport> report;

  int64_t Count(absl::string_view role) const {
    return std::count_if(
        report->participants.begin(), report->participants.end(),
        [&](const ParticipantReport& each) { return each.alive && each.role == role; });
  }
  std::string CountText(absl::string_view role) const {
    return report->participants_known ? absl::StrCat(Count(role)) : "?";
  }
};

std::string ListText(const std::vector<Listed>& queues) {
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "FORMAT", ">CAPACITY", ">MESSAGES", ">PUBLISHERS", ">SUBSCRIBERS", "PROBLEM"}};
  for (const Listed& queue : queues) {
    const std::string name = Printable(queue.entry.name);
    const std::string format = interprocess::ProtocolName(queue.entry.protocol);
    if (queue.report.ok()) {
      rows.push_back({name, format, FormatCount(queue.report->capacity),
                      FormatCount(queue.report->ready), queue.CountText("publisher"),
                      queue.CountText("subscriber"), ""});
    } else {
      rows.push_back(
          {name, format, "-", "-", "-", "-", Printable(Describe(queue.report.status()))});
    }
  }
  if (queues.empty()) return "";
  const bool sound = std::all_of(queues.begin(), queues.end(),
                                 [](const Listed& queue) { return queue.report.ok(); });
  if (sound) rows[0].pop_back();
  return FormatTable(rows);
}

ordered_json ListJson(const std::vector<Listed>& queues) {
  ordered_json list = ordered_json::array();
  for (const Listed& queue : queues) {
    ordered_json item = {{"name", queue.entry.name},
                         {"protocol", interprocess::ProtocolName(queue.entry.protocol)},
                         {"path", queue.entry.path}};
    if (queue.report.ok()) {
      item["capacity"] = queue.report->capacity;
      item["ready"] = queue.report->ready;
      item["publishers"] = OfParticipants(*queue.report, queue.Count("publisher"));
      item["subscribers"] = OfParticipants(*queue.report, queue.Count("subscriber"));
    } else {
      item["problem"] = Describe(queue.report.status());
    }
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

int Stat(absl::Span<const std::string> arguments) {
  const absl::StatusOr<QueueReport> report = ReportOf(arguments[0]);
  if (!report.ok()) return Fail(report.status());
  return PrintOutput(absl::GetFlag(FLAGS_json) ? FormatJson(StatJson(*report)) : StatText(*report));
}

int List(absl::Span<const std::string> arguments) {
  absl::StatusOr<std::vector<interprocess::QueueEntry>> entries = ListEntries();
  if (!entries.ok()) return Fail(entries.status());
  std::vector<Listed> queues;
  for (interprocess::QueueEntry& entry : *entries) {
    const bool asked =
        std::any_of(arguments.begin(), arguments.end(), [&entry](const std::string& pattern) {
          return pattern == entry.name || GlobMatches(pattern, entry.name);
        });
    if (!asked && !arguments.empty()) continue;
    absl::StatusOr<QueueReport> report =
        entry.status.ok() ? ReportOf(entry.name, absl::GetFlag(FLAGS_dir), entry.protocol)
                          : absl::StatusOr<QueueReport>(entry.status);
    // Removed since it was listed.
    if (absl::IsNotFound(report.status())) continue;
    queues.push_back({std::move(entry), std::move(report)});
  }
  return PrintOutput(absl::GetFlag(FLAGS_json) ? FormatJson(ListJson(queues)) : ListText(queues));
}

}  // namespace ipq
