#include "interprocess/queue_options.h"

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/queue_name.h"

namespace interprocess {

namespace {

// Escaped and cut: a name may hold anything, and be of any length.
absl::Status BadName(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("queue name '",
                                                 absl::CHexEscape(name.substr(0, 64)),
                                                 name.size() > 64 ? "...' " : "' ", why));
}

// What a semaphore's name leaves of the system's 251 bytes on Linux beside "ct3ip.".
constexpr size_t kMaxCloudtoidNameLength = 245;
constexpr int64_t kMinCloudtoidCapacity = 24;

// Version 2 takes more than version 3 does; both take what is good here, so that a queue can move
// from one to the other under its name.
absl::Status CheckCloudtoidName(absl::string_view name) {
  if (name.empty()) return BadName(name, "is empty");
  if (name.size() > kMaxCloudtoidNameLength) {
    return BadName(name,
                   absl::StrCat("has ", name.size(), " bytes, more than ", kMaxCloudtoidNameLength,
                                ", which the Cloudtoid formats take"));
  }
  if (name == "." || name == "..") return BadName(name, "is one that Cloudtoid version 3 refuses");
  if (name.find('/') != name.npos || name.find('\\') != name.npos) {
    return BadName(name, "contains a slash or a backslash");
  }
  if (name.find('\0') != name.npos) return BadName(name, "contains a NUL byte");
  return absl::OkStatus();
}

absl::Status CheckCloudtoidCapacity(int64_t capacity) {
  if (capacity >= kMinCloudtoidCapacity && capacity <= kMaxCapacity && capacity % 8 == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("capacity ", capacity, " is not a multiple of 8 between ", kMinCloudtoidCapacity,
                   " and ", kMaxCapacity, " bytes, as the Cloudtoid formats need it"));
}

// The directory for temporary files. Rust takes an empty TMPDIR for the current directory.
std::string TemporaryDirectory(Protocol protocol) {
  const char* named = std::getenv("TMPDIR");
  if (named != nullptr && *named != '\0') return named;
  return named != nullptr && protocol == Protocol::kCloudtoidV3 ? "." : "/tmp";
}

}  // namespace

absl::Status CheckQueueName(absl::string_view name, Protocol protocol) {
  if (protocol != Protocol::kNative) return CheckCloudtoidName(name);
  auto bad = [&](absl::string_view why) { return BadName(name, why); };
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
  if (*ProtocolName(protocol) == '\0') {
    return absl::InvalidArgumentError(
        absl::StrCat("protocol ", static_cast<int>(protocol), " is none of 0, 2, 3 and 4"));
  }
  if (absl::Status status = CheckQueueName(name, protocol); !status.ok()) return status;
  if (directory.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("directory '", absl::CHexEscape(directory), "' contains a NUL byte"));
  }
  if (protocol != Protocol::kNative) {
    if (absl::Status status = CheckCloudtoidCapacity(capacity); !status.ok()) return status;
  } else if (capacity < kMinCapacity || capacity > kMaxCapacity) {
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

std::string DefaultDirectory(Protocol protocol) {
  switch (protocol) {
    case Protocol::kCloudtoidV2:
    case Protocol::kCloudtoidV3:
      return TemporaryDirectory(protocol);
    case Protocol::kCloudtoidV2Fork:
      return "/dev/shm";
    default:
      return platform::DefaultDirectory();
  }
}

const char* ProtocolName(Protocol protocol) {
  switch (protocol) {
    case Protocol::kNative:
      return "native";
    case Protocol::kCloudtoidV2:
      return "cloudtoid2";
    case Protocol::kCloudtoidV3:
      return "cloudtoid3";
    case Protocol::kCloudtoidV2Fork:
      return "cloudtoid2-fork";
  }
  return "";
}

}  // namespace interprocess
