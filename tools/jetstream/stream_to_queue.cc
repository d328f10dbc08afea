// SPDX-License-Identifier: MIT

#include "tools/jetstream/stream_to_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "interprocess/wait_options.h"
#include "tools/jetstream/header_block.h"
#include "tools/jetstream/json_field.h"
#include "tools/jetstream/step.h"

namespace jetstream {
namespace {

using interprocess::StopToken;
using nlohmann::json;

constexpr absl::Duration kWaitForMessage = absl::Milliseconds(250);
// A batch is what is enqueued at once.
constexpr size_t kBatchMessages = 256;
constexpr size_t kBatchBytes = size_t{1} << 20;
// What one request asks for: by number, as long as they are as large as those before.
constexpr size_t kAskMessages = 1024;
constexpr size_t kLeastAskMessages = 8;
constexpr double kAskBytes = 8 << 20;
constexpr std::chrono::seconds kAskTime{20};
// The server ends a request itself when its time is over.
constexpr std::chrono::seconds kAskGrace{5};
constexpr std::chrono::milliseconds kPauseAfterRefusal{500};
constexpr std::chrono::milliseconds kFloorInterval{500};
constexpr absl::Duration kDeadLetterWait = absl::Seconds(5);
constexpr std::chrono::seconds kFlushWait{5};
// How often, in an ack wait, the server hears that a message is still under way.
constexpr int kSignsPerAckWait = 3;

constexpr absl::string_view kAcknowledged = "+ACK";
constexpr absl::string_view kInProgress = "+WPI";
// In a quarter of a second, in nanoseconds: at once it would come to this bridge again, which ends.
constexpr absl::string_view kNotNow = "-NAK {\"delay\": 250000000}";

std::string LogPath(const interprocess::QueueOptions& queue, const ConsumerOptions& consumer) {
  const std::string directory =
      queue.directory.empty() ? interprocess::DefaultDirectory(queue.protocol) : queue.directory;
  return absl::StrCat(directory, "/.", queue.name.substr(0, 80), ".from.",
                      consumer.stream.substr(0, 80), ".", consumer.name.substr(0, 70), ".notes");
}

}  // namespace

absl::Span<const uint8_t> StreamToQueue::Message::bytes() const {
  if (made.empty()) return incoming.bytes();
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(made.data()), made.size());
}

absl::StatusOr<std::unique_ptr<StreamToQueue>> StreamToQueue::Open(Client& client,
                                                                   interprocess::Publisher to,
                                                                   StreamToQueueOptions options,
                                                                   Observer& observer) {
  ABSL_ASSIGN_OR_RETURN(Stream stream, PrepareStream(client, options.stream, /*sends=*/false));
  ABSL_ASSIGN_OR_RETURN(const Consumer consumer, PrepareConsumer(client, options.consumer));
  ABSL_ASSIGN_OR_RETURN(
      DeliveredLog log,
      DeliveredLog::Open(LogPath(options.queue, options.consumer),
                         absl::StrCat(options.stream.stream, stream.created, consumer.created)));
  auto bridge = std::unique_ptr<StreamToQueue>(
      new StreamToQueue(client, std::move(to), std::move(options), std::move(stream), consumer,
                        std::move(log), observer));
  ABSL_ASSIGN_OR_RETURN(bridge->inbox_, client.SubscribeInbox());
  return bridge;
}

// $JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE.CONSUMER-SEQUENCE.TIME.PENDING; later servers write
// domain and account before the stream, and a token at the end.
bool StreamToQueue::ParseReply(const char* reply, Delivery& delivery) {
  if (reply == nullptr) return false;
  const std::vector<absl::string_view> tokens = absl::StrSplit(reply, '.');
  if (tokens.size() < 9 || tokens[0] != "$JS" || tokens[1] != "ACK") return false;
  const size_t stream = tokens.size() == 9 ? 2 : 4;
  if (tokens.size() < stream + 7) return false;
  delivery.reply = reply;
  return absl::SimpleAtoi(tokens[stream + 2], &delivery.deliveries) &&
         absl::SimpleAtoi(tokens[stream + 3], &delivery.key.sequence) &&
         absl::SimpleAtoi(tokens[stream + 5], &delivery.key.time);
}

absl::Status StreamToQueue::Run(const StopToken& stop) {
  absl::Status status = Move(stop);
  GiveBackRest();
  return status;
}

