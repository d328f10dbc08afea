// SPDX-License-Identifier: MIT

#include "tools/ipq/glob.h"

#include <cstddef>

#include "absl/strings/string_view.h"

namespace ipq {
namespace {

// The number of bytes of the character at the front of `text`, which is not empty.
size_t CharacterSize(absl::string_view text) {
  size_t size = 1;
  while (size < text.size() && (text[size] & 0xc0) == 0x80) ++size;
  return size;
}

// How much of `pattern` stands for one character, 0 if `name` does not begin with such a one; how
// much of `name` that is.
size_t MatchOne(absl::string_view pattern, absl::string_view name, size_t& taken) {
  taken = 1;
  if (pattern[0] == '?') {
    taken = CharacterSize(name);
    return 1;
  }
  if (pattern[0] == '\\' && pattern.size() > 1) return pattern[1] == name[0] ? 2 : 0;
  if (pattern[0] == '[') {
    const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
    const size_t first = negated ? 2 : 1;
    const size_t close = pattern.find(']', first + 1);  // a ']' that comes first is one of them
    if (close != absl::string_view::npos) {
      bool found = false;
      const auto character = static_cast<unsigned char>(name[0]);
      for (size_t i = first; i < close; ++i) {
        const auto low = static_cast<unsigned char>(pattern[i]);
        const bool range = i + 2 < close && pattern[i + 1] == '-';
        const auto high = range ? static_cast<unsigned char>(pattern[i + 2]) : low;
        found = found || (low <= character && character <= high);
        if (range) i += 2;
      }
      if (negated) taken = CharacterSize(name);
      return found != negated ? close + 1 : 0;
    }
  }
  return pattern[0] == name[0] ? 1 : 0;
}

}  // namespace

bool IsGlob(absl::string_view text) { return text.find_first_of("*?[") != absl::string_view::npos; }

bool GlobMatches(absl::string_view pattern, absl::string_view name) {
  // What is left of both behind the last '*', to be tried again with a longer text for it.
  absl::string_view star_pattern;
  absl::string_view star_name;
  bool star = false;
  for (;;) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_name = name;
      star = true;
      continue;
    }
    if (pattern.empty() && name.empty()) return true;
    size_t taken = 0;
    const size_t used = pattern.empty() || name.empty() ? 0 : MatchOne(pattern, name, taken);
    if (used > 0) {
      pattern.remove_prefix(used);
      name.remove_prefix(taken);
      continue;
    }
    if (!star || star_name.empty()) return false;
    star_name.remove_prefix(1);
    pattern = star_pattern;
    name = star_name;
  }
}

}  // namespace ipq
