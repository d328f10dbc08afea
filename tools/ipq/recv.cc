// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/message.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/message_writer.h"
#include "tools/ipq/progress.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

// What may be borrowed at a time: should the process be killed, so much is delivered again.
constexpr size_t kBatchMessages = 1024;
constexpr size_t kBatchBytes = size_t{256} << 10;

// Takes messages from one queue and writes them to standard output. All are borrowed until they are
// written: whatever ends it, a message is either in the output or still in the queue.
class Receiver {
 public:
  Receiver(interprocess::Subscriber subscriber, absl::Duration wait, uint64_t count,
           bool one_by_one, Framing framing, bool json)
      : wait_(wait),
        count_(count),
        batch_limit_(one_by_one ? 1 : kBatchMessages),
        json_(json),
        writer_(kStandardOutput, framing,
                one_by_one ? MessageWriter::Delivery::kTaken : MessageWriter::Delivery::kWritten,
                stop_),
        progress_(kStandardOutput),
        subscriber_(std::move(subscriber)) {
    batch_.reserve(batch_limit_);
  }

  // Until `count` messages were written: OK. Otherwise why it ended before: DeadlineExceeded (no
  // message came), Cancelled, Aborted (nobody reads the output), or what went wrong.
  absl::Status Run() {
    while (written_ < count_) {
      if (absl::Status borrowed = BorrowBatch(); !borrowed.ok()) return borrowed;
      if (absl::Status written = WriteBatch(); !written.ok()) return written;
    }
    return absl::OkStatus();
  }

  const StopSignals& stop() const { return stop_; }
  Progress& progress() { return progress_; }
  uint64_t written() const { return written_; }
  uint64_t redelivered() const { return redelivered_; }

 private:
  // Waits for one message, and takes those behind it that are there.
  absl::Status BorrowBatch() {
    const uint64_t limit = std::min<uint64_t>(batch_limit_, count_ - written_);
    absl::StatusOr<interprocess::BorrowedMessage> message =
        subscriber_.Borrow(interprocess::WaitOptions(wait_, stop_.token()));
    ABSL_RETURN_IF_ERROR(message.status());
    for (size_t bytes = 0; message.ok();) {
      bytes += message->bytes().size();
      batch_.push_back(*std::move(message));
      if (batch_.size() == limit || bytes >= kBatchBytes) return absl::OkStatus();
      message = subscriber_.TryBorrow();
    }
    // An error is seen again by the next call; what was borrowed before it is good.
    return absl::OkStatus();
  }

  // Writes the batch and acknowledges what arrived of it. The rest is given back.
  absl::Status WriteBatch() {
    ends_.clear();
    absl::Status status;
    for (const interprocess::BorrowedMessage& message : batch_) {
      status = json_ ? writer_.Add(FormatMessage(message.text(), message.redelivered()))
                     : writer_.Add(message.text());
      if (!status.ok()) break;
      ends_.push_back(writer_.added());
    }
    if (status.ok()) status = writer_.Flush();
    // A message that fills the pipe to its last byte was written, but perhaps not taken.
    const size_t arrived = batch_limit_ == 1 && !status.ok() ? 0 : ArrivedCount();
    uint64_t bytes = 0;
    for (size_t i = 0; i < arrived; ++i) {
      bytes += batch_[i].bytes().size();
      if (batch_[i].redelivered()) ++redelivered_;
      if (absl::Status done = batch_[i].Acknowledge(); !done.ok()) return done;
    }
    batch_.clear();
    written_ += arrived;
    progress_.Add(arrived, bytes);
    return status;
  }

  size_t ArrivedCount() const {
    size_t count = 0;
    while (count < ends_.size() && ends_[count] <= writer_.written()) ++count;
    return count;
  }

  const absl::Duration wait_;
  const uint64_t count_;
  const size_t batch_limit_;
  const bool json_;
  StopSignals stop_;
  MessageWriter writer_;
  Progress progress_;
  interprocess::Subscriber subscriber_;
  std::vector<interprocess::BorrowedMessage> batch_;
  std::vector<uint64_t> ends_;  // of the batch's messages among all bytes added to the writer
  uint64_t written_ = 0;
  uint64_t redelivered_ = 0;
};

// Frees what dead participants hold, which would otherwise come only some time later. Where that
// fails, it comes later.
void ResolveTheDead(const std::string& queue) {
  absl::StatusOr<interprocess::QueueInspector> inspector = Inspect(queue);
  if (inspector.ok()) inspector->Repair().status().IgnoreError();
}

}  // namespace

int Receive(absl::Span<const std::string> arguments) {
  const std::string& queue = arguments[0];
  const bool follow = absl::GetFlag(FLAGS_follow);
  const std::optional<absl::Duration> idle = absl::GetFlag(FLAGS_idle);
  const std::optional<uint64_t> count = absl::GetFlag(FLAGS_count);
  const bool waits = follow || idle.has_value();
  if (follow && idle.has_value()) {
    PrintError("--follow waits for ever, --idle does not: give one of them");
    return kUsage;
  }
  if (absl::GetFlag(FLAGS_json) && absl::GetFlag(FLAGS_framing).has_value()) {
    PrintError("--json has a line for each message and takes no --framing: give one of them");
    return kUsage;
  }
  const char* of_new_queues = absl::GetFlag(FLAGS_capacity).has_value() ? "--capacity"
                              : absl::GetFlag(FLAGS_access).has_value() ? "--access"
                              : !absl::GetFlag(FLAGS_account).empty()   ? "--account"
                              : absl::GetFlag(FLAGS_across_sessions)    ? "--across-sessions"
                                                                        : nullptr;
  if (of_new_queues != nullptr && !waits) {
    PrintError(
        absl::StrCat(of_new_queues, " needs --follow or --idle: without them recv makes no queue"));
    return kUsage;
  }

  absl::StatusOr<interprocess::Subscriber> subscriber =
      waits ? OpenOrCreate<interprocess::Subscriber>(OptionsFor(queue))
            : OpenExisting<interprocess::Subscriber>(OptionsFor(queue));
  if (!subscriber.ok()) return Fail(subscriber.status());
  if (!waits) ResolveTheDead(queue);

  Receiver receiver(
      *std::move(subscriber), follow ? absl::InfiniteDuration() : idle.value_or(kDrainWait),
      count.value_or(std::numeric_limits<uint64_t>::max()), absl::GetFlag(FLAGS_ack),
      absl::GetFlag(FLAGS_framing).value_or(Framing::kLines), absl::GetFlag(FLAGS_json));
  absl::Status status = receiver.Run();
  receiver.progress().Finish();
  if (receiver.redelivered() > 0) {
    PrintError(absl::StrCat("note: ", FormatNumberOf(receiver.redelivered(), "message"),
                            " had been held by a subscriber that died, and may have been dealt "
                            "with before"));
  }
  if (status.ok()) return kOk;
  if (absl::IsDeadlineExceeded(status)) {
    if (!count.has_value()) return kOk;
    PrintError(absl::StrCat("no more messages: ", FormatCount(receiver.written()), " of ",
                            FormatCount(*count), " received"));
    return kTimedOut;
  }
  if (absl::IsAborted(status)) return kBrokenPipe;
  if (absl::IsCancelled(status)) {
    return follow && !count.has_value() ? kOk : kSignalBase + receiver.stop().signal();
  }
  return Fail(status);
}

}  // namespace ipq
