// SPDX-License-Identifier: MIT

#include "tests/crash/step_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/queue_inspector.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

using stress::NowNanos;

// Long after every bound: only "never" is meant.
constexpr int64_t kNever = 10 * kSecond;
constexpr int64_t kFirstPatience = 150 * kMillisecond;  // then the next passing will do
constexpr int64_t kPatience = 6 * kSecond;              // then the step is not reached
constexpr int64_t kAWhile = 60 * kMillisecond;
// Longer than any redelivery, and than any sleep: a worker that has not got on by then stands
// still.
constexpr int64_t kStandstill = 700 * kMillisecond;
constexpr int64_t kLongStop = 3 * kSecond;
constexpr int kKilled = 1000 + SIGKILL;
constexpr uint32_t kSparePlaces = 2;
constexpr uint32_t kMaxLives = 48;
constexpr uint32_t kNoWorker = UINT32_MAX;

stress::WorkOptions LoadOf(const StepCase& step_case, const StepPlan& plan) {
  stress::WorkOptions work;
  work.queue.name = "step";
  work.queue.directory = step_case.directory;
  // The smallest: the ring comes round all the time, and both sides wait.
  work.queue.capacity = 4096;
  if (plan.removal_forbidden) work.queue.access = Access::kEveryone;
  work.queue.max_participants = plan.forerunner == Forerunner::kTableFull
                                    ? static_cast<int>(2 * step_case.pairs + 1 + kSparePlaces)
                                    : 24;
  work.seed = step_case.seed;
  work.max_size = 512;
  work.some_empty = false;
  // With a full table no other may come back.
  work.reopen_every = plan.comes_and_goes                         ? 3
                      : plan.forerunner == Forerunner::kTableFull ? 0
                                                                  : 3000;
  work.mortal = true;
  return work;
}

// Waits until the process has stopped itself. Child::Stop would not do: its signal may come before
// the process's own, which then stops it a second time.
void AwaitStopped(int process) {
  siginfo_t info;
  // Left to be waited for: an end is Wait's.
  while (waitid(P_PID, static_cast<id_t>(process), &info, WSTOPPED | WEXITED | WNOWAIT) == -1) {
    if (errno != EINTR) {
      perror("waitid");
      abort();
    }
  }
}

}  // namespace

StepRun::StepRun(const StepCase& step_case)
    : case_(step_case),
      random_(step_case.seed),
      plan_(PlanFor(step_case, random_)),
      fleet_(LoadOf(step_case, plan_), step_case.pairs, step_case.pairs, kMaxLives) {
  victim_ = plan_.victim == Victim::kSubscriber  ? 0
            : plan_.victim == Victim::kPublisher ? case_.pairs
                                                 : kNoWorker;
  result_.role = NameOf(plan_.victim);
}

StepResult StepRun::Run() {
  Start();
  if (!failed() && AwaitStep()) {
    result_.reached = true;
    result_.passings = orders_.passed(StepOrders::kVictim);
    SetPace(Pace::kFree);
    if (case_.how == How::kKill) {
      KillAndReplace();
    } else if (case_.how == How::kStopAWhile) {
      StopAWhile();
    } else {
      StopForEver();
    }
  }
  if (!failed()) Finish();
  if (result_.failure.empty() && fleet_.world().failed()) {
    result_.failure = fleet_.world().failure();
  }
  const Times redeliveries = fleet_.Redeliveries();
  if (redeliveries.count() > 0) result_.redelivered_ns = redeliveries.Max();
  return result_;
}

bool StepRun::failed() { return !result_.failure.empty() || fleet_.world().failed(); }

bool StepRun::Check(bool condition, const std::string& what) {
  if (!condition && result_.failure.empty()) result_.failure = what;
  return condition;
}

void StepRun::SetPace(Pace pace) {
  fleet_.world().state().slow_publishers.store(pace == Pace::kSlowPublishers);
  fleet_.world().state().slow_subscribers.store(pace == Pace::kSlowSubscribers);
}

void StepRun::StartWorker(uint32_t worker) {
  if (fleet_.IsPublisher(worker)) ++lives_;
  fleet_.Start(worker);
}

std::vector<uint64_t> StepRun::Steps() {
  std::vector<uint64_t> steps;
  for (uint32_t i = 0; i < fleet_.size(); ++i) {
    steps.push_back(fleet_.world().page(i).steps.load());
  }
  return steps;
}

bool StepRun::HaveMoved(const std::vector<uint64_t>& before, uint64_t count, bool all) {
  const std::vector<uint64_t> now = Steps();
  for (uint32_t i = 0; i < fleet_.size(); ++i) {
    if ((all || IsSurvivor(i)) && now[i] < before[i] + count) return false;
  }
  return true;
}

void StepRun::AwaitMoved(const std::vector<uint64_t>& before, bool all, const char* when) {
  int64_t last_look = NowNanos();
  const auto moved = [&] {
    const int64_t now = NowNanos();
    result_.noise_ns = std::max(result_.noise_ns, now - last_look);
    last_look = now;
    return failed() || HaveMoved(before, 1, all);
  };
  if (WaitUntil(moved, kNever)) return;
  fleet_.world().Dump();
  Check(false, absl::StrCat("hang: not all get on ", when));
}

void StepRun::Start() {
  if (plan_.removal_forbidden) no_owners_right_.emplace();
  if (plan_.comes_and_goes && !plan_.removal_forbidden) {
    for (uint32_t worker = 0; worker < fleet_.size(); ++worker) StartWorker(worker);
  } else {
    fleet_.StartAll();
    lives_ += case_.pairs;
  }
  AwaitMoved(std::vector<uint64_t>(fleet_.size(), 0), true, "at the beginning");
  if (plan_.removal_forbidden) {
    ForbidRemoval(case_.directory, fleet_.world().options().queue.name + ".ipq");
    fleet_.EndKeeper();
  }
  SetPace(plan_.pace);
  if (plan_.victim == Victim::kOpener) StartOpener();
}

