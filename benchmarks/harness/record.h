// SPDX-License-Identifier: MIT

// What a measurement gave, as a line of a CSV file, so that the rounds of several runs add up.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_RECORD_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "benchmarks/harness/circumstances.h"

namespace interprocess::benchmarks {

// What is measured: one contestant, or one point of a curve.
struct Key {
  std::string scenario;
  std::string label;
  std::optional<double> x;  // where it stands on its scenario's axis, if that has one

  friend bool operator==(const Key& a, const Key& b) {
    return a.scenario == b.scenario && a.label == b.label && a.x == b.x;
  }
};

struct Record {
  std::string machine;
  int64_t run = 0;  // the time when the run began, in seconds of the epoch
  int round = 0;    // within the run, from 1
  Key key;
  std::string unit;
  double value = 0;
  Circumstances circumstances;
};

// RFC 4180: fields with commas, quotes or line ends stand in quotes, and a quote is doubled.
std::string CsvLine(const std::vector<std::string>& fields);
absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(absl::string_view text);

// The first line names the columns. An error names the line that is wrong.
std::string ToCsv(const std::vector<Record>& records, bool with_header);
absl::StatusOr<std::vector<Record>> FromCsv(absl::string_view text);

// Appends to the file, with the first line if it is new or empty. Reading a file that is not there
// gives none.
absl::Status AppendRecords(const std::string& path, const std::vector<Record>& records);
absl::StatusOr<std::vector<Record>> ReadRecords(const std::string& path);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_RECORD_H_
