// SPDX-License-Identifier: MIT

#include "benchmarks/harness/circumstances.h"

#include <string>

#include "gtest/gtest.h"

namespace interprocess::benchmarks {
namespace {

Circumstances Calm() {
  Circumstances calm;
  calm.seconds = 0.5;
  calm.distance_before = 120;
  calm.distance_after = 130;
  calm.switches_count = true;
  return calm;
}

TEST(DisturbanceTest, LeavesACalmMeasurementAlone) {
  EXPECT_EQ(Disturbance(Calm()), "");
  Circumstances alone = Calm();
  alone.distance_before = alone.distance_after = 0;  // not asked
  EXPECT_EQ(Disturbance(alone), "");
}

TEST(DisturbanceTest, NamesAStolenTick) {
  Circumstances stolen = Calm();
  stolen.stolen_millis = 10;
  EXPECT_EQ(Disturbance(stolen), "10 ms stolen");
}

TEST(DisturbanceTest, NamesADistanceThatChanged) {
  Circumstances moved = Calm();
  moved.distance_after = 420;
  EXPECT_EQ(Disturbance(moved), "the distance changed from 120 to 420 ns");
  moved.distance_before = 420;
  moved.distance_after = 120;
  EXPECT_EQ(Disturbance(moved), "the distance changed from 420 to 120 ns");
  moved.distance_before = 130;
  moved.distance_after = 200;  // both near, but no longer one distance
  EXPECT_EQ(Disturbance(moved), "the distance changed from 130 to 200 ns");
  moved.distance_before = 240;
  moved.distance_after = 260;  // hardly a change, but near before and far after
  EXPECT_EQ(Disturbance(moved), "the distance changed from 240 to 260 ns");
}

TEST(DisturbanceTest, CountsSwitchesOnlyWhereEachWorkerHasACore) {
  Circumstances switched = Calm();
  switched.switches = 2000;
  EXPECT_EQ(Disturbance(switched), "2000 involuntary switches");
  switched.switches_count = false;
  EXPECT_EQ(Disturbance(switched), "");
  switched.switches_count = true;
  switched.seconds = 60;
  EXPECT_EQ(Disturbance(switched), "");
}

TEST(DisturbanceTest, NamesOtherProgramsThatRan) {
  Circumstances busy = Calm();
  busy.others_millis = 200;
  EXPECT_EQ(Disturbance(busy), "other programs ran for 200 ms");
  busy.seconds = 10;
  EXPECT_EQ(Disturbance(busy), "");
}

TEST(CpuTimeTest, AddsUpTheLineOfAllCores) {
  const CpuTime time = ReadCpuTime(
      "cpu  10 2 5 1000 7 1 3 4 0 0\ncpu0 10 2 5 1000 7 1 3 4 0 0\nintr 1\n", /*ticks=*/100);
  EXPECT_DOUBLE_EQ(time.busy, 10 * (10 + 2 + 5 + 1 + 3));
  EXPECT_DOUBLE_EQ(time.stolen, 40);
}

TEST(CpuTimeTest, IsZeroWhereTheSystemTellsNothing) {
  for (const char* text : {"", "cpu 1 2 3", "cpu  a b c d e f g h", "cpu0 1 2 3 4 5 6 7 8"}) {
    EXPECT_EQ(ReadCpuTime(text, 100).busy, 0) << text;
    EXPECT_EQ(ReadCpuTime(text, 100).stolen, 0) << text;
  }
}

TEST(WatchTest, TakesTheTimeThatPassed) {
  const Watch watch;
  const Circumstances seen = watch.Stop();
  EXPECT_GT(seen.seconds, 0);
  EXPECT_GE(seen.others_millis, 0);
  EXPECT_EQ(seen.switches, 0);  // no children
}

}  // namespace
}  // namespace interprocess::benchmarks
