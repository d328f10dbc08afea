// SPDX-License-Identifier: MIT

#include "tests/fuzz/endpoint_calls.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "tests/fuzz/fake_clock.h"

namespace interprocess::fuzz {
namespace {

using absl::StatusCode;

constexpr Codes kOpenErrors = {StatusCode::kDataLoss,          StatusCode::kFailedPrecondition,
                               StatusCode::kResourceExhausted, StatusCode::kNotFound,
                               StatusCode::kAlreadyExists,     StatusCode::kUnavailable};
// InvalidArgument: larger than the queue takes. Unimplemented: while the only message that the
// Cloudtoid formats lend is out, or when its time has run out.
constexpr Codes kPutErrors = {StatusCode::kResourceExhausted, StatusCode::kDataLoss,
                              StatusCode::kInvalidArgument};
constexpr Codes kWaitToPutErrors = {StatusCode::kDeadlineExceeded, StatusCode::kDataLoss,
                                    StatusCode::kInvalidArgument};
constexpr Codes kTakeErrors = {StatusCode::kUnavailable, StatusCode::kOutOfRange,
                               StatusCode::kDataLoss, StatusCode::kUnimplemented};
constexpr Codes kWaitErrors = {StatusCode::kDeadlineExceeded, StatusCode::kOutOfRange,
                               StatusCode::kDataLoss, StatusCode::kUnimplemented};
constexpr Codes kInspectErrors = {StatusCode::kDataLoss, StatusCode::kNotFound};
// FailedPrecondition: the device in the header is not the file's.
constexpr Codes kOpenInspectorErrors = {StatusCode::kDataLoss, StatusCode::kNotFound,
                                        StatusCode::kFailedPrecondition};

}  // namespace

bool Expect(const absl::Status& status, Codes codes) {
  if (status.ok()) return true;
  FUZZ_CHECK(std::find(codes.begin(), codes.end(), status.code()) != codes.end(),
             status.ToString().c_str());
  return false;
}

void EndpointCalls::Step(uint8_t step) {
  const size_t which = input_.Byte() % 2;
  std::optional<Publisher>& publisher = publishers_[which];
  std::optional<Subscriber>& subscriber = subscribers_[which];
  if (step <= 13) return Publish(step, publisher);
  if (step <= 21) return Subscribe(step, subscriber);
  switch (step) {
    case 22:
      return Open(publisher);
    case 23:
      return Open(subscriber);
    case 24:
      return publisher.reset();
    case 25:
      return subscriber.reset();
    case 26:
      return FinishReservation();
    case 27:
      return FinishBorrowed();
    default:
      // To where reservations are passed by, or the dead are looked for.
      return AdvanceClock(input_.Bool() ? 1'100'000 : 60'000'000);
  }
}

QueueOptions EndpointCalls::Options() {
  QueueOptions options = queue_;
  const uint8_t byte = input_.Byte();
  options.mode = static_cast<OpenMode>(byte % 3);
  options.keep_undelivered = (byte & 4) == 0;
  if (options.protocol != Protocol::kNative && (byte & 0xf0) == 0xf0) options.capacity += 8;
  return options;
}

template <typename Endpoint>
void EndpointCalls::Open(std::optional<Endpoint>& endpoint) {
  auto opened = Endpoint::Open(Options());
  if (Expect(opened.status(), kOpenErrors)) endpoint = *std::move(opened);
}

void EndpointCalls::Publish(uint8_t step, std::optional<Publisher>& publisher) {
  if (!publisher.has_value()) return Open(publisher);
  const absl::Span<const uint8_t> message = absl::MakeConstSpan(buffer_).first(Size());
  WaitOptions at_once(absl::ZeroDuration());
  switch (step) {
    case 8:
    case 9:
      Expect(publisher->TryEnqueue(message), kPutErrors);
      return;
    case 10: {
      const absl::Span<const uint8_t> batch[] = {message, {}, message.first(message.size() / 2)};
      Expect(publisher->TryEnqueueBatch(batch).status(), kPutErrors);
      return;
    }
    case 11:
      Expect(publisher->Enqueue(message, at_once), kWaitToPutErrors);
      return;
    default: {
      auto reservation = step == 12 ? publisher->TryReserve(message.size())
                                    : publisher->Reserve(message.size(), at_once);
      if (!Expect(reservation.status(), step == 12 ? kPutErrors : kWaitToPutErrors)) return;
      FUZZ_CHECK(reservation->span().size() == message.size(), "");
      for (uint8_t& byte : reservation->span()) byte = 'r';
      if (reservations_.size() < 8) reservations_.push_back(*std::move(reservation));
    }
  }
}

void EndpointCalls::Subscribe(uint8_t step, std::optional<Subscriber>& subscriber) {
  if (!subscriber.has_value()) return Open(subscriber);
  const absl::Span<uint8_t> room = absl::MakeSpan(buffer_).first(Size());
  const auto read = [&](const MessageView& view) { Read(view.bytes()); };
  const WaitOptions at_once(absl::ZeroDuration());
  MessageInfo info;
  switch (step) {
    case 14:
    case 15: {
      auto size = subscriber->TryDequeue(room, &info);
      if (Expect(size.status(), kTakeErrors)) FUZZ_CHECK(*size <= room.size(), "");
      return;
    }
    case 16:
      Expect(subscriber->TryDequeue().status(), kTakeErrors);
      return;
    case 17:
      Expect(subscriber->TryDequeueBatch(input_.Below(100), read).status(), kTakeErrors);
      return;
    case 18:
      Expect(subscriber->Dequeue(room, at_once, &info).status(), kWaitErrors);
      return;
    case 19:
      Expect(subscriber->DequeueBatch(input_.Below(100), read, at_once).status(), kWaitErrors);
      return;
    default: {
      auto borrowed = step == 20 ? subscriber->TryBorrow() : subscriber->Borrow(at_once);
      if (!Expect(borrowed.status(), step == 20 ? kTakeErrors : kWaitErrors)) return;
      Read(borrowed->bytes());
      if (borrowed_.size() < 8) borrowed_.push_back(*std::move(borrowed));
    }
  }
}

void EndpointCalls::FinishReservation() {
  const uint8_t byte = input_.Byte();
  if (reservations_.empty()) return;
  Reservation reservation = std::move(reservations_[byte % reservations_.size()]);
  reservations_.erase(reservations_.begin() + byte % reservations_.size());
  const size_t size = reservation.span().size();
  if ((byte & 0x80) == 0) {
    // ResourceExhausted, DataLoss: the Cloudtoid formats take the room with the commit.
    Expect(
        reservation.Commit(byte % (size + 1)),
        {StatusCode::kFailedPrecondition, StatusCode::kResourceExhausted, StatusCode::kDataLoss});
  }
}

void EndpointCalls::FinishBorrowed() {
  const uint8_t byte = input_.Byte();
  if (borrowed_.empty()) return;
  BorrowedMessage message = std::move(borrowed_[byte % borrowed_.size()]);
  borrowed_.erase(borrowed_.begin() + byte % borrowed_.size());
  Read(message.bytes());
  if ((byte & 0x80) == 0) Expect(message.Acknowledge(), {StatusCode::kUnimplemented});
}

void EndpointCalls::Inspect() {
  auto inspector = QueueInspector::Open(queue_.name, queue_.directory, queue_.protocol);
  if (!Expect(inspector.status(), kOpenInspectorErrors)) return;
  const uint8_t what = input_.Byte();
  if ((what & 1) != 0) Expect(inspector->Report().status(), kInspectErrors);
  if ((what & 2) != 0) Expect(inspector->Check().status(), kInspectErrors);
  if ((what & 8) != 0) {
    const auto messages = inspector->Peek(what >> 4);
    Expect(messages.status(), kInspectErrors);
    FUZZ_CHECK(!messages.ok() || messages->size() <= size_t{what} >> 4, "");
  }
  if ((what & 4) != 0) {
    const absl::Status repaired = inspector->Repair().status();
    if (!absl::IsUnimplemented(repaired)) Expect(repaired, kOpenErrors);
  }
}

void EndpointCalls::Manage() {
  if (input_.Byte() % 4 != 0) {
    Expect(ListQueues(queue_.directory, queue_.protocol).status(), {});
  } else {
    Expect(RemoveQueue(queue_.name, queue_.directory, queue_.protocol), {StatusCode::kNotFound});
  }
}

bool EndpointCalls::AnyOpen() const {
  const auto is_open = [](const auto& endpoint) { return endpoint.has_value(); };
  return std::any_of(std::begin(publishers_), std::end(publishers_), is_open) ||
         std::any_of(std::begin(subscribers_), std::end(subscribers_), is_open) ||
         !reservations_.empty() || !borrowed_.empty();
}

size_t EndpointCalls::Size() {
  const uint8_t byte = input_.Byte();
  // Inline, of some units, of nearly the whole ring.
  return byte < 128 ? byte % 64 : byte < 192 ? size_t{byte} * 4 : size_t{byte} * 64 % 4097;
}

void EndpointCalls::Read(absl::Span<const uint8_t> bytes) {
  FUZZ_CHECK(bytes.size() <= largest_, "");
  for (uint8_t byte : bytes) sum_ = static_cast<uint8_t>(sum_ + byte);
}

}  // namespace interprocess::fuzz
