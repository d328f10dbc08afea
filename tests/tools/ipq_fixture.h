// SPDX-License-Identifier: MIT

// Runs the real ipq on queues of the test's own.

#ifndef INTERPROCESS_TESTS_TOOLS_IPQ_FIXTURE_H_
#define INTERPROCESS_TESTS_TOOLS_IPQ_FIXTURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"

namespace testing_tools {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

// IPQ in the environment is the path of the tool.
class IpqTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const std::string& directory() const { return directory_; }
  std::string File(const std::string& name) const { return directory_ + "/" + name; }

  // Starts ipq with `arguments` and the test's --dir.
  Child Start(const std::vector<std::string>& arguments, const Stdio& stdio) const;

  // Runs it to its end.
  Outcome Run(const std::vector<std::string>& arguments, const std::string& input = "") const;

  // What `ipq stat --json` says, or null if there is no such queue.
  nlohmann::json Stat(const std::string& queue) const;
  uint64_t Ready(const std::string& queue) const;

  // Whether the queue has one participant, and that sleeps until there is "data" or "space".
  bool OneWaitsFor(const std::string& what, const std::string& queue) const;

 private:
  std::string directory_;
};

// The lines of `text`, sorted. What follows the last newline is no line.
std::vector<std::string> SortedLines(const std::string& text);

// `count` lines, all different and the same in every run.
std::string Lines(int count);

}  // namespace testing_tools

#endif  // INTERPROCESS_TESTS_TOOLS_IPQ_FIXTURE_H_
