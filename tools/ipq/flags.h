// SPDX-License-Identifier: MIT

// The flags of all verbs, and the types of their values.

#ifndef INTERPROCESS_TOOLS_IPQ_FLAGS_H_
#define INTERPROCESS_TOOLS_IPQ_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "interprocess/queue_options.h"

namespace ipq {

// How messages are told apart in a stream of bytes.
enum class Framing {
  kLines,   // each is followed by a newline
  kLength,  // each follows its length: four bytes, the lowest first
  kRaw,     // not at all: the whole input is one, and in the output they follow each other
};

bool AbslParseFlag(absl::string_view text, Framing* framing, std::string* error);
std::string AbslUnparseFlag(Framing framing);

// A number of bytes: "4096", or with a unit of powers of two, as "64K", "64KB" and "64KiB".
struct ByteSize {
  int64_t bytes = 0;
};

bool AbslParseFlag(absl::string_view text, ByteSize* size, std::string* error);
std::string AbslUnparseFlag(ByteSize size);

// A queue's format by its name, as interprocess::ProtocolName has it.
struct NamedProtocol {
  interprocess::Protocol value = interprocess::Protocol::kNative;
};

bool AbslParseFlag(absl::string_view text, NamedProtocol* protocol, std::string* error);
std::string AbslUnparseFlag(NamedProtocol protocol);

// Who may open a queue that is made: "owner", "group" or "everyone".
struct NamedAccess {
  interprocess::Access value = interprocess::Access::kOwner;
};

bool AbslParseFlag(absl::string_view text, NamedAccess* access, std::string* error);
std::string AbslUnparseFlag(NamedAccess access);

// The values of a flag that may be given several times, which the command line's parser gathers.
struct Texts {
  std::vector<std::string> texts;
};

bool AbslParseFlag(absl::string_view text, Texts* texts, std::string* error);
std::string AbslUnparseFlag(const Texts& texts);

}  // namespace ipq

// Each is empty or false until it is given, so that a verb can refuse what it does not take.
ABSL_DECLARE_FLAG(std::string, dir);
ABSL_DECLARE_FLAG(std::string, to_dir);
ABSL_DECLARE_FLAG(std::optional<ipq::NamedProtocol>, protocol);
ABSL_DECLARE_FLAG(std::optional<ipq::Framing>, framing);
ABSL_DECLARE_FLAG(std::optional<ipq::ByteSize>, capacity);
ABSL_DECLARE_FLAG(std::optional<ipq::NamedAccess>, access);
ABSL_DECLARE_FLAG(ipq::Texts, message);
ABSL_DECLARE_FLAG(std::string, account);
ABSL_DECLARE_FLAG(bool, across_sessions);
ABSL_DECLARE_FLAG(bool, depth);
ABSL_DECLARE_FLAG(bool, one_publisher);
ABSL_DECLARE_FLAG(bool, one_subscriber);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, wait);
ABSL_DECLARE_FLAG(std::optional<uint64_t>, count);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, watch);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, idle);
ABSL_DECLARE_FLAG(bool, follow);
ABSL_DECLARE_FLAG(bool, ack);
ABSL_DECLARE_FLAG(bool, json);
ABSL_DECLARE_FLAG(bool, yes);
ABSL_DECLARE_FLAG(bool, repair);
ABSL_DECLARE_FLAG(bool, adopt);
ABSL_DECLARE_FLAG(bool, create);
ABSL_DECLARE_FLAG(bool, headers);
ABSL_DECLARE_FLAG(std::string, dead_letter);
ABSL_DECLARE_FLAG(std::string, consumer);
ABSL_DECLARE_FLAG(std::string, retention);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, max_age);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, duplicate_window);
ABSL_DECLARE_FLAG(std::optional<absl::Duration>, ack_wait);
ABSL_DECLARE_FLAG(std::string, creds);
ABSL_DECLARE_FLAG(std::string, tls_ca);
ABSL_DECLARE_FLAG(std::string, tls_cert);
ABSL_DECLARE_FLAG(std::string, tls_key);

#endif  // INTERPROCESS_TOOLS_IPQ_FLAGS_H_
