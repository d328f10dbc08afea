// SPDX-License-Identifier: MIT

#include "tools/jetstream/address.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status_macros.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jetstream {
namespace {

constexpr absl::string_view kSchemes[] = {"nats://", "tls://"};
// The server keeps a stream in a folder of its name.
constexpr size_t kMaxName = 255;

bool IsBlank(char c) { return absl::ascii_isspace(c) || absl::ascii_iscntrl(c); }

absl::string_view SchemeOf(absl::string_view text) {
  for (absl::string_view scheme : kSchemes) {
    if (absl::StartsWith(text, scheme)) return scheme;
  }
  return {};
}

}  // namespace

absl::Status CheckName(absl::string_view what, absl::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError(absl::StrCat("the ", what, " has no name"));
  if (name.size() > kMaxName) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": a name of ", name.size(), " bytes; NATS takes at most ", kMaxName));
  }
  for (const char c : name) {
    if (IsBlank(c) || absl::StrContains(".*>/\\", c)) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, " \"", name, "\": NATS takes no names with \"", absl::string_view(&c, 1), "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSubject(absl::string_view subject, bool wildcards) {
  const auto refused = [subject](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("subject \"", subject, "\": ", why));
  };
  if (absl::StartsWith(subject, "$")) return refused("those with $ are the server's own");
  const std::vector<absl::string_view> tokens = absl::StrSplit(subject, '.');
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) return refused("there is nothing before, between or behind its dots");
    for (const char c : tokens[i]) {
      if (IsBlank(c)) return refused("NATS takes no blanks in it");
    }
    if (tokens[i] != "*" && tokens[i] != ">") continue;
    if (!wildcards) return refused("messages are sent to one subject, without * and >");
    if (tokens[i] == ">" && i + 1 < tokens.size()) return refused("> is the last token only");
  }
  return absl::OkStatus();
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const absl::string_view scheme = SchemeOf(text);
  const absl::string_view rest = text.substr(scheme.size());
  const size_t slash = rest.find('/');
  const absl::string_view hosts = rest.substr(0, slash);
  if (scheme.empty() || hosts.empty() || slash == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "an address is nats://HOST[:PORT]/STREAM[/SUBJECT], or begins with tls://");
  }
  Address address;
  for (absl::string_view host : absl::StrSplit(hosts, ',')) {
    if (host.empty()) return absl::InvalidArgumentError("an address has an empty host");
    address.servers.push_back(absl::StrCat(scheme, host));
  }
  const std::vector<std::string> path = absl::StrSplit(rest.substr(slash + 1), '/');
  address.stream = path[0];
  ABSL_RETURN_IF_ERROR(CheckName("stream", address.stream));
  if (path.size() == 1) return address;
  if (path.size() > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("an address ends with STREAM/SUBJECT, and this one goes on: /", path[2]));
  }
  address.subject = path[1];
  ABSL_RETURN_IF_ERROR(CheckSubject(address.subject, /*wildcards=*/true));
  return address;
}

bool Covers(absl::string_view filter, absl::string_view subject) {
  const std::vector<absl::string_view> filters = absl::StrSplit(filter, '.');
  const std::vector<absl::string_view> tokens = absl::StrSplit(subject, '.');
  for (size_t i = 0; i < filters.size(); ++i) {
    if (i == tokens.size()) return false;
    if (filters[i] == ">") return true;
    if (tokens[i] == ">" || (filters[i] != "*" && filters[i] != tokens[i])) return false;
  }
  return filters.size() == tokens.size();
}

}  // namespace jetstream
