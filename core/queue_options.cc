// SPDX-License-Identifier: MIT

#include "interprocess/queue_options.h"

#include "absl/status/status_macros.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/formats.h"

namespace interprocess {
namespace {

// Programs in other languages, and casts, hand in any number.
template <typename Enum>
absl::Status CheckNumber(absl::string_view option, Enum value, Enum last) {
  const int number = static_cast<int>(value);
  if (number >= 0 && number <= static_cast<int>(last)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(option, " ", number, " is not between 0 and ", static_cast<int>(last)));
}

}  // namespace

absl::Status QueueOptions::Validate() const {
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(protocol));
  ABSL_RETURN_IF_ERROR(format->check_name(name));
  if (directory.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("directory '", absl::CHexEscape(directory), "' contains a NUL byte"));
  }
  ABSL_RETURN_IF_ERROR(format->check_capacity(capacity));
  if (max_participants < kMinMaxParticipants || max_participants > kMaxMaxParticipants) {
    return absl::InvalidArgumentError(absl::StrCat("max_participants ", max_participants,
                                                   " is not between ", kMinMaxParticipants, " and ",
                                                   kMaxMaxParticipants));
  }
  ABSL_RETURN_IF_ERROR(CheckNumber("mode", mode, OpenMode::kCreateNew));
  return CheckNumber("access", access, Access::kEveryone);
}

std::string DefaultDirectory(Protocol protocol) {
  const absl::StatusOr<const Format*> format = FormatOf(protocol);
  return format.ok() ? (*format)->default_directory() : std::string();
}

const char* ProtocolName(Protocol protocol) {
  const absl::StatusOr<const Format*> format = FormatOf(protocol);
  return format.ok() ? (*format)->name : "";
}

}  // namespace interprocess
