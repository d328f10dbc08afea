// SPDX-License-Identifier: MIT

// A participant that is killed or stopped at one named step of the protocol, under load, and what
// becomes of the others and of every message.

#ifndef INTERPROCESS_TESTS_CRASH_STEP_CASE_H_
#define INTERPROCESS_TESTS_CRASH_STEP_CASE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace interprocess::crash {

enum class How {
  kKill,
  kStopAWhile,  // goes on when the others have got on, or stand still because of it
  kStopForEver  // is killed when the others have done what they can
};
const char* NameOf(How how);

struct StepCase {
  std::string step;
  How how = How::kKill;
  uint32_t pairs = 1;  // the number of publishers, and of subscribers
  uint64_t seed = 1;
  std::string directory;  // empty, for queues
};

struct StepResult {
  std::string failure;  // empty: all is well
  std::string role;     // of the participant that came to the step
  bool reached = false;
  uint64_t passings = 0;     // of the step until then
  bool stood_still = false;  // the others, until it went on or was killed
  // From its death, when the system has dropped its lease; -1: not measured.
  int64_t survivors_ns = -1;    // until the last of the others got on
  int64_t replacement_ns = -1;  // until the one that was put in its place got on
  int64_t noise_ns = 0;  // the longest time that the measuring process had no turn on a processor
  // The longest time, since its death or since it went on, in which all others slept and none of
  // them got on by a step.
  int64_t asleep_ns = 0;
  int64_t redelivered_ns = -1;  // until the last message that it held was delivered again
  bool late = false;            // longer than the protocol allows
};

// All steps, in the order of the sources.
const std::vector<std::string>& StepNames();

// False for the steps of a participant that may not remove a queue's name, where that cannot be
// forbidden.
bool CanBeReached(const std::string& step);

// May say that the step was not reached: then try again, with another seed.
StepResult RunStepCase(const StepCase& step_case);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_STEP_CASE_H_
