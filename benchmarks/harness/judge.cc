// SPDX-License-Identifier: MIT

#include "benchmarks/harness/judge.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"

namespace interprocess::benchmarks {
namespace {

bool Counts(const Record& record, Distance distance) {
  return DistanceOf(record.circumstances) == distance && Disturbance(record.circumstances).empty();
}

// The value of `key` in the round of `like`.
std::optional<double> Find(const Key& key, const Record& like, Distance distance,
                           absl::Span<const Record> records) {
  for (const Record& record : records) {
    if (record.run == like.run && record.round == like.round && record.key == key &&
        Counts(record, distance)) {
      return record.value;
    }
  }
  return std::nullopt;
}

}  // namespace

Distance DistanceOf(const Circumstances& circumstances) {
  const double distance = (circumstances.distance_before + circumstances.distance_after) / 2;
  if (distance == 0) return Distance::kNotAsked;
  return distance < kNearBelow ? Distance::kNear : Distance::kFar;
}

std::string DescribeDistance(Distance distance, absl::Span<const Record> records) {
  double least = 0, most = 0;
  for (const Record& record : records) {
    if (!Counts(record, distance)) continue;
    const auto [low, high] =
        std::minmax(record.circumstances.distance_before, record.circumstances.distance_after);
    least = most == 0 ? low : std::min(least, low);
    most = std::max(most, high);
  }
  if (most == 0) return "";
  return absl::StrFormat("cores %s (%.0f to %.0f ns)", distance == Distance::kNear ? "near" : "far",
                         least, most);
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<double> ValuesOf(const Key& key, Distance distance, absl::Span<const Record> records) {
  std::vector<double> values;
  for (const Record& record : records) {
    if (record.key == key && Counts(record, distance)) values.push_back(record.value);
  }
  return values;
}

std::vector<double> RoundsOf(const Bar& bar, Distance distance, absl::Span<const Record> records) {
  std::vector<double> rounds;
  for (const Record& record : records) {
    if (!(record.key == bar.of) || !Counts(record, distance)) continue;
    std::optional<double> best;
    bool whole = true;
    for (const Key& key : bar.to) {
      const std::optional<double> other = Find(key, record, distance, records);
      whole = whole && other.has_value() && *other > 0;
      if (!whole) break;
      // The best of others is the one that is hardest to clear.
      if (!best.has_value() || (bar.kind == Bar::kAtLeast ? *other > *best : *other < *best)) {
        best = other;
      }
    }
    if (whole) rounds.push_back(bar.scale * record.value / best.value_or(1));
  }
  return rounds;
}

Judgement Judge(const Bar& bar, Distance distance, absl::Span<const Record> records) {
  const std::vector<double> rounds = RoundsOf(bar, distance, records);
  Judgement judgement;
  judgement.distance = distance;
  judgement.limit = distance == Distance::kFar ? bar.far_limit.value_or(bar.limit) : bar.limit;
  judgement.rounds = static_cast<int>(rounds.size());
  if (rounds.empty()) return judgement;
  judgement.measured = MedianOf(rounds);
  judgement.judged = judgement.rounds >= kFewestRounds;
  judgement.met =
      judgement.judged && (bar.kind == Bar::kAtLeast ? judgement.measured >= judgement.limit
                                                     : judgement.measured <= judgement.limit);
  return judgement;
}

}  // namespace interprocess::benchmarks
