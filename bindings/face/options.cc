// SPDX-License-Identifier: MIT

#include "bindings/face/options.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/version.h"

namespace interprocess::face {
namespace {

template <typename Enum>
absl::Status Convert(const char* option, int number, Enum last, Enum& to) {
  if (number < 0 || number > static_cast<int>(last)) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, " ", number, " is not between 0 and ", static_cast<int>(last)));
  }
  to = static_cast<Enum>(number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Protocol> ToProtocol(int number) {
  const auto protocol = static_cast<Protocol>(number);
  if (*ProtocolName(protocol) != '\0') return protocol;
  return absl::InvalidArgumentError(absl::StrCat("protocol ", number, " is none"));
}

absl::StatusOr<QueueOptions> ToQueueOptions(const FaceOptions& options) {
  QueueOptions to;
  to.name = options.name;
  to.directory = options.directory;
  to.capacity = options.capacity;
  to.max_participants = options.max_participants;
  to.keep_undelivered = options.keep_undelivered;
  to.reserve_space = options.reserve_space;
  to.account = options.account;
  to.across_sessions = options.across_sessions;
  to.one_publisher = options.one_publisher;
  to.one_subscriber = options.one_subscriber;
  const auto protocol = ToProtocol(options.protocol);
  if (!protocol.ok()) return protocol.status();
  to.protocol = *protocol;
  for (const absl::Status& status :
       {Convert("mode", options.mode, OpenMode::kCreateNew, to.mode),
        Convert("access", options.access, Access::kEveryone, to.access)}) {
    if (!status.ok()) return status;
  }
  return to;
}

std::string FaceDefaultDirectory(int protocol) {
  const auto known = ToProtocol(protocol);
  return known.ok() ? DefaultDirectory(*known) : std::string();
}

std::string FaceVersion() { return kVersion; }

}  // namespace interprocess::face
