// SPDX-License-Identifier: MIT

// Made-up records for tests: four rounds near, two far, one value disturbed, and a curve.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_SAMPLE_REPORT_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_SAMPLE_REPORT_H_

#include <string>

#include "benchmarks/harness/report.h"

namespace interprocess::benchmarks {

inline Report SampleReport() {
  Report report{"sample", "sample --rounds=4", {}, {}, {}};
  Scenario speed{"speed", "M msg/s", {}, "ours"};
  Entry ours;
  ours.labels = {"ours"};
  Entry theirs;
  theirs.labels = {"theirs <&>"};
  Entry missing;
  missing.labels = {"another's"};
  missing.skipped = "not installed";
  speed.entries = {ours, theirs, missing};
  Scenario curve{"cost", "us"};
  curve.axis = "participants";
  const auto add = [&report](int round, const Key& key, double value, double nanos) {
    Record record{"Processor <9>", 1, round, key, "M msg/s", value, {}};
    record.circumstances.distance_before = record.circumstances.distance_after = nanos;
    report.records.push_back(record);
  };
  for (int round = 1; round <= 6; ++round) {
    const double nanos = round <= 4 ? 120 : 420;
    add(round, {"speed", "ours", {}}, 20, nanos);
    add(round, {"speed", "theirs <&>", {}}, 10, nanos);
    if (round == 4) report.records.back().circumstances.stolen_millis = 10;
    for (const double x : {8.0, 1000.0}) add(round, {"cost", "ours", x}, x / 4, 0);
  }
  for (const double x : {8.0, 1000.0}) {
    Entry point = ours;
    point.x = x;
    curve.entries.push_back(point);
  }
  report.scenarios = {speed, curve};
  report.bars = {{"ours to theirs",
                  "times",
                  Bar::kAtLeast,
                  2,
                  Key{"speed", "ours", {}},
                  {Key{"speed", "theirs <&>", {}}}}};
  return report;
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_SAMPLE_REPORT_H_
