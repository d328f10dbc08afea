// SPDX-License-Identifier: MIT

// Where a stream is: nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][,HOST...]/STREAM[/SUBJECT].

#ifndef INTERPROCESS_TOOLS_JETSTREAM_ADDRESS_H_
#define INTERPROCESS_TOOLS_JETSTREAM_ADDRESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jetstream {

struct Address {
  std::vector<std::string> servers;  // URLs without a path, as the client takes them
  std::string stream;
  std::string subject;  // empty if the address names none
};

// InvalidArgument: what of it is wrong. Subjects may have wildcards.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// InvalidArgument, naming `what` and the character or token that the server refuses.
absl::Status CheckName(absl::string_view what, absl::string_view name);
absl::Status CheckSubject(absl::string_view subject, bool wildcards);

// Whether `filter`, with wildcards, takes all that `subject` may be.
bool Covers(absl::string_view filter, absl::string_view subject);

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_ADDRESS_H_
