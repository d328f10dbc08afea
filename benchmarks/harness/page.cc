// SPDX-License-Identifier: MIT

#include "benchmarks/harness/page.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace interprocess::benchmarks {
namespace {

using JsonValue = nlohmann::ordered_json;

constexpr int kWidth = 760;

// Draws what the element "charts" describes. Another program finds both there (page_to_svg.js).
constexpr char kDraw[] = R"js(
for (const chart of JSON.parse(document.getElementById("charts").textContent)) {
  const size = { renderer: "svg", width: chart.width, height: chart.height };
  echarts.init(document.getElementById(chart.id), null, size).setOption(chart.option);
}
)js";

constexpr char kStyle[] =
    "body{font:15px/1.4 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;background:#fff;"
    "color:#222}table{border-collapse:collapse;margin:.5em 0 2em}td,th{padding:.15em .7em;"
    "border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}"
    "caption{text-align:left;font-weight:bold}pre{white-space:pre-wrap}";

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string LineOf(const std::vector<std::string>& cells, absl::string_view element = "td") {
  std::string line = "<tr>";
  for (const std::string& cell : cells) {
    absl::StrAppend(&line, "<", element, ">", Escaped(cell), "</", element, ">");
  }
  return absl::StrCat(line, "</tr>\n");
}

std::string TableHtml(const Table& table) {
  std::vector<std::string> head = {table.scenario->axis.empty() ? "" : table.scenario->axis,
                                   "median", "min", "max", "rounds"};
  const std::string& reference = table.scenario->reference;
  if (!reference.empty()) head.push_back(absl::StrCat(reference, " / this"));
  std::string html =
      absl::StrCat("<table><caption>", Escaped(table.caption), "</caption>\n", LineOf(head, "th"));
  for (const Row& row : table.rows) {
    std::vector<std::string> cells = {
        row.key.x.has_value() ? absl::StrCat(row.key.label, ", ", *row.key.x) : row.key.label};
    if (!row.skipped.empty()) {
      cells.push_back(absl::StrCat("skipped: ", row.skipped));
    } else if (row.values.empty()) {
      cells.push_back("no undisturbed round");
    } else {
      const auto [least, most] = std::minmax_element(row.values.begin(), row.values.end());
      cells.insert(cells.end(), {Number(MedianOf(row.values)), Number(*least), Number(*most),
                                 absl::StrCat(row.values.size()), row.ratio});
    }
    html += LineOf(cells);
  }
  return absl::StrCat(html, "</table>\n");
}

std::string BarsHtml(const std::vector<JudgedBar>& bars) {
  std::string html = "<table><caption>Bars</caption>\n";
  html += LineOf({"bar", "measured", "rounds", "asked for", ""}, "th");
  for (const JudgedBar& judged : bars) {
    std::string name = absl::StrCat(judged.bar->name, ", ", judged.bar->unit);
    if (!judged.distance.empty()) absl::StrAppend(&name, ", ", judged.distance);
    html += LineOf({name, judged.judgement.rounds == 0 ? "" : Number(judged.judgement.measured),
                    absl::StrCat(judged.judgement.rounds),
                    absl::StrCat(judged.bar->kind == Bar::kAtLeast ? "≥ " : "≤ ",
                                 Number(judged.judgement.limit)),
                    judged.verdict});
  }
  return absl::StrCat(html, "</table>\n");
}

std::string RangeOf(const Table& table, const Report& report) {
  std::vector<Record> records;
  for (const Record& record : report.records) {
    if (record.key.scenario == table.scenario->title) records.push_back(record);
  }
  return DescribeDistance(table.distance, records);
}

// A group of bars for each label, a bar in it for each distance.
JsonValue ComparisonSeries(const Table& table, const std::string& range) {
  JsonValue medians = JsonValue::array();
  for (const Row& row : table.rows) {
    if (!row.skipped.empty()) continue;
    if (row.values.empty()) {
      medians.push_back(nullptr);
    } else {
      medians.push_back(std::stod(Number(MedianOf(row.values))));
    }
  }
  return {{"name", range.empty() ? table.scenario->unit : range},
          {"type", "bar"},
          {"label", {{"show", true}, {"position", "right"}}},
          {"data", std::move(medians)}};
}

// A curve for each label.
void AddCurves(const Table& table, const std::string& range, bool logarithmic, JsonValue* series) {
  std::vector<std::string> labels;
  for (const Row& row : table.rows) {
    if (std::find(labels.begin(), labels.end(), row.key.label) == labels.end()) {
      labels.push_back(row.key.label);
    }
  }
  for (const std::string& label : labels) {
    JsonValue points = JsonValue::array();
    for (const Row& row : table.rows) {
      if (row.key.label != label || row.values.empty() || !row.key.x.has_value()) continue;
      const double median = std::stod(Number(MedianOf(row.values)));
      if (logarithmic) {
        points.push_back({*row.key.x, median});
      } else {
        points.push_back({absl::StrCat(*row.key.x), median});
      }
    }
    series->push_back({{"name", range.empty() ? label : absl::StrCat(label, ", ", range)},
                       {"type", "line"},
                       {"symbolSize", 7},
                       {"data", std::move(points)}});
  }
}

