// SPDX-License-Identifier: MIT

// What follows from records: medians, ratios, and whether a bar is met.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_JUDGE_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_JUDGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "benchmarks/harness/record.h"

namespace interprocess::benchmarks {

// A bar is judged by this number of rounds at least.
inline constexpr int kFewestRounds = 3;

// The values with cores near each other, or far apart, or where nobody asked, are told apart.
enum class Distance { kNear, kFar, kNotAsked };
Distance DistanceOf(const Circumstances& circumstances);

// "cores near (115 to 131 ns)", by the undisturbed records among these; empty if none was asked.
std::string DescribeDistance(Distance distance, absl::Span<const Record> records);

// Not of an empty vector.
double MedianOf(std::vector<double> values);

// The values that count, in their order.
std::vector<double> ValuesOf(const Key& key, Distance distance, absl::Span<const Record> records);

// A promise about a number.
struct Bar {
  enum Kind { kAtLeast, kAtMost };
  std::string name;
  std::string unit;  // "times" for a ratio
  Kind kind = kAtLeast;
  double limit = 0;
  Key of;
  std::vector<Key> to = {};  // none: the value itself counts; several: the best of them
  std::optional<double> far_limit = std::nullopt;  // where it differs
  double scale = 1;                                // what the value or ratio is multiplied by
};

struct Judgement {
  Distance distance = Distance::kNotAsked;
  double limit = 0;
  int rounds = 0;       // that count
  double measured = 0;  // the median over them, if there is one
  bool judged = false;  // there were enough
  bool met = false;
};

// What `bar` asks for in each round that counts: the value, or its ratio to the best of the others
// in the same round, so that a machine that drifts between the rounds does not move it. A round
// counts if all values that it takes are undisturbed and have the same distance.
std::vector<double> RoundsOf(const Bar& bar, Distance distance, absl::Span<const Record> records);

Judgement Judge(const Bar& bar, Distance distance, absl::Span<const Record> records);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_JUDGE_H_
