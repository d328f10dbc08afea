// SPDX-License-Identifier: MIT

#include "benchmarks/entries.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmarks/harness/latency.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/round_trip.h"
#include "benchmarks/harness/same_thread.h"
#include "benchmarks/resources.h"

namespace interprocess::benchmarks {
namespace {

struct Capacity {
  const char* name;
  int64_t bytes;
};
constexpr char kAttachTitle[] = "attach and leave";
constexpr char kMakeTitle[] = "making a queue";
constexpr char kMemoryTitle[] = "private memory of an attached endpoint";
constexpr char kFileTitle[] = "size of the file";

constexpr Capacity kCapacities[] = {
    {"64 KiB", int64_t{64} << 10}, {"1 MiB", int64_t{1} << 20}, {"64 MiB", int64_t{64} << 20}};

// An entry of one contestant that gives `factor` times what `measure` does.
Entry Scaled(const Contestant& contestant, const Load& load,
             absl::StatusOr<double> (*measure)(const Load&), double factor) {
  Entry entry = Single(contestant.name, [measure, load, factor]() -> absl::StatusOr<double> {
    absl::StatusOr<double> value = measure(load);
    if (value.ok()) *value *= factor;
    return value;
  });
  entry.skipped = contestant.skipped;
  entry.own_threads = contestant.own_threads;
  entry.may_fail = contestant.may_fail;
  return entry;
}

}  // namespace

Load LoadOf(const Settings& settings, size_t message_size, int pairs) {
  Load load;
  load.channel.message_size = message_size;
  load.channel.publishers = pairs;
  load.channel.subscribers = pairs;
  load.duration = settings.duration;
  return load;
}

Entry MillionsPerSecond(const Contestant& contestant, const Load& load) {
  return Scaled(contestant, load, contestant.throughput, 1e-6);
}

Entry GibibytesPerSecond(const Contestant& contestant, const Load& load) {
  return Scaled(contestant, load, contestant.throughput,
                static_cast<double>(load.channel.message_size) / (int64_t{1} << 30));
}

Entry MedianRoundTrip(const Contestant& contestant, const Load& load) {
  Entry entry = RoundTripPercentiles(contestant, load);
  entry.labels = {contestant.name};
  entry.measure = [percentiles = std::move(entry.measure)] {
    absl::StatusOr<std::vector<double>> values = percentiles();
    if (values.ok()) values->resize(1);
    return values;
  };
  return entry;
}

Entry RoundTripPercentiles(const Contestant& contestant, const Load& load) {
  Entry entry;
  entry.labels = {absl::StrCat(contestant.name, ", median"), absl::StrCat(contestant.name, ", p99"),
                  absl::StrCat(contestant.name, ", p99.9")};
  entry.skipped = contestant.skipped;
  entry.own_threads = contestant.own_threads;
  entry.may_fail = contestant.may_fail;
  entry.measure = [measure = contestant.round_trip, load]() -> absl::StatusOr<std::vector<double>> {
    const absl::StatusOr<Latency> latency = measure(load);
    if (!latency.ok()) return latency.status();
    return std::vector<double>{latency->p50, latency->p99, latency->p999};
  };
  return entry;
}

Entry SameThreadCost(const Contestant& contestant, const Load& load) {
  return Scaled(contestant, load, contestant.same_thread, 1);
}

Entry CompareAndSwapCost(const Settings& settings) {
  return Single(kCompareAndSwap,
                [duration = settings.duration] { return MeasureCompareAndSwap(duration); });
}

Scenario DistanceScenario(const Settings& settings) {
  Scenario scenario{"a cache line from core to core and back", "ns"};
  scenario.distance_matters = false;
  Entry entry;
  const int cores = std::min(CoreCount(), 4);
  for (int from = 0; from < cores; ++from) {
    for (int to = from + 1; to < cores; ++to) {
      entry.labels.push_back(absl::StrCat("cores ", from, " and ", to));
    }
  }
  if (entry.labels.empty()) {
    entry.labels.push_back("cores 0 and 1");
    entry.skipped = "this machine has one core";
  }
  entry.measure = [cores, duration = settings.duration]() -> absl::StatusOr<std::vector<double>> {
    const absl::StatusOr<std::vector<PairDistance>> pairs = MeasureDistances(cores, duration);
    if (!pairs.ok()) return pairs.status();
    std::vector<double> nanos;
    for (const PairDistance& pair : *pairs) nanos.push_back(pair.nanos);
    return nanos;
  };
  scenario.entries.push_back(std::move(entry));
  return scenario;
}

Entry Single(std::string label, std::function<absl::StatusOr<double>()> measure) {
  Entry entry;
  entry.labels = {std::move(label)};
  entry.measure = [measure = std::move(measure)]() -> absl::StatusOr<std::vector<double>> {
    const absl::StatusOr<double> value = measure();
    if (!value.ok()) return value.status();
    return std::vector<double>{*value};
  };
  return entry;
}

Entry IdleCpu(const std::string& name, Protocol protocol) {
  Entry five;
  five.labels = {absl::StrCat(name, "median of 5 receivers"),
                 absl::StrCat(name, "worst of 5 receivers")};
  five.measure = [protocol]() -> absl::StatusOr<std::vector<double>> {
    absl::StatusOr<std::vector<double>> used =
        MeasureIdleCpu(protocol, /*subscribers=*/5, absl::Seconds(5));
    if (!used.ok()) return used;
    std::sort(used->begin(), used->end());
    return std::vector<double>{(*used)[2], used->back()};
  };
  return five;
}

Scenario IdleScenario(std::vector<Entry> formats) {
  Scenario idle{kIdleTitle, "ms", std::move(formats)};
  idle.workers = 5;
  idle.distance_matters = false;
  return idle;
}

std::vector<Scenario> ResourceScenarios() {
  Scenario attach{kAttachTitle, "us"};
  Scenario make{kMakeTitle, "us"};
  Scenario memory{kMemoryTitle, "KiB"};
  Scenario file{kFileTitle, "KiB"};
  for (const Capacity& capacity : kCapacities) {
    const int64_t bytes = capacity.bytes;
    attach.entries.push_back(
        Single(capacity.name, [bytes] { return MeasureAttach(bytes, /*times=*/200); }));
    file.entries.push_back(Single(capacity.name, [bytes]() -> absl::StatusOr<double> {
      absl::StatusOr<double> size = MeasureFileSize(bytes);
      if (size.ok()) *size /= 1024;
      return size;
    }));
    memory.entries.push_back(
        Single(capacity.name, [bytes] { return MeasurePrivateMemory(bytes); }));
  }
  make.entries.push_back(
      Single("1 MiB", [] { return MeasureMake(int64_t{1} << 20, /*times=*/20); }));
  std::vector<Scenario> scenarios = {std::move(attach), std::move(make), std::move(memory),
                                     std::move(file),
                                     IdleScenario({IdleCpu("", Protocol::kNative)})};
  for (Scenario& scenario : scenarios) scenario.distance_matters = false;
  return scenarios;
}

std::vector<Bar> ResourceBars() {
  std::vector<Bar> bars;
  for (const Capacity& capacity : kCapacities) {
    const double kib = static_cast<double>(capacity.bytes) / 1024;
    const auto bar = [&](const char* name, const char* unit, double limit, const char* title) {
      bars.push_back({absl::StrCat(name, ", ", capacity.name), unit, Bar::kAtMost, limit,
                      Key{title, capacity.name, {}}});
    };
    bar("attach and leave", "us", 100, kAttachTitle);
    bar("private memory of an endpoint", "KiB", 1024, kMemoryTitle);
    bar("file of a queue", "KiB", 2.6 * kib + 256, kFileTitle);
  }
  bars.push_back({"making a queue, 1 MiB", "us", Bar::kAtMost, 2000, Key{kMakeTitle, "1 MiB", {}}});
  bars.push_back({"idle receiver, CPU in 5 s", "ms", Bar::kAtMost, 1,
                  Key{kIdleTitle, "worst of 5 receivers", {}}});
  return bars;
}

}  // namespace interprocess::benchmarks
