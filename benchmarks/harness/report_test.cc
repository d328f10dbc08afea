// SPDX-License-Identifier: MIT

#include "benchmarks/harness/report.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "benchmarks/harness/sample_report.h"
#include "gtest/gtest.h"

namespace interprocess::benchmarks {
namespace {

TEST(ReportTest, JudgesWhereThereAreThreeRoundsAndSaysWhyNotElsewhere) {
  const std::string text = Text(SampleReport());
  EXPECT_TRUE(absl::StrContains(text, "cores near (120 to 120 ns)")) << text;
  EXPECT_TRUE(absl::StrContains(text, "cores far (420 to 420 ns)")) << text;
  const std::vector<JudgedBar> bars = JudgedBars(SampleReport());
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(bars[0].verdict, "met");
  EXPECT_EQ(bars[1].verdict, "not judged: takes 3 undisturbed rounds");
}

TEST(ReportTest, NamesWhatItLeavesOutAndWhy) {
  const std::vector<std::string> left_out = LeftOut(SampleReport());
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0], "run 1, round 4, speed, theirs <&>: 10 ms stolen");
  EXPECT_TRUE(absl::StrContains(Text(SampleReport()), left_out[0]));
  EXPECT_TRUE(absl::StrContains(Json(SampleReport()), left_out[0]));
}

TEST(ReportTest, SaysWhenOneDistanceWasMetOnly) {
  Report report = SampleReport();
  EXPECT_FALSE(absl::StrContains(DistancesMet(report), "one distance only"));
  for (Record& record : report.records) {
    record.circumstances.distance_before = record.circumstances.distance_after = 120;
  }
  EXPECT_TRUE(
      absl::StrContains(DistancesMet(report), "one distance only, cores near (120 to 120 ns)"))
      << DistancesMet(report);
}

TEST(ReportTest, ShowsWhoIsSkippedAndWhy) {
  EXPECT_TRUE(absl::StrContains(Text(SampleReport()), "skipped: not installed"));
}

}  // namespace
}  // namespace interprocess::benchmarks
