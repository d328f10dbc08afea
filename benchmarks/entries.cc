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

Scenario LineScenario(const Settings& settings) {
  Scenario scenario{"how far apart the cores are", "ns", {}, ""};
  scenario.entries.push_back(Single("a cache line there and back", [duration = settings.duration] {
    return MeasureLineRoundTrip(duration);
  }));
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
  Scenario idle{kIdleTitle, "ms", std::move(formats), ""};
  // Five at once are five rounds.
  idle.rounds = 1;
  return idle;
}

std::vector<Scenario> ResourceScenarios() {
  Scenario attach{kAttachTitle, "us", {}, ""};
  Scenario make{kMakeTitle, "us", {}, ""};
  Scenario memory{kMemoryTitle, "KiB", {}, ""};
  Scenario file{kFileTitle, "KiB", {}, ""};
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
  return {std::move(attach), std::move(make), std::move(memory), std::move(file),
          IdleScenario({IdleCpu("", Protocol::kNative)})};
}

void AddResourceBars(Report* report) {
  for (const Capacity& capacity : kCapacities) {
    const double kib = static_cast<double>(capacity.bytes) / 1024;
    report->AddBarIf(report->Median(kAttachTitle, capacity.name),
                     {absl::StrCat("attach and leave, ", capacity.name), "us", Bar::kAtMost, 300});
    report->AddBarIf(report->Median(kMemoryTitle, capacity.name),
                     {absl::StrCat("private memory of an endpoint, ", capacity.name), "KiB",
                      Bar::kAtMost, 1024});
    report->AddBarIf(
        report->Median(kFileTitle, capacity.name),
        {absl::StrCat("file of a queue of ", capacity.name), "KiB", Bar::kAtMost, 2.1 * kib + 256});
  }
  report->AddBarIf(report->Median(kMakeTitle, "1 MiB"),
                   {"making a queue, 1 MiB", "us", Bar::kAtMost, 2000});
  report->AddBarIf(report->Median(kIdleTitle, "worst of 5 receivers"),
                   {"idle receiver, CPU in 5 s", "ms", Bar::kAtMost, 1});
}

}  // namespace interprocess::benchmarks
