// SPDX-License-Identifier: MIT

#include "tests/tools/ipq_fixture.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"

namespace testing_tools {

void IpqTest::SetUp() {
  directory_ = absl::StrCat(testing::TempDir(), "/ipq-", std::random_device()());
  ASSERT_TRUE(std::filesystem::create_directory(directory_)) << directory_;
}

void IpqTest::TearDown() {
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

Child IpqTest::Start(const std::vector<std::string>& arguments, const Stdio& stdio) const {
  std::vector<std::string> argv = {getenv("IPQ"), "--dir=" + directory_};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Child(argv, stdio);
}

Outcome IpqTest::Run(const std::vector<std::string>& arguments, const std::string& input) const {
  // Others may run at the same time.
  static int runs = 0;
  const std::string base = File(absl::StrCat("run", ++runs));
  WriteFile(base + ".in", input);
  const Fd in = OpenToRead(base + ".in");
  const Fd out = OpenToWrite(base + ".out");
  const Fd err = OpenToWrite(base + ".err");
  Child child = Start(arguments, {in.get(), out.get(), err.get()});
  Outcome outcome;
  outcome.code = child.Wait();
  outcome.out = ReadFile(base + ".out");
  outcome.err = ReadFile(base + ".err");
  return outcome;
}

nlohmann::json IpqTest::Stat(const std::string& queue) const {
  const Outcome stat = Run({"stat", queue, "--json"});
  if (stat.code != 0) return nullptr;
  return nlohmann::json::parse(stat.out);
}

uint64_t IpqTest::Ready(const std::string& queue) const {
  const nlohmann::json stat = Stat(queue);
  return stat.is_null() ? 0 : stat["ready"].get<uint64_t>();
}

bool IpqTest::OneWaitsFor(const std::string& what, const std::string& queue) const {
  const nlohmann::json stat = Stat(queue);
  return !stat.is_null() && stat["participants"].size() == 1 &&
         stat["participants"][0]["waits_for"] == what;
}

std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string Lines(int count) {
  std::mt19937 random(17);
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, i, " ", std::string(random() % 80, static_cast<char>('a' + i % 26)),
                    "\n");
  }
  return text;
}

}  // namespace testing_tools
