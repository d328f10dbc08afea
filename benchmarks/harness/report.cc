// SPDX-License-Identifier: MIT

#include "benchmarks/harness/report.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace interprocess::benchmarks {
namespace {

constexpr Distance kDistances[] = {Distance::kNear, Distance::kFar, Distance::kNotAsked};
constexpr size_t kMostLeftOut = 20;

std::vector<Record> OfScenario(absl::string_view title, const std::vector<Record>& records) {
  std::vector<Record> found;
  for (const Record& record : records) {
    if (record.key.scenario == title) found.push_back(record);
  }
  return found;
}

bool AnyAt(Distance distance, const std::vector<Record>& records) {
  return std::any_of(records.begin(), records.end(), [distance](const Record& record) {
    return DistanceOf(record.circumstances) == distance;
  });
}

std::string LabelOf(const Key& key) {
  return key.x.has_value() ? absl::StrCat(key.label, ", ", *key.x) : key.label;
}

Row RowOf(const Scenario& scenario, const Entry& entry, const std::string& label, Distance distance,
          const std::vector<Record>& records) {
  Row row{Key{scenario.title, label, entry.x}, entry.skipped, {}, ""};
  row.values = ValuesOf(row.key, distance, records);
  if (scenario.reference.empty() || label == scenario.reference) return row;
  Bar ratio;
  ratio.of = Key{scenario.title, scenario.reference, entry.x};
  ratio.to = {row.key};
  const std::vector<double> ratios = RoundsOf(ratio, distance, records);
  if (!ratios.empty()) row.ratio = absl::StrFormat("%.2f", MedianOf(ratios));
  return row;
}

std::string TableText(const Table& table) {
  const std::string& reference = table.scenario->reference;
  std::string text = absl::StrFormat("\n%s\n%-44s %10s %10s %10s %7s", table.caption,
                                     table.scenario->axis, "median", "min", "max", "rounds");
  if (!reference.empty()) absl::StrAppendFormat(&text, "   %s / this", reference);
  text += "\n";
  for (const Row& row : table.rows) {
    absl::StrAppendFormat(&text, "  %-42s", LabelOf(row.key));
    if (!row.skipped.empty()) {
      absl::StrAppend(&text, " skipped: ", row.skipped);
    } else if (row.values.empty()) {
      absl::StrAppend(&text, " no undisturbed round");
    } else {
      const auto [least, most] = std::minmax_element(row.values.begin(), row.values.end());
      absl::StrAppendFormat(&text, " %10s %10s %10s %7d", Number(MedianOf(row.values)),
                            Number(*least), Number(*most), row.values.size());
      if (!row.ratio.empty()) absl::StrAppend(&text, "   ", row.ratio);
    }
    text += "\n";
  }
  return text;
}

std::string BarsText(const std::vector<JudgedBar>& bars) {
  size_t width = 0;
  for (const JudgedBar& judged : bars) {
    width = std::max(width, judged.bar->name.size() + judged.bar->unit.size() + 2);
  }
  const int name_width = static_cast<int>(width);
  std::string text = absl::StrFormat("\n%-*s  %-28s %9s %6s   %-12s\n", name_width + 2, "bar", "",
                                     "measured", "rounds", "asked for");
  for (const JudgedBar& judged : bars) {
    absl::StrAppendFormat(&text, "  %-*s  %-28s %9s %6d   %s %-8s %s\n", name_width,
                          absl::StrCat(judged.bar->name, ", ", judged.bar->unit), judged.distance,
                          judged.judgement.rounds == 0 ? "-" : Number(judged.judgement.measured),
                          judged.judgement.rounds, judged.bar->kind == Bar::kAtLeast ? ">=" : "<=",
                          Number(judged.judgement.limit), judged.verdict);
  }
  return text;
}

}  // namespace

std::vector<Table> TablesOf(const Report& report) {
  std::vector<Table> tables;
  for (const Scenario& scenario : report.scenarios) {
    const std::vector<Record> records = OfScenario(scenario.title, report.records);
    for (const Distance distance : kDistances) {
      if (!AnyAt(distance, records)) continue;
      Table table{&scenario, distance, absl::StrCat(scenario.title, ", ", scenario.unit), {}};
      const std::string range = DescribeDistance(distance, records);
      if (!range.empty()) absl::StrAppend(&table.caption, "; ", range);
      for (const Entry& entry : scenario.entries) {
        for (const std::string& label : entry.labels) {
          table.rows.push_back(RowOf(scenario, entry, label, distance, records));
        }
      }
      tables.push_back(std::move(table));
    }
  }
  return tables;
}

