// SPDX-License-Identifier: MIT

#include "core/engine/format.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace interprocess {

absl::Status BadQueueName(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("queue name '",
                                                 absl::CHexEscape(name.substr(0, 64)),
                                                 name.size() > 64 ? "...' " : "' ", why));
}

}  // namespace interprocess
