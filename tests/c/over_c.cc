// SPDX-License-Identifier: MIT

// The C++ interface of core over interprocess.hpp, which is over interprocess.h: what tests are
// written against core's headers then runs through the shared library. It defines all that
// core/publisher.cc, subscriber.cc and message.cc define, so those are not linked.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess.hpp"
#include "interprocess/endpoint_counters.h"
#include "interprocess/publisher.h"
#include "interprocess/stop_token.h"
#include "interprocess/subscriber.h"

namespace interprocess {
namespace internal {

template <>
class Endpoint<PublisherEngine> {
 public:
  ipq::Publisher publisher;
};
template <>
class Endpoint<SubscriberEngine> {
 public:
  ipq::Subscriber subscriber;
};
template <>
struct Hold<PublisherEngine> {
  ipq::Reservation room;
};
template <>
struct Hold<SubscriberEngine> {
  ipq::BorrowedMessage message;
};
void ReturnLoan::operator()(Hold<PublisherEngine>* hold) const { delete hold; }
void ReturnLoan::operator()(Hold<SubscriberEngine>* hold) const { delete hold; }

}  // namespace internal

namespace {

absl::Status StatusOf(const ipq::Error& error) {
  return absl::Status(static_cast<absl::StatusCode>(error.code()), error.what());
}

// What `call` returns, or the status of what it throws.
template <typename Call>
auto Caught(const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const ipq::Error& error) {
    return StatusOf(error);
  }
}

ipq::Options ToOptions(const QueueOptions& options) {
  ipq::Options to(options.name);
  to.directory = options.directory;
  to.capacity = options.capacity;
  to.protocol = static_cast<ipq_protocol>(options.protocol);
  to.mode = static_cast<ipq_mode>(options.mode);
  to.access = static_cast<ipq_access>(options.access);
  to.account = options.account;
  to.max_participants = options.max_participants;
  to.keep_undelivered = options.keep_undelivered;
  to.reserve_space = options.reserve_space;
  to.across_sessions = options.across_sessions;
  to.one_publisher = options.one_publisher;
  to.one_subscriber = options.one_subscriber;
  return to;
}

// A wait of the wrapper's for one of core's, as long as it lives.
class ConvertedWait {
 public:
  template <typename Endpoint>
  ConvertedWait(Endpoint& endpoint, const WaitOptions& wait)
      : wake_(wait.stop, [this] { stop_.Raise(); }) {
    endpoint.SetSpin(absl::ToChronoNanoseconds(wait.spin));
    const std::chrono::steady_clock::time_point end = wait.End();
    wait_ = end == std::chrono::steady_clock::time_point::max()
                ? ipq::Wait(stop_)
                : ipq::Wait(end - std::chrono::steady_clock::now(), stop_);
  }
  const ipq::Wait& wait() const { return wait_; }

 private:
  ipq::Stop stop_;
  ipq::Wait wait_;
  StopWake wake_;
};

ipq::ConstBytes ToBytes(absl::Span<const uint8_t> bytes) { return {bytes.data(), bytes.size()}; }

std::vector<ipq::ConstBytes> ToBatch(const MessageBatch& messages) {
  std::vector<ipq::ConstBytes> batch;
  for (const auto& message : messages.messages()) batch.push_back(ToBytes(message));
  return batch;
}

EndpointCounters ToCounters(const ipq_counters& counters) {
  EndpointCounters to;
  to.messages = static_cast<uint64_t>(counters.messages);
  to.bytes = static_cast<uint64_t>(counters.bytes);
  to.full_or_empty = static_cast<uint64_t>(counters.full_or_empty);
  to.waits = static_cast<uint64_t>(counters.waits);
  to.redelivered = static_cast<uint64_t>(counters.redelivered);
  return to;
}

MessageInfo ToInfo(const ipq_message& message) {
  return {message.size, message.earlier_deliveries, message.redelivered != 0, message.position};
}

}  // namespace

absl::StatusOr<Publisher> Publisher::Open(const QueueOptions& options) {
  return Caught([&]() -> absl::StatusOr<Publisher> {
    ipq::Publisher publisher(ToOptions(options));
    const int64_t capacity = publisher.capacity();
    const size_t max_message_size = publisher.max_message_size();
    return Publisher(std::make_shared<internal::Endpoint<PublisherEngine>>(
                         internal::Endpoint<PublisherEngine>{std::move(publisher)}),
                     capacity, max_message_size);
  });
}

