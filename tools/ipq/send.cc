// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/flags/flag.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/wait_options.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/message_reader.h"
#include "tools/ipq/progress.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

// Sends inputs to one queue.
class Sender {
 public:
  Sender(interprocess::Publisher publisher, absl::Duration wait, Framing framing, int first_input)
      : publisher_(std::move(publisher)), wait_(wait), framing_(framing), progress_(first_input) {}

  absl::Status SendFile(const std::string& path) {
    if (path == "-") return SendDescriptor(kStandardInput, "standard input");
    const absl::StatusOr<int> input = OpenInput(path);
    // Not the error's own code: a missing file is no missing queue.
    if (!input.ok()) {
      const bool missing = absl::IsNotFound(input.status());
      return absl::UnknownError(
          absl::StrCat(path, ": ", input.status().message(),
                       missing ? "; --message sends a text: ipq send QUEUE --message TEXT" : ""));
    }
    absl::Cleanup closer = [&input] { CloseInput(*input); };
    return SendDescriptor(*input, path);
  }

  // Each text is a message.
  absl::Status SendTexts(const std::vector<std::string>& texts) {
    const auto name = [](size_t index) { return absl::StrCat("--message ", index + 1); };
    std::vector<MessageReader::Bytes> messages;
    for (const std::string& text : texts) {
      if (text.size() > publisher_.max_message_size()) {
        return absl::UnknownError(
            absl::StrCat(name(messages.size()), ": too large a message: ", FormatBytes(text.size()),
                         "; the queue takes at most ", FormatBytes(publisher_.max_message_size())));
      }
      messages.emplace_back(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    }
    return SendAll(messages, name);
  }

  Progress& progress() { return progress_; }
  const StopSignals& stop() const { return stop_; }

 private:
  absl::Status SendDescriptor(int descriptor, const std::string& label) {
    MessageReader reader(descriptor, label, framing_, publisher_.max_message_size(), stop_);
    for (;;) {
      absl::StatusOr<absl::Span<const MessageReader::Bytes>> messages = reader.Next();
      if (!messages.ok()) {
        // What is wrong with an input is a failure, not a wrong use or a missing queue.
        if (absl::IsCancelled(messages.status())) return messages.status();
        return absl::UnknownError(Describe(messages.status()));
      }
      if (messages->empty()) return absl::OkStatus();
      const absl::Status sent =
          SendAll(*messages, [&reader](size_t index) { return reader.Name(index); });
      ABSL_RETURN_IF_ERROR(sent);
    }
  }

  // `name_of` says in errors which message it is.
  absl::Status SendAll(absl::Span<const MessageReader::Bytes> messages,
                       absl::FunctionRef<std::string(size_t)> name_of) {
    for (size_t next = 0; next < messages.size();) {
      ABSL_ASSIGN_OR_RETURN(const size_t sent, publisher_.TryEnqueueBatch(messages.subspan(next)));
      Count(messages.subspan(next, sent));
      next += sent;
      if (next == messages.size()) break;
      absl::Status waited = Enqueue(messages[next]);
      if (absl::IsDeadlineExceeded(waited)) {
        return absl::DeadlineExceededError(absl::StrCat(
            name_of(next), ": the queue is full, and had no room for ",
            FormatBytes(messages[next].size()), " within ", absl::FormatDuration(wait_)));
      }
      if (!waited.ok()) return waited;
      Count(messages.subspan(next, 1));
      ++next;
    }
    return absl::OkStatus();
  }

  absl::Status Enqueue(MessageReader::Bytes message) {
    // A full queue that nobody reads should not look like a program that hangs.
    const absl::Duration silent = std::min(wait_, absl::Seconds(1));
    absl::Status waited =
        publisher_.Enqueue(message, interprocess::WaitOptions(silent, stop_.token()));
    if (!absl::IsDeadlineExceeded(waited) || silent == wait_) return waited;
    progress_.ShowWaiting("waiting for room");
    return publisher_.Enqueue(message, interprocess::WaitOptions(wait_ - silent, stop_.token()));
  }

  void Count(absl::Span<const MessageReader::Bytes> sent) {
    uint64_t bytes = 0;
    for (const MessageReader::Bytes& message : sent) bytes += message.size();
    progress_.Add(sent.size(), bytes);
  }

  interprocess::Publisher publisher_;
  const absl::Duration wait_;
  const Framing framing_;
  StopSignals stop_;
  Progress progress_;
};

// A queue of a Cloudtoid format goes with its last participant, which may be this one: it stays
// until all was read.
int WaitUntilRead(const std::string& queue, const Sender& sender) {
  constexpr absl::Duration kPause = absl::Milliseconds(5);
  const interprocess::Protocol protocol = OptionsFor(queue).protocol;
  if (protocol != interprocess::Protocol::kCloudtoidV2 &&
      protocol != interprocess::Protocol::kCloudtoidV3) {
    return kOk;
  }
  const absl::Time give_up =
      absl::Now() + absl::GetFlag(FLAGS_wait).value_or(absl::InfiniteDuration());
  for (;; absl::SleepFor(kPause)) {
    auto inspector = interprocess::QueueInspector::Open(queue, absl::GetFlag(FLAGS_dir), protocol);
    if (!inspector.ok()) return Fail(inspector.status());
    const absl::StatusOr<interprocess::QueueReport> report = inspector->Report();
    if (!report.ok()) return Fail(report.status());
    const uint64_t left = report->ready + report->claimed + report->reserved;
    if (left == 0) return kOk;
    if (sender.stop().stopped() || absl::Now() >= give_up) {
      PrintError(absl::StrCat(FormatNumberOf(left, "message"),
                              " not read yet; if nobody else is attached, the queue is gone with ",
                              left == 1 ? "it" : "them"));
      return sender.stop().stopped() ? kSignalBase + sender.stop().signal() : kTimedOut;
    }
  }
}

}  // namespace