absl::Status StreamToQueue::Move(const StopToken& stop) {
  Clock::time_point last_message = Clock::now();
  while (totals_.messages < options_.count) {
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    ABSL_RETURN_IF_ERROR(Pause(stop));
    AskForMore();
    Incoming incoming = inbox_->Next(absl::ZeroDuration());
    if (!incoming) {
      if (std::exchange(unsent_, false)) client_.Flush();
      incoming = inbox_->Next(kWaitForMessage);
    }
    if (!incoming) {
      if (absl::FromChrono(Clock::now() - last_message) < options_.idle) continue;
      const absl::StatusOr<Progress> left =
          LookAtConsumer(client_, options_.stream.stream, options_.consumer.name);
      if (left.ok() && left->outstanding == 0) {
        return absl::DeadlineExceededError("no more messages");
      }
      continue;
    }
    while (incoming) {
      ABSL_RETURN_IF_ERROR(Take(std::move(incoming)));
      if (batch_.size() >= kBatchMessages || batch_bytes_ >= kBatchBytes ||
          totals_.messages + batch_.size() >= options_.count) {
        break;
      }
      incoming = inbox_->Next(absl::ZeroDuration());
    }
    if (batch_.empty()) continue;
    const DeliveredLog::Key last = batch_.back().delivery.key;
    ABSL_RETURN_IF_ERROR(Deliver(stop));
    last_message = Clock::now();
    RaiseFloor(last, last_message);
  }
  return absl::OkStatus();
}

// Now and then, to what the server says is acknowledged; `last` was delivered last.
void StreamToQueue::RaiseFloor(const DeliveredLog::Key& last, Clock::time_point now) {
  if (now < next_floor_) return;
  next_floor_ = now + kFloorInterval;
  const absl::StatusOr<Progress> progress =
      LookAtConsumer(client_, options_.stream.stream, options_.consumer.name);
  // The time is of a sequence at or below the floor: of the one that was last at an earlier look.
  if (progress.ok() && floor_candidate_.sequence > 0 &&
      progress->floor >= floor_candidate_.sequence) {
    log_.RaiseFloor(floor_candidate_.sequence, floor_candidate_.time);
    JETSTREAM_STEP("to_queue.floor_raised");
    floor_candidate_.sequence = 0;
  }
  if (floor_candidate_.sequence == 0) floor_candidate_ = last;
}

// Waits while there is no connection.
absl::Status StreamToQueue::Pause(const StopToken& stop) {
  for (;;) {
    absl::Status status = client_.status();
    if (status.ok()) {
      const uint64_t reconnections = client_.reconnections();
      if (reconnections == seen_reconnections_) return absl::OkStatus();
      // What was asked for went with the connection.
      asked_for_ = 0;
      const absl::StatusOr<Stream> stream =
          PrepareStream(client_, options_.stream, /*sends=*/false);
      if (stream.ok()) {
        if (stream->created != stream_.created) {
          return absl::FailedPreconditionError(
              absl::StrCat("stream ", options_.stream.stream, " was made anew: begin again"));
        }
        seen_reconnections_ = reconnections;
        was_connected_ = true;
        observer_.Happened({{"event", "reconnected"}});
        return absl::OkStatus();
      }
      status = stream.status();
      // The server is there, and not ready yet.
      if (absl::IsDeadlineExceeded(status)) status = absl::UnavailableError(status.message());
    }
    if (!absl::IsUnavailable(status)) return status;
    if (was_connected_) observer_.Happened({{"event", "disconnected"}});
    was_connected_ = false;
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    observer_.Waiting(status.message());
    absl::SleepFor(kWaitForMessage / 2);
  }
}

void StreamToQueue::AskForMore() {
  const Clock::time_point now = Clock::now();
  if (asked_for_ > 0 && now > ask_end_) asked_for_ = 0;
  const size_t many = std::clamp(static_cast<size_t>(kAskBytes / (average_size_ + 1)),
                                 kLeastAskMessages, kAskMessages);
  // The next request is there before the last one is used up.
  if (asked_for_ > many / 2 || now < next_ask_) return;
  const uint64_t left = options_.count - totals_.messages;
  if (left <= asked_for_) return;
  const size_t batch = std::min<uint64_t>(many, left - asked_for_);
  const json request = {
      {"batch", batch},
      {"expires", std::chrono::nanoseconds(kAskTime).count()},
  };
  const std::string reply = absl::StrCat(inbox_->inbox(), ".", asks_++);
  const absl::Status asked =
      client_.Publish(absl::StrCat("$JS.API.CONSUMER.MSG.NEXT.", options_.stream.stream, ".",
                                   options_.consumer.name),
                      reply.c_str(), request.dump());
  if (!asked.ok()) return;
  unsent_ = true;
  asked_for_ += batch;
  ask_end_ = now + kAskTime + kAskGrace;
  JETSTREAM_STEP("to_queue.asked");
}

