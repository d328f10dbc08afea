// SPDX-License-Identifier: MIT

// The bytes that docs/wire_format.md prints are those of a queue's file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::native {
namespace {

constexpr size_t kRow = 16;

// The rows of the page's one dump: an offset and 16 bytes, of which ".." is any.
std::vector<std::string> RowsOfThePage() {
  std::ifstream page("docs/wire_format.md");
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```hexdump") {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      rows.push_back(line.substr(0, 6 + 3 * kRow));
    }
  }
  return rows;
}

// All rows of the file that are not zeros, in the page's form.
std::vector<std::string> RowsOf(const std::string& bytes) {
  std::vector<std::string> rows;
  for (size_t at = 0; at < bytes.size(); at += kRow) {
    const std::string row = bytes.substr(at, kRow);
    if (row == std::string(kRow, '\0')) continue;
    std::string line = absl::StrFormat("%06x", at);
    for (const char byte : row) absl::StrAppendFormat(&line, " %02x", static_cast<uint8_t>(byte));
    rows.push_back(line);
  }
  return rows;
}

bool Matches(const std::string& shown, const std::string& found) {
  return shown.size() == found.size() &&
         std::equal(shown.begin(), shown.end(), found.begin(),
                    [](char a, char b) { return a == '.' || a == b; });
}

TEST(WireFormatPageTest, ShowsTheBytesOfAQueueWithOneMessage) {
  testing::TestDirectory directory;
  QueueOptions options = directory.Options("queue", 4096);
  options.max_participants = 8;
  auto publisher = Publisher::Open(options);
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  ASSERT_TRUE(publisher->TryEnqueue("hello").ok());

  std::ifstream file(directory.FileOf("queue"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const std::vector<std::string> shown = RowsOfThePage();
  const std::vector<std::string> found = RowsOf(bytes);
  std::ostringstream all;
  for (const std::string& row : found) all << row << '\n';
  ASSERT_EQ(shown.size(), found.size()) << "the file's rows:\n" << all.str();
  for (size_t i = 0; i < shown.size(); ++i) EXPECT_TRUE(Matches(shown[i], found[i])) << found[i];
  EXPECT_GT(shown.size(), 8u);
}

}  // namespace
}  // namespace interprocess::native
