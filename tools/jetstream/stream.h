// SPDX-License-Identifier: MIT

// Makes streams and consumers as the bridge's promises need them, or checks those that are there.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_STREAM_H_
#define INTERPROCESS_TOOLS_JETSTREAM_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/jetstream/client.h"

namespace jetstream {

struct StreamOptions {
  std::string stream;
  std::string subject;  // empty: the stream's only one
  bool create = false;  // makes what is missing
  // What a stream that is made gets, and what one that is there must have if it is given.
  std::optional<std::string> retention;  // "limits", "workqueue" or "interest"; else limits
  std::optional<absl::Duration> duplicate_window;  // else two minutes, or what the stream has
  std::optional<absl::Duration> max_age;           // else none, or what the stream has
};

struct Stream {
  std::string created;  // when, as the server says it: tells it from another of its name
  std::string subject;
  std::vector<std::string> subjects;
  absl::Duration duplicate_window;
  size_t max_message_size = 0;  // 0: as the server's
};

// For messages that are sent to `subject`, or taken from it. FailedPrecondition: there is none and
// none is to be made, or it differs from what is needed; each difference is named.
absl::StatusOr<Stream> PrepareStream(Client& client, const StreamOptions& options, bool sends);

struct ConsumerOptions {
  std::string stream;
  std::string name;
  std::string filter;  // empty: every subject of the stream
  bool create = false;
  std::optional<absl::Duration> ack_wait;  // else 30 seconds, or what the consumer has
};

struct Consumer {
  std::string created;
  absl::Duration ack_wait;
  int64_t max_ack_pending = 0;  // messages; 0: any number
};

absl::StatusOr<Consumer> PrepareConsumer(Client& client, const ConsumerOptions& options);

struct Progress {
  // Messages that the consumer has not delivered yet, or that nobody has acknowledged yet.
  uint64_t outstanding = 0;
  // Every sequence up to this one was acknowledged.
  uint64_t floor = 0;
};
absl::StatusOr<Progress> LookAtConsumer(Client& client, const std::string& stream,
                                        const std::string& consumer);

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_STREAM_H_