Publisher::Publisher(Publisher&&) noexcept = default;
Publisher& Publisher::operator=(Publisher&&) noexcept = default;
Publisher::~Publisher() = default;

// TryEnqueue and TryDequeue are in line, and come here.
bool internal::EnqueueAtOnce(Endpoint<PublisherEngine>&, absl::Span<const uint8_t>) {
  return false;
}

absl::Status Publisher::EnqueueSlowly(absl::Span<const uint8_t> message) {
  return Caught([&]() -> absl::Status {
    return endpoint_->publisher.TryEnqueue(ToBytes(message)) ? absl::OkStatus()
                                                             : absl::ResourceExhaustedError("");
  });
}

absl::Status Publisher::Enqueue(ConstBytes message, const WaitOptions& wait) {
  return Caught([&]() -> absl::Status {
    const ConvertedWait converted(endpoint_->publisher, wait);
    return endpoint_->publisher.Enqueue(ToBytes(message.span()), converted.wait())
               ? absl::OkStatus()
               : absl::DeadlineExceededError("");
  });
}

absl::StatusOr<size_t> Publisher::TryEnqueueBatch(const MessageBatch& messages) {
  return Caught([&]() -> absl::StatusOr<size_t> {
    return endpoint_->publisher.TryEnqueueBatch(ToBatch(messages));
  });
}

absl::StatusOr<size_t> Publisher::EnqueueBatch(const MessageBatch& messages,
                                               const WaitOptions& wait) {
  return Caught([&]() -> absl::StatusOr<size_t> {
    const ConvertedWait converted(endpoint_->publisher, wait);
    const size_t in = endpoint_->publisher.EnqueueBatch(ToBatch(messages), converted.wait());
    if (in == 0 && !messages.messages().empty()) return absl::DeadlineExceededError("");
    return in;
  });
}

absl::StatusOr<uint64_t> Publisher::ApproximateDepth() const {
  return Caught([&]() -> absl::StatusOr<uint64_t> { return endpoint_->publisher.depth(); });
}

absl::StatusOr<EndpointCounters> Publisher::Counters() const {
  return Caught([&]() -> absl::StatusOr<EndpointCounters> {
    return ToCounters(endpoint_->publisher.counters());
  });
}

namespace {

// The hold and the bytes of a reservation, or the status that stands for none.
absl::StatusOr<std::pair<std::unique_ptr<internal::Hold<PublisherEngine>>, absl::Span<uint8_t>>>
HoldOf(std::optional<ipq::Reservation> room, const absl::Status& none) {
  if (!room.has_value()) return none;
  const absl::Span<uint8_t> span(room->bytes().data(), room->bytes().size());
  return std::make_pair(std::make_unique<internal::Hold<PublisherEngine>>(
                            internal::Hold<PublisherEngine>{*std::move(room)}),
                        span);
}

}  // namespace

absl::StatusOr<Reservation> Publisher::TryReserve(size_t size) {
  return Caught([&]() -> absl::StatusOr<Reservation> {
    auto hold = HoldOf(endpoint_->publisher.TryReserve(size), absl::ResourceExhaustedError(""));
    if (!hold.ok()) return hold.status();
    return Reservation(internal::Loan<PublisherEngine>(hold->first.release()), 0, hold->second);
  });
}

absl::StatusOr<Reservation> Publisher::Reserve(size_t size, const WaitOptions& wait) {
  return Caught([&]() -> absl::StatusOr<Reservation> {
    const ConvertedWait converted(endpoint_->publisher, wait);
    auto hold = HoldOf(endpoint_->publisher.Reserve(size, converted.wait()),
                       absl::DeadlineExceededError(""));
    if (!hold.ok()) return hold.status();
    return Reservation(internal::Loan<PublisherEngine>(hold->first.release()), 0, hold->second);
  });
}

