// SPDX-License-Identifier: MIT

// Numbers and tables as a terminal shows them.

#ifndef INTERPROCESS_TOOLS_IPQ_FORMAT_H_
#define INTERPROCESS_TOOLS_IPQ_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace ipq {

std::string FormatCount(uint64_t count);          // 1234567 is "1,234,567"
std::string FormatBytes(uint64_t bytes);          // "17 bytes", "1,536 bytes (1.5 KiB)"
std::string FormatRate(double bytes_per_second);  // "1.5 MB/s"

// The `noun` with its number: "1 message", "2 messages".
std::string FormatNumberOf(uint64_t count, absl::string_view noun);

// Rows of cells as aligned columns: as many as the first row has, no row has fewer. Those whose
// first row's cell starts with '>', which is dropped, are aligned to the right.
std::string FormatTable(const std::vector<std::vector<std::string>>& rows);

// Readable, and valid whatever bytes the strings in `json` have.
std::string FormatJson(const nlohmann::ordered_json& json);

// The same on one line, without a newline.
std::string FormatJsonLine(const nlohmann::ordered_json& json);

// A message as a JSON object on one line: "text" if its bytes are UTF-8, else "base64"; the number
// of "bytes"; "redelivered" if it was held by a subscriber that died.
std::string FormatMessage(absl::string_view bytes, bool redelivered);

// `text` with control characters escaped: names of files are printed on terminals.
std::string Printable(absl::string_view text);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_FORMAT_H_
