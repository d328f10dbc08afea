// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
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
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

using interprocess::ParticipantReport;
using interprocess::QueueReport;
using nlohmann::ordered_json;

absl::StatusOr<QueueReport> ReportOf(const std::string& queue) {
  ABSL_ASSIGN_OR_RETURN(const interprocess::QueueInspector inspector, Inspect(queue));
  return inspector.Report();
}

absl::StatusOr<uint64_t> DepthOf(const std::string& queue) {
  ABSL_ASSIGN_OR_RETURN(const interprocess::QueueInspector inspector, Inspect(queue));
  return inspector.ApproximateDepth();
}

absl::StatusOr<QueueReport> ReportOf(const std::string& queue, const std::string& directory,
                                     interprocess::Protocol protocol) {
  ABSL_ASSIGN_OR_RETURN(const auto inspector,
                        interprocess::QueueInspector::Open(queue, directory, protocol));
  return inspector.Report();
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
  if (const std::string alone = OneAtATime(report); !alone.empty()) {
    facts.push_back({"at a time", alone});
  }
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
          {"one_publisher", report.one_publisher},
          {"one_subscriber", report.one_subscriber},
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

// What came and went by the second between two pictures of a native queue.
struct Rates {
  double in = 0;
  double out = 0;
};

Rates RatesOf(const QueueReport& before, const QueueReport& now, absl::Duration between) {
  const auto taken = [](const QueueReport& report) {
    return report.tail - std::min(report.ready + report.reserved + report.claimed, report.tail);
  };
  const double seconds = absl::ToDoubleSeconds(between);
  // A queue that was made anew begins again.
  if (seconds <= 0 || now.tail < before.tail || taken(now) < taken(before)) return {};
  return {static_cast<double>(now.tail - before.tail) / seconds,
          static_cast<double>(taken(now) - taken(before)) / seconds};
}

constexpr char kWatchRow[] = "%-8s  %12s  %15s  %12s  %12s  %6s\n";

std::string WatchText(const QueueReport& report, const Rates& rates, absl::Time time) {
  const auto rate = [&report](double value) {
    return HasSlots(report) ? FormatCount(static_cast<uint64_t>(value + 0.5)) : "-";
  };
  return absl::StrFormat(kWatchRow, absl::FormatTime("%H:%M:%S", time, absl::LocalTimeZone()),
                         FormatCount(report.ready), FormatCount(report.ready_bytes), rate(rates.in),
                         rate(rates.out),
                         report.participants_known ? FormatCount(report.participants.size()) : "?");
}

std::string WatchJson(const QueueReport& report, const Rates& rates, absl::Time time) {
  ordered_json json = StatJson(report);
  json["time_ns"] = absl::ToUnixNanos(time);
  if (HasSlots(report)) {
    json["in_per_second"] = rates.in;
    json["out_per_second"] = rates.out;
  }
  return FormatJsonLine(json) + "\n";
}

// Sleeps until `time`: false if a stop is asked for before.
bool SleepUntil(absl::Time time, const StopSignals& stop) {
  constexpr absl::Duration kStep = absl::Milliseconds(20);
  for (absl::Time now = absl::Now(); now < time && !stop.stopped(); now = absl::Now()) {
    absl::SleepFor(std::min(time - now, kStep));
  }
  return !stop.stopped();
}

// A line for each interval, until a stop is asked for, there were --count, or the queue is gone.
int Watch(const std::string& queue, absl::Duration interval) {
  constexpr uint64_t kLinesOfAPage = 20;
  const bool json = absl::GetFlag(FLAGS_json);
  const uint64_t count = absl::GetFlag(FLAGS_count).value_or(std::numeric_limits<uint64_t>::max());
  const StopSignals stop;
  std::optional<QueueReport> before;
  absl::Time before_time;
  for (uint64_t line = 0; line < count; ++line) {
    if (line > 0 && !SleepUntil(before_time + interval, stop)) return kOk;
    const absl::StatusOr<QueueReport> report = ReportOf(queue);
    if (!report.ok()) return Fail(report.status());
    const absl::Time now = absl::Now();
    const Rates rates = before.has_value() ? RatesOf(*before, *report, now - before_time) : Rates();
    std::string text;
    if (!json && line % kLinesOfAPage == 0) {
      text = absl::StrFormat(kWatchRow, "TIME", "READY", "BYTES", "IN/S", "OUT/S", "USERS");
    }
    absl::StrAppend(&text, json ? WatchJson(*report, rates, now) : WatchText(*report, rates, now));
    if (const int printed = PrintOutput(text); printed != kOk) return printed;
    before = *report;
    before_time = now;
  }
  return kOk;
}

}  // namespace

int Stat(absl::Span<const std::string> arguments) {
  if (absl::GetFlag(FLAGS_depth)) {
    if (absl::GetFlag(FLAGS_watch).has_value() || absl::GetFlag(FLAGS_json)) {
      PrintError("stat: --depth goes with neither --watch nor --json");
      return kUsage;
    }
    const absl::StatusOr<uint64_t> depth = DepthOf(arguments[0]);
    return depth.ok() ? PrintOutput(absl::StrCat(*depth, "\n")) : Fail(depth.status());
  }
  if (const auto interval = absl::GetFlag(FLAGS_watch); interval.has_value()) {
    return Watch(arguments[0], *interval);
  }
  if (absl::GetFlag(FLAGS_count).has_value()) {
    PrintError("stat: --count goes with --watch");
    return kUsage;
  }
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
