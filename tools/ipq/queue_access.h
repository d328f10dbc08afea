// SPDX-License-Identifier: MIT

// How the verbs open queues.

#ifndef INTERPROCESS_TOOLS_IPQ_QUEUE_ACCESS_H_
#define INTERPROCESS_TOOLS_IPQ_QUEUE_ACCESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "tools/ipq/flags.h"

namespace ipq {

// The options that --dir, --protocol (native without it), --capacity, --access,
// --account and --across-sessions ask for.
interprocess::QueueOptions OptionsFor(absl::string_view queue);

// How long a queue must show no message to be called empty. A message that a live publisher is just
// writing keeps those behind it back for about a millisecond, one that a dead publisher left for
// 10: an end sooner would miss what is there.
inline constexpr absl::Duration kDrainWait = absl::Milliseconds(20);

// The format of the queue of that name: that of --protocol; without it that of the only one there
// is of that name, of whatever format, in --dir or the formats' own directories. InvalidArgument if
// there are several; kNative if there is none.
absl::StatusOr<interprocess::Protocol> FindProtocol(const std::string& queue);

// The queues in --dir of all formats, or that of --protocol, and what looks like one.
absl::StatusOr<std::vector<interprocess::QueueEntry>> ListEntries();

// An inspector of the queue, found as by FindProtocol.
absl::StatusOr<interprocess::QueueInspector> Inspect(const std::string& queue);

template <typename Endpoint>
absl::StatusOr<Endpoint> OpenExisting(interprocess::QueueOptions options) {
  options.mode = interprocess::OpenMode::kOpenExisting;
  return Endpoint::Open(options);
}

// Opens the queue, or makes it. If --capacity was given, an existing one must have it.
template <typename Endpoint>
absl::StatusOr<Endpoint> OpenOrCreate(interprocess::QueueOptions options) {
  if (absl::GetFlag(FLAGS_capacity).has_value()) return Endpoint::Open(options);
  // Whoever does not say what the queue should be like takes it as it is. Each round lost means
  // that somebody else made or removed it.
  options.mode = interprocess::OpenMode::kCreateNew;
  for (;;) {
    absl::StatusOr<Endpoint> existing = OpenExisting<Endpoint>(options);
    if (!absl::IsNotFound(existing.status())) return existing;
    absl::StatusOr<Endpoint> made = Endpoint::Open(options);
    if (!absl::IsAlreadyExists(made.status())) return made;
  }
}

// What the queue was made for one of at a time, as "one publisher, one subscriber"; empty if for
// any number of both.
std::string OneAtATime(const interprocess::QueueReport& report);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_QUEUE_ACCESS_H_
