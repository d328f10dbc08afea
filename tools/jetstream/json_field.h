// SPDX-License-Identifier: MIT

// Reads JSON that another version of the server, or something else, may have written.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_JSON_FIELD_H_
#define INTERPROCESS_TOOLS_JETSTREAM_JSON_FIELD_H_

#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace jetstream {

// Null unless `text` is a JSON object.
inline nlohmann::json ParseObject(absl::string_view text) {
  nlohmann::json parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : nlohmann::json();
}

// The field if `object` is one that has it, and with this type; else `otherwise`. Never throws.
template <typename T>
T Field(const nlohmann::json& object, const char* name, T otherwise) {
  const auto field = object.is_object() ? object.find(name) : object.end();
  if (field == object.end()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) {
    return field->is_string() ? field->template get<std::string>() : otherwise;
  } else if constexpr (std::is_same_v<T, bool>) {
    return field->is_boolean() ? field->template get<bool>() : otherwise;
  } else if constexpr (std::is_same_v<T, nlohmann::json>) {
    return *field;
  } else {
    return field->is_number_integer() ? field->template get<T>() : otherwise;
  }
}

// Whether the answer to a message says that it is stored. A refusal may have a sequence too: 0.
inline bool IsStored(const nlohmann::json& answer) {
  return answer.is_object() && !answer.contains("error") && Field<uint64_t>(answer, "seq", 0) > 0;
}

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_JSON_FIELD_H_