// A message joins the batch, unless it is in the queue already.
absl::Status StreamToQueue::Take(Incoming incoming) {
  Message message;
  if (!ParseReply(incoming.reply(), message.delivery)) return NoteAnswer(incoming);
  if (asked_for_ > 0) --asked_for_;
  DeliveredLog::Key& key = message.delivery.key;
  if (!ParseMessageId(incoming.Header(kMessageId), key.unique, key.position)) key.unique = 0;
  const DeliveredLog::State state = log_.Look(key);
  if (state == DeliveredLog::State::kDone) {
    ++totals_.repeats;
    Answer(message.delivery.reply, kAcknowledged);
    return absl::OkStatus();
  }
  // While the queue is full, the server delivers again what is in the batch already.
  if (!batch_sequences_.insert(key.sequence).second) {
    ++totals_.repeats;
    return absl::OkStatus();
  }
  message.redelivered = message.delivery.deliveries > 1 || state == DeliveredLog::State::kBegun;
  const size_t size = incoming.bytes().size();
  average_size_ += (static_cast<double>(size) - average_size_) / 64;
  if (options_.headers) {
    Headers headers = incoming.AllHeaders();
    const auto own = [](const auto& header) {
      return absl::StartsWith(header.first, "Ipq-") && header.first != kPublisher;
    };
    headers.erase(std::remove_if(headers.begin(), headers.end(), own), headers.end());
    headers.emplace_back(kSubject, incoming.subject());
    headers.emplace_back(kSequence, absl::StrCat(message.delivery.key.sequence));
    if (message.delivery.deliveries > 1) {
      headers.emplace_back(kDeliveries, absl::StrCat(message.delivery.deliveries - 1));
    }
    if (message.redelivered) headers.emplace_back(kRedelivered, "true");
    message.made = absl::StrCat(MakeHeaderBlock(headers), incoming.text());
  }
  message.incoming = std::move(incoming);
  if (const size_t all = message.bytes().size(); all > to_.max_message_size()) {
    const std::string why = absl::StrCat(
        "message ", message.delivery.key.sequence, " of stream ", options_.stream.stream, " has ",
        all, " bytes; queue '", options_.queue.name, "' takes at most ", to_.max_message_size());
    batch_sequences_.erase(key.sequence);
    if (!options_.dead_letter.empty()) return SendDeadLetter(message, why);
    Answer(message.delivery.reply, kNotNow);
    return absl::FailedPreconditionError(
        absl::StrCat(why, ". It stays in the stream; --dead-letter sends such messages elsewhere"));
  }
  batch_bytes_ += message.bytes().size();
  batch_.push_back(std::move(message));
  JETSTREAM_STEP("to_queue.taken");
  return absl::OkStatus();
}

// What comes in place of messages.
absl::Status StreamToQueue::NoteAnswer(const Incoming& answer) {
  const absl::string_view status = answer.Header("Status");
  if (status == "100") return absl::OkStatus();
  // A request has ended. How many it would still have brought is not known; asking for too many
  // does no harm.
  asked_for_ = 0;
  if (status == "404" || status == "408") return absl::OkStatus();
  next_ask_ = Clock::now() + kPauseAfterRefusal;
  const absl::StatusOr<Progress> left =
      LookAtConsumer(client_, options_.stream.stream, options_.consumer.name);
  if (absl::IsNotFound(left.status())) {
    return absl::FailedPreconditionError(absl::StrCat("consumer ", options_.consumer.name,
                                                      " of stream ", options_.stream.stream,
                                                      " was deleted"));
  }
  return absl::OkStatus();
}

