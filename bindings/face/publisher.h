// SPDX-License-Identifier: MIT

// A publisher for languages other than C++.

#ifndef INTERPROCESS_BINDINGS_FACE_PUBLISHER_H_
#define INTERPROCESS_BINDINGS_FACE_PUBLISHER_H_

#include <cstdint>
#include <string>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "bindings/face/in_place.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/result.h"
#include "bindings/face/turns.h"
#include "core/door.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"

namespace interprocess::face {

// As interprocess::Publisher, but thread-safe. Calls return a result (result.h); times are in
// nanoseconds, negative for ever; an interrupt may be null. Memory that is passed is used during
// the call only. Deleting it waits for the calls that have begun (close it first, and begin none),
// and aborts the reservations that are open.
class FacePublisher {
 public:
  // Null on failure, with the reason in *error. The caller owns it.
  static FacePublisher* Open(const QueueOptions& options, FaceError* error);
  FacePublisher(const FacePublisher&) = delete;
  FacePublisher& operator=(const FacePublisher&) = delete;
  ~FacePublisher();

  // 0: it is in.
  int64_t TryEnqueue(const void* message, int64_t size);
  // The same for callers in C++, in line where the first thread that came has an ordinary case.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t TryEnqueueBytes(absl::Span<const uint8_t> message) {
    const bool tried = turns_.TryEnterAsOwner();
    if (ABSL_PREDICT_TRUE(tried)) {
      Turns::OwnerTurn turn(turns_);
      if (ABSL_PREDICT_TRUE(internal::Door::EnqueueAtOnceInTurn(publisher_, message))) return 0;
    }
    return TryEnqueueSlowly(message, tried);
  }
  int64_t Enqueue(const void* message, int64_t size, int64_t timeout_ns, FaceInterrupt* interrupt);

  // `count` messages, each behind its size (frames.h). How many went in. InvalidArgument if they do
  // not lie within `size` bytes.
  int64_t TryEnqueueBatch(const void* messages, int64_t size, int count);
  // The same with messages that lie anywhere.
  int64_t TryEnqueueAll(absl::Span<const absl::Span<const uint8_t>> messages);
  // The same, waiting until the first one has room.
  int64_t EnqueueAll(absl::Span<const absl::Span<const uint8_t>> messages, int64_t timeout_ns,
                     FaceInterrupt* interrupt);

  // Room for `size` bytes: puts its address and its token to place[0] and place[1].
  int64_t TryReserve(int64_t size, int64_t* place);
  int64_t Reserve(int64_t size, int64_t* place, int64_t timeout_ns, FaceInterrupt* interrupt);
  // FailedPrecondition if the token's reservation was committed or aborted before, or the
  // publisher is closed. Of InvalidArgument (larger than was reserved) and ResourceExhausted (a
  // Cloudtoid queue has no room now) it stays open.
  int64_t Commit(int64_t token, int64_t size);
  // 0 also if there is nothing to abort.
  int64_t Abort(int64_t token);

  // About how many messages wait: Publisher::ApproximateDepth.
  int64_t ApproximateDepth();
  // 0: *counters is what the endpoint has counted.
  int64_t Counters(EndpointCounters* counters);

  int64_t capacity() const { return publisher_.capacity(); }
  int64_t max_message_size() const { return static_cast<int64_t>(publisher_.max_message_size()); }
  // How long a wait polls before it sleeps.
  void SetSpin(int64_t spin_ns) { turns_.set_spin_ns(spin_ns); }

  // Ends the calls that wait, with FailedPrecondition, and returns when they have ended.
  // The result is that of Publisher::Close: an error says that something could not be removed.
  int64_t Close();

  // The text of an error that a call returned.
  std::string ErrorText(int64_t result) const { return errors_.TextOf(result); }

 private:
  explicit FacePublisher(Publisher publisher)
      : publisher_(std::move(publisher)), turns_(internal::Door::EndpointOf(publisher_).running()) {
    internal::Door::EndpointOf(publisher_).GuardByTurns(&turns_.flag());
  }
  // `tried`: it could not be done at once.
  int64_t TryEnqueueSlowly(absl::Span<const uint8_t> message, bool tried);
  absl::Status HandOut(absl::StatusOr<Reservation> room, int64_t* place);

  ErrorTexts errors_;
  Publisher publisher_;
  InPlace<Reservation> reservations_;  // goes before the publisher
  Turns turns_;                        // goes first: waits for the calls
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_PUBLISHER_H_