std::vector<JudgedBar> JudgedBars(const Report& report) {
  std::vector<JudgedBar> bars;
  for (const Bar& bar : report.bars) {
    const std::vector<Record> records = OfScenario(bar.of.scenario, report.records);
    for (const Distance distance : kDistances) {
      if (!AnyAt(distance, records)) continue;
      JudgedBar judged{&bar, Judge(bar, distance, records), DescribeDistance(distance, records),
                       ""};
      if (judged.judgement.judged) {
        judged.verdict = judged.judgement.met ? "met" : "NOT MET";
      } else {
        judged.verdict = absl::StrCat("not judged: takes ", kFewestRounds, " undisturbed rounds");
      }
      bars.push_back(std::move(judged));
    }
  }
  return bars;
}

std::vector<std::string> LeftOut(const Report& report) {
  std::vector<std::string> lines;
  for (const Record& record : report.records) {
    const std::string reason = Disturbance(record.circumstances);
    if (reason.empty()) continue;
    lines.push_back(absl::StrCat("run ", record.run, ", round ", record.round, ", ",
                                 record.key.scenario, ", ", LabelOf(record.key), ": ", reason));
  }
  return lines;
}

std::string DistancesMet(const Report& report) {
  const std::string near = DescribeDistance(Distance::kNear, report.records);
  const std::string far = DescribeDistance(Distance::kFar, report.records);
  const std::string what =
      "A cache line's way from core to core and back was measured around "
      "each value: ";
  if (near.empty() && far.empty()) return "The distance of the cores was not measured.";
  if (near.empty() || far.empty()) {
    return absl::StrCat(what, "these rounds met one distance only, ", near, far, ".");
  }
  return absl::StrCat(what, near, " and ", far, ".");
}

std::string Number(double value) {
  const double size = value < 0 ? -value : value;
  return absl::StrFormat(size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : "%.2f", value);
}

std::string Text(const Report& report) {
  std::string text = absl::StrCat(report.command, "\n");
  if (report.records.empty()) return text;
  absl::StrAppend(&text, report.records.front().machine, "\n", DistancesMet(report), "\n");
  for (const Table& table : TablesOf(report)) text += TableText(table);
  const std::vector<JudgedBar> bars = JudgedBars(report);
  if (!bars.empty()) text += BarsText(bars);
  const std::vector<std::string> left_out = LeftOut(report);
  absl::StrAppend(&text, "\nleft out, because the round was disturbed: ", left_out.size(), " of ",
                  report.records.size(), " values\n");
  for (size_t i = 0; i < std::min(left_out.size(), kMostLeftOut); ++i) {
    absl::StrAppend(&text, "  ", left_out[i], "\n");
  }
  if (left_out.size() > kMostLeftOut) {
    absl::StrAppend(&text, "  and ", left_out.size() - kMostLeftOut,
                    " more, which --json and --html name\n");
  }
  return text;
}

std::string Json(const Report& report) {
  nlohmann::ordered_json json;
  json["program"] = report.program;
  json["command"] = report.command;
  json["machine"] = report.records.empty() ? "" : report.records.front().machine;
  json["distances"] = DistancesMet(report);
  json["results"] = nlohmann::ordered_json::array();
  for (const Table& table : TablesOf(report)) {
    for (const Row& row : table.rows) {
      nlohmann::ordered_json result = {
          {"scenario", row.key.scenario},
          {"distance", DescribeDistance(table.distance, report.records)},
          {"label", row.key.label},
          {"unit", table.scenario->unit}};
      if (row.key.x.has_value()) result["x"] = *row.key.x;
      if (!row.skipped.empty()) result["skipped"] = row.skipped;
      if (!row.values.empty()) result["median"] = MedianOf(row.values);
      result["values"] = row.values;
      json["results"].push_back(std::move(result));
    }
  }
  json["bars"] = nlohmann::ordered_json::array();
  for (const JudgedBar& judged : JudgedBars(report)) {
    json["bars"].push_back(
        {{"name", judged.bar->name},
         {"unit", judged.bar->unit},
         {"distance", judged.distance},
         {"measured", judged.judgement.measured},
         {"rounds", judged.judgement.rounds},
         {judged.bar->kind == Bar::kAtLeast ? "at_least" : "at_most", judged.judgement.limit},
         {"verdict", judged.verdict}});
  }
  json["values"] = report.records.size();
  json["left_out"] = LeftOut(report);
  return json.dump(2);
}

}  // namespace interprocess::benchmarks
