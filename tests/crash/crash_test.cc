// SPDX-License-Identifier: MIT

// Nothing committed is lost, torn or delivered twice unmarked, whichever participant is killed or
// stopped, and whenever. Times are printed, not tested, but for "never".

#include "tests/crash/crash.h"

#include <stdio.h>

#include <string>

#include "gtest/gtest.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

class CrashTest : public ::testing::Test {
 protected:
  ~CrashTest() override { stress::RemoveQueueDirectory(options_.directory); }

  void Run(Outcome (*scenario)(const CrashOptions&), int rounds) {
    options_.rounds = rounds;
    Outcome outcome = scenario(options_);
    printf("%s", outcome.figures.c_str());
    EXPECT_EQ(outcome.failure, "") << "INTERPROCESS_SEED=" << options_.seed;
  }

  CrashOptions options_{stress::MakeQueueDirectory(), 0, stress::SeedFromEnvironment()};
};

TEST_F(CrashTest, KilledUnderLoadNothingIsLost) {
  Run(KillUnderLoad, static_cast<int>(stress::Scaled(200)));
}

TEST_F(CrashTest, StoppedUnderLoadNothingIsTaken) {
  Run(StopUnderLoad, static_cast<int>(stress::Scaled(100)));
}

TEST_F(CrashTest, AllKilledAtOnceTheQueueGoesOn) {
  Run(KillAllAtOnce, static_cast<int>(stress::Scaled(40)));
}

TEST_F(CrashTest, MachineRestartedTheQueueGoesOn) {
  Run(RestartMachine, static_cast<int>(stress::Scaled(20)));
}

TEST_F(CrashTest, ResolversMayBeKilledToo) {
  Run(KillResolvers, static_cast<int>(stress::Scaled(100)));
}

TEST_F(CrashTest, KilledWhileOpeningNothingStays) {
  Run(KillWhileOpening, static_cast<int>(stress::Scaled(100)));
}

TEST_F(CrashTest, SurvivorsGoOn) { Run(MeasureRecovery, 10); }

}  // namespace
}  // namespace interprocess::crash