bool StepRun::HasReached() { return orders_.reached(StepOrders::kVictim); }

bool StepRun::AwaitStep() {
  // Few or many, so that it comes in the middle of anything.
  const bool often = plan_.forerunner == Forerunner::kNone && !plan_.comes_and_goes;
  const uint64_t most = often ? uint64_t{1} << random_.Below(11) : 3;
  orders_.Give(StepOrders::kVictim, victim().id(), case_.step,
               case_.how == How::kKill ? Deed::kKill : Deed::kStop, 1 + random_.Below(most));
  for (const int64_t end = NowNanos() + kPatience; !HasReached() && NowNanos() < end;) {
    if (plan_.forerunner == Forerunner::kNone) {
      WaitUntil([&] { return failed() || HasReached(); }, kFirstPatience);
    } else {
      RunForerunner();
    }
    if (failed()) return false;
    orders_.Hurry(StepOrders::kVictim);
  }
  // If it cannot be taken back the victim has just come there.
  return HasReached() || !orders_.TakeBack(StepOrders::kVictim);
}

void StepRun::KillAndReplace() {
  const int code = victim().Wait();
  // A process is waited for after its files are closed: its lease has been dropped.
  const int64_t dropped = NowNanos();
  was_killed_ = true;
  result_.noise_ns = 0;
  const std::vector<uint64_t> before = Steps();
  if (!Check(code == kKilled, absl::StrCat("the victim ended with ", code))) return;
  if (!extra_) {
    fleet_.Bury(victim_, dropped);
    StartWorker(victim_);
  }
  AwaitMoved(before, false, "after a death");
  result_.survivors_ns = NowNanos() - dropped;
  if (extra_) return;
  AwaitMoved(before, true, "after another was put in a dead one's place");
  result_.replacement_ns = NowNanos() - dropped;
}

StepRun::Stop StepRun::BeginStop() {
  AwaitStopped(victim().id());
  Stop stop = {Steps(), fleet_.world().state().redeliveries.load(), {}};
  if (!extra_) {
    for (const auto& held : fleet_.world().page(victim_).held) {
      if (const uint64_t id = held.load(); id != 0) stop.held.push_back(id);
    }
  }
  return stop;
}

void StepRun::CheckStop(const Stop& stop) {
  const stress::WorldState& state = fleet_.world().state();
  const uint64_t now = std::min<uint64_t>(state.redeliveries.load(), state.kMaxRedeliveries);
  Check(forerunners_ > 0 || now == 0, "redelivered, and no participant has died");
  for (uint64_t i = stop.redeliveries; i < now; ++i) {
    const uint64_t id = state.redelivered_id[i].load();
    const bool held = std::find(stop.held.begin(), stop.held.end(), id) != stop.held.end();
    Check(!held, "a message was taken from a participant that is only stopped");
  }
}

void StepRun::StopAWhile() {
  const Stop stop = BeginStop();
  result_.stood_still =
      !WaitUntil([&] { return failed() || HaveMoved(stop.steps, 20, false); }, kAWhile);
  CheckStop(stop);
  victim().Continue();
  const bool all = true;
  AwaitMoved(Steps(), all, "after one went on that was stopped");
}

void StepRun::StopForEver() {
  const Stop stop = BeginStop();
  const int64_t start = NowNanos();
  std::vector<uint64_t> last = stop.steps;
  int64_t changed = start;
  WaitUntil(
      [&] {
        const int64_t now = NowNanos();
        std::vector<uint64_t> steps = Steps();
        if (steps != last) changed = now;
        last = std::move(steps);
        return failed() || now - changed > kStandstill ||
               (now - start > kStandstill && HaveMoved(stop.steps, 300, false));
      },
      kLongStop);
  result_.stood_still = NowNanos() - changed > kStandstill || !HaveMoved(stop.steps, 1, false);
  CheckStop(stop);
  if (result_.stood_still && !failed()) {
    if (!MayStandStill()) fleet_.world().Dump();
    Check(MayStandStill(), "the others stand still, and the stopped one holds nothing");
    if (!failed()) CheckNoneWait();
  }
  victim().Kill();
  KillAndReplace();
}

// Subscribers are never held up by a stopped one, but for a message that it gives back.
void StepRun::CheckNoneWait() {
  const bool subscribes = case_.pairs > 1 || plan_.victim != Victim::kSubscriber;
  if (!subscribes || plan_.comes_and_goes || case_.step == "subscriber.gave_back") return;
  const QueueOptions& queue = fleet_.world().options().queue;
  auto inspector = QueueInspector::Open(queue.name, queue.directory);
  if (!Check(inspector.ok(), inspector.status().ToString())) return;
  const std::vector<uint64_t> before = Steps();
  const auto taken = [&] {
    // On a busy machine they may only have had no turn.
    const std::vector<uint64_t> now = Steps();
    if (!std::equal(before.begin(), before.begin() + case_.pairs, now.begin())) return true;
    auto report = inspector->Report();
    return report.ok() && report->ready == 0;
  };
  if (WaitUntil(taken, kNever)) return;
  fleet_.world().Dump();
  Check(false, "messages wait, and subscribers that run do not take them");
}

// Only because the ring has come round to what the stopped one holds, or because there is nobody
// else on one side.
bool StepRun::MayStandStill() {
  if (case_.pairs == 1 && !extra_) return true;
  return MayHoldUpWithoutSlot(case_.step) ||
         (victim_ != kNoWorker && fleet_.ParticipantOf(victim_).holds > 0);
}

}  // namespace interprocess::crash
