// SPDX-License-Identifier: MIT

// What happened on the machine while something was measured, and whether that spoils the value.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_CIRCUMSTANCES_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_CIRCUMSTANCES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace interprocess::benchmarks {

// A cache line's way to the other core and back, in nanoseconds: below this the cores are called
// near, else far. Every place that uses one of these words shows the measured figure beside it.
inline constexpr double kNearBelow = 250;

struct Circumstances {
  double seconds = 0;           // how long the measurement took
  double distance_before = 0;   // ns, of the two cores in use that are farthest apart; 0: not asked
  double distance_after = 0;    // ns
  double stolen_millis = 0;     // the hypervisor's, of all cores
  double others_millis = 0;     // CPU time of all cores that went to other programs
  int64_t switches = 0;         // of the workers, against their will
  bool switches_count = false;  // false where threads share cores, and take turns by being switched
};

// Why the value does not count, or empty: time was stolen, another program ran, workers were
// switched off their cores, or the distance of the cores changed.
std::string Disturbance(const Circumstances& circumstances);

// CPU time of all cores since the machine started, in milliseconds.
struct CpuTime {
  double busy = 0;
  double stolen = 0;
};

// `stat` is the text of /proc/stat, `ticks` the number of its ticks a second. Zeros if it has no
// line of all cores.
CpuTime ReadCpuTime(absl::string_view stat, int64_t ticks);

// Takes the time from its construction on. Counts this process and its children, who have to be
// waited for before Stop.
class Watch {
 public:
  Watch();

  // All but the distances and `switches_count`.
  Circumstances Stop() const;

 private:
  struct Usage {
    int64_t nanos;
    CpuTime all;
    double own_millis;
    int64_t switches;
  };
  static Usage Now();

  const Usage start_;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_CIRCUMSTANCES_H_
