// SPDX-License-Identifier: MIT

// What the server says to the messages that were sent.

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status_macros.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/jetstream/header_block.h"
#include "tools/jetstream/json_field.h"
#include "tools/jetstream/queue_to_stream.h"
#include "tools/jetstream/step.h"

namespace jetstream {
namespace {

using interprocess::BorrowedMessage;
using nlohmann::json;

constexpr absl::Duration kWaitForAnswer = absl::Milliseconds(100);
constexpr std::chrono::milliseconds kRefusedWait{500};
constexpr absl::Duration kDeadLetterWait = absl::Seconds(5);
// The server's number for a message above the stream's own limit.
constexpr int kMessageTooLarge = 10054;

}  // namespace

void QueueToStream::ReadAnswers() {
  while (!ended_.load(std::memory_order_acquire)) {
    const Incoming answer = answers_->Next(kWaitForAnswer);
    if (answer) Answered(answer);
  }
}

void QueueToStream::Answered(const Incoming& answer) {
  const absl::string_view subject = answer.subject();
  uint64_t number;
  if (!absl::SimpleAtoi(subject.substr(subject.rfind('.') + 1), &number)) return;
  const json said = ParseObject(answer.text());
  const absl::MutexLock lock(mutex_);
  if (number < first_ || number >= next_) return;  // it was answered before
  Entry& entry = entries_[number % entries_.size()];
  if (!entry.message.has_value()) return;
  const absl::Cleanup tell = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (open_ == 0 || !Full()) answered_.Signal();
  };
  if (!IsStored(said)) {
    if (!said.contains("error")) {
      Refuse(entry, absl::StrCat("no stream takes ", stream_.subject, " now"));
      return;
    }
    const json& error = said["error"];
    const std::string why =
        absl::StrCat("the server refuses messages: ",
                     Field<std::string>(error, "description", "it gives no reason"));
    if (Field(error, "err_code", 0) == kMessageTooLarge) {
      failure_ = absl::FailedPreconditionError(why);
    }
    Refuse(entry, why);
    return;
  }
  if (const auto stream = Field<std::string>(said, "stream", "");
      stream != options_.stream.stream) {
    failure_ = absl::FailedPreconditionError(absl::StrCat("subject ", stream_.subject,
                                                          " is stream ", stream, "'s, no more ",
                                                          options_.stream.stream, "'s"));
  }
  --open_;
  open_bytes_ -= entry.message->bytes().size();
  ++answered_totals_.messages;
  answered_totals_.bytes += entry.message->bytes().size();
  if (Field(said, "duplicate", false)) ++answered_totals_.repeats;
  refusal_.clear();
  JETSTREAM_STEP("to_stream.answered");
  // If that fails its time was over (Cloudtoid's version 2), and another reader has it as well.
  entry.message->Acknowledge().IgnoreError();
  JETSTREAM_STEP("to_stream.acknowledged");
  entry.message.reset();
  while (first_ < next_ && !entries_[first_ % entries_.size()].message.has_value()) ++first_;
}

void QueueToStream::Refuse(Entry& entry, std::string why) {
  entry.due = Clock::now() + kRefusedWait;
  refusal_ = std::move(why);
}

absl::Status QueueToStream::SendDeadLetter(BorrowedMessage& message, const std::string& id,
                                           const std::string& why) {
  const absl::string_view all = message.text();
  // Less than both limits, headers included; a stream for dead letters has limits of its own.
  const size_t most = client_.max_payload() / 2;
  const size_t parts = std::max<size_t>(1, (all.size() + most - 1) / most);
  for (size_t part = 0; part < parts;) {
    const absl::string_view bytes = all.substr(part * most, most);
    const Headers headers = {{kMessageId, absl::StrCat(id, ".", part)},
                             {kPublisher, publisher_},
                             {kPart, absl::StrCat(part + 1, "/", parts)},
                             {kReason, why}};
    const absl::StatusOr<Incoming> answer = client_.Request(
        options_.dead_letter, headers,
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
        kDeadLetterWait);
    if (!answer.ok() || !IsStored(ParseObject(answer->text()))) {
      return absl::UnavailableError(absl::StrCat(
          why, "; it cannot go to dead-letter subject ", options_.dead_letter, ": ",
          answer.ok() ? answer->text() : answer.status().message(), ". It stays in the queue"));
    }
    ++part;
  }
  const size_t size = all.size();
  ABSL_RETURN_IF_ERROR(message.Acknowledge());
  observer_.Happened({{"event", "dead_letter"}, {"subject", options_.dead_letter}, {"why", why}});
  const absl::MutexLock lock(mutex_);
  ++answered_totals_.messages;
  answered_totals_.bytes += size;
  ++answered_totals_.dead_letters;
  return absl::OkStatus();
}

}  // namespace jetstream
