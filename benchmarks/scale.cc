// SPDX-License-Identifier: MIT

// What a message costs when there is much of something, and the bars that this is to clear.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/entries.h"
#include "benchmarks/growth/growth.h"
#include "benchmarks/harness/judge.h"
#include "benchmarks/harness/program.h"
#include "benchmarks/harness/run.h"

namespace interprocess::benchmarks {
namespace {

constexpr char kPair[] = "enqueue + dequeue";
constexpr char kMessage[] = "a message";
constexpr char kCapacityTitle[] = "a message in one thread, by capacity";
constexpr char kParticipantsTitle[] = "a message in one thread, by participants";
constexpr char kReservationsTitle[] = "a message in one thread, by open reservations";
constexpr char kQueuesTitle[] = "a message in one thread, by queues";
constexpr char kBatchCostTitle[] = "a message in one thread, by size of batch";
constexpr char kBatchTitle[] = "throughput 1:1, 64 B, by size of batch";
constexpr char kEndpointsTitle[] = "throughput 64 B, by endpoints";
constexpr char kCallsTitle[] = "longest try call, 1,000 participants, by capacity";
constexpr char kPoolTitle[] = "pool of three, 64 MiB, by per mille given back";
constexpr char kDeadTitle[] = "redelivery, by dead";
constexpr char kWaitingTitle[] = "messages of waiting publishers, by publishers";
constexpr char kFairTitle[] = "fairness among waiting publishers";
constexpr char kSleepersTitle[] = "CPU of a message at 1,000 a second, by sleeping subscribers";
constexpr char kIdleShareTitle[] = "CPU of idle subscribers, by participants";

constexpr char kInBatches[] = "in batches";
constexpr char kSingle[] = "single";
constexpr char kAfterDeath[] = "an idle participant dies";
constexpr char kAfterGiveBack[] = "messages are given back";
constexpr char kSeldom[] = "endpoints come once a lap";
constexpr char kEquals[] = "most to least of four equals";
constexpr char kLarge[] = "wait of 64 KiB beside four of 64 B, in fair shares";
constexpr char kAttached[] = "7 wait, the others are attached";
constexpr char kReserved[] = "all wait beside one open reservation";

constexpr int64_t kMebi = int64_t{1} << 20;

using Measure = std::function<absl::StatusOr<double>()>;

Entry Point(const char* label, double x, Measure measure) {
  Entry entry = Single(label, std::move(measure));
  entry.x = x;
  return entry;
}

Scenario Curve(const char* title, const char* unit, const char* axis, int workers = 1) {
  Scenario curve{title, unit};
  curve.axis = axis;
  curve.workers = workers;
  curve.distance_matters = false;
  return curve;
}

// Adds a point for each x.
void Add(Scenario* curve, const char* label, const std::vector<int>& xs,
         std::function<absl::StatusOr<double>(int)> measure) {
  for (const int x : xs) {
    curve->entries.push_back(Point(label, x, [measure, x] { return measure(x); }));
  }
}

void SkipWithoutHandles(Scenario* curve) {
  for (Entry& entry : curve->entries) {
    if (!RoomForEndpoints(static_cast<int>(*entry.x))) {
      entry.skipped = "the limit of open files (ulimit -Hn) is too low";
    }
  }
}

std::vector<Scenario> InOneThread(const Settings& settings) {
  const absl::Duration duration = settings.duration;
  Scenario capacity = Curve(kCapacityTitle, "ns", "capacity, MiB");
  Add(&capacity, kPair, {1, 16, 64, 256, 1024},
      [=](int mebi) { return PairAtCapacity(mebi * kMebi, duration); });
  Scenario participants = Curve(kParticipantsTitle, "ns", "participants");
  Add(&participants, kPair, {8, 100, 1000, 8000},
      [=](int count) { return PairBesideParticipants(count, duration); });
  SkipWithoutHandles(&participants);
  Scenario reservations = Curve(kReservationsTitle, "ns", "open reservations");
  Add(&reservations, kPair, {0, 1, 16, 256, 1024},
      [=](int count) { return PairBesideReservations(count, duration); });
  Scenario queues = Curve(kQueuesTitle, "ns", "queues");
  Add(&queues, kPair, {1, 10, 100, 1000},
      [=](int count) { return PairOverQueues(count, duration); });
  Scenario batches = Curve(kBatchCostTitle, "ns", "messages in a batch");
  Add(&batches, kInBatches, {1, 8, 32, 128},
      [=](int size) { return PairInBatches(size, duration); });
  Add(&batches, kSingle, {1}, [=](int) { return PairAtCapacity(kMebi, duration); });
  return {std::move(capacity), std::move(participants), std::move(reservations), std::move(queues),
          std::move(batches)};
}

std::vector<Scenario> BetweenProcesses(const Settings& settings) {
  Scenario batch = Curve(kBatchTitle, "M msg/s", "messages in a batch", 2);
  for (const int size : {1, 8, 32, 128}) {
    batch.entries.push_back(MillionsPerSecond(InterprocessBatches(size), LoadOf(settings, 64)));
    batch.entries.back().labels = {kInBatches};
    batch.entries.back().x = size;
  }
  batch.entries.push_back(MillionsPerSecond(InterprocessQueue(), LoadOf(settings, 64)));
  batch.entries.back().labels = {kSingle};
  batch.entries.back().x = 1;
  batch.distance_matters = true;
  Scenario endpoints = Curve(kEndpointsTitle, "M msg/s", "endpoints, half of them publishers", 64);
  for (const int pairs : {1, 2, 8, 32}) {
    endpoints.entries.push_back(
        MillionsPerSecond(InterprocessQueue(), LoadOf(settings, 64, pairs)));
    endpoints.entries.back().x = 2 * pairs;
  }
  endpoints.distance_matters = true;

  const absl::Duration duration = settings.duration;
  Scenario pool = Curve(kPoolTitle, "M msg/s", "of 1,000 messages", 4);
  for (const int per_mille : {0, 1, 10, 100}) {
    const int period = per_mille == 0 ? 0 : 1000 / per_mille;
    pool.entries.push_back(Point(kMessage, per_mille, [=]() -> absl::StatusOr<double> {
      absl::StatusOr<double> rate = PoolRate(period, 64 * kMebi, duration);
      if (rate.ok()) *rate /= 1e6;
      return rate;
    }));
  }
  pool.distance_matters = true;
  return {std::move(batch), std::move(endpoints), std::move(pool)};
}

std::vector<Scenario> Troubles() {
  Scenario calls = Curve(kCallsTitle, "us", "capacity, MiB", 4);
  const std::pair<const char*, Trouble> troubles[] = {{kAfterDeath, Trouble::kDeath},
                                                      {kAfterGiveBack, Trouble::kGiveBack},
                                                      {kSeldom, Trouble::kSeldom}};
  for (const auto& [label, trouble] : troubles) {
    Add(&calls, label, {1, 64, 1024}, [trouble = trouble](int mebi) {
      return LongestTryCall(trouble, mebi * kMebi, /*participants=*/1000);
    });
  }
  Scenario dead = Curve(kDeadTitle, "ms", "dead subscribers", 4);
  for (const auto& [label, mebi] : {std::make_pair("1 MiB", 1), std::make_pair("1 GiB", 1024),
                                    std::make_pair("64 GiB, sparse", 65536)}) {
    Add(&dead, label, {1, 10, 50},
        [mebi = mebi](int count) { return Redelivery(count, mebi * kMebi); });
  }
  return {std::move(calls), std::move(dead)};
}

std::vector<Scenario> Waiters(const Settings& settings) {
  const absl::Duration duration = settings.duration;
  Scenario waiting = Curve(kWaitingTitle, "msg/s", "waiting publishers", 4);
  Add(&waiting, kMessage, {2, 16, 64, 256},
      [=](int count) { return RateOfWaitingPublishers(count, duration); });
  Scenario fair{kFairTitle, "times"};
  fair.workers = 6;
  fair.distance_matters = false;
  fair.entries = {Single(kEquals, [=] { return ShareAmongEquals(duration); }),
                  Single(kLarge, [=] { return WaitOfLarge(duration); })};
  Scenario sleepers = Curve(kSleepersTitle, "us", "sleeping subscribers", 4);
  Add(&sleepers, kMessage, {8, 64, 256, 1000},
      [=](int count) { return CpuPerMessage(count, duration); });
  Scenario idle = Curve(kIdleShareTitle, "% of a core", "participants", 4);
  Add(&idle, kAttached, {8, 100, 1000, 8000},
      [=](int count) { return IdleShare(count, /*sleepers=*/7, false, 3 * duration); });
  Add(&idle, kReserved, {8, 100, 1000},
      [=](int count) { return IdleShare(count + 1, count, true, 3 * duration); });
  SkipWithoutHandles(&idle);
  return {std::move(waiting), std::move(fair), std::move(sleepers), std::move(idle)};
}

std::vector<Scenario> Scenarios(const Settings& settings) {
  std::vector<Scenario> scenarios;
  for (std::vector<Scenario> part :
       {InOneThread(settings), BetweenProcesses(settings), Troubles(), Waiters(settings)}) {
    for (Scenario& scenario : part) scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

Bar AtMost(std::string name, const char* unit, double limit, Key of, std::vector<Key> to = {}) {
  return {std::move(name), unit, Bar::kAtMost, limit, std::move(of), std::move(to)};
}

Bar AtLeast(std::string name, const char* unit, double limit, Key of, std::vector<Key> to = {}) {
  return {std::move(name), unit, Bar::kAtLeast, limit, std::move(of), std::move(to)};
}

std::vector<Bar> Bars() {
  std::vector<Bar> bars = {
      AtLeast("throughput 1:1 in batches of 32, to single messages", "times", 2,
              {kBatchTitle, kInBatches, 32}, {{kBatchTitle, kSingle, 1}}),
      AtLeast("one thread: a single message, to one in batches of 32", "times", 2,
              {kBatchCostTitle, kSingle, 1}, {{kBatchCostTitle, kInBatches, 32}}),
      AtLeast("pool of three with 1 % given back, to none", "times", 0.8,
              {kPoolTitle, kMessage, 10}, {{kPoolTitle, kMessage, 0}}),
      AtMost("a message beside 8,000 participants, to beside 8", "times", 1.2,
             {kParticipantsTitle, kPair, 8000}, {{kParticipantsTitle, kPair, 8}}),
      AtMost("8,000 participants, idle", "% of a core", 1, {kIdleShareTitle, kAttached, 8000}),
      AtLeast("256 waiting publishers, to 2", "times", 0.5, {kWaitingTitle, kMessage, 256},
              {{kWaitingTitle, kMessage, 2}}),
      AtMost("a message to one of 1,000 sleepers, to one of 8", "times", 3,
             {kSleepersTitle, kMessage, 1000}, {{kSleepersTitle, kMessage, 8}}),
      AtMost("1,000 sleepers beside an open reservation", "% of a core", 1,
             {kIdleShareTitle, kReserved, 1000}),
      AtMost("room: most to least of four equals", "times", 1.2, {kFairTitle, kEquals, {}}),
      AtMost("room: a waiting 64 KiB beside four of 64 B", "fair shares", 4,
             {kFairTitle, kLarge, {}})};
  for (const char* trouble : {kAfterDeath, kAfterGiveBack, kSeldom}) {
    bars.push_back(AtMost(absl::StrCat("longest try call at 1 GiB, ", trouble), "us", 1000,
                          {kCallsTitle, trouble, 1024}));
  }
  for (const char* capacity : {"1 GiB", "64 GiB, sparse"}) {
    bars.push_back(AtMost(absl::StrCat("redelivery for 50 dead at ", capacity), "ms", 500,
                          {kDeadTitle, capacity, 50}));
  }
  return bars;
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  using namespace interprocess::benchmarks;  // NOLINT: only in main
  return RunProgram({"scale", "Measures what grows with what.", &Scenarios, &Bars}, argc, argv);
}
