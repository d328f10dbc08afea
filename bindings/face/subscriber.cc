// SPDX-License-Identifier: MIT

#include "bindings/face/subscriber.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "bindings/face/frames.h"

namespace interprocess::face {
namespace {

absl::Span<uint8_t> Bytes(void* buffer, int64_t size) {
  // A negative size has no room.
  return absl::Span<uint8_t>(static_cast<uint8_t*>(buffer),
                             size < 0 ? 0 : static_cast<size_t>(size));
}

}  // namespace

FaceSubscriber* FaceSubscriber::Open(const QueueOptions& options, FaceError* error) {
  auto subscriber = Subscriber::Open(options);
  if (subscriber.ok()) return new FaceSubscriber(*std::move(subscriber));
  error->Set(subscriber.status());
  return nullptr;
}

FaceSubscriber::~FaceSubscriber() { Close(); }

int64_t FaceSubscriber::MessageOrError(const absl::Status& status, const MessageInfo& info) {
  if (status.ok()) return MessageResult(info);
  if (status.code() == absl::StatusCode::kOutOfRange) {
    return ErrorResult(status.code(), static_cast<int64_t>(info.size));
  }
  return errors_.ResultOf(status);
}

int64_t FaceSubscriber::TryDequeue(void* buffer, int64_t size, int64_t* place) {
  MessageInfo info;
  const int64_t result = TryDequeueBytes(Bytes(buffer, size), &info);
  if (place != nullptr) *place = static_cast<int64_t>(info.position);
  return result < 0 ? result : MessageResult(info);
}

int64_t FaceSubscriber::TryDequeueSlowly(absl::Span<uint8_t> buffer, MessageInfo* info,
                                         bool tried) {
  MessageInfo own;
  if (info == nullptr) info = &own;
  Turns::Turn turn(turns_);
  const auto size = tried ? internal::Door::DequeueSlowly(subscriber_, buffer, info)
                          : internal::Door::TryDequeueInTurn(subscriber_, buffer, info);
  return size.ok() ? static_cast<int64_t>(*size) : MessageOrError(size.status(), *info);
}

int64_t FaceSubscriber::Dequeue(void* buffer, int64_t size, int64_t timeout_ns,
                                FaceInterrupt* interrupt, int64_t* place) {
  MessageInfo info;
  const int64_t result = DequeueWithInfo(buffer, size, timeout_ns, interrupt, &info);
  if (place != nullptr) *place = static_cast<int64_t>(info.position);
  return result;
}

int64_t FaceSubscriber::DequeueWithInfo(void* buffer, int64_t size, int64_t timeout_ns,
                                        FaceInterrupt* interrupt, MessageInfo* info) {
  const absl::Span<uint8_t> bytes = Bytes(buffer, size);
  return MessageOrError(
      turns_.RunWaiting(
          timeout_ns, interrupt,
          [&] { return internal::Door::TryDequeueInTurn(subscriber_, bytes, info).status(); },
          [&](const WaitOptions& wait) { return subscriber_.Dequeue(bytes, wait, info).status(); }),
      *info);
}

int64_t FaceSubscriber::TryDequeueBatch(void* buffer, int64_t size, int max) {
  auto* at = static_cast<uint8_t*>(buffer);
  int64_t left = size;
  int64_t taken = 0;
  Turns::Turn turn(turns_);
  while (taken < max) {
    // Without room for its header not even a message of no bytes is taken.
    if (left < kFrameHeader) return taken > 0 ? taken : ErrorResult(absl::StatusCode::kOutOfRange);
    MessageInfo info;
    const absl::Status status =
        internal::Door::TryDequeueInTurn(subscriber_, Bytes(at + kFrameHeader, left - kFrameHeader),
                                         &info)
            .status();
    if (!status.ok()) return taken > 0 ? taken : MessageOrError(status, info);
    const int64_t result = MessageResult(info);
    std::memcpy(at, &result, sizeof result);
    ++taken;
    const int64_t step = std::min(left, kFrameHeader + PaddedSize(static_cast<int64_t>(info.size)));
    at += step;
    left -= step;
  }
  return taken;
}

int64_t FaceSubscriber::TryBorrow(int64_t* place) {
  MessageInfo info;
  return TryBorrowWithInfo(place, &info);
}

int64_t FaceSubscriber::TryBorrowWithInfo(int64_t* place, MessageInfo* info) {
  Turns::Turn turn(turns_);
  return MessageOrError(HandOut(subscriber_.TryBorrow(), place, info), *info);
}

int64_t FaceSubscriber::Borrow(int64_t* place, int64_t timeout_ns, FaceInterrupt* interrupt) {
  MessageInfo info;
  return BorrowWithInfo(place, timeout_ns, interrupt, &info);
}

int64_t FaceSubscriber::BorrowWithInfo(int64_t* place, int64_t timeout_ns, FaceInterrupt* interrupt,
                                       MessageInfo* info) {
  return MessageOrError(
      turns_.RunWaiting(
          timeout_ns, interrupt, [&] { return HandOut(subscriber_.TryBorrow(), place, info); },
          [&](const WaitOptions& wait) { return HandOut(subscriber_.Borrow(wait), place, info); }),
      *info);
}

int64_t FaceSubscriber::TryBorrowBatch(int64_t* places, int max) {
  int64_t lent = 0;
  Turns::Turn turn(turns_);
  while (lent < max) {
    MessageInfo info;
    const absl::Status status = HandOut(subscriber_.TryBorrow(), places, &info);
    if (!status.ok()) return lent > 0 ? lent : MessageOrError(status, info);
    places[3] = MessageResult(info);
    places += 4;
    ++lent;
  }
  return lent;
}

absl::Status FaceSubscriber::HandOut(absl::StatusOr<BorrowedMessage> message, int64_t* place,
                                     MessageInfo* info) {
  if (!message.ok()) return message.status();
  *info = message->info();
  place[0] = static_cast<int64_t>(reinterpret_cast<intptr_t>(message->bytes().data()));
  place[1] = borrowed_.Add(*std::move(message));
  place[2] = static_cast<int64_t>(info->position);
  return absl::OkStatus();
}

int64_t FaceSubscriber::Acknowledge(int64_t token) {
  Turns::Turn turn(turns_);
  return errors_.ResultOf(AcknowledgeInTurn(token));
}

int64_t FaceSubscriber::AcknowledgeAndTryBorrow(int64_t token, int64_t* place) {
  MessageInfo info;
  return AcknowledgeAndTryBorrowWithInfo(token, place, &info);
}

int64_t FaceSubscriber::AcknowledgeAndTryBorrowWithInfo(int64_t token, int64_t* place,
                                                        MessageInfo* info) {
  Turns::Turn turn(turns_);
  const absl::Status status = AcknowledgeInTurn(token);
  if (!status.ok()) return errors_.ResultOf(status);
  return MessageOrError(HandOut(subscriber_.TryBorrow(), place, info), *info);
}

absl::Status FaceSubscriber::AcknowledgeInTurn(int64_t token) {
  BorrowedMessage* message = borrowed_.Find(token);
  if (message == nullptr) {
    return absl::FailedPreconditionError("the message was acknowledged or given back before");
  }
  absl::Status status = message->Acknowledge();
  borrowed_.Remove(token);
  return status;
}

int64_t FaceSubscriber::GiveBack(int64_t token) {
  Turns::Turn turn(turns_);
  if (borrowed_.Find(token) != nullptr) borrowed_.Remove(token);
  return 0;
}

int64_t FaceSubscriber::DrainNameless() {
  Turns::Turn turn(turns_);
  return errors_.ResultOf(subscriber_.DrainNameless());
}

int64_t FaceSubscriber::Arm(int64_t* place) {
  Alarm before;
  before.word = reinterpret_cast<const std::atomic<uint32_t>*>(static_cast<intptr_t>(place[0]));
  before.value = static_cast<uint32_t>(place[1]);
  Turns::Turn turn(turns_);
  const auto alarm = subscriber_.Arm(before);
  if (!alarm.ok()) return errors_.ResultOf(alarm.status());
  place[0] = static_cast<int64_t>(reinterpret_cast<intptr_t>(alarm->word));
  place[1] = alarm->value;
  return absl::ToInt64Nanoseconds(alarm->limit);
}

int64_t FaceSubscriber::ApproximateDepth() {
  Turns::Turn turn(turns_);
  const auto depth = subscriber_.ApproximateDepth();
  return depth.ok() ? static_cast<int64_t>(*depth) : errors_.ResultOf(depth.status());
}

int64_t FaceSubscriber::Counters(EndpointCounters* counters) {
  Turns::Turn turn(turns_);
  const auto counted = subscriber_.Counters();
  if (counted.ok()) *counters = *counted;
  return errors_.ResultOf(counted.status());
}

int64_t FaceSubscriber::Close() {
  turns_.OpenLine();
  return errors_.ResultWithText(subscriber_.Close());
}

}  // namespace interprocess::face
