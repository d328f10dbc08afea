// SPDX-License-Identifier: MIT

// Whichever step of the protocol a participant is killed or stopped at: nothing committed is lost,
// torn, reordered or delivered twice unmarked, the others go on, and nothing stays behind.

#include <stdio.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/crash/step_grid.h"
#include "tests/stress/stress.h"
#include "tests/stress/traffic.h"

namespace interprocess::crash {
namespace {

class StepTest : public ::testing::TestWithParam<std::string> {};

TEST_P(StepTest, KilledOrStoppedThereNothingIsLost) {
  if (!CanBeReached(GetParam()))
    GTEST_SKIP() << GetParam() << " needs root, and another user to be known";
  const uint64_t seed = stress::SeedFromEnvironment();
  stress::Random seeds(seed);
  std::string line;
  for (How how : {How::kKill, How::kStopAWhile}) {
    const StepCase step_case = {GetParam(), how, 1, how == How::kKill ? seed : seeds.Next(), ""};
    const StepResult result = RunUntilReached(step_case);
    EXPECT_EQ(result.failure, "") << "INTERPROCESS_SEED=" << seed;
    line += " | " + Describe(step_case, result);
  }
  printf("%-27s%s\n", GetParam().c_str(), line.c_str());
}

INSTANTIATE_TEST_SUITE_P(Each, StepTest, ::testing::ValuesIn(StepNames()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

TEST(StepNamesTest, AreTheSources) {
  // No less than there were, and none for two places.
  EXPECT_GE(StepNames().size(), 56u);
  EXPECT_EQ(std::set<std::string>(StepNames().begin(), StepNames().end()).size(),
            StepNames().size());
}

}  // namespace
}  // namespace interprocess::crash
