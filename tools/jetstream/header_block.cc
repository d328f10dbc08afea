// SPDX-License-Identifier: MIT

#include "tools/jetstream/header_block.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jetstream {
namespace {

constexpr absl::string_view kBegin = "NATS/1.0\r\n";
constexpr absl::string_view kEnd = "\r\n\r\n";

// Of `unique`, in hexadecimal digits.
constexpr size_t kUniqueDigits = 16;

}  // namespace

std::string MakeMessageId(uint64_t unique, uint64_t position) {
  return absl::StrCat(absl::Hex(unique, absl::kZeroPad16), "-", position);
}

bool ParseMessageId(absl::string_view id, uint64_t& unique, uint64_t& position) {
  return id.size() > kUniqueDigits + 1 && id[kUniqueDigits] == '-' &&
         absl::SimpleHexAtoi(id.substr(0, kUniqueDigits), &unique) &&
         absl::SimpleAtoi(id.substr(kUniqueDigits + 1), &position) &&
         id == MakeMessageId(unique, position);
}

std::string MakeHeaderBlock(const Headers& headers) {
  std::string block(kBegin);
  for (const auto& [name, value] : headers) absl::StrAppend(&block, name, ": ", value, "\r\n");
  block += "\r\n";
  return block;
}

Headers TakeHeaderBlock(absl::string_view& message) {
  Headers headers;
  absl::string_view rest = message;
  if (!absl::ConsumePrefix(&rest, kBegin)) return headers;
  // A block without headers ends at once.
  const size_t end = absl::StartsWith(rest, "\r\n") ? 0 : rest.find(kEnd);
  if (end == absl::string_view::npos) return headers;
  for (absl::string_view line : absl::StrSplit(rest.substr(0, end), "\r\n", absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    headers.emplace_back(header.first, absl::StripAsciiWhitespace(header.second));
  }
  message = rest.substr(end == 0 ? 2 : end + kEnd.size());
  return headers;
}

}  // namespace jetstream
