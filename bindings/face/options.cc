// SPDX-License-Identifier: MIT

#include "bindings/face/options.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/version.h"

namespace interprocess::face {

absl::StatusOr<Protocol> ToProtocol(int number) {
  const auto protocol = static_cast<Protocol>(number);
  if (*ProtocolName(protocol) != '\0') return protocol;
  return absl::InvalidArgumentError(absl::StrCat("protocol ", number, " is none"));
}

std::string FaceDefaultDirectory(int protocol) {
  const auto known = ToProtocol(protocol);
  return known.ok() ? DefaultDirectory(*known) : std::string();
}

std::string FaceVersion() { return kVersion; }

}  // namespace interprocess::face
