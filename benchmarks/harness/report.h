// SPDX-License-Identifier: MIT

// Runs scenarios in turn, and tells what came out.

#ifndef BENCHMARKS_HARNESS_REPORT_H_
#define BENCHMARKS_HARNESS_REPORT_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace interprocess::benchmarks {

// One measurement, which gives a value for each of its labels.
struct Entry {
  std::vector<std::string> labels;
  std::string skipped;  // why it is not run, or empty
  std::function<absl::StatusOr<std::vector<double>>()> measure;
};

// Entries that are compared with each other.
struct Scenario {
  std::string title;
  std::string unit;
  std::vector<Entry> entries;
  std::string reference;  // the label that the others are compared with, if any
  int rounds = 0;         // if it needs another number than it is run with
};

// What was measured under one label, a value a round.
struct Series {
  std::string label;
  std::string skipped;
  std::vector<double> values;
};

struct Table {
  std::string title;
  std::string unit;
  std::string reference;
  std::vector<Series> rows;
};

// A promise about a number.
struct Bar {
  enum Kind { kAtLeast, kAtMost };
  std::string name;
  std::string unit;
  Kind kind;
  double limit;
  double measured = 0;
  bool met() const { return kind == kAtLeast ? measured >= limit : measured <= limit; }
};

// Thread-compatible.
class Report {
 public:
  // `program` and `command` say how to get these numbers again.
  Report(std::string program, std::string command)
      : program_(std::move(program)), command_(std::move(command)) {}

  // Runs all entries once, then all of them again, `rounds` times (or as the scenario says), each
  // time beginning with another: what the machine does meanwhile, it does to all alike.
  absl::Status Run(const Scenario& scenario, int rounds);

  // The median over the rounds of what `numerator` had divided by what `denominator` had in the
  // same round: a machine that drifts between the rounds does not move it. Nothing if one of them
  // was not run.
  std::optional<double> Ratio(absl::string_view title, absl::string_view numerator,
                              absl::string_view denominator) const;
  std::optional<double> Median(absl::string_view title, absl::string_view label) const;

  // Adds the bar if there is a number for it.
  void AddBarIf(std::optional<double> measured, Bar bar);

  // Tables to read; each row has the ratio of the reference's values to its own.
  std::string Text() const;
  std::string Json() const;

 private:
  const Series* Find(absl::string_view title, absl::string_view label) const;

  std::string program_;
  std::string command_;
  std::vector<Table> tables_;
  std::vector<Bar> bars_;
};

}  // namespace interprocess::benchmarks

#endif  // BENCHMARKS_HARNESS_REPORT_H_