int Send(absl::Span<const std::string> arguments) {
  std::vector<std::string> inputs(arguments.begin() + 1, arguments.end());
  const std::vector<std::string> texts = absl::GetFlag(FLAGS_message).texts;
  if (!texts.empty() && !inputs.empty()) {
    PrintError(absl::StrCat("\"", inputs[0],
                            "\" is a file to send, and --message sends no files: "
                            "give one of them"));
    return kUsage;
  }
  if (texts.empty() && inputs.empty()) inputs.push_back("-");
  if (std::find(inputs.begin(), inputs.end(), "-") != inputs.end()) {
    const absl::Status usable = CheckStandardStream(kStandardInput);
    if (!usable.ok()) return Fail(usable);
  }

  absl::StatusOr<interprocess::Publisher> publisher =
      OpenOrCreate<interprocess::Publisher>(OptionsFor(arguments[0]));
  if (!publisher.ok()) return Fail(publisher.status());

  Sender sender(*std::move(publisher), absl::GetFlag(FLAGS_wait).value_or(absl::InfiniteDuration()),
                absl::GetFlag(FLAGS_framing).value_or(Framing::kLines),
                !inputs.empty() && inputs[0] == "-" ? kStandardInput : -1);
  absl::Status sent = sender.SendTexts(texts);
  for (size_t i = 0; sent.ok() && i < inputs.size(); ++i) sent = sender.SendFile(inputs[i]);
  if (sent.ok()) return WaitUntilRead(arguments[0], sender);

  sender.progress().Finish();
  const std::string so_far = FormatNumberOf(sender.progress().messages(), "message");
  if (absl::IsCancelled(sent)) {
    PrintError(absl::StrCat("stopped: ", so_far, " sent"));
    return kSignalBase + sender.stop().signal();
  }
  const int code = Fail(sent);
  PrintError(absl::StrCat(so_far, " sent"));
  return code;
}

}  // namespace ipq