absl::Status Publisher::Close() {
  return Caught([&]() -> absl::Status {
    endpoint_->publisher.Close();
    return absl::OkStatus();
  });
}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  loan_ = std::move(other.loan_);
  span_ = std::exchange(other.span_, {});
  return *this;
}

absl::Status Reservation::Commit(size_t size) {
  if (loan_ == nullptr) return absl::FailedPreconditionError("it is empty");
  return Caught([&]() -> absl::Status {
    // A reservation that stays open keeps its bytes.
    try {
      loan_->room.Commit(size);
    } catch (const ipq::Error&) {
      if (loan_->room.bytes().data() == nullptr) Drop();
      throw;
    }
    Drop();
    return absl::OkStatus();
  });
}

void Reservation::Abort() { Drop(); }

void Reservation::Drop() {
  loan_.reset();
  span_ = {};
}

absl::StatusOr<Subscriber> Subscriber::Open(const QueueOptions& options) {
  return Caught([&]() -> absl::StatusOr<Subscriber> {
    ipq::Subscriber subscriber(ToOptions(options));
    const int64_t capacity = subscriber.capacity();
    const size_t max_message_size = subscriber.max_message_size();
    const uint64_t unique = 0;  // the C interface does not tell it
    return Subscriber(std::make_shared<internal::Endpoint<SubscriberEngine>>(
                          internal::Endpoint<SubscriberEngine>{std::move(subscriber)}),
                      capacity, max_message_size, unique);
  });
}

Subscriber::Subscriber(Subscriber&&) noexcept = default;
Subscriber& Subscriber::operator=(Subscriber&&) noexcept = default;
Subscriber::~Subscriber() = default;

namespace {

// What `take`, which is given where to say what it knows of the message, took.
template <typename Value, typename Take>
absl::StatusOr<Value> Taken(MessageInfo* info, const absl::Status& none, const Take& take) {
  ipq_message message = {};
  std::optional<Value> value;
  absl::Status status = Caught([&]() -> absl::Status {
    value = take(&message);
    return value.has_value() ? absl::OkStatus() : none;
  });
  if (info != nullptr) *info = ToInfo(message);
  if (!status.ok()) return status;
  return *std::move(value);
}

}  // namespace

int64_t internal::DequeueAtOnce(Endpoint<SubscriberEngine>&, absl::Span<uint8_t>, MessageInfo*) {
  return -1;
}

absl::StatusOr<size_t> Subscriber::DequeueSlowly(absl::Span<uint8_t> buffer, MessageInfo* info) {
  return Taken<size_t>(info, absl::UnavailableError(""), [&](ipq_message* message) {
    return endpoint_->subscriber.TryDequeue(buffer, message);
  });
}

absl::StatusOr<std::string> Subscriber::TryDequeue(MessageInfo* info) {
  return Taken<std::string>(info, absl::UnavailableError(""), [&](ipq_message* message) {
    return endpoint_->subscriber.TryDequeue(message);
  });
}

absl::StatusOr<size_t> Subscriber::Dequeue(MutableBytes buffer, const WaitOptions& wait,
                                           MessageInfo* info) {
  return Taken<size_t>(info, absl::DeadlineExceededError(""), [&](ipq_message* message) {
    const ConvertedWait converted(endpoint_->subscriber, wait);
    return endpoint_->subscriber.Dequeue(buffer.span(), converted.wait(), message);
  });
}

absl::StatusOr<std::string> Subscriber::Dequeue(const WaitOptions& wait, MessageInfo* info) {
  return Taken<std::string>(info, absl::DeadlineExceededError(""), [&](ipq_message* message) {
    const ConvertedWait converted(endpoint_->subscriber, wait);
    return endpoint_->subscriber.Dequeue(converted.wait(), message);
  });
}

namespace {

auto ToHandle(absl::FunctionRef<void(const MessageView&)> handle) {
  return [handle](const ipq::BorrowedMessage& message) {
    handle(MessageView(absl::MakeConstSpan(message.bytes().data(), message.bytes().size()),
                       ToInfo(message.info())));
  };
}

}  // namespace

absl::StatusOr<size_t> Subscriber::TryDequeueBatch(
    size_t max, absl::FunctionRef<void(const MessageView&)> handle) {
  return Caught([&]() -> absl::StatusOr<size_t> {
    const size_t count = endpoint_->subscriber.TryDequeueBatch(max, ToHandle(handle));
    if (count == 0 && max > 0) return absl::UnavailableError("");
    return count;
  });
}

