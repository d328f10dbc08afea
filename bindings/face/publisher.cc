// SPDX-License-Identifier: MIT

#include "bindings/face/publisher.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "bindings/face/frames.h"

namespace interprocess::face {
namespace {

using Message = absl::Span<const uint8_t>;
using Messages = absl::InlinedVector<Message, 32>;

Message Bytes(const void* data, int64_t size) {
  return Message(static_cast<const uint8_t*>(data), static_cast<size_t>(size));
}

absl::Status CheckSize(int64_t size) {
  if (size >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a size of ", size, " bytes"));
}

// The messages of a batch (frames.h).
absl::StatusOr<Messages> Unpack(const void* frames, int64_t size, int count) {
  const auto* at = static_cast<const uint8_t*>(frames);
  int64_t left = size;
  Messages messages;
  messages.reserve(static_cast<size_t>(std::clamp<int64_t>(size / kFrameHeader, 0, count)));
  for (int i = 0; i < count; ++i) {
    int64_t bytes = -1;
    if (left >= kFrameHeader) std::memcpy(&bytes, at, sizeof bytes);
    if (bytes < 0 || bytes > left - kFrameHeader) {
      return absl::InvalidArgumentError(absl::StrCat(
          "message ", i, " of ", count, " does not lie within the batch's ", size, " bytes"));
    }
    messages.push_back(Bytes(at + kFrameHeader, bytes));
    const int64_t step = std::min(left, kFrameHeader + PaddedSize(bytes));
    at += step;
    left -= step;
  }
  return messages;
}

}  // namespace

FacePublisher* FacePublisher::Open(const QueueOptions& options, FaceError* error) {
  auto publisher = Publisher::Open(options);
  if (publisher.ok()) return new FacePublisher(*std::move(publisher));
  error->Set(publisher.status());
  return nullptr;
}

FacePublisher::~FacePublisher() { Close(); }

int64_t FacePublisher::TryEnqueue(const void* message, int64_t size) {
  if (size < 0) return errors_.ResultOf(CheckSize(size));
  return TryEnqueueBytes(Bytes(message, size));
}

int64_t FacePublisher::TryEnqueueSlowly(Message message, bool tried) {
  Turns::Turn turn(turns_);
  return errors_.ResultOf(tried ? internal::Door::EnqueueSlowly(publisher_, message)
                                : internal::Door::TryEnqueueInTurn(publisher_, message));
}

int64_t FacePublisher::Enqueue(const void* message, int64_t size, int64_t timeout_ns,
                               FaceInterrupt* interrupt) {
  if (size < 0) return errors_.ResultOf(CheckSize(size));
  const Message bytes = Bytes(message, size);
  return errors_.ResultOf(turns_.RunWaiting(
      timeout_ns, interrupt, [&] { return internal::Door::TryEnqueueInTurn(publisher_, bytes); },
      [&](const WaitOptions& wait) { return publisher_.Enqueue(bytes, wait); }));
}

int64_t FacePublisher::TryEnqueueBatch(const void* messages, int64_t size, int count) {
  const auto unpacked = Unpack(messages, size, count);
  if (!unpacked.ok()) return errors_.ResultOf(unpacked.status());
  return TryEnqueueAll(*unpacked);
}

int64_t FacePublisher::TryEnqueueAll(absl::Span<const Message> messages) {
  Turns::Turn turn(turns_);
  const auto in = publisher_.TryEnqueueBatch(messages);
  return in.ok() ? static_cast<int64_t>(*in) : errors_.ResultOf(in.status());
}

int64_t FacePublisher::EnqueueAll(absl::Span<const Message> messages, int64_t timeout_ns,
                                  FaceInterrupt* interrupt) {
  absl::StatusOr<size_t> in;
  const absl::Status status = turns_.RunWaiting(
      timeout_ns, interrupt,
      [&] {
        in = publisher_.TryEnqueueBatch(messages);
        const bool is_full = in.ok() && *in == 0 && !messages.empty();
        return is_full ? absl::ResourceExhaustedError("") : in.status();
      },
      [&](const WaitOptions& wait) {
        in = publisher_.EnqueueBatch(messages, wait);
        return in.status();
      });
  return status.ok() ? static_cast<int64_t>(*in) : errors_.ResultOf(status);
}

int64_t FacePublisher::TryReserve(int64_t size, int64_t* place) {
  if (size < 0) return errors_.ResultOf(CheckSize(size));
  Turns::Turn turn(turns_);
  return errors_.ResultOf(HandOut(publisher_.TryReserve(static_cast<size_t>(size)), place));
}

int64_t FacePublisher::Reserve(int64_t size, int64_t* place, int64_t timeout_ns,
                               FaceInterrupt* interrupt) {
  if (size < 0) return errors_.ResultOf(CheckSize(size));
  const auto bytes = static_cast<size_t>(size);
  return errors_.ResultOf(turns_.RunWaiting(
      timeout_ns, interrupt, [&] { return HandOut(publisher_.TryReserve(bytes), place); },
      [&](const WaitOptions& wait) { return HandOut(publisher_.Reserve(bytes, wait), place); }));
}

absl::Status FacePublisher::HandOut(absl::StatusOr<Reservation> room, int64_t* place) {
  if (!room.ok()) return room.status();
  place[0] = static_cast<int64_t>(reinterpret_cast<intptr_t>(room->span().data()));
  place[1] = reservations_.Add(*std::move(room));
  return absl::OkStatus();
}

int64_t FacePublisher::Commit(int64_t token, int64_t size) {
  if (size < 0) return errors_.ResultOf(CheckSize(size));
  Turns::Turn turn(turns_);
  Reservation* reservation = reservations_.Find(token);
  if (reservation == nullptr) {
    return errors_.ResultOf(
        absl::FailedPreconditionError("the reservation was committed or aborted before"));
  }
  const absl::Status status = reservation->Commit(static_cast<size_t>(size));
  const bool stays_open = status.code() == absl::StatusCode::kInvalidArgument ||
                          status.code() == absl::StatusCode::kResourceExhausted;
  if (!stays_open) reservations_.Remove(token);
  return errors_.ResultOf(status);
}

int64_t FacePublisher::Abort(int64_t token) {
  Turns::Turn turn(turns_);
  if (reservations_.Find(token) != nullptr) reservations_.Remove(token);
  return 0;
}

int64_t FacePublisher::ApproximateDepth() {
  Turns::Turn turn(turns_);
  const auto depth = publisher_.ApproximateDepth();
  return depth.ok() ? static_cast<int64_t>(*depth) : errors_.ResultOf(depth.status());
}

int64_t FacePublisher::Counters(EndpointCounters* counters) {
  Turns::Turn turn(turns_);
  const auto counted = publisher_.Counters();
  if (counted.ok()) *counters = *counted;
  return errors_.ResultOf(counted.status());
}

int64_t FacePublisher::Close() {
  turns_.OpenLine();
  return errors_.ResultWithText(publisher_.Close());
}

}  // namespace interprocess::face