// The tables of one scenario as a plot.
JsonValue Chart(const std::string& id, const std::vector<Table>& tables, const Report& report) {
  const Scenario& scenario = *tables.front().scenario;
  const std::vector<Row>& rows = tables.front().rows;
  const bool curves = !scenario.axis.empty();
  // A logarithm has no place for 0.
  const bool logarithmic = curves && std::all_of(rows.begin(), rows.end(), [](const Row& row) {
                             return row.key.x.value_or(0) > 0;
                           });
  JsonValue series = JsonValue::array();
  for (const Table& table : tables) {
    const std::string range = RangeOf(table, report);
    if (curves) {
      AddCurves(table, range, logarithmic, &series);
    } else {
      series.push_back(ComparisonSeries(table, range));
    }
  }
  JsonValue option = {{"animation", false},
                      {"backgroundColor", "#fff"},
                      {"title",
                       {{"text", absl::StrCat(scenario.title, ", ", scenario.unit)},
                        {"textStyle", {{"fontSize", 14}}}}},
                      {"legend", {{"bottom", 0}}},
                      {"tooltip", JsonValue::object()}};
  int height = 380;
  if (curves) {
    option["grid"] = {{"left", 70}, {"right", 40}, {"top", 60}, {"bottom", 80}};
    option["xAxis"] = {{"type", logarithmic ? "log" : "category"},
                       {"name", scenario.axis},
                       {"nameLocation", "middle"},
                       {"nameGap", 28}};
    option["yAxis"] = {{"type", "log"}, {"name", scenario.unit}};
  } else {
    JsonValue names = JsonValue::array();
    for (const Row& row : rows) {
      if (row.skipped.empty()) names.push_back(row.key.label);
    }
    height = 110 + static_cast<int>(names.size() * (12 + 18 * tables.size()));
    option["grid"] = {{"left", 230}, {"right", 60}, {"top", 40}, {"bottom", 50}};
    option["xAxis"] = {{"type", "value"}};
    option["yAxis"] = {{"type", "category"}, {"inverse", true}, {"data", std::move(names)}};
  }
  option["series"] = std::move(series);
  return {{"id", id}, {"width", kWidth}, {"height", height}, {"option", std::move(option)}};
}

std::string ReportHtml(const Report& report, JsonValue* charts) {
  std::string html = absl::StrCat("<h1>", Escaped(report.records.front().machine),
                                  "</h1>\n<p><code>", Escaped(report.command), "</code></p>\n<p>",
                                  Escaped(DistancesMet(report)), "</p>\n");
  const std::vector<JudgedBar> bars = JudgedBars(report);
  if (!bars.empty()) html += BarsHtml(bars);
  const std::vector<Table> tables = TablesOf(report);
  for (size_t i = 0; i < tables.size();) {
    std::vector<Table> same;
    for (; i < tables.size() && (same.empty() || tables[i].scenario == same[0].scenario); ++i) {
      same.push_back(tables[i]);
    }
    const std::string id = absl::StrCat("chart-", charts->size() + 1);
    charts->push_back(Chart(id, same, report));
    absl::StrAppend(&html, "<div id=\"", id, "\"></div>\n");
    for (const Table& table : same) html += TableHtml(table);
  }
  const std::vector<std::string> left_out = LeftOut(report);
  absl::StrAppend(&html,
                  "<details><summary>Left out, because the round was disturbed: ", left_out.size(),
                  " of ", report.records.size(), " values</summary><pre>");
  for (const std::string& line : left_out) absl::StrAppend(&html, Escaped(line), "\n");
  return absl::StrCat(html, "</pre></details>\n");
}

}  // namespace

std::string Page(const std::vector<Report>& reports) {
  JsonValue charts = JsonValue::array();
  std::string body;
  for (const Report& report : reports) body += ReportHtml(report, &charts);
  // In a script element only its end tag means something.
  const std::string description = absl::StrReplaceAll(charts.dump(), {{"</", "<\\/"}});
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Benchmarks of "
      "Interprocess</title>\n<style>",
      kStyle, "</style>\n", body,
      "<details><summary>The plots are drawn by Apache ECharts; its licence</summary><pre>",
      Escaped(PlotLicence()), "</pre></details>\n<script id=\"charts\" type=\"application/json\">",
      description, "</script>\n<script id=\"library\">", PlotLibrary(), "</script>\n<script>",
      kDraw, "</script>\n</html>\n");
}

absl::Status WritePage(const std::vector<Report>& reports, const std::string& path) {
  if (PlotLibrary().empty()) {
    return absl::FailedPreconditionError(
        "--html: npm did not bring the plotting library echarts when this program was built");
  }
  std::ofstream file(path, std::ios::trunc);
  file << Page(reports);
  file.close();
  if (!file) {
    return absl::InternalError(absl::StrCat("write to ", path, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace interprocess::benchmarks