absl::StatusOr<size_t> Subscriber::DequeueBatch(size_t max,
                                                absl::FunctionRef<void(const MessageView&)> handle,
                                                const WaitOptions& wait) {
  return Caught([&]() -> absl::StatusOr<size_t> {
    const ConvertedWait converted(endpoint_->subscriber, wait);
    const size_t count =
        endpoint_->subscriber.DequeueBatch(max, ToHandle(handle), converted.wait());
    if (count == 0 && max > 0) return absl::DeadlineExceededError("");
    return count;
  });
}

absl::StatusOr<BorrowedMessage> Subscriber::TryBorrow() {
  return Caught([&]() -> absl::StatusOr<BorrowedMessage> {
    std::optional<ipq::BorrowedMessage> message = endpoint_->subscriber.TryBorrow();
    if (!message.has_value()) return absl::UnavailableError("");
    const MessageView view(absl::MakeConstSpan(message->bytes().data(), message->bytes().size()),
                           ToInfo(message->info()));
    return BorrowedMessage(
        internal::Loan<SubscriberEngine>(new internal::Hold<SubscriberEngine>{*std::move(message)}),
        0, view);
  });
}

absl::StatusOr<BorrowedMessage> Subscriber::Borrow(const WaitOptions& wait) {
  return Caught([&]() -> absl::StatusOr<BorrowedMessage> {
    const ConvertedWait converted(endpoint_->subscriber, wait);
    std::optional<ipq::BorrowedMessage> message = endpoint_->subscriber.Borrow(converted.wait());
    if (!message.has_value()) return absl::DeadlineExceededError("");
    const MessageView view(absl::MakeConstSpan(message->bytes().data(), message->bytes().size()),
                           ToInfo(message->info()));
    return BorrowedMessage(
        internal::Loan<SubscriberEngine>(new internal::Hold<SubscriberEngine>{*std::move(message)}),
        0, view);
  });
}

absl::StatusOr<Alarm> Subscriber::Arm(const Alarm& before) {
  return Caught([&]() -> absl::StatusOr<Alarm> {
    ipq_alarm alarm = {};
    alarm.struct_size = sizeof alarm;
    alarm.word = reinterpret_cast<uintptr_t>(before.word);
    alarm.value = before.value;
    endpoint_->subscriber.Arm(alarm);
    return Alarm{reinterpret_cast<const std::atomic<uint32_t>*>(alarm.word), alarm.value,
                 absl::Nanoseconds(alarm.limit_ns)};
  });
}

absl::StatusOr<uint64_t> Subscriber::ApproximateDepth() const {
  return Caught([&]() -> absl::StatusOr<uint64_t> { return endpoint_->subscriber.depth(); });
}

absl::StatusOr<EndpointCounters> Subscriber::Counters() const {
  return Caught([&]() -> absl::StatusOr<EndpointCounters> {
    return ToCounters(endpoint_->subscriber.counters());
  });
}

absl::Status Subscriber::DrainNameless() {
  return Caught([&]() -> absl::Status {
    endpoint_->subscriber.DrainNameless();
    return absl::OkStatus();
  });
}

absl::Status Subscriber::Close() {
  return Caught([&]() -> absl::Status {
    endpoint_->subscriber.Close();
    return absl::OkStatus();
  });
}

BorrowedMessage& BorrowedMessage::operator=(BorrowedMessage&& other) noexcept {
  loan_ = std::move(other.loan_);
  view_ = std::exchange(other.view_, MessageView({}, {}));
  return *this;
}

absl::Status BorrowedMessage::Acknowledge() {
  if (loan_ == nullptr) return absl::FailedPreconditionError("it is empty");
  absl::Status status = Caught([&]() -> absl::Status {
    loan_->message.Acknowledge();
    return absl::OkStatus();
  });
  Drop();
  return status;
}

void BorrowedMessage::GiveBack() { Drop(); }

void BorrowedMessage::Drop() {
  loan_.reset();
  view_ = MessageView({}, {});
}

}  // namespace interprocess
