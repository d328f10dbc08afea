// SPDX-License-Identifier: MIT

// Time that processes spend asleep together.

#ifndef INTERPROCESS_TESTS_CRASH_SLEEP_CLOCK_H_
#define INTERPROCESS_TESTS_CRASH_SLEEP_CLOCK_H_

#include <cstdint>
#include <vector>

namespace interprocess::crash {

// Counts the time in which all of its processes sleep in the kernel. A process that waits for a
// processor does not sleep, so other work on the machine adds nothing: what this counts, the
// processes have lost by themselves.
class SleepClock {
 public:
  // Of processes with one thread each.
  explicit SleepClock(const std::vector<int>& processes);
  SleepClock(const SleepClock&) = delete;
  SleepClock& operator=(const SleepClock&) = delete;
  ~SleepClock();

  // Adds the time since the last look if all slept from then until now; at most kMostALook of it,
  // so that a pause of the whole machine is not taken for sleep.
  void Look();
  // Counts from 0 again.
  void Reset() { slept_ns_ = 0; }
  int64_t slept_ns() const { return slept_ns_; }
  // The longest time between two looks.
  int64_t longest_gap_ns() const { return longest_gap_ns_; }

 private:
  static constexpr int64_t kMostALook = 2'000'000;

  struct Process {
    int state_file;
    int turns_file;
    bool asleep;
    uint64_t turns;  // on a processor, so far
  };
  // What the kernel says of it now. Not asleep if it has ended.
  static void Read(Process& process);

  std::vector<Process> processes_;
  int64_t last_look_ns_;
  int64_t slept_ns_ = 0;
  int64_t longest_gap_ns_ = 0;
};

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_SLEEP_CLOCK_H_
