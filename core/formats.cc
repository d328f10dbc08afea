// SPDX-License-Identifier: MIT

#include "core/formats.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/cloudtoid/format.h"
#include "core/native/format.h"

namespace interprocess {
namespace {

constexpr const Format* kFormats[] = {
    &native::kFormat,
    &cloudtoid::kVersion2,
    &cloudtoid::kVersion3,
    &cloudtoid::kVersion2Fork,
};

}  // namespace

absl::StatusOr<const Format*> FormatOf(Protocol protocol) {
  for (const Format* format : kFormats) {
    if (format->protocol == protocol) return format;
  }
  const auto number = [](std::string* out, const Format* format) {
    absl::StrAppend(out, static_cast<int>(format->protocol));
  };
  return absl::InvalidArgumentError(absl::StrCat("protocol ", static_cast<int>(protocol),
                                                 " is none of ",
                                                 absl::StrJoin(kFormats, ", ", number)));
}

}  // namespace interprocess
