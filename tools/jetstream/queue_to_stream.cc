// SPDX-License-Identifier: MIT

#include "tools/jetstream/queue_to_stream.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "interprocess/wait_options.h"
#include "tools/jetstream/header_block.h"
#include "tools/jetstream/step.h"

namespace jetstream {
namespace {

using interprocess::BorrowedMessage;
using interprocess::Protocol;
using interprocess::StopToken;

// The longest waits for one thing, after which the others are looked at.
constexpr absl::Duration kWaitWhileEmpty = absl::Seconds(1);
constexpr absl::Duration kWaitWhileUnderWay = absl::Milliseconds(100);
constexpr std::chrono::milliseconds kLookInterval{100};
// Without an answer for so long, or after a refusal, a message is sent again.
constexpr std::chrono::milliseconds kAnswerWait{5000};
constexpr std::chrono::milliseconds kRefusedWait{500};
// As many are tried while the server refuses.
constexpr int kTriesWhileRefused = 16;
constexpr std::chrono::milliseconds kMarkInterval{1000};
// Who borrows from a Cloudtoid queue keeps its other readers out, and may in version 2 for ten
// seconds.
constexpr std::chrono::milliseconds kBriefLoan{2000};
// The client writes "NATS/1.0\r\n" and "\r\n", and of each header ": " and "\r\n".
constexpr size_t kHeaderBytes = 12;
constexpr size_t kBytesPerHeader = 4;

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  return name;
}

size_t SizeOf(const Headers& headers) {
  size_t size = kHeaderBytes;
  for (const auto& [name, value] : headers) size += name.size() + value.size() + kBytesPerHeader;
  return size;
}

std::string MarkPath(const interprocess::QueueOptions& queue, const StreamOptions& stream) {
  const std::string directory =
      queue.directory.empty() ? interprocess::DefaultDirectory(queue.protocol) : queue.directory;
  return absl::StrCat(directory, "/.", queue.name.substr(0, 100), ".to.",
                      stream.stream.substr(0, 100), ".mark");
}

uint64_t RandomNumber() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

absl::StatusOr<std::unique_ptr<QueueToStream>> QueueToStream::Open(Client& client,
                                                                   interprocess::Subscriber from,
                                                                   QueueToStreamOptions options,
                                                                   Observer& observer) {
  ABSL_ASSIGN_OR_RETURN(Stream stream, PrepareStream(client, options.stream, /*sends=*/true));
  auto bridge = std::unique_ptr<QueueToStream>(
      new QueueToStream(client, std::move(from), std::move(options), std::move(stream), observer));
  ABSL_ASSIGN_OR_RETURN(bridge->answers_, client.SubscribeInbox());
  return bridge;
}

QueueToStream::QueueToStream(Client& client, interprocess::Subscriber from,
                             QueueToStreamOptions options, Stream stream, Observer& observer)
    : client_(client),
      from_(std::move(from)),
      options_(std::move(options)),
      stream_(std::move(stream)),
      observer_(observer),
      queue_name_(absl::StrCat(interprocess::ProtocolName(options_.queue.protocol), ":",
                               options_.queue.name)),
      publisher_(absl::StrCat(HostName(), "/", options_.queue.name)),
      lends_briefly_(options_.queue.protocol != Protocol::kNative),
      mark_(MarkPath(options_.queue, options_.stream)),
      gap_outside_window_(absl::Seconds(mark_.AgeSeconds()) >= stream_.duplicate_window),
      // A format without positions: an id is known again only by the process that made it.
      unique_(from_.unique() != 0 ? from_.unique() : RandomNumber()),
      seen_reconnections_(client.reconnections()),
      last_message_(Clock::now()),
      next_look_(last_message_),
      next_mark_(last_message_),
      // Those formats lend one message at a time.
      entries_(lends_briefly_ ? 1 : options_.max_messages) {}

absl::Status QueueToStream::Run(const StopToken& stop) {
  std::thread answers([this] { ReadAnswers(); });
  absl::Status status = Move(stop);
  const absl::Status drained = Drain(stop);
  ended_.store(true, std::memory_order_release);
  answers.join();
  Report();
  uint64_t left;
  {
    const absl::MutexLock lock(mutex_);
    left = open_;
    // Back to the queue, where they keep their positions.
    for (Entry& entry : entries_) entry.message.reset();
  }
  if (left > 0) {
    observer_.Happened({{"event", "given_back"}, {"messages", left}});
    if (status.ok() || absl::IsDeadlineExceeded(status)) status = drained;
  }
  return status;
}

absl::Status QueueToStream::Move(const StopToken& stop) {
  while (taken_ < options_.count) {
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    Report();
    ABSL_RETURN_IF_ERROR(Pause(stop));
    SendAgain();
    bool waits;
    {
      const absl::MutexLock lock(mutex_);
      ABSL_RETURN_IF_ERROR(failure_);
      waits = Full() || !refusal_.empty();
    }
    if (waits) {
      client_.Flush();
      const absl::MutexLock lock(mutex_);
      if (!refusal_.empty()) observer_.Waiting(refusal_);
      if (Full() || !refusal_.empty()) answered_.WaitWithTimeout(&mutex_, kWaitWhileUnderWay);
      continue;
    }
    absl::StatusOr<BorrowedMessage> message = BorrowNext(stop);
    if (absl::IsUnavailable(message.status())) continue;
    ABSL_RETURN_IF_ERROR(message.status());
    last_message_ = Clock::now();
    JETSTREAM_STEP("to_stream.borrowed");
    ABSL_RETURN_IF_ERROR(Take(*std::move(message)));
  }
  return absl::OkStatus();
}

// Once nothing more may be under way, a quarter of that has to be done before there is more: so
// that what follows goes together.
bool QueueToStream::Full() {
  const size_t size = entries_.size();
  if (next_ - first_ >= size || open_bytes_ >= options_.max_bytes) {
    full_ = open_ > 0;
  } else if (next_ - first_ <= size - (size + 3) / 4 &&
             open_bytes_ <= options_.max_bytes - options_.max_bytes / 4) {
    full_ = false;
  }
  return full_;
}

// Unavailable: there is none yet.
absl::StatusOr<BorrowedMessage> QueueToStream::BorrowNext(const StopToken& stop) {
  absl::StatusOr<BorrowedMessage> message = from_.TryBorrow();
  if (!absl::IsUnavailable(message.status())) return message;
  client_.Flush();
  const absl::Duration left = options_.idle - absl::FromChrono(Clock::now() - last_message_);
  const absl::Duration wait = Empty() ? kWaitWhileEmpty : kWaitWhileUnderWay;
  message = from_.Borrow(interprocess::WaitOptions(std::min(left, wait), stop));
  if (absl::IsDeadlineExceeded(message.status()) && left > wait) {
    return absl::UnavailableError("none yet");
  }
  return message;
}

// Waits while there is no connection.
absl::Status QueueToStream::Pause(const StopToken& stop) {
  const Clock::time_point began = Clock::now();
  for (;;) {
    absl::Status status = client_.status();
    const uint64_t reconnections = client_.reconnections();
    if (status.ok()) {
      if (reconnections != seen_reconnections_) {
        seen_reconnections_ = reconnections;
        observer_.Happened({{"event", "reconnected"}});
        const absl::MutexLock lock(mutex_);
        // What the old connection had may be lost.
        for (Entry& entry : entries_) entry.due = Clock::time_point::min();
        next_look_ = Clock::time_point::min();
      }
      was_connected_ = true;
      return absl::OkStatus();
    }
    if (!absl::IsUnavailable(status)) return status;
    if (was_connected_) observer_.Happened({{"event", "disconnected"}});
    was_connected_ = false;
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    observer_.Waiting(status.message());
    if (lends_briefly_ && Clock::now() - began > kBriefLoan) {
      const absl::MutexLock lock(mutex_);
      for (Entry& entry : entries_) entry.message.reset();
      first_ = next_;
      open_ = open_bytes_ = 0;
    }
    ABSL_RETURN_IF_ERROR(WaitForAnswers(kWaitWhileUnderWay));
  }
}

absl::Status QueueToStream::Drain(const StopToken& stop) {
  const Clock::time_point end = Clock::now() + absl::ToChronoMilliseconds(options_.drain);
  while (!Empty()) {
    if (stop.stop_requested() && Clock::now() > end) {
      return absl::CancelledError("stopped before the server had acknowledged all");
    }
    Report();
    absl::Status status = client_.status();
    if (!status.ok() && !absl::IsUnavailable(status)) return status;
    if (status.ok() || !stop.stop_requested()) {
      if (absl::Status paused = Pause(stop); !paused.ok() && !absl::IsCancelled(paused)) {
        return paused;
      }
      SendAgain();
    }
    ABSL_RETURN_IF_ERROR(WaitForAnswers(kWaitWhileUnderWay));
  }
  return absl::OkStatus();
}

absl::Status QueueToStream::WaitForAnswers(absl::Duration wait) {
  client_.Flush();
  const absl::MutexLock lock(mutex_);
  ABSL_RETURN_IF_ERROR(failure_);
  answered_.WaitWithTimeout(&mutex_, wait);
  if (!refusal_.empty()) observer_.Waiting(refusal_);
  return failure_;
}

bool QueueToStream::Empty() const {
  const absl::MutexLock lock(mutex_);
  return open_ == 0;
}

std::string QueueToStream::NextId(const BorrowedMessage& message) {
  const uint64_t position = from_.unique() != 0 ? message.info().position : next_number_++;
  return MakeMessageId(unique_, position);
}

Headers QueueToStream::HeadersFor(const BorrowedMessage& message, const std::string& id,
                                  absl::string_view& body) const {
  Headers headers = {{kMessageId, id}, {kPublisher, publisher_}};
  if (message.info().earlier_deliveries > 0) {
    headers.emplace_back(kDeliveries, absl::StrCat(message.info().earlier_deliveries));
  }
  if (message.redelivered()) headers.emplace_back(kRedelivered, "true");
  if (!options_.headers) return headers;
  for (std::pair<std::string, std::string>& header : TakeHeaderBlock(body)) {
    // Those are the server's, or said anew by this bridge.
    if (absl::StartsWithIgnoreCase(header.first, "Nats-") ||
        absl::StartsWithIgnoreCase(header.first, "Ipq-")) {
      continue;
    }
    headers.push_back(std::move(header));
  }
  return headers;
}

absl::Status QueueToStream::Take(BorrowedMessage message) {
  const std::string id = NextId(message);
  absl::string_view body = message.text();
  const Headers headers = HeadersFor(message, id, body);
  const size_t size = SizeOf(headers) + body.size();
  const size_t server_limit = client_.max_payload();
  const bool above_stream = stream_.max_message_size > 0 && size > stream_.max_message_size;
  ++taken_;
  if (size > server_limit || above_stream) {
    const std::string why = absl::StrCat(
        "message ", message.info().position, " of queue ", queue_name_, " has ", size,
        " bytes with its headers; ",
        above_stream ? absl::StrCat("stream ", options_.stream.stream, " takes at most ",
                                    stream_.max_message_size, " (max_msg_size)")
                     : absl::StrCat("the server takes at most ", server_limit, " (max_payload)"));
    if (!options_.dead_letter.empty()) return SendDeadLetter(message, id, why);
    return absl::FailedPreconditionError(
        absl::StrCat(why, ". It stays in the queue; --dead-letter sends such messages elsewhere"));
  }
  const Clock::time_point now = Clock::now();
  if (now >= next_mark_) {
    mark_.Touch();
    next_mark_ = now + kMarkInterval;
  }
  const absl::MutexLock lock(mutex_);
  const uint64_t number = next_++;
  Entry& entry = entries_[number % entries_.size()];
  // It may have been sent by a bridge that has died or was stopped since.
  entry.outside_window = message.info().earlier_deliveries > 0 && gap_outside_window_;
  if (entry.outside_window) ++answered_totals_.outside_window;
  if (message.redelivered()) ++answered_totals_.redelivered;
  entry.id = id;
  entry.first_sent = now;
  ++open_;
  open_bytes_ += message.bytes().size();
  entry.message = std::move(message);
  Send(number, entry, headers, body);
  return absl::OkStatus();
}

void QueueToStream::Send(uint64_t number, Entry& entry, const Headers& headers,
                         absl::string_view body) {
  const std::string reply = absl::StrCat(answers_->inbox(), ".", number);
  const absl::Status sent = client_.Publish(
      stream_.subject, reply.c_str(), headers,
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(body.data()), body.size()));
  entry.due = Clock::now() + (sent.ok() ? kAnswerWait : kRefusedWait);
  if (!sent.ok()) refusal_ = std::string(sent.message());
  JETSTREAM_STEP("to_stream.sent");
}

