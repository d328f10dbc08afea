// SPDX-License-Identifier: MIT

#include "benchmarks/harness/judge.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace interprocess::benchmarks {
namespace {

constexpr double kClose = 120;
constexpr double kApart = 420;

Record Of(int round, const std::string& label, double value, double nanos = kClose) {
  Record record;
  record.run = 1;
  record.round = round;
  record.key = {"scenario", label, {}};
  record.value = value;
  record.circumstances.distance_before = nanos;
  record.circumstances.distance_after = nanos;
  return record;
}

Record Disturbed(Record record) {
  record.circumstances.stolen_millis = 10;
  return record;
}

Bar RatioBar(Bar::Kind kind, double limit) {
  Bar bar{"ours to theirs", "times", kind, limit, Key{"scenario", "ours", {}}};
  bar.to = {Key{"scenario", "theirs", {}}};
  return bar;
}

TEST(MedianTest, IsTheMiddleOrTheMeanOfTheTwoThere) {
  EXPECT_EQ(MedianOf({3, 1, 2}), 2);
  EXPECT_EQ(MedianOf({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(MedianOf({7}), 7);
}

TEST(DistanceTest, TellsNearFromFarByTheFigure) {
  EXPECT_EQ(DistanceOf(Of(1, "ours", 1, kClose).circumstances), Distance::kNear);
  EXPECT_EQ(DistanceOf(Of(1, "ours", 1, kApart).circumstances), Distance::kFar);
  EXPECT_EQ(DistanceOf(Of(1, "ours", 1, 0).circumstances), Distance::kNotAsked);
}

TEST(DistanceTest, IsNeverNamedWithoutItsFigures) {
  const std::vector<Record> records = {Of(1, "ours", 1, 118), Of(2, "ours", 1, 131),
                                       Of(3, "ours", 1, kApart), Disturbed(Of(4, "ours", 1, 90))};
  EXPECT_EQ(DescribeDistance(Distance::kNear, records), "cores near (118 to 131 ns)");
  EXPECT_EQ(DescribeDistance(Distance::kFar, records), "cores far (420 to 420 ns)");
  EXPECT_EQ(DescribeDistance(Distance::kNotAsked, records), "");
}

TEST(ValuesTest, LeavesOutWhatIsDisturbedOrOfAnotherDistance) {
  const std::vector<Record> records = {Of(1, "ours", 1), Disturbed(Of(2, "ours", 2)),
                                       Of(3, "ours", 3, kApart), Of(4, "theirs", 4),
                                       Of(5, "ours", 5)};
  EXPECT_EQ(ValuesOf(Key{"scenario", "ours", {}}, Distance::kNear, records),
            (std::vector<double>{1, 5}));
  EXPECT_EQ(ValuesOf(Key{"scenario", "ours", {}}, Distance::kFar, records),
            (std::vector<double>{3}));
  EXPECT_TRUE(ValuesOf(Key{"scenario", "ours", 7}, Distance::kNear, records).empty());
}

TEST(JudgeTest, DividesWithinARoundAndTakesTheMedian) {
  // The machine is ten times as fast in the second round: the ratio does not care.
  const std::vector<Record> records = {Of(1, "ours", 2),    Of(1, "theirs", 1), Of(2, "ours", 30),
                                       Of(2, "theirs", 10), Of(3, "ours", 4),   Of(3, "theirs", 4)};
  const Judgement judged = Judge(RatioBar(Bar::kAtLeast, 2), Distance::kNear, records);
  EXPECT_EQ(judged.rounds, 3);
  EXPECT_EQ(judged.measured, 2);
  EXPECT_TRUE(judged.judged);
  EXPECT_TRUE(judged.met);
  EXPECT_FALSE(Judge(RatioBar(Bar::kAtLeast, 2.01), Distance::kNear, records).met);
  EXPECT_TRUE(Judge(RatioBar(Bar::kAtMost, 2), Distance::kNear, records).met);
  EXPECT_FALSE(Judge(RatioBar(Bar::kAtMost, 1.99), Distance::kNear, records).met);
}

TEST(JudgeTest, DoesNotJudgeFewerThanThreeUndisturbedRounds) {
  std::vector<Record> records = {Of(1, "ours", 9), Of(1, "theirs", 1), Of(2, "ours", 9),
                                 Of(2, "theirs", 1)};
  const Bar bar = RatioBar(Bar::kAtLeast, 2);
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).judged);
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).met);

  records.push_back(Of(3, "ours", 9));
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).judged) << "the other has no third round";
  records.push_back(Disturbed(Of(3, "theirs", 1)));
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).judged) << "its third round is disturbed";
  records.back() = Of(3, "theirs", 1, kApart);
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).judged) << "the distance is another";
  records.back() = Of(4, "theirs", 1);
  EXPECT_FALSE(Judge(bar, Distance::kNear, records).judged) << "the round is another";
  records.back() = Of(3, "theirs", 1);
  EXPECT_TRUE(Judge(bar, Distance::kNear, records).judged);
}

TEST(JudgeTest, KeepsRunsApart) {
  std::vector<Record> records = {Of(1, "ours", 6), Of(1, "theirs", 3)};
  for (int run = 2; run <= 3; ++run) {
    records.push_back(Of(1, "ours", 10.0 * run));
    records.push_back(Of(1, "theirs", 5.0 * run));
    records[records.size() - 2].run = records.back().run = run;
  }
  const Judgement judged = Judge(RatioBar(Bar::kAtLeast, 2), Distance::kNear, records);
  EXPECT_EQ(judged.rounds, 3);
  EXPECT_EQ(judged.measured, 2);
}

TEST(JudgeTest, TakesTheBestOfSeveral) {
  std::vector<Record> records;
  for (int round = 1; round <= 3; ++round) {
    records.push_back(Of(round, "ours", 12));
    records.push_back(Of(round, "theirs", 3));
    records.push_back(Of(round, "others", 6));
  }
  Bar bar = RatioBar(Bar::kAtLeast, 2);
  bar.to.push_back(Key{"scenario", "others", {}});
  EXPECT_EQ(Judge(bar, Distance::kNear, records).measured, 2) << "most is best";
  bar.kind = Bar::kAtMost;
  EXPECT_EQ(Judge(bar, Distance::kNear, records).measured, 4) << "least is best";
}

TEST(JudgeTest, AsksForMoreOrLessWhereCoresAreFar) {
  std::vector<Record> records;
  for (int round = 1; round <= 3; ++round) {
    records.push_back(Of(round, "ours", 12, kApart));
    records.push_back(Of(round, "theirs", 10, kApart));
  }
  Bar bar = RatioBar(Bar::kAtLeast, 1.3);
  EXPECT_FALSE(Judge(bar, Distance::kFar, records).met);
  bar.far_limit = 1;
  EXPECT_TRUE(Judge(bar, Distance::kFar, records).met);
  EXPECT_EQ(Judge(bar, Distance::kFar, records).limit, 1);
  EXPECT_EQ(Judge(bar, Distance::kNear, records).limit, 1.3);
}

TEST(JudgeTest, JudgesAValueWithoutAnother) {
  const std::vector<Record> records = {Of(1, "ours", 80), Of(2, "ours", 90), Of(3, "ours", 200)};
  Bar bar{"ours", "us", Bar::kAtMost, 100, Key{"scenario", "ours", {}}};
  EXPECT_EQ(Judge(bar, Distance::kNear, records).measured, 90);
  EXPECT_TRUE(Judge(bar, Distance::kNear, records).met);
  EXPECT_EQ(Judge(bar, Distance::kFar, records).rounds, 0);
}

}  // namespace
}  // namespace interprocess::benchmarks
