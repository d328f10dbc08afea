// SPDX-License-Identifier: MIT

// Moves messages from a queue to a JetStream stream: each exactly once, within the stream's
// duplicate window.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_QUEUE_TO_STREAM_H_
#define INTERPROCESS_TOOLS_JETSTREAM_QUEUE_TO_STREAM_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "interprocess/message.h"
#include "interprocess/queue_options.h"
#include "interprocess/stop_token.h"
#include "interprocess/subscriber.h"
#include "tools/jetstream/client.h"
#include "tools/jetstream/delivered_log.h"
#include "tools/jetstream/observer.h"
#include "tools/jetstream/stream.h"

namespace jetstream {

struct QueueToStreamOptions {
  interprocess::QueueOptions queue;
  StreamOptions stream;
  // Whether the queue's messages begin with a header block (header_block.h).
  bool headers = false;
  // Where messages go that are too large for the stream, in parts; empty: such a one ends the run.
  std::string dead_letter;
  // How long to wait for a message; infinite: for ever.
  absl::Duration idle = absl::InfiniteDuration();
  uint64_t count = std::numeric_limits<uint64_t>::max();
  // After a stop was asked for: how long to wait for what is under way.
  absl::Duration drain = absl::Seconds(5);
  // What may be under way: borrowed from the queue and not acknowledged by the server.
  size_t max_messages = 4096;
  size_t max_bytes = size_t{16} << 20;
};

// A message is borrowed from the queue, sent with an id made of the queue's `unique` and the
// message's position, and acknowledged when the server has acknowledged it. Killed at any step, the
// message is in the queue: whoever takes it next sends it under the same id, and the server drops
// what it has. Where the server does not answer, is cut off or refuses, nothing more is taken, and
// what is under way is sent again, under the same ids, until it is acknowledged.
class QueueToStream {
 public:
  // `client` and `observer` outlive it. Looks at the stream, or makes it.
  static absl::StatusOr<std::unique_ptr<QueueToStream>> Open(Client& client,
                                                             interprocess::Subscriber from,
                                                             QueueToStreamOptions options,
                                                             Observer& observer);

  // Until `count` messages are in the stream (OK), or: DeadlineExceeded, none came for `idle`;
  // Cancelled, `stop` asked for it; another error. In all cases what was under way is acknowledged
  // or back in the queue.
  absl::Status Run(const interprocess::StopToken& stop);

  const Totals& totals() const { return totals_; }

 private:
  using Clock = std::chrono::steady_clock;

  // A message under way.
  struct Entry {
    std::optional<interprocess::BorrowedMessage> message;  // none: acknowledged
    std::string id;
    Clock::time_point first_sent;
    Clock::time_point due;  // when it is sent again
    bool outside_window = false;
  };

  QueueToStream(Client& client, interprocess::Subscriber from, QueueToStreamOptions options,
                Stream stream, Observer& observer);

  absl::Status Move(const interprocess::StopToken& stop);
  absl::Status Drain(const interprocess::StopToken& stop);
  absl::Status Pause(const interprocess::StopToken& stop);
  absl::StatusOr<interprocess::BorrowedMessage> BorrowNext(const interprocess::StopToken& stop);
  absl::Status Take(interprocess::BorrowedMessage message);
  absl::Status SendDeadLetter(interprocess::BorrowedMessage& message, const std::string& id,
                              const std::string& why);
  void Send(uint64_t number, Entry& entry, const Headers& headers, absl::string_view body)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendAgain();
  void Report();
  void ReadAnswers();
  void Answered(const Incoming& answer);
  void Refuse(Entry& entry, std::string why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WaitForAnswers(absl::Duration wait);
  std::string NextId(const interprocess::BorrowedMessage& message);
  Headers HeadersFor(const interprocess::BorrowedMessage& message, const std::string& id,
                     absl::string_view& body) const;
  bool Empty() const;
  bool Full() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Client& client_;
  interprocess::Subscriber from_;
  const QueueToStreamOptions options_;
  const Stream stream_;
  Observer& observer_;
  const std::string queue_name_;  // with its format
  const std::string publisher_;
  const bool lends_briefly_;
  const AliveMark mark_;
  const bool gap_outside_window_;  // since a bridge last had messages under way
  std::unique_ptr<Client::Subscription> answers_;
  std::atomic<bool> ended_{false};

  uint64_t unique_;
  uint64_t next_number_ = 0;  // in place of positions, where the format has none
  uint64_t taken_ = 0;
  uint64_t seen_reconnections_ = 0;
  bool was_connected_ = true;
  Clock::time_point last_message_;
  Clock::time_point next_look_;
  Clock::time_point next_mark_;
  Totals totals_;

  mutable absl::Mutex mutex_;
  absl::CondVar answered_;
  // Entry `number` lies at its remainder; those from first_ to next_ may be under way.
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t open_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;  // nothing more may be under way
  Totals answered_totals_ ABSL_GUARDED_BY(mutex_);
  std::string refusal_ ABSL_GUARDED_BY(mutex_);   // the server's last; empty when it takes messages
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // what nothing is sent after
};

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_QUEUE_TO_STREAM_H_