absl::Status StreamToQueue::Deliver(const StopToken& stop) {
  std::vector<absl::Span<const uint8_t>> bytes;
  bytes.reserve(batch_.size());
  for (const Message& message : batch_) {
    log_.Begin(message.delivery.key);
    JETSTREAM_STEP("to_queue.begun");
    bytes.push_back(message.bytes());
  }
  for (size_t next = 0; next < batch_.size();) {
    absl::StatusOr<size_t> in = to_.TryEnqueueBatch(absl::MakeConstSpan(bytes).subspan(next));
    ABSL_RETURN_IF_ERROR(in.status());
    if (*in == 0) {
      ABSL_RETURN_IF_ERROR(WaitForRoom(next, stop));
      in = 1;
    }
    JETSTREAM_STEP("to_queue.enqueued");
    for (size_t end = next + *in; next < end; ++next) Finish(batch_[next]);
  }
  batch_.clear();
  batch_sequences_.clear();
  batch_bytes_ = 0;
  return absl::OkStatus();
}

// Enqueues message `next` when there is room for it.
absl::Status StreamToQueue::WaitForRoom(size_t next, const StopToken& stop) {
  for (;;) {
    const absl::Duration sign = consumer_.ack_wait / kSignsPerAckWait;
    absl::Status in = to_.Enqueue(
        batch_[next].bytes(), interprocess::WaitOptions(std::min(absl::Seconds(1), sign), stop));
    if (in.ok()) return in;
    if (!absl::IsDeadlineExceeded(in)) {
      batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(next));
      return in;
    }
    for (size_t i = next; i < batch_.size(); ++i) Answer(batch_[i].delivery.reply, kInProgress);
    client_.Flush();
    observer_.Waiting("the queue is full");
  }
}

void StreamToQueue::Finish(const Message& message) {
  log_.Finish(message.delivery.key);
  JETSTREAM_STEP("to_queue.noted");
  Answer(message.delivery.reply, kAcknowledged);
  JETSTREAM_STEP("to_queue.acknowledged");
  const size_t size = message.bytes().size();
  ++totals_.messages;
  totals_.bytes += size;
  if (message.redelivered) ++totals_.redelivered;
  observer_.Moved(1, size);
}

void StreamToQueue::Answer(const std::string& reply, absl::string_view what) {
  // One that is lost is made up for when the server delivers the message again.
  client_.Publish(reply, nullptr, what).IgnoreError();
  unsent_ = true;
}

absl::Status StreamToQueue::SendDeadLetter(const Message& message, const std::string& why) {
  const Headers headers = {
      {kMessageId, absl::StrCat(options_.stream.stream, "-", message.delivery.key.sequence, "-",
                                message.delivery.key.time)},
      {kSubject, std::string(message.incoming.subject())},
      {kReason, why}};
  const absl::StatusOr<Incoming> answer =
      client_.Request(options_.dead_letter, headers, message.incoming.bytes(), kDeadLetterWait);
  if (!answer.ok() || !IsStored(ParseObject(answer->text()))) {
    return absl::UnavailableError(absl::StrCat(
        why, "; it cannot go to dead-letter subject ", options_.dead_letter, ": ",
        answer.ok() ? answer->text() : answer.status().message(), ". It stays in the stream"));
  }
  observer_.Happened({{"event", "dead_letter"}, {"subject", options_.dead_letter}, {"why", why}});
  ++totals_.dead_letters;
  Finish(message);
  return absl::OkStatus();
}

// So that the server need not wait for its time to deliver them to others.
void StreamToQueue::GiveBackRest() {
  for (const Message& message : batch_) Answer(message.delivery.reply, kNotNow);
  batch_.clear();
  // What the bridge sends itself comes behind all that the server has sent before it. With the
  // second one the server has had the answers, too. Without them it learns by its ack wait what was
  // not acknowledged, and this bridge or the next finds in the notes what is done.
  const std::string end = absl::StrCat(inbox_->inbox(), ".end");
  const Clock::time_point give_up = Clock::now() + kFlushWait;
  Delivery delivery;
  for (int ends = 0; ends < 2; ++ends) {
    if (!client_.Publish(end, nullptr, "").ok()) return;
    client_.Flush();
    for (;;) {
      const Incoming incoming = inbox_->Next(kWaitForMessage);
      if (incoming && incoming.subject() == end) break;
      if (ParseReply(incoming ? incoming.reply() : nullptr, delivery)) {
        Answer(delivery.reply, kNotNow);
      }
      if (!client_.status().ok() || Clock::now() > give_up) return;
    }
  }
}

}  // namespace jetstream
