// SPDX-License-Identifier: MIT

#include "tests/cloudtoid/testing/schedule.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/step.h"

namespace interprocess::cloudtoid::testing {

struct Schedule::Turn {
  Schedule* schedule;
  int index;
};

thread_local Schedule::Turn* Schedule::current_ = nullptr;

namespace {
constexpr size_t kTraced = 60;
// So often, a participant stands where it is while others come to many steps.
constexpr int kPausesOneIn = 6;
constexpr int kLongestPause = 40;
// Of an interleaving that comes to an end, far more than the longest.
constexpr size_t kMostSteps = 100'000;
}  // namespace

void Schedule::Add(std::string name, std::function<void()> body) {
  participants_.push_back(std::make_unique<Participant>());
  participants_.back()->name = std::move(name);
  participants_.back()->body = std::move(body);
}

void Schedule::AtStep(const char* step) {
  if (current_ == nullptr) return;  // not a participant's call: the test's own
  current_->schedule->Arrive(*current_, step);
}

void Schedule::Yield() { AtStep("waits"); }

void Schedule::Arrive(Turn& turn, absl::string_view step) {
  Participant& self = *participants_[turn.index];
  self.step = std::string(step);
  trace_.push_back(absl::StrCat(self.name, " ", step));
  // Its stack is unwound as if it had not been: the protocols' code keeps nothing on it that would
  // put something in order.
  stuck_ = trace_.size() > kMostSteps;
  if (stuck_ || (dies && dies(self))) throw Killed();
  if (OneIn(kPausesOneIn)) self.pause = Below(kLongestPause);
  absl::MutexLock lock(mutex_);
  PassOn();
  const auto mine = [this, &turn]()
                        ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return turn_ == turn.index; };
  mutex_.Await(absl::Condition(&mine));
}

void Schedule::PassOn() {
  if (between) between();
  std::vector<int> standing;
  std::vector<int> ready;
  for (int i = 0; i < static_cast<int>(participants_.size()); ++i) {
    Participant& participant = *participants_[i];
    if (participant.done || participant.killed) continue;
    standing.push_back(i);
    if (participant.pause > 0 && --participant.pause > 0) continue;
    ready.push_back(i);
  }
  const std::vector<int>& some = ready.empty() ? standing : ready;
  turn_ = some.empty() ? -1 : some[Below(static_cast<int>(some.size()))];
}

bool Schedule::Run() {
  base::step_hook = AtStep;
  std::vector<std::thread> threads;
  for (int i = 0; i < static_cast<int>(participants_.size()); ++i) {
    threads.emplace_back([this, i] {
      Turn turn{this, i};
      {
        const auto mine = [this, i]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return turn_ == i; };
        absl::MutexLock lock(mutex_);
        mutex_.Await(absl::Condition(&mine));
      }
      Participant& self = *participants_[i];
      current_ = &turn;
      try {
        self.body();
        self.done = true;
      } catch (const Killed&) {
        self.killed = true;
        trace_.push_back(absl::StrCat(self.name, " dies"));
      }
      current_ = nullptr;
      absl::MutexLock lock(mutex_);
      if (self.killed && on_death) on_death(self);
      PassOn();
    });
  }
  {
    absl::MutexLock lock(mutex_);
    PassOn();
  }
  for (std::thread& thread : threads) thread.join();
  base::step_hook = nullptr;
  return !stuck_;
}

std::string Schedule::Trace() const {
  const size_t first = trace_.size() - std::min(trace_.size(), kTraced);
  return absl::StrJoin(trace_.begin() + static_cast<std::ptrdiff_t>(first), trace_.end(), "\n");
}

}  // namespace interprocess::cloudtoid::testing
