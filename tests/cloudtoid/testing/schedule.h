// SPDX-License-Identifier: MIT

// Interleavings of the protocols' steps, chosen by a seed: participants run one at a time and
// change at the steps by name, where they may also be paused for as long as the clock says, or
// killed.

#ifndef INTERPROCESS_TESTS_CLOUDTOID_TESTING_SCHEDULE_H_
#define INTERPROCESS_TESTS_CLOUDTOID_TESTING_SCHEDULE_H_

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace interprocess::cloudtoid::testing {

// Used by one thread; there is one at a time, for it takes the steps' hook.
class Schedule {
 public:
  // Where a participant stands: the last step it came to, "" before the first. `killed` ones stand
  // there for ever, `done` ones have returned.
  struct Participant {
    std::string name;
    std::function<void()> body;
    std::string step;
    int pause = 0;  // turns that it lets go by
    bool killed = false;
    bool done = false;
  };

  explicit Schedule(unsigned seed) : random_(seed) {}

  void Add(std::string name, std::function<void()> body);

  // At every change of turns, while no process runs.
  std::function<void()> between;
  // True if the one that has come to a step is to die there.
  std::function<bool(const Participant&)> dies;
  // Of the one that died, while no process runs.
  std::function<void(const Participant&)> on_death;

  // Until all are done or killed. False if they go round for ever; they are killed then.
  bool Run();

  // By a participant that has nothing to do now.
  static void Yield();

  const std::vector<std::unique_ptr<Participant>>& participants() const { return participants_; }
  // True with one chance in `n`.
  bool OneIn(int n) { return std::uniform_int_distribution<>(1, n)(random_) == 1; }
  int Below(int n) { return std::uniform_int_distribution<>(0, n - 1)(random_); }
  // What happened, the last of it, for a failure's message; a note is of the test's own.
  std::string Trace() const;
  void Note(std::string what) { trace_.push_back(std::move(what)); }

 private:
  struct Killed {};
  struct Turn;
  static thread_local Turn* current_;  // of the participant that this thread is; else null

  static void AtStep(const char* step);
  void Arrive(Turn& turn, absl::string_view step);
  void PassOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::mt19937 random_;
  std::vector<std::unique_ptr<Participant>> participants_;
  std::vector<std::string> trace_;
  bool stuck_ = false;
  absl::Mutex mutex_;
  // Whose turn it is; -1: nobody's, all have ended.
  int turn_ ABSL_GUARDED_BY(mutex_) = -1;
};

}  // namespace interprocess::cloudtoid::testing

#endif  // INTERPROCESS_TESTS_CLOUDTOID_TESTING_SCHEDULE_H_
