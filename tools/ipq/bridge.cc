// SPDX-License-Identifier: MIT

#include "tools/ipq/bridge.h"

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
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"
#include "nlohmann/json.hpp"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/progress.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

using interprocess::BorrowedMessage;
using interprocess::Protocol;
using interprocess::QueueOptions;
using interprocess::WaitOptions;

// What may be in both queues if the process is killed.
constexpr size_t kBatchMessages = 256;
constexpr size_t kBatchBytes = size_t{256} << 10;
// Who borrows from a Cloudtoid queue keeps its other readers out, and may in version 2 for ten
// seconds: no longer than this while there is no room on the other side.
constexpr absl::Duration kHoldForRoom = absl::Seconds(2);

// Moves messages. Each is acknowledged when it is in the other queue: whatever ends this, it is in
// one of the two, or in both.
class Mover {
 public:
  Mover(interprocess::Subscriber from, interprocess::Publisher to, bool holds_briefly,
        absl::Duration wait, uint64_t count)
      : from_(std::move(from)),
        to_(std::move(to)),
        holds_briefly_(holds_briefly),
        wait_(wait),
        count_(count),
        progress_(-1) {}

  // As recv's: OK when `count` messages were moved, else why it ended before.
  absl::Status Run() {
    while (moved_ < count_) {
      if (absl::Status borrowed = BorrowBatch(); !borrowed.ok()) return borrowed;
      if (absl::Status moved = MoveBatch(); !moved.ok()) return moved;
    }
    return absl::OkStatus();
  }

  const StopSignals& stop() const { return stop_; }
  Progress& progress() { return progress_; }
  uint64_t moved() const { return moved_; }

 private:
  // Waits for one message, and takes those behind it that are there and may be had.
  absl::Status BorrowBatch() {
    batch_.clear();
    const uint64_t limit = std::min<uint64_t>(kBatchMessages, count_ - moved_);
    absl::StatusOr<BorrowedMessage> message = from_.Borrow(WaitOptions(wait_, stop_.token()));
    ABSL_RETURN_IF_ERROR(message.status());
    for (size_t bytes = 0; message.ok();) {
      bytes += message->bytes().size();
      batch_.push_back(*std::move(message));
      if (batch_.size() == limit || bytes >= kBatchBytes) break;
      message = from_.TryBorrow();
    }
    return absl::OkStatus();
  }

  absl::Status MoveBatch() {
    std::vector<absl::Span<const uint8_t>> bytes;
    for (const BorrowedMessage& message : batch_) bytes.push_back(message.bytes());
    for (size_t next = 0; next < batch_.size();) {
      absl::StatusOr<size_t> in = to_.TryEnqueueBatch(absl::MakeConstSpan(bytes).subspan(next));
      ABSL_RETURN_IF_ERROR(in.status());
      if (*in == 0) {
        const absl::Duration wait = holds_briefly_ ? kHoldForRoom : absl::InfiniteDuration();
        const absl::Status waited = to_.Enqueue(bytes[next], WaitOptions(wait, stop_.token()));
        // Back to where they were, for a while: others may read them.
        if (holds_briefly_ && absl::IsDeadlineExceeded(waited)) break;
        ABSL_RETURN_IF_ERROR(waited);
        in = 1;
      }
      for (size_t end = next + *in; next < end; ++next) Count(batch_[next], bytes[next].size());
    }
    batch_.clear();
    return absl::OkStatus();
  }

  void Count(BorrowedMessage& message, size_t bytes) {
    // If that fails its time was over, and another reader has it as well.
    message.Acknowledge().IgnoreError();
    ++moved_;
    progress_.Add(1, bytes);
  }

  interprocess::Subscriber from_;
  interprocess::Publisher to_;
  const bool holds_briefly_;
  const absl::Duration wait_;
  const uint64_t count_;
  StopSignals stop_;
  Progress progress_;
  std::vector<BorrowedMessage> batch_;
  uint64_t moved_ = 0;
};

