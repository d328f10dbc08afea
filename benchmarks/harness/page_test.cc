// SPDX-License-Identifier: MIT

#include "benchmarks/harness/page.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/harness/sample_report.h"
#include "gtest/gtest.h"

namespace interprocess::benchmarks {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(PageTest, HoldsTablesBarsAndReasonsAsText) {
  const std::string page = Page({SampleReport()});
  EXPECT_TRUE(absl::StrContains(page, "<h1>Processor &lt;9&gt;</h1>"));
  EXPECT_TRUE(absl::StrContains(page, "<td>theirs &lt;&amp;&gt;</td><td>10.00</td>"));
  EXPECT_TRUE(absl::StrContains(page, "<td>met</td>"));
  EXPECT_TRUE(absl::StrContains(page, "round 4, speed, theirs &lt;&amp;&gt;: 10 ms stolen"));
}

TEST(PageTest, HasNoAddressOfAnotherFileInItsElements) {
  std::string page = Page({SampleReport()});
  // The library holds such texts without using them for its plots.
  page.resize(page.find("<script id=\"library\">"));
  for (const char* reference : {"<script src", "<link", "<img", "@import"}) {
    EXPECT_FALSE(absl::StrContains(page, reference)) << reference;
  }
}

TEST(PageTest, IsNotWrittenWithoutThePlottingLibrary) {
  if (!PlotLibrary().empty()) GTEST_SKIP() << "npm brought the plotting library";
  EXPECT_EQ(WritePage({SampleReport()}, "/nowhere").code(), absl::StatusCode::kFailedPrecondition);
}

// The library itself draws what the page describes.
TEST(PageTest, DrawsItsPlotsAsSvg) {
  if (PlotLibrary().empty()) GTEST_SKIP() << "npm did not bring the plotting library";
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no node";
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "plots";
  std::filesystem::create_directory(folder);
  const std::string page = (folder / "page.html").string();
  ASSERT_TRUE(WritePage({SampleReport()}, page).ok());
  ASSERT_EQ(std::system(
                absl::StrCat("node benchmarks/harness/page_to_svg.js ", page, " ", folder.string())
                    .c_str()),
            0);
  for (const char* name : {"speed-m-msg-s.svg", "cost-us.svg"}) {
    const std::string svg = ReadFile(folder / name);
    EXPECT_TRUE(absl::StartsWith(svg, "<svg")) << name;
    EXPECT_TRUE(absl::StrContains(svg, "ours")) << svg;
  }
  EXPECT_TRUE(absl::StrContains(ReadFile(folder / "speed-m-msg-s.svg"), "cores far (420 to 420"));
}

}  // namespace
}  // namespace interprocess::benchmarks
