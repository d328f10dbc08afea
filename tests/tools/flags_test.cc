// SPDX-License-Identifier: MIT

#include "tools/ipq/flags.h"

#include <string>

#include "gtest/gtest.h"

namespace ipq {
namespace {

TEST(ByteSizeTest, TakesUnitsOfPowersOfTwo) {
  const struct {
    std::string text;
    int64_t bytes;
  } cases[] = {
      {"0", 0},          {"17", 17},        {"17B", 17},         {"64K", 65536},
      {"64k", 65536},    {"64KB", 65536},   {"64KiB", 65536},    {"1M", 1 << 20},
      {"1MiB", 1 << 20}, {"4G", 4LL << 30}, {"4GiB", 4LL << 30},
  };
  for (const auto& each : cases) {
    ByteSize size;
    std::string error;
    EXPECT_TRUE(AbslParseFlag(each.text, &size, &error)) << each.text;
    EXPECT_EQ(size.bytes, each.bytes) << each.text;
  }
}

TEST(ByteSizeTest, RefusesWhatIsNone) {
  for (const char* text : {"", "K", "KiB", "-1", "1.5M", "64iB", "1T", "1KK", "99999999999G"}) {
    ByteSize size;
    std::string error;
    EXPECT_FALSE(AbslParseFlag(text, &size, &error)) << text;
    EXPECT_FALSE(error.empty());
  }
}

TEST(FramingFlagTest, ReadsWhatItWrites) {
  for (Framing framing : {Framing::kLines, Framing::kLength, Framing::kRaw}) {
    Framing read = Framing::kLines;
    std::string error;
    EXPECT_TRUE(AbslParseFlag(AbslUnparseFlag(framing), &read, &error));
    EXPECT_EQ(read, framing);
  }
}

}  // namespace
}  // namespace ipq
