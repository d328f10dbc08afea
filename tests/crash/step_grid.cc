// SPDX-License-Identifier: MIT

#include "tests/crash/step_grid.h"

#include <stdio.h>

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/crash/fleet.h"
#include "tests/stress/children.h"
#include "tests/stress/shared_memory.h"
#include "tests/stress/stress.h"
#include "tests/stress/traffic.h"

namespace interprocess::crash {
namespace {

constexpr int kAttempts = 10;
// Of these, how often a case may be late beside other work before that counts.
constexpr int kLateAttempts = 3;
// A time that was measured on so busy a machine says nothing of the queue.
constexpr int64_t kNoise = 5 * kMillisecond;

// A result in memory that processes share.
struct SharedResult {
  std::atomic<bool> done;
  bool reached;
  bool stood_still;
  uint64_t passings;
  int64_t survivors_ns, replacement_ns, redelivered_ns, noise_ns, asleep_ns;
  char role[16];
  char failure[1024];
};

void Store(const StepResult& from, SharedResult& to) {
  to.reached = from.reached;
  to.stood_still = from.stood_still;
  to.passings = from.passings;
  to.survivors_ns = from.survivors_ns;
  to.replacement_ns = from.replacement_ns;
  to.redelivered_ns = from.redelivered_ns;
  to.noise_ns = from.noise_ns;
  to.asleep_ns = from.asleep_ns;
  snprintf(to.role, sizeof(to.role), "%s", from.role.c_str());
  snprintf(to.failure, sizeof(to.failure), "%s", from.failure.c_str());
  to.done.store(true);
}

StepResult Load(const SharedResult& from) {
  StepResult result;
  if (!from.done.load()) {
    result.failure = "the process that ran the case died";
    return result;
  }
  result.reached = from.reached;
  result.stood_still = from.stood_still;
  result.passings = from.passings;
  result.survivors_ns = from.survivors_ns;
  result.replacement_ns = from.replacement_ns;
  result.redelivered_ns = from.redelivered_ns;
  result.noise_ns = from.noise_ns;
  result.asleep_ns = from.asleep_ns;
  result.role = from.role;
  result.failure = from.failure;
  return result;
}

std::string Ms(int64_t nanos) {
  return nanos < 0 ? "-" : absl::StrFormat("%.1f", static_cast<double>(nanos) / 1e6);
}

}  // namespace

StepResult RunUntilReached(StepCase step_case) {
  stress::Random seeds(step_case.seed);
  StepResult result;
  int late = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    step_case.directory = stress::MakeQueueDirectory();
    result = RunStepCase(step_case);
    stress::RemoveQueueDirectory(step_case.directory);
    if (result.late && result.failure.empty()) {
      const std::string what = absl::StrCat("redelivered after ", Ms(result.redelivered_ns), " ms");
      const bool disturbed = result.noise_ns >= kNoise;
      if (disturbed && ++late < kLateAttempts) {
        printf("once more: %s, %s, %u:%u was %s, beside a pause of %s ms\n", step_case.step.c_str(),
               NameOf(step_case.how), step_case.pairs, step_case.pairs, what.c_str(),
               Ms(result.noise_ns).c_str());
        step_case.seed = seeds.Next();
        continue;
      }
      result.failure = what;
    }
    if (!result.failure.empty()) {
      absl::StrAppend(&result.failure, " (", step_case.step, ", ", NameOf(step_case.how), ", ",
                      step_case.pairs, ":", step_case.pairs, ", ", result.role, ", seed ",
                      step_case.seed, ")");
    }
    if (result.reached || !result.failure.empty()) return result;
    step_case.seed = seeds.Next();
  }
  result.failure = absl::StrCat("not reached: ", step_case.step);
  return result;
}

std::vector<StepResult> RunGrid(const std::vector<StepCase>& cases, int jobs) {
  stress::SharedArray<SharedResult> shared(cases.size());
  stress::SharedArray<std::atomic<size_t>> next(1);
  std::vector<stress::Child> children;
  for (int job = 0; job < jobs; ++job) {
    children.push_back(stress::Child::Start([&] {
      for (size_t i; (i = next[0].fetch_add(1)) < cases.size();) {
        const StepResult result = RunUntilReached(cases[i]);
        Store(result, shared[i]);
        if (!result.failure.empty()) printf("FAILED: %s\n", result.failure.c_str());
        fflush(stdout);
      }
      return 0;
    }));
  }
  for (stress::Child& child : children) child.Wait();
  std::vector<StepResult> results;
  for (size_t i = 0; i < cases.size(); ++i) results.push_back(Load(shared[i]));
  return results;
}

std::string Describe(const StepCase& step_case, const StepResult& result) {
  std::string text = absl::StrCat(NameOf(step_case.how), " ", step_case.pairs, ":", step_case.pairs,
                                  " ", result.role, " #", result.passings);
  if (!result.failure.empty()) return absl::StrCat(text, " FAILED");
  if (step_case.how != How::kKill && result.stood_still) absl::StrAppend(&text, " held up");
  if (result.survivors_ns >= 0) {
    absl::StrAppend(&text, " ", Ms(result.survivors_ns), "/", Ms(result.redelivered_ns));
  }
  return text;
}

std::string Table(const std::vector<StepCase>& cases, const std::vector<StepResult>& results) {
  std::string text =
      "ms from the dropping of the lease until all survivors got on / until redelivery\n";
  Times survivors, alone, redeliveries, undisturbed, asleep;
  int held_up = 0, stops = 0, failed = 0;
  std::string step;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].step != step) {
      if (i > 0) absl::StrAppend(&text, "\n");
      step = cases[i].step;
      absl::StrAppendFormat(&text, "%-27s", step);
    }
    absl::StrAppend(&text, " | ", Describe(cases[i], results[i]));
    failed += !results[i].failure.empty();
    stops += cases[i].how != How::kKill;
    held_up += cases[i].how != How::kKill && results[i].stood_still;
    if (results[i].survivors_ns >= 0) {
      (cases[i].pairs > 1 ? survivors : alone).Add(results[i].survivors_ns);
      asleep.Add(results[i].asleep_ns);
      if (results[i].noise_ns < kNoise) undisturbed.Add(results[i].survivors_ns);
    }
    if (results[i].redelivered_ns >= 0) redeliveries.Add(results[i].redelivered_ns);
  }
  absl::StrAppend(
      &text, "\n", cases.size(), " cases, ", failed, " failed; in ", held_up, " of ", stops,
      " stops the others were held up",
      "\nlease dropped until survivors got on, with others on both sides: ", survivors.Describe(),
      "\n  1:1, after another was put in its place: ", alone.Describe(),
      "\n  of all, where this process never waited 5 ms for a processor: ", undisturbed.Describe(),
      "\nall asleep meanwhile, between two steps forward: ", asleep.Describe(),
      "\nlease dropped until redelivered: ", redeliveries.Describe(), "\n");
  return text;
}

}  // namespace interprocess::crash
