// SPDX-License-Identifier: MIT

#include "tools/ipq/glob.h"

#include <string>

#include "gtest/gtest.h"

namespace ipq {
namespace {

TEST(GlobTest, MatchesAsAShellDoes) {
  const struct {
    std::string pattern;
    std::string name;
    bool matches;
  } cases[] = {
      {"", "", true},
      {"", "a", false},
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"*", "", true},
      {"*", "anything", true},
      {"a*", "b", false},
      {"a*c", "abc", true},
      {"a*c", "abcb", false},
      {"*a*b*", "xxaxxbxx", true},
      {"*ab", "aab", true},
      {"**", "x", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a?c",
       "a\xc3\xb6"
       "c",
       true},
      {"??", "\xc3\xb6", false},
      {"[a-f]x", "cx", true},
      {"[a-f]x", "gx", false},
      {"[!a-f]x", "gx", true},
      {"[!a-f]x", "ax", false},
      {"[^a]x", "\xc3\xb6x", true},
      {"[]a]", "]", true},
      {"[a-]", "-", true},
      {"[ab", "[ab", true},
      {"q[", "q[", true},
      {"[ab]", "", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a\\", true},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(GlobMatches(each.pattern, each.name), each.matches)
        << each.pattern << " and " << each.name;
  }
}

TEST(GlobTest, MeetsManyStarsInGoodTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(200, 'a')));
  EXPECT_TRUE(GlobMatches(pattern, std::string(200, 'a')));
}

TEST(GlobTest, TellsPatternsFromNames) {
  for (const char* pattern : {"a*", "?", "x[ab]"}) EXPECT_TRUE(IsGlob(pattern)) << pattern;
  for (const char* name : {"", "a", "a-b.c", "]"}) EXPECT_FALSE(IsGlob(name)) << name;
}

}  // namespace
}  // namespace ipq
