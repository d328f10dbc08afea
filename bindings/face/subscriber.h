// SPDX-License-Identifier: MIT

// A subscriber for languages other than C++.

#ifndef INTERPROCESS_BINDINGS_FACE_SUBSCRIBER_H_
#define INTERPROCESS_BINDINGS_FACE_SUBSCRIBER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "bindings/face/in_place.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/result.h"
#include "bindings/face/turns.h"
#include "core/door.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace interprocess::face {

// As interprocess::Subscriber, but thread-safe. Calls return a result (result.h); times are in
// nanoseconds, negative for ever; an interrupt may be null. Memory that is passed is used during
// the call only. Deleting it waits for the calls that have begun (close it first, and begin none),
// and gives the messages back that are borrowed.
class FaceSubscriber {
 public:
  // Null on failure, with the reason in *error. The caller owns it.
  static FaceSubscriber* Open(const QueueOptions& options, FaceError* error);
  FaceSubscriber(const FaceSubscriber&) = delete;
  FaceSubscriber& operator=(const FaceSubscriber&) = delete;
  ~FaceSubscriber();

  // Copies the next message to `buffer`, which has room for `size` bytes, and puts its position to
  // *place, unless that is null. OutOfRange: it has not, and the message stays.
  int64_t TryDequeue(void* buffer, int64_t size, int64_t* place);
  int64_t Dequeue(void* buffer, int64_t size, int64_t timeout_ns, FaceInterrupt* interrupt,
                  int64_t* place);
  // The same for callers in C++, in line where the first thread that came has an ordinary case. All
  // that is known of the message is in *info, unless that is null; at least 0 is its size alone.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t TryDequeueBytes(absl::Span<uint8_t> buffer,
                                                       MessageInfo* info) {
    const bool tried = turns_.TryEnterAsOwner();
    if (ABSL_PREDICT_TRUE(tried)) {
      Turns::OwnerTurn turn(turns_);
      const int64_t size = internal::Door::DequeueAtOnceInTurn(subscriber_, buffer, info);
      if (ABSL_PREDICT_TRUE(size >= 0)) return size;
    }
    return TryDequeueSlowly(buffer, info, tried);
  }
  // Dequeue, with all that is known of the message in *info.
  int64_t DequeueWithInfo(void* buffer, int64_t size, int64_t timeout_ns, FaceInterrupt* interrupt,
                          MessageInfo* info);

  // Copies messages to `buffer`, each behind its result (frames.h), until there are `max` of them,
  // no more are there or the next one has no room. How many there were. OutOfRange: the first has
  // no room; it stays.
  int64_t TryDequeueBatch(void* buffer, int64_t size, int max);

  // Lends the next message: puts its address, its token and its position to place[0] to place[2].
  int64_t TryBorrow(int64_t* place);
  int64_t Borrow(int64_t* place, int64_t timeout_ns, FaceInterrupt* interrupt);
  // The same, with all that is known of the message in *info.
  int64_t TryBorrowWithInfo(int64_t* place, MessageInfo* info);
  int64_t BorrowWithInfo(int64_t* place, int64_t timeout_ns, FaceInterrupt* interrupt,
                         MessageInfo* info);
  // Lends up to `max` messages that are there: address, token, position and result of each to
  // `places`, four numbers a message. How many there were.
  int64_t TryBorrowBatch(int64_t* places, int max);
  // Also when the subscriber is closed. FailedPrecondition if it was acknowledged or given back
  // before.
  int64_t Acknowledge(int64_t token);
  // Acknowledge, and if that went well TryBorrow.
  int64_t AcknowledgeAndTryBorrow(int64_t token, int64_t* place);
  int64_t AcknowledgeAndTryBorrowWithInfo(int64_t token, int64_t* place, MessageInfo* info);
  // 0 also if there is nothing to give back.
  int64_t GiveBack(int64_t token);

  // See Subscriber::DrainNameless.
  int64_t DrainNameless();

  // What to sleep on until there may be a message (wait_any.h): puts the address of a word, or 0,
  // and its value to place[0] and place[1], which hold what it put there last, or 0. The longest
  // sleep, in nanoseconds. Look (TryDequeue) after it and before the sleep.
  int64_t Arm(int64_t* place);

  // About how many messages wait: Subscriber::ApproximateDepth.
  int64_t ApproximateDepth();
  // 0: *counters is what the endpoint has counted.
  int64_t Counters(EndpointCounters* counters);

  int64_t capacity() const { return subscriber_.capacity(); }
  int64_t max_message_size() const { return static_cast<int64_t>(subscriber_.max_message_size()); }
  // How long a wait polls before it sleeps.
  void SetSpin(int64_t spin_ns) { turns_.set_spin_ns(spin_ns); }

  // Ends the calls that wait, with FailedPrecondition, and returns when they have ended.
  // The result is that of Subscriber::Close: an error says that something could not be removed.
  int64_t Close();

  // The text of an error that a call returned.
  std::string ErrorText(int64_t result) const { return errors_.TextOf(result); }

 private:
  explicit FaceSubscriber(Subscriber subscriber)
      : subscriber_(std::move(subscriber)),
        turns_(internal::Door::EndpointOf(subscriber_).running()) {
    internal::Door::EndpointOf(subscriber_).GuardByTurns(&turns_.flag());
  }
  // `tried`: it could not be done at once.
  int64_t TryDequeueSlowly(absl::Span<uint8_t> buffer, MessageInfo* info, bool tried);
  int64_t MessageOrError(const absl::Status& status, const MessageInfo& info);
  absl::Status HandOut(absl::StatusOr<BorrowedMessage> message, int64_t* place, MessageInfo* info);
  absl::Status AcknowledgeInTurn(int64_t token);

  ErrorTexts errors_;
  Subscriber subscriber_;
  InPlace<BorrowedMessage> borrowed_;  // goes before the subscriber
  Turns turns_;                        // goes first: waits for the calls
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_SUBSCRIBER_H_
