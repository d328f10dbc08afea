// SPDX-License-Identifier: MIT

#include "benchmarks/harness/record.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace interprocess::benchmarks {
namespace {

using Lines = std::vector<std::vector<std::string>>;

Record Sample() {
  Record record;
  record.machine = "Processor \"9\" (family 1), 2 cores";
  record.run = 1'700'000'000;
  record.round = 3;
  record.key = {"throughput 1:1, 64 B", "a contestant, with commas", 0.1};
  record.unit = "M msg/s";
  record.value = 12.5;
  record.circumstances = {0.36, 118, 121, 0, 10, 2, true};
  return record;
}

TEST(CsvTest, QuotesWhatItMust) {
  EXPECT_EQ(CsvLine({"a", "b,c", "say \"x\"", "two\nlines", ""}),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",\n");
}

TEST(CsvTest, ReadsBackWhatItWrites) {
  for (const Lines& lines : {Lines{}, Lines{{""}}, Lines{{"a", "b"}, {"c"}},
                             Lines{{"x,y", "\"", "\"\"", "\r\n", ""}, {"", ""}}}) {
    std::string text;
    for (const std::vector<std::string>& line : lines) text += CsvLine(line);
    const absl::StatusOr<Lines> parsed = ParseCsv(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, lines) << text;
  }
}

TEST(CsvTest, ReadsOtherWritersLineEnds) {
  EXPECT_EQ(*ParseCsv("a,b\r\nc,d"), (Lines{{"a", "b"}, {"c", "d"}}));
}

TEST(CsvTest, RefusesAQuoteWithoutEnd) {
  EXPECT_EQ(ParseCsv("a,\"b\n").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RecordTest, ComesBackAsItWas) {
  Record plain = Sample();
  plain.key.x.reset();
  const absl::StatusOr<std::vector<Record>> read = FromCsv(ToCsv({Sample(), plain}, true));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  const Record& first = (*read)[0];
  EXPECT_EQ(first.machine, Sample().machine);
  EXPECT_EQ(first.run, Sample().run);
  EXPECT_EQ(first.round, 3);
  EXPECT_TRUE(first.key == Sample().key);
  EXPECT_EQ(first.unit, "M msg/s");
  EXPECT_EQ(first.value, 12.5);
  EXPECT_EQ(first.circumstances.seconds, 0.36);
  EXPECT_EQ(first.circumstances.distance_before, 118);
  EXPECT_EQ(first.circumstances.distance_after, 121);
  EXPECT_EQ(first.circumstances.others_millis, 10);
  EXPECT_EQ(first.circumstances.switches, 2);
  EXPECT_TRUE(first.circumstances.switches_count);
  EXPECT_TRUE((*read)[1].key == plain.key);
}

TEST(RecordTest, NamesTheLineThatIsNone) {
  EXPECT_TRUE(absl::StrContains(FromCsv("x,y\n").status().message(), "line 1"));
  const std::string good = ToCsv({Sample()}, true);
  for (const std::string bad : {"1,2,3\n", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n"}) {
    EXPECT_TRUE(absl::StrContains(FromCsv(good + bad).status().message(), "line 3")) << bad;
  }
}

TEST(RecordTest, AppendsToAFileAndNamesItInErrors) {
  const std::string path = absl::StrCat(testing::TempDir(), "/rounds.csv");
  EXPECT_EQ(ReadRecords(path)->size(), 0u);
  ASSERT_TRUE(AppendRecords(path, {Sample()}).ok());
  ASSERT_TRUE(AppendRecords(path, {Sample(), Sample()}).ok());
  const absl::StatusOr<std::vector<Record>> read = ReadRecords(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->size(), 3u);

  std::ofstream(path, std::ios::app) << "garbage\n";
  EXPECT_TRUE(absl::StrContains(ReadRecords(path).status().message(), path));
  EXPECT_TRUE(absl::StrContains(AppendRecords("/nowhere/at/all.csv", {}).message(), "/nowhere"));
}

}  // namespace
}  // namespace interprocess::benchmarks
