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
// How long all may sleep between two steps forward: what design.md promises (G2).
constexpr int64_t kStandstill = 10 * kMillisecond;
// Until what a dead one held is delivered again (G2).
constexpr int64_t kRedelivery = 500 * kMillisecond;
// Longer than any sleep and any redelivery: nothing of a stopped one may be taken by then.
constexpr int64_t kMinStop = 700 * kMillisecond;
constexpr int64_t kLongStop = 3 * kSecond;
// Waiting calls end no sooner: what ends them sooner is the queue. A missed wake-up shows.
constexpr absl::Duration kWorkersPatience = absl::Milliseconds(300);
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
  work.patience = kWorkersPatience;
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
  result_.late = result_.redelivered_ns > kRedelivery;
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

std::vector<uint32_t> StepRun::Workers(bool all) {
  std::vector<uint32_t> workers;
  for (uint32_t i = 0; i < fleet_.size(); ++i) {
    if (all || IsSurvivor(i)) workers.push_back(i);
  }
  return workers;
}

StepRun::Standstill::Standstill(StepRun& run, std::vector<uint32_t> workers)
    : run(run),
      workers(std::move(workers)),
      clock([&] {
        std::vector<int> processes;
        for (uint32_t worker : this->workers) processes.push_back(run.fleet_.child(worker).id());
        return processes;
      }()),
      last(run.Steps()) {}

void StepRun::Standstill::Look() {
  clock.Look();
  std::vector<uint64_t> steps = run.Steps();
  const bool moved = std::any_of(workers.begin(), workers.end(),
                                 [&](uint32_t worker) { return steps[worker] != last[worker]; });
  last = std::move(steps);
  if (moved) clock.Reset();
  longest_ns = std::max(longest_ns, clock.slept_ns());
}

void StepRun::AwaitMoved(const std::vector<uint64_t>& before, bool all, int64_t bound_ns,
                         const char* when) {
  // With the one that was put in a dead one's place: while it starts it does not sleep.
  const bool with_victim = all || (was_killed_ && !extra_);
  Standstill standstill(*this, Workers(with_victim));
  const auto moved = [&] {
    standstill.Look();
    return failed() || standstill.longest_ns > bound_ns || HaveMoved(before, 1, all);
  };
  const bool got_on = WaitUntil(moved, kNever);
  result_.noise_ns = std::max(result_.noise_ns, standstill.clock.longest_gap_ns());
  result_.asleep_ns = std::max(result_.asleep_ns, standstill.longest_ns);
  if (got_on && standstill.longest_ns <= bound_ns) return;
  fleet_.world().Dump();
  Check(false, got_on
                   ? absl::StrCat("all sleep for more than ", bound_ns / kMillisecond, " ms ", when)
                   : absl::StrCat("hang: not all get on ", when));
}

void StepRun::Start() {
  if (plan_.removal_forbidden) no_owners_right_.emplace();
  if (plan_.comes_and_goes && !plan_.removal_forbidden) {
    for (uint32_t worker = 0; worker < fleet_.size(); ++worker) StartWorker(worker);
  } else {
    fleet_.StartAll();
    lives_ += case_.pairs;
  }
  AwaitMoved(std::vector<uint64_t>(fleet_.size(), 0), true, kNever, "at the beginning");
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
  result_.asleep_ns = 0;
  const std::vector<uint64_t> before = Steps();
  if (!Check(code == kKilled, absl::StrCat("the victim ended with ", code))) return;
  const size_t redelivered = fleet_.Redeliveries().count();
  int held = 0;
  if (!extra_) {
    held = fleet_.Bury(victim_, dropped);
    StartWorker(victim_);
  }
  AwaitMoved(before, false, kStandstill, "after a death");
  result_.survivors_ns = NowNanos() - dropped;
  if (extra_ || failed()) return;
  AwaitMoved(before, true, kStandstill, "after another was put in a dead one's place");
  result_.replacement_ns = NowNanos() - dropped;
  AwaitRedelivery(redelivered + static_cast<size_t>(held), dropped);
}

// What it had acknowledged just before it died does not come again.
void StepRun::AwaitRedelivery(size_t count, int64_t dropped_ns) {
  Standstill standstill(*this, Workers(true));
  const auto redelivered = [&] {
    standstill.Look();
    return failed() || fleet_.Redeliveries().count() >= count;
  };
  WaitUntil(redelivered, std::max<int64_t>(0, dropped_ns + 2 * kRedelivery - NowNanos()));
  result_.noise_ns = std::max(result_.noise_ns, standstill.clock.longest_gap_ns());
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
  CheckStandstill([&] { return HaveMoved(stop.steps, 20, false); }, kAWhile);
  CheckStop(stop);
  victim().Continue();
  AwaitMoved(Steps(), true, kStandstill, "after one went on that was stopped");
}

void StepRun::StopForEver() {
  const Stop stop = BeginStop();
  const int64_t start = NowNanos();
  CheckStandstill(
      [&] { return NowNanos() - start > kMinStop && HaveMoved(stop.steps, 300, false); },
      kLongStop);
  CheckStop(stop);
  if (result_.stood_still && !failed()) CheckNoneWait();
  victim().Kill();
  KillAndReplace();
}

void StepRun::CheckStandstill(const std::function<bool()>& enough, int64_t nanos) {
  Standstill standstill(*this, Workers(extra_.has_value()));
  const auto ended = [&] {
    standstill.Look();
    return failed() || enough();
  };
  WaitUntil(ended, nanos);
  result_.stood_still = standstill.longest_ns > kStandstill;
  if (!result_.stood_still || failed() || MayStandStill()) return;
  fleet_.world().Dump();
  Check(false, absl::StrCat("the others sleep for ", standstill.longest_ns / kMillisecond,
                            " ms, and the stopped one holds nothing"));
}

// Subscribers are never held up by a stopped one.
void StepRun::CheckNoneWait() {
  const bool subscribes = case_.pairs > 1 || plan_.victim != Victim::kSubscriber;
  if (!subscribes || plan_.comes_and_goes) return;
  const QueueOptions& queue = fleet_.world().options().queue;
  auto inspector = QueueInspector::Open(queue.name, queue.directory);
  if (!Check(inspector.ok(), inspector.status().ToString())) return;
  std::vector<uint32_t> subscribers = Workers(false);
  subscribers.erase(std::remove_if(subscribers.begin(), subscribers.end(),
                                   [&](uint32_t worker) { return fleet_.IsPublisher(worker); }),
                    subscribers.end());
  const std::vector<uint64_t> before = Steps();
  Standstill standstill(*this, subscribers);
  const auto taken = [&] {
    standstill.Look();
    if (standstill.longest_ns > kStandstill || Steps() != before) return true;
    auto report = inspector->Report();
    return report.ok() && report->ready == 0;
  };
  if (WaitUntil(taken, kNever) && standstill.longest_ns <= kStandstill) return;
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