// What got no answer in time, was refused, or went over a connection that was lost.
void QueueToStream::SendAgain() {
  const Clock::time_point now = Clock::now();
  if (now < next_look_) return;
  next_look_ = now + kLookInterval;
  const absl::MutexLock lock(mutex_);
  int tries = refusal_.empty() ? std::numeric_limits<int>::max() : kTriesWhileRefused;
  for (uint64_t number = first_; number < next_ && tries > 0; ++number) {
    Entry& entry = entries_[number % entries_.size()];
    if (!entry.message.has_value() || entry.due > now) continue;
    // Until then the server knows the id, if it has stored the message.
    if (!entry.outside_window &&
        absl::FromChrono(now - entry.first_sent) >= stream_.duplicate_window) {
      entry.outside_window = true;
      ++answered_totals_.outside_window;
    }
    absl::string_view body = entry.message->text();
    const Headers headers = HeadersFor(*entry.message, entry.id, body);
    Send(number, entry, headers, body);
    --tries;
  }
}

void QueueToStream::Report() {
  Totals now;
  {
    const absl::MutexLock lock(mutex_);
    now = answered_totals_;
  }
  if (now.messages > totals_.messages) {
    observer_.Moved(now.messages - totals_.messages, now.bytes - totals_.bytes);
  }
  if (now.outside_window > totals_.outside_window) {
    observer_.Happened({{"event", "outside_window"},
                        {"messages", now.outside_window - totals_.outside_window},
                        {"window_seconds", absl::ToDoubleSeconds(stream_.duplicate_window)}});
  }
  totals_ = now;
}

}  // namespace jetstream
