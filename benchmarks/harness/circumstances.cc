// SPDX-License-Identifier: MIT

#include "benchmarks/harness/circumstances.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/harness/machine.h"

namespace interprocess::benchmarks {
namespace {

// The distance is a median of thousands of trips: one that differs by more has changed.
constexpr double kMostChange = 1.5;
// The kernel's ticks may switch each of two workers 250 times a second for a program of the lowest
// priority, which gets 2 % of the time so. More is a program that runs in earnest.
constexpr double kSwitchesPerSecond = 1000;
constexpr double kSwitchesAtAll = 5;
// Both times are counted in ticks of 10 ms, so a little may be none.
constexpr double kOthersShare = 0.05;
constexpr double kOthersMillis = 30;

double Millis(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

std::string Disturbance(const Circumstances& seen) {
  const auto [least, most] = std::minmax(seen.distance_before, seen.distance_after);
  if (most > least * kMostChange || (least < kNearBelow) != (most < kNearBelow)) {
    return absl::StrFormat("the distance changed from %.0f to %.0f ns", seen.distance_before,
                           seen.distance_after);
  }
  if (seen.stolen_millis > 0) return absl::StrFormat("%.0f ms stolen", seen.stolen_millis);
  if (seen.others_millis > kOthersMillis + kOthersShare * seen.seconds * 1e3) {
    return absl::StrFormat("other programs ran for %.0f ms", seen.others_millis);
  }
  if (seen.switches_count &&
      static_cast<double>(seen.switches) > kSwitchesAtAll + kSwitchesPerSecond * seen.seconds) {
    return absl::StrFormat("%d involuntary switches", seen.switches);
  }
  return "";
}

CpuTime ReadCpuTime(absl::string_view stat, int64_t ticks) {
  // cpu user nice system idle iowait irq softirq steal ...; all but idle and iowait is busy.
  const std::vector<absl::string_view> fields =
      absl::StrSplit(stat.substr(0, stat.find('\n')), ' ', absl::SkipEmpty());
  if (fields.size() < 9 || fields[0] != "cpu" || ticks <= 0) return {};
  double millis[9] = {};
  for (int i = 1; i < 9; ++i) {
    double count = 0;
    if (!absl::SimpleAtod(fields[i], &count)) return {};
    millis[i] = count * 1e3 / static_cast<double>(ticks);
  }
  return {millis[1] + millis[2] + millis[3] + millis[6] + millis[7], millis[8]};
}

Watch::Watch() : start_(Now()) {}

Watch::Usage Watch::Now() {
  std::ifstream file("/proc/stat");
  std::stringstream text;
  text << file.rdbuf();
  rusage self, children;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  return {NowNanos(), ReadCpuTime(text.str(), sysconf(_SC_CLK_TCK)),
          Millis(self.ru_utime) + Millis(self.ru_stime) + Millis(children.ru_utime) +
              Millis(children.ru_stime),
          children.ru_nivcsw};
}

Circumstances Watch::Stop() const {
  const Usage end = Now();
  Circumstances seen;
  seen.seconds = static_cast<double>(end.nanos - start_.nanos) / 1e9;
  seen.stolen_millis = end.all.stolen - start_.all.stolen;
  seen.others_millis =
      std::max(0.0, end.all.busy - start_.all.busy - (end.own_millis - start_.own_millis));
  seen.switches = end.switches - start_.switches;
  return seen;
}

}  // namespace interprocess::benchmarks
