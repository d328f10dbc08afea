// SPDX-License-Identifier: MIT

// Many cases of steps, and a table of what came of them.

#ifndef INTERPROCESS_TESTS_CRASH_STEP_GRID_H_
#define INTERPROCESS_TESTS_CRASH_STEP_GRID_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/step_case.h"

namespace interprocess::crash {

// With other seeds until it is reached; that it never was is a failure. Makes its directories.
StepResult RunUntilReached(StepCase step_case);

// In `jobs` processes, which this one forks, and which must have one thread. In the cases' order.
std::vector<StepResult> RunGrid(const std::vector<StepCase>& cases, int jobs);

// One line, without the step's name.
std::string Describe(const StepCase& step_case, const StepResult& result);

// One line a step, and the times of all.
std::string Table(const std::vector<StepCase>& cases, const std::vector<StepResult>& results);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_STEP_GRID_H_
