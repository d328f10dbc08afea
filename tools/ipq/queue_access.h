// How the verbs open queues.

#ifndef TOOLS_IPQ_QUEUE_ACCESS_H_
#define TOOLS_IPQ_QUEUE_ACCESS_H_

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "interprocess/queue_options.h"
#include "tools/ipq/flags.h"

namespace ipq {

inline interprocess::QueueOptions OptionsFor(absl::string_view queue) {
  interprocess::QueueOptions options;
  options.name = std::string(queue);
  options.directory = absl::GetFlag(FLAGS_dir);
  return options;
}

template <typename Endpoint>
absl::StatusOr<Endpoint> OpenExisting(absl::string_view queue) {
  interprocess::QueueOptions options = OptionsFor(queue);
  options.mode = interprocess::OpenMode::kOpenExisting;
  return Endpoint::Open(options);
}

// Opens the queue, or makes it. If --capacity was given, an existing one must have it.
template <typename Endpoint>
absl::StatusOr<Endpoint> OpenOrCreate(absl::string_view queue) {
  interprocess::QueueOptions options = OptionsFor(queue);
  if (const auto capacity = absl::GetFlag(FLAGS_capacity); capacity.has_value()) {
    options.capacity = capacity->bytes;
    return Endpoint::Open(options);
  }
  // Whoever does not say what the queue should be like takes it as it is. Each round lost means
  // that somebody else made or removed it.
  for (;;) {
    absl::StatusOr<Endpoint> existing = OpenExisting<Endpoint>(queue);
    if (!absl::IsNotFound(existing.status())) return existing;
    options.mode = interprocess::OpenMode::kCreateNew;
    absl::StatusOr<Endpoint> made = Endpoint::Open(options);
    if (!absl::IsAlreadyExists(made.status())) return made;
  }
}

}  // namespace ipq

#endif  // TOOLS_IPQ_QUEUE_ACCESS_H_
