// SPDX-License-Identifier: MIT

#include "tools/ipq/format.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace ipq {

std::string FormatCount(uint64_t count) {
  std::string digits = absl::StrCat(count);
  for (size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string FormatBytes(uint64_t bytes) {
  std::string text = FormatNumberOf(bytes, "byte");
  constexpr absl::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double scaled = static_cast<double>(bytes);
  absl::string_view unit;
  for (absl::string_view next : kUnits) {
    if (scaled < 1024) break;
    scaled /= 1024;
    unit = next;
  }
  if (!unit.empty()) absl::StrAppendFormat(&text, " (%.4g %s)", scaled, unit);
  return text;
}

std::string FormatRate(double bytes_per_second) {
  return absl::StrFormat("%.1f MB/s", bytes_per_second / 1e6);
}

std::string FormatNumberOf(uint64_t count, absl::string_view noun) {
  return absl::StrCat(FormatCount(count), " ", noun, count == 1 ? "" : "s");
}

std::string FormatTable(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  std::vector<size_t> widths(rows[0].size());
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) {
      absl::string_view cell = row[i];
      if (&row == &rows[0]) absl::ConsumePrefix(&cell, ">");
      widths[i] = std::max(widths[i], cell.size());
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      absl::string_view cell = row[i];
      if (&row == &rows[0]) absl::ConsumePrefix(&cell, ">");
      const std::string padding(widths[i] - cell.size(), ' ');
      if (i > 0) line += "  ";
      const bool right = rows[0][i][0] == '>';
      absl::StrAppend(&line, right ? padding : "", cell, right ? "" : padding);
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

std::string FormatJson(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string FormatJsonLine(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string FormatMessage(absl::string_view bytes, bool redelivered) {
  nlohmann::ordered_json json = {{"bytes", bytes.size()}};
  if (redelivered) json["redelivered"] = true;
  json["text"] = std::string(bytes);
  try {
    return json.dump();  // throws if it is no UTF-8
  } catch (const nlohmann::ordered_json::type_error&) {
    json.erase("text");
    json["base64"] = absl::Base64Escape(bytes);
    return json.dump();
  }
}

std::string Printable(absl::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(),
                                  [](unsigned char c) { return absl::ascii_iscntrl(c); });
  return plain ? std::string(text) : absl::CHexEscape(text);
}

}  // namespace ipq
