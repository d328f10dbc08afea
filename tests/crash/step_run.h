// SPDX-License-Identifier: MIT

// One case of a step, from the first process to the last.

#ifndef INTERPROCESS_TESTS_CRASH_STEP_RUN_H_
#define INTERPROCESS_TESTS_CRASH_STEP_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/fleet.h"
#include "tests/crash/permission.h"
#include "tests/crash/sleep_clock.h"
#include "tests/crash/step_case.h"
#include "tests/crash/step_hook.h"
#include "tests/crash/step_plan.h"
#include "tests/stress/children.h"
#include "tests/stress/traffic.h"

namespace interprocess::crash {

class StepRun {
 public:
  explicit StepRun(const StepCase& step_case);
  StepResult Run();

 private:
  // Of a stop: what was there when it began.
  struct Stop {
    std::vector<uint64_t> steps;
    uint64_t redeliveries;
    std::vector<uint64_t> held;  // as in WorkerPage
  };

  void Start();
  // Each sets result_.failure if the case has failed.
  bool AwaitStep();
  void KillAndReplace();
  void StopAWhile();
  void StopForEver();
  void Finish();

  // The longest time between two steps forward of one of `workers`, while a condition is waited
  // for, in which all of them slept.
  struct Standstill {
    Standstill(StepRun& run, std::vector<uint32_t> workers);
    void Look();
    StepRun& run;
    std::vector<uint32_t> workers;
    SleepClock clock;
    std::vector<uint64_t> last;
    int64_t longest_ns = 0;
  };

  bool failed();
  bool Check(bool condition, const std::string& what);
  void SetPace(Pace pace);
  stress::Child& victim() { return extra_ ? *extra_ : fleet_.child(victim_); }
  void StartWorker(uint32_t worker);
  std::vector<uint64_t> Steps();
  bool IsSurvivor(uint32_t worker) { return worker != victim_; }
  // All workers, or all but the victim, have got on by `count`.
  bool HaveMoved(const std::vector<uint64_t>& before, uint64_t count, bool all);
  std::vector<uint32_t> Workers(bool all);
  // Fails if they do not get on, or all sleep for longer than `bound_ns` between two steps forward.
  void AwaitMoved(const std::vector<uint64_t>& before, bool all, int64_t bound_ns,
                  const char* when);
  void AwaitRedelivery(size_t count, int64_t dropped_ns);
  bool HasReached();

  // One round of what has to happen before the victim comes to the step.
  void RunForerunner();
  void RunHolders();
  // A worker that is killed at that step of its own.
  void RunWorker(uint32_t worker, const char* step);
  void StartOpener();

  Stop BeginStop();
  void CheckStop(const Stop& stop);
  // Waits for `enough`, and fails if the others stand still and may not.
  void CheckStandstill(const std::function<bool()>& enough, int64_t nanos);
  bool MayStandStill();
  void CheckNoneWait();
  void FinishWithoutKeeper();
  std::string WhatIsLeft();
  void CheckMessages();

  const StepCase case_;
  stress::Random random_;
  const StepPlan plan_;
  StepOrders orders_;
  std::optional<NoOwnersRight> no_owners_right_;  // before the workers are started
  Fleet fleet_;
  uint32_t lives_ = 0;        // publishers started so far
  uint32_t victim_;           // the worker; none if the victim is an opener
  uint32_t forerunners_ = 0;  // that died
  std::optional<stress::Child> extra_;
  bool was_killed_ = false;
  StepResult result_;
};

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_STEP_RUN_H_
