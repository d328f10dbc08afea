#include "interprocess/queue_options.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/queue_name.h"

namespace interprocess {

absl::Status CheckQueueName(absl::string_view name) {
  auto bad = [&](absl::string_view why) {
    // Escaped and cut: a name may hold anything, and be of any length.
    return absl::InvalidArgumentError(absl::StrCat("queue name '",
                                                   absl::CHexEscape(name.substr(0, 64)),
                                                   name.size() > 64 ? "...' " : "' ", why));
  };
  if (name.empty()) return bad("is empty");
  if (name.size() > kMaxNameLength) {
    return bad(absl::StrCat("has ", name.size(), " bytes, more than ", kMaxNameLength));
  }
  for (char c : name) {
    if (c == '/' || c == '\\') return bad("contains a slash or a backslash");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return bad("contains a control character");
  }
  if (absl::StrContains(name, "..")) return bad("contains '..'");
  if (name.front() == '.') return bad("begins with a dot");
  return absl::OkStatus();
}

absl::Status QueueOptions::Validate() const {
  if (absl::Status status = CheckQueueName(name); !status.ok()) return status;
  if (directory.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("directory '", absl::CHexEscape(directory), "' contains a NUL byte"));
  }
  if (capacity < kMinCapacity || capacity > kMaxCapacity) {
    return absl::InvalidArgumentError(absl::StrCat("capacity ", capacity, " is not between ",
                                                   kMinCapacity, " and ", kMaxCapacity, " bytes"));
  }
  if (max_participants < kMinMaxParticipants || max_participants > kMaxMaxParticipants) {
    return absl::InvalidArgumentError(absl::StrCat("max_participants ", max_participants,
                                                   " is not between ", kMinMaxParticipants, " and ",
                                                   kMaxMaxParticipants));
  }
  return absl::OkStatus();
}

std::string DefaultDirectory() { return platform::DefaultDirectory(); }

}  // namespace interprocess
