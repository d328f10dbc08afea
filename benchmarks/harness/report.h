// SPDX-License-Identifier: MIT

// Tells what was measured: as text, as JSON.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_REPORT_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "benchmarks/harness/judge.h"
#include "benchmarks/harness/record.h"
#include "benchmarks/harness/run.h"

namespace interprocess::benchmarks {

struct Report {
  std::string program;
  std::string command;  // how to get these numbers again
  std::vector<Scenario> scenarios;
  std::vector<Bar> bars;
  std::vector<Record> records;  // of one machine
};

// A line of a table. `values` is empty where every round was disturbed or none was measured.
struct Row {
  Key key;
  std::string skipped;
  std::vector<double> values;
  std::string ratio;  // the reference's value divided by this one's, or empty
};

// What was measured of a scenario while the cores were so far apart.
struct Table {
  const Scenario* scenario;
  Distance distance;
  std::string caption;  // title, unit, and the measured distances
  std::vector<Row> rows;
};
std::vector<Table> TablesOf(const Report& report);

// A bar as far as there are records for it, for each distance.
struct JudgedBar {
  const Bar* bar;
  Judgement judgement;
  std::string distance;  // with its figures, or empty
  std::string verdict;   // "met", "NOT MET", or why it is not judged
};
std::vector<JudgedBar> JudgedBars(const Report& report);

// The disturbed measurements, each with its round and the reason.
std::vector<std::string> LeftOut(const Report& report);

// One sentence on the distances that these records met.
std::string DistancesMet(const Report& report);

// Four significant digits: more would pretend.
std::string Number(double value);

std::string Text(const Report& report);
std::string Json(const Report& report);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_REPORT_H_
