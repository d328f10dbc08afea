// SPDX-License-Identifier: MIT

#include "tests/crash/step_plan.h"

#include "absl/strings/match.h"
#include "tests/crash/permission.h"

namespace interprocess::crash {

const std::vector<std::string>& StepNames() {
  static const auto* names = new std::vector<std::string>{
#include "tests/crash/step_names.inc"
  };
  return *names;
}

const char* NameOf(How how) {
  switch (how) {
    case How::kKill:
      return "kill";
    case How::kStopAWhile:
      return "stop";
    default:
      return "stop_for_ever";
  }
}

const char* NameOf(Victim victim) {
  switch (victim) {
    case Victim::kPublisher:
      return "publisher";
    case Victim::kSubscriber:
      return "subscriber";
    default:
      return "opener";
  }
}

StepPlan PlanFor(const StepCase& step_case, stress::Random& random) {
  const std::string& step = step_case.step;
  const auto is_of = [&](const char* family) { return absl::StartsWith(step, family); };
  const Victim either = random.OneIn(2) ? Victim::kPublisher : Victim::kSubscriber;
  StepPlan plan;
  if (is_of("publisher.") || is_of("subscriber.") || is_of("return.")) {
    plan.victim = is_of("publisher.") ? Victim::kPublisher : Victim::kSubscriber;
    plan.pace = static_cast<Pace>(random.Below(3));
  } else if (is_of("notify.") || is_of("wake.") || is_of("wait.") || is_of("sleep.")) {
    plan.victim = either;
    // A notifier needs sleepers on the other side: its own side is the slow one. A waiter needs the
    // other side to be slow.
    const bool slow_publishers =
        (either == Victim::kPublisher) == (is_of("notify.") || is_of("wake."));
    plan.pace = slow_publishers ? Pace::kSlowPublishers : Pace::kSlowSubscribers;
  } else if (is_of("line.")) {
    plan.victim = Victim::kPublisher;
    plan.pace = Pace::kSlowSubscribers;
  } else if (is_of("help.")) {
    // Where there is one publisher it is the forerunner.
    plan.victim = step_case.pairs > 1 ? either : Victim::kSubscriber;
    plan.forerunner = Forerunner::kReserver;
    plan.pace = plan.victim == Victim::kPublisher ? Pace::kFree : Pace::kSlowPublishers;
  } else if (is_of("resolve.")) {
    plan.victim = either;
    plan.forerunner = Forerunner::kHolder;
    // Publishers look for the dead when they find the queue full, and then sooner than subscribers.
    plan.pace = either == Victim::kPublisher ? Pace::kSlowSubscribers : Pace::kSlowPublishers;
  } else if (step == "join.takes_over") {
    plan.victim = Victim::kOpener;
    plan.forerunner = Forerunner::kTableFull;
  } else {
    plan.victim = either;
    plan.comes_and_goes = true;
    if (step == "open.found_retired") plan.forerunner = Forerunner::kRemover;
    plan.removal_forbidden = is_of("life.");
  }
  return plan;
}

bool CanBeReached(const std::string& step) {
  return !absl::StartsWith(step, "life.") || CanForbidRemoval();
}

bool MayHoldUpWithoutSlot(const std::string& step) {
  // The first four hold the directory's lock, which others who leave wait for, too.
  return step == "leave.locked" || step == "leave.retiring" || step == "leave.looked" ||
         step == "sweep.locked" || step == "leave.retired" || step == "open.found_retired" ||
         absl::StartsWith(step, "life.") || step == "join.takes_over";
}

bool MayTakeMessageAlong(const std::string& step) {
  return step == "subscriber.released" || step == "subscriber.let_go" ||
         absl::StartsWith(step, "notify.") || absl::StartsWith(step, "wake.");
}

}  // namespace interprocess::crash
