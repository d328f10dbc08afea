// SPDX-License-Identifier: MIT

// Contestants and resources as entries of scenarios.

#ifndef INTERPROCESS_BENCHMARKS_ENTRIES_H_
#define INTERPROCESS_BENCHMARKS_ENTRIES_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/harness/judge.h"
#include "benchmarks/harness/program.h"
#include "benchmarks/harness/run.h"
#include "benchmarks/harness/throughput.h"
#include "interprocess/queue_options.h"

namespace interprocess::benchmarks {

inline constexpr char kCompareAndSwap[] = "one uncontended compare-and-swap";

// Messages of `message_size` bytes, that many publishers and as many subscribers.
Load LoadOf(const Settings& settings, size_t message_size, int pairs = 1);

// Millions of messages, or GiB, a second.
Entry MillionsPerSecond(const Contestant& contestant, const Load& load);
Entry GibibytesPerSecond(const Contestant& contestant, const Load& load);

// Nanoseconds: only the median, under the contestant's name; or the median and the tail, each under
// the name and what it is.
Entry MedianRoundTrip(const Contestant& contestant, const Load& load);
Entry RoundTripPercentiles(const Contestant& contestant, const Load& load);

// Nanoseconds.
Entry SameThreadCost(const Contestant& contestant, const Load& load);
Entry CompareAndSwapCost(const Settings& settings);

// The distance of each pair of the first cores, in nanoseconds.
Scenario DistanceScenario(const Settings& settings);

Entry Single(std::string label, std::function<absl::StatusOr<double>()> measure);

// Milliseconds of CPU that a receiver takes in a wait of five seconds in vain. An entry is of one
// format: the median and the worst of five, under labels that begin with `name`.
inline constexpr char kIdleTitle[] = "CPU of an idle receiver in 5 s";
Scenario IdleScenario(std::vector<Entry> formats);
Entry IdleCpu(const std::string& name, Protocol protocol);

// What a queue costs beside time on the hot path, and what it may cost.
std::vector<Scenario> ResourceScenarios();
std::vector<Bar> ResourceBars();

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_ENTRIES_H_
