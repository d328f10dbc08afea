// SPDX-License-Identifier: MIT

// Moves messages from a JetStream stream to a queue: each at least once, and at most those twice
// that were under way when a bridge was killed.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_STREAM_TO_QUEUE_H_
#define INTERPROCESS_TOOLS_JETSTREAM_STREAM_TO_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/stop_token.h"
#include "tools/jetstream/client.h"
#include "tools/jetstream/delivered_log.h"
#include "tools/jetstream/observer.h"
#include "tools/jetstream/stream.h"

namespace jetstream {

struct StreamToQueueOptions {
  interprocess::QueueOptions queue;
  StreamOptions stream;
  ConsumerOptions consumer;
  // Whether the queue's messages begin with a header block (header_block.h). Without it a message
  // that may have come before is not marked.
  bool headers = false;
  // Where messages go that are too large for the queue; empty: such a one ends the run.
  std::string dead_letter;
  // How long to wait for a message; infinite: for ever.
  absl::Duration idle = absl::InfiniteDuration();
  uint64_t count = std::numeric_limits<uint64_t>::max();
};

// A message's sequence is noted as begun, the message is enqueued, noted as done, and acknowledged.
// The server delivers again what was not acknowledged: what is done is acknowledged only; what is
// begun, or was delivered to another bridge, is enqueued, marked as redelivered. While the queue is
// full nothing more is asked for, and the server hears that what is under way still is.
class StreamToQueue {
 public:
  // `client` and `observer` outlive it. Looks at stream and consumer, or makes them.
  static absl::StatusOr<std::unique_ptr<StreamToQueue>> Open(Client& client,
                                                             interprocess::Publisher to,
                                                             StreamToQueueOptions options,
                                                             Observer& observer);

  // Until `count` messages are in the queue (OK), or: DeadlineExceeded, none came for `idle` and
  // the stream has none left; Cancelled, `stop` asked for it; another error. In all cases what was
  // under way is in the queue or the server's again.
  absl::Status Run(const interprocess::StopToken& stop);

  const Totals& totals() const { return totals_; }

 private:
  using Clock = std::chrono::steady_clock;

  // What a message's reply subject says.
  struct Delivery {
    std::string reply;
    DeliveredLog::Key key;
    uint64_t deliveries = 0;
  };
  struct Message {
    Incoming incoming;
    Delivery delivery;
    std::string made;  // with its header block; empty: the bytes as they came
    bool redelivered = false;

    absl::Span<const uint8_t> bytes() const;
  };

  StreamToQueue(Client& client, interprocess::Publisher to, StreamToQueueOptions options,
                Stream stream, Consumer consumer, DeliveredLog log, Observer& observer)
      : client_(client),
        to_(std::move(to)),
        options_(std::move(options)),
        stream_(std::move(stream)),
        consumer_(consumer),
        log_(std::move(log)),
        observer_(observer),
        seen_reconnections_(client.reconnections()) {}

  static bool ParseReply(const char* reply, Delivery& delivery);
  absl::Status Move(const interprocess::StopToken& stop);
  absl::Status Pause(const interprocess::StopToken& stop);
  void AskForMore();
  void RaiseFloor(const DeliveredLog::Key& last, Clock::time_point now);
  absl::Status Take(Incoming incoming);
  absl::Status NoteAnswer(const Incoming& answer);
  absl::Status Deliver(const interprocess::StopToken& stop);
  absl::Status WaitForRoom(size_t next, const interprocess::StopToken& stop);
  absl::Status SendDeadLetter(const Message& message, const std::string& why);
  void Finish(const Message& message);
  void Answer(const std::string& reply, absl::string_view what);
  void GiveBackRest();

  Client& client_;
  interprocess::Publisher to_;
  const StreamToQueueOptions options_;
  const Stream stream_;
  const Consumer consumer_;
  DeliveredLog log_;
  Observer& observer_;
  std::unique_ptr<Client::Subscription> inbox_;
  uint64_t asks_ = 0;          // requests for messages so far
  size_t asked_for_ = 0;       // messages that they bring at least, unless they end before
  Clock::time_point ask_end_;  // when the server has forgotten the last
  Clock::time_point next_ask_;
  Clock::time_point next_floor_;
  DeliveredLog::Key floor_candidate_;  // delivered; the floor is raised to it once it is below
  bool unsent_ = false;                // whether something was published and not flushed
  uint64_t seen_reconnections_;
  bool was_connected_ = true;
  double average_size_ = 64 << 10;  // of messages, in bytes
  std::vector<Message> batch_;
  absl::btree_set<uint64_t> batch_sequences_;
  size_t batch_bytes_ = 0;
  Totals totals_;
};

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_STREAM_TO_QUEUE_H_