// The flags that say something of a stream.
std::string StreamFlag() {
  const std::pair<const char*, bool> given[] = {
      {"create", absl::GetFlag(FLAGS_create)},
      {"headers", absl::GetFlag(FLAGS_headers)},
      {"dead-letter", !absl::GetFlag(FLAGS_dead_letter).empty()},
      {"consumer", !absl::GetFlag(FLAGS_consumer).empty()},
      {"retention", !absl::GetFlag(FLAGS_retention).empty()},
      {"max-age", absl::GetFlag(FLAGS_max_age).has_value()},
      {"duplicate-window", absl::GetFlag(FLAGS_duplicate_window).has_value()},
      {"ack-wait", absl::GetFlag(FLAGS_ack_wait).has_value()},
      {"creds", !absl::GetFlag(FLAGS_creds).empty()},
      {"tls-ca", !absl::GetFlag(FLAGS_tls_ca).empty()},
      {"tls-cert", !absl::GetFlag(FLAGS_tls_cert).empty()},
      {"tls-key", !absl::GetFlag(FLAGS_tls_key).empty()},
  };
  for (const auto& [name, is_given] : given) {
    if (is_given) return name;
  }
  return "";
}

}  // namespace

QueueOptions BridgeQueue(absl::string_view argument) {
  for (Protocol protocol : interprocess::kAllProtocols) {
    absl::string_view name = argument;
    if (!absl::ConsumePrefix(&name, absl::StrCat(interprocess::ProtocolName(protocol), ":"))) {
      continue;
    }
    QueueOptions options = OptionsFor(name);
    options.protocol = protocol;
    return options;
  }
  return OptionsFor(argument);
}

int EndBridge(const absl::Status& status, uint64_t moved, const StopSignals& stop) {
  const std::optional<uint64_t> count = absl::GetFlag(FLAGS_count);
  if (status.ok()) return kOk;
  if (absl::IsDeadlineExceeded(status)) {
    if (!count.has_value()) return kOk;
    PrintError(absl::StrCat("no more messages: ", FormatCount(moved), " of ", FormatCount(*count),
                            " moved"));
    return kTimedOut;
  }
  if (absl::IsCancelled(status)) {
    return absl::GetFlag(FLAGS_follow) && !count.has_value() ? kOk : kSignalBase + stop.signal();
  }
  return Fail(status);
}

int Bridge(absl::Span<const std::string> arguments) {
  const bool follow = absl::GetFlag(FLAGS_follow);
  const std::optional<absl::Duration> idle = absl::GetFlag(FLAGS_idle);
  const std::optional<uint64_t> count = absl::GetFlag(FLAGS_count);
  if (follow && idle.has_value()) {
    PrintError("--follow waits for ever, --idle does not: give one of them");
    return kUsage;
  }
  if (IsStream(arguments[0]) || IsStream(arguments[1])) return BridgeStream(arguments);
  if (const std::string flag = StreamFlag(); !flag.empty()) {
    PrintError(absl::StrCat("--", flag, " is for streams: give a nats:// address"));
    return kUsage;
  }
  const QueueOptions from = BridgeQueue(arguments[0]);
  QueueOptions to = BridgeQueue(arguments[1]);
  if (!absl::GetFlag(FLAGS_to_dir).empty()) to.directory = absl::GetFlag(FLAGS_to_dir);
  if (from.name == to.name && from.protocol == to.protocol && from.directory == to.directory) {
    PrintError("the two queues are the same one");
    return kUsage;
  }
  absl::StatusOr<interprocess::Publisher> publisher = OpenOrCreate<interprocess::Publisher>(to);
  if (!publisher.ok()) return Fail(publisher.status());
  absl::StatusOr<interprocess::Subscriber> subscriber =
      follow || idle.has_value() ? OpenOrCreate<interprocess::Subscriber>(from)
                                 : OpenExisting<interprocess::Subscriber>(from);
  if (!subscriber.ok()) return Fail(subscriber.status());

  Mover mover(*std::move(subscriber), *std::move(publisher), from.protocol != Protocol::kNative,
              follow ? absl::InfiniteDuration() : idle.value_or(kDrainWait),
              count.value_or(std::numeric_limits<uint64_t>::max()));
  absl::Status status = mover.Run();
  mover.progress().Finish();
  if (absl::GetFlag(FLAGS_json)) {
    const int printed = PrintOutput(absl::StrCat(
        nlohmann::json({{"event", "done"}, {"messages", mover.moved()}}).dump(), "\n"));
    if (printed != kOk) return printed;
  }
  return EndBridge(status, mover.moved(), mover.stop());
}

}  // namespace ipq
