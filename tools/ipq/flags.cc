// SPDX-License-Identifier: MIT

#include "tools/ipq/flags.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

// verbs.cc explains them, verb by verb, and says which takes which.
ABSL_FLAG(std::string, dir, "", "the directory of the queues");
ABSL_FLAG(std::string, to_dir, "", "the directory of the queue that messages are moved to");
ABSL_FLAG(std::optional<ipq::NamedProtocol>, protocol, std::nullopt, "the queue's format");
ABSL_FLAG(std::optional<ipq::Framing>, framing, std::nullopt, "lines, length or raw");
ABSL_FLAG(std::optional<ipq::ByteSize>, capacity, std::nullopt, "bytes of payload of the queue");
ABSL_FLAG(std::optional<ipq::NamedAccess>, access, std::nullopt, "who may open a queue");
ABSL_FLAG(ipq::Texts, message, {}, "messages to send");
ABSL_FLAG(std::string, account, "", "who else may open a queue that is made");
ABSL_FLAG(bool, across_sessions, false, "whether a queue that is made is for several sessions");
ABSL_FLAG(bool, depth, false, "whether to show only about how many messages wait");
ABSL_FLAG(bool, one_publisher, false,
          "whether a queue that is made is for one publisher at a time");
ABSL_FLAG(bool, one_subscriber, false,
          "whether a queue that is made is for one subscriber at a time");
ABSL_FLAG(std::optional<absl::Duration>, wait, std::nullopt, "how long to wait for room");
ABSL_FLAG(std::optional<uint64_t>, count, std::nullopt, "end after so many messages");
ABSL_FLAG(std::optional<absl::Duration>, watch, std::nullopt, "how long between two reports");
ABSL_FLAG(std::optional<absl::Duration>, idle, std::nullopt, "end after so long without a message");
ABSL_FLAG(bool, follow, false, "wait for more messages for ever");
ABSL_FLAG(bool, ack, false, "take and acknowledge one message at a time");
ABSL_FLAG(bool, json, false, "print JSON");
ABSL_FLAG(bool, yes, false, "do not ask");
ABSL_FLAG(bool, repair, false, "resolve dead participants");
ABSL_FLAG(bool, adopt, false, "take over a queue whose device number has changed");
ABSL_FLAG(bool, create, false, "make the stream and the consumer");
ABSL_FLAG(bool, headers, false, "whether the queue's messages begin with headers");
ABSL_FLAG(std::string, dead_letter, "", "the subject for messages that are too large");
ABSL_FLAG(std::string, consumer, "", "the stream's consumer");
ABSL_FLAG(std::string, retention, "", "the stream's retention");
ABSL_FLAG(std::optional<absl::Duration>, max_age, std::nullopt,
          "how long the stream keeps messages");
ABSL_FLAG(std::optional<absl::Duration>, duplicate_window, std::nullopt,
          "how long the stream knows the messages that it has had");
ABSL_FLAG(std::optional<absl::Duration>, ack_wait, std::nullopt,
          "after how long the consumer delivers again");
ABSL_FLAG(std::string, creds, "", "a file of NATS credentials");
ABSL_FLAG(std::string, tls_ca, "", "a file of certificates that are trusted");
ABSL_FLAG(std::string, tls_cert, "", "a file with the certificate to show");
ABSL_FLAG(std::string, tls_key, "", "a file with the certificate's key");

namespace ipq {

bool AbslParseFlag(absl::string_view text, Framing* framing, std::string* error) {
  for (Framing each : {Framing::kLines, Framing::kLength, Framing::kRaw}) {
    if (text == AbslUnparseFlag(each)) {
      *framing = each;
      return true;
    }
  }
  *error = "it is one of lines, length and raw";
  return false;
}

std::string AbslUnparseFlag(Framing framing) {
  switch (framing) {
    case Framing::kLines:
      return "lines";
    case Framing::kLength:
      return "length";
    case Framing::kRaw:
      return "raw";
  }
  return "";
}

bool AbslParseFlag(absl::string_view text, ByteSize* size, std::string* error) {
  const std::string upper = absl::AsciiStrToUpper(text);
  absl::string_view number = upper;
  int shift = 0;
  if (!absl::ConsumeSuffix(&number, "IB")) absl::ConsumeSuffix(&number, "B");
  const bool unit_needed = upper.size() - number.size() == 2;
  for (absl::string_view unit : {"K", "M", "G"}) {
    shift += 10;
    if (absl::ConsumeSuffix(&number, unit)) break;
    if (unit == "G") shift = 0;
  }
  int64_t count = 0;
  if ((unit_needed && shift == 0) || !absl::SimpleAtoi(number, &count) || count < 0 ||
      count > (std::numeric_limits<int64_t>::max() >> shift)) {
    *error = "a size is a number of bytes, or a number with K, M or G, as 64K or 64KiB";
    return false;
  }
  size->bytes = count << shift;
  return true;
}

bool AbslParseFlag(absl::string_view text, NamedProtocol* protocol, std::string* error) {
  for (interprocess::Protocol each : interprocess::kAllProtocols) {
    if (text == interprocess::ProtocolName(each)) {
      protocol->value = each;
      return true;
    }
  }
  *error = "it is one of native, cloudtoid2, cloudtoid3 and cloudtoid2-fork";
  return false;
}

std::string AbslUnparseFlag(NamedProtocol protocol) {
  return interprocess::ProtocolName(protocol.value);
}

std::string AbslUnparseFlag(ByteSize size) { return absl::StrCat(size.bytes); }

bool AbslParseFlag(absl::string_view text, NamedAccess* access, std::string* error) {
  using interprocess::Access;
  for (Access each : {Access::kOwner, Access::kGroup, Access::kEveryone}) {
    if (text == AbslUnparseFlag(NamedAccess{each})) {
      access->value = each;
      return true;
    }
  }
  *error = "it is one of owner, group and everyone";
  return false;
}

std::string AbslUnparseFlag(NamedAccess access) {
  switch (access.value) {
    case interprocess::Access::kOwner:
      return "owner";
    case interprocess::Access::kGroup:
      return "group";
    case interprocess::Access::kEveryone:
      return "everyone";
  }
  return "";
}

bool AbslParseFlag(absl::string_view text, Texts* texts, std::string* /*error*/) {
  texts->texts = {std::string(text)};
  return true;
}

std::string AbslUnparseFlag(const Texts& texts) { return absl::StrJoin(texts.texts, ", "); }

}  // namespace ipq
