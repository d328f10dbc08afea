// SPDX-License-Identifier: MIT

#include "benchmarks/harness/record.h"

#include <errno.h>
#include <string.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace interprocess::benchmarks {
namespace {

const std::vector<std::string>& Columns() {
  static const auto* const columns = new std::vector<std::string>{"machine",
                                                                  "run",
                                                                  "round",
                                                                  "scenario",
                                                                  "label",
                                                                  "x",
                                                                  "unit",
                                                                  "value",
                                                                  "seconds",
                                                                  "distance_before_ns",
                                                                  "distance_after_ns",
                                                                  "stolen_ms",
                                                                  "others_ms",
                                                                  "switches",
                                                                  "switches_count",
                                                                  "disturbance"};
  return *columns;
}

std::vector<std::string> FieldsOf(const Record& record) {
  const Circumstances& seen = record.circumstances;
  return {record.machine,
          absl::StrCat(record.run),
          absl::StrCat(record.round),
          record.key.scenario,
          record.key.label,
          record.key.x.has_value() ? absl::StrCat(*record.key.x) : "",
          record.unit,
          absl::StrCat(record.value),
          absl::StrCat(seen.seconds),
          absl::StrCat(seen.distance_before),
          absl::StrCat(seen.distance_after),
          absl::StrCat(seen.stolen_millis),
          absl::StrCat(seen.others_millis),
          absl::StrCat(seen.switches),
          seen.switches_count ? "1" : "0",
          Disturbance(seen)};
}

bool Parse(const std::vector<std::string>& fields, Record* record) {
  if (fields.size() != Columns().size()) return false;
  Circumstances& seen = record->circumstances;
  int counts = 0;
  double x = 0;
  record->machine = fields[0];
  record->key.scenario = fields[3];
  record->key.label = fields[4];
  record->unit = fields[6];
  if (!fields[5].empty()) {
    if (!absl::SimpleAtod(fields[5], &x)) return false;
    record->key.x = x;
  }
  // The last column follows from the others.
  const bool parsed =
      absl::SimpleAtoi(fields[1], &record->run) && absl::SimpleAtoi(fields[2], &record->round) &&
      absl::SimpleAtod(fields[7], &record->value) && absl::SimpleAtod(fields[8], &seen.seconds) &&
      absl::SimpleAtod(fields[9], &seen.distance_before) &&
      absl::SimpleAtod(fields[10], &seen.distance_after) &&
      absl::SimpleAtod(fields[11], &seen.stolen_millis) &&
      absl::SimpleAtod(fields[12], &seen.others_millis) &&
      absl::SimpleAtoi(fields[13], &seen.switches) && absl::SimpleAtoi(fields[14], &counts);
  seen.switches_count = counts != 0;
  return parsed;
}

absl::Status FileError(absl::string_view what, const std::string& path) {
  return absl::InternalError(absl::StrCat(what, " ", path, ": ", strerror(errno)));
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& fields) {
  return absl::StrCat(
      absl::StrJoin(
          fields, ",",
          [](std::string* out, const std::string& field) {
            if (field.find_first_of(",\"\r\n") == std::string::npos) {
              absl::StrAppend(out, field);
            } else {
              absl::StrAppend(out, "\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
            }
          }),
      "\n");
}

absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(absl::string_view text) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::exchange(field, {}));
    } else if (c == '\n') {
      fields.push_back(std::exchange(field, {}));
      lines.push_back(std::exchange(fields, {}));
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted) return absl::InvalidArgumentError("a quoted field does not end");
  if (!field.empty() || !fields.empty()) {
    fields.push_back(std::move(field));
    lines.push_back(std::move(fields));
  }
  return lines;
}

std::string ToCsv(const std::vector<Record>& records, bool with_header) {
  std::string text = with_header ? CsvLine(Columns()) : "";
  for (const Record& record : records) text += CsvLine(FieldsOf(record));
  return text;
}

absl::StatusOr<std::vector<Record>> FromCsv(absl::string_view text) {
  absl::StatusOr<std::vector<std::vector<std::string>>> lines = ParseCsv(text);
  if (!lines.ok()) return lines.status();
  std::vector<Record> records;
  for (size_t i = 0; i < lines->size(); ++i) {
    if (i == 0) {
      if ((*lines)[0] != Columns()) {
        return absl::InvalidArgumentError(
            absl::StrCat("line 1 does not name the columns ", absl::StrJoin(Columns(), ",")));
      }
      continue;
    }
    Record record;
    if (!Parse((*lines)[i], &record)) {
      return absl::InvalidArgumentError(absl::StrCat("line ", i + 1, " is no measurement"));
    }
    records.push_back(std::move(record));
  }
  return records;
}

absl::Status AppendRecords(const std::string& path, const std::vector<Record>& records) {
  std::error_code error;
  const bool is_new =
      !std::filesystem::exists(path, error) || std::filesystem::file_size(path, error) == 0;
  std::ofstream file(path, std::ios::app);
  file << ToCsv(records, is_new);
  file.close();
  if (!file) return FileError("write to", path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Record>> ReadRecords(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::vector<Record>();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return FileError("read", path);
  absl::StatusOr<std::vector<Record>> records = FromCsv(text.str());
  if (!records.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", records.status().message()));
  }
  return records;
}

}  // namespace interprocess::benchmarks
