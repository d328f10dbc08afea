// SPDX-License-Identifier: MIT

// How each step is reached: which participant comes to it, under which load, and what has to happen
// before.

#ifndef INTERPROCESS_TESTS_CRASH_STEP_PLAN_H_
#define INTERPROCESS_TESTS_CRASH_STEP_PLAN_H_

#include <string>

#include "tests/crash/step_case.h"
#include "tests/stress/traffic.h"

namespace interprocess::crash {

enum class Victim {
  kPublisher,
  kSubscriber,
  kOpener,  // opens and closes, and nothing else, beside the others
};

enum class Forerunner {
  kNone,
  // Holds a reservation and a claim, and is killed, so that the victim resolves them.
  kHolder,
  // Two that hold the last free places and are killed.
  kTableFull,
  // Another worker, killed when it has marked the queue as removed and not yet removed its name.
  kRemover,
  // Another publisher, killed when it has reserved and not yet said where its message ends.
  kReserver,
};

enum class Pace { kFree, kSlowPublishers, kSlowSubscribers };

struct StepPlan {
  Victim victim = Victim::kPublisher;
  Forerunner forerunner = Forerunner::kNone;
  Pace pace = Pace::kFree;
  // Workers open and close all the time, and no process keeps the queue: it comes and goes.
  bool comes_and_goes = false;
  // Nobody may remove the queue's name, once it is there.
  bool removal_forbidden = false;
};

// The plan for a step; where several would do, one of them.
StepPlan PlanFor(const StepCase& step_case, stress::Random& random);

// A process that stops at the step, and that no slot names, may hold others up for as long as it is
// stopped: it is making or removing a queue in the directory, or takes a dead one's id with what
// that one held.
bool MayHoldUpWithoutSlot(const std::string& step);

// Killed there, a subscriber may have taken a message off the queue that only it knows.
bool MayTakeMessageAlong(const std::string& step);

const char* NameOf(Victim victim);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_STEP_PLAN_H_
