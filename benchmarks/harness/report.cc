// SPDX-License-Identifier: MIT

#include "benchmarks/harness/report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/harness/machine.h"
#include "nlohmann/json.hpp"

namespace interprocess::benchmarks {
namespace {

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::optional<double> RatioOf(const Series* numerator, const Series* denominator) {
  if (numerator == nullptr || denominator == nullptr) return std::nullopt;
  const size_t rounds = std::min(numerator->values.size(), denominator->values.size());
  std::vector<double> ratios;
  for (size_t i = 0; i < rounds; ++i) {
    if (denominator->values[i] != 0) {
      ratios.push_back(numerator->values[i] / denominator->values[i]);
    }
  }
  if (ratios.empty()) return std::nullopt;
  return MedianOf(ratios);
}

// Four significant digits: more would pretend.
std::string Number(double value) {
  const double size = value < 0 ? -value : value;
  return absl::StrFormat(size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : "%.2f", value);
}

const Series* FindIn(const Table& table, absl::string_view label) {
  for (const Series& series : table.rows) {
    if (series.label == label) return &series;
  }
  return nullptr;
}

std::string TableText(const Table& table) {
  const Series* base = FindIn(table, table.reference);
  std::string text =
      absl::StrFormat("\n%-44s %10s %10s %10s", absl::StrCat(table.title, ", ", table.unit),
                      "median", "min", "max");
  if (base != nullptr) absl::StrAppendFormat(&text, "   %s / this", table.reference);
  text += "\n";
  for (const Series& series : table.rows) {
    if (!series.skipped.empty()) {
      absl::StrAppendFormat(&text, "  %-42s skipped: %s\n", series.label, series.skipped);
      continue;
    }
    const auto [least, most] = std::minmax_element(series.values.begin(), series.values.end());
    absl::StrAppendFormat(&text, "  %-42s %10s %10s %10s", series.label,
                          Number(MedianOf(series.values)), Number(*least), Number(*most));
    const std::optional<double> ratio = RatioOf(base, &series);
    if (ratio.has_value() && base != &series) absl::StrAppendFormat(&text, "   %.2f", *ratio);
    text += "\n";
  }
  return text;
}

}  // namespace

absl::Status Report::Run(const Scenario& scenario, int rounds) {
  Table table{scenario.title, scenario.unit, scenario.reference, {}};
  std::vector<size_t> first_row;
  for (const Entry& entry : scenario.entries) {
    first_row.push_back(table.rows.size());
    for (const std::string& label : entry.labels) {
      table.rows.push_back(Series{label, entry.skipped, {}});
    }
  }
  if (scenario.rounds != 0) rounds = scenario.rounds;
  const size_t count = scenario.entries.size();
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < count; ++i) {
      const size_t turn = (i + round) % count;
      const Entry& entry = scenario.entries[turn];
      if (!entry.skipped.empty()) continue;
      absl::StatusOr<std::vector<double>> values = entry.measure();
      if (!values.ok()) {
        return absl::Status(values.status().code(),
                            absl::StrCat(scenario.title, ", ", entry.labels.front(), ": ",
                                         values.status().message()));
      }
      for (size_t v = 0; v < values->size(); ++v) {
        table.rows[first_row[turn] + v].values.push_back((*values)[v]);
      }
    }
  }
  tables_.push_back(std::move(table));
  return absl::OkStatus();
}

const Series* Report::Find(absl::string_view title, absl::string_view label) const {
  for (const Table& table : tables_) {
    if (table.title == title) return FindIn(table, label);
  }
  return nullptr;
}

std::optional<double> Report::Ratio(absl::string_view title, absl::string_view numerator,
                                    absl::string_view denominator) const {
  return RatioOf(Find(title, numerator), Find(title, denominator));
}

std::optional<double> Report::Median(absl::string_view title, absl::string_view label) const {
  const Series* series = Find(title, label);
  if (series == nullptr || series->values.empty()) return std::nullopt;
  return MedianOf(series->values);
}

void Report::AddBarIf(std::optional<double> measured, Bar bar) {
  if (!measured.has_value()) return;
  bar.measured = *measured;
  bars_.push_back(std::move(bar));
}

std::string Report::Text() const {
  const Machine machine = DescribeMachine();
  std::string text = absl::StrFormat("%s\n%s, %d cores, %s\n", command_, machine.cpu, machine.cores,
                                     machine.kernel);
  for (const Table& table : tables_) text += TableText(table);
  if (bars_.empty()) return text;
  absl::StrAppendFormat(&text, "\n%-74s %10s   %-14s\n", "bar", "measured", "asked for");
  for (const Bar& bar : bars_) {
    absl::StrAppendFormat(&text, "  %-72s %10s   %s %-10s %s\n",
                          absl::StrCat(bar.name, ", ", bar.unit), Number(bar.measured),
                          bar.kind == Bar::kAtLeast ? ">=" : "<=", Number(bar.limit),
                          bar.met() ? "met" : "NOT MET");
  }
  return text;
}

std::string Report::Json() const {
  const Machine machine = DescribeMachine();
  nlohmann::ordered_json json;
  json["program"] = program_;
  json["command"] = command_;
  json["machine"] = {{"cpu", machine.cpu}, {"cores", machine.cores}, {"kernel", machine.kernel}};
  json["results"] = nlohmann::ordered_json::array();
  for (const Table& table : tables_) {
    for (const Series& series : table.rows) {
      nlohmann::ordered_json row;
      row["scenario"] = table.title;
      row["label"] = series.label;
      if (!series.skipped.empty()) {
        row["skipped"] = series.skipped;
      } else {
        row["unit"] = table.unit;
        row["median"] = MedianOf(series.values);
        row["values"] = series.values;
      }
      json["results"].push_back(std::move(row));
    }
  }
  json["bars"] = nlohmann::ordered_json::array();
  for (const Bar& bar : bars_) {
    json["bars"].push_back({{"name", bar.name},
                            {"unit", bar.unit},
                            {"measured", bar.measured},
                            {bar.kind == Bar::kAtLeast ? "at_least" : "at_most", bar.limit},
                            {"met", bar.met()}});
  }
  return json.dump(2);
}

}  // namespace interprocess::benchmarks
