// SPDX-License-Identifier: MIT

// The way into an endpoint for code that guards its calls itself: bindings/face, whose threads take
// turns.

#ifndef INTERPROCESS_CORE_DOOR_H_
#define INTERPROCESS_CORE_DOOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/endpoint.h"
#include "core/engine/engine.h"
#include "interprocess/message_view.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"

namespace interprocess::internal {

struct Door {
  static Endpoint<PublisherEngine>& EndpointOf(Publisher& publisher) {
    return *publisher.endpoint_;
  }
  static Endpoint<SubscriberEngine>& EndpointOf(Subscriber& subscriber) {
    return *subscriber.endpoint_;
  }

  // The few steps of TryEnqueue and TryDequeue that do for most calls, within a turn. False or
  // negative: nothing was done, and the slow call does the rest.
  static bool EnqueueAtOnceInTurn(Publisher& publisher, absl::Span<const uint8_t> message) {
    Endpoint<PublisherEngine>& endpoint = *publisher.endpoint_;
    return endpoint.BeginInTurn() && endpoint.engine().EnqueueAtOnce(message);
  }
  static int64_t DequeueAtOnceInTurn(Subscriber& subscriber, absl::Span<uint8_t> buffer,
                                     MessageInfo* info) {
    Endpoint<SubscriberEngine>& endpoint = *subscriber.endpoint_;
    if (ABSL_PREDICT_FALSE(!endpoint.BeginInTurn())) return -1;
    return endpoint.engine().DequeueAtOnce(buffer, info);
  }
  static absl::Status EnqueueSlowly(Publisher& publisher, absl::Span<const uint8_t> message) {
    return publisher.EnqueueSlowly(message);
  }
  static absl::StatusOr<size_t> DequeueSlowly(Subscriber& subscriber, absl::Span<uint8_t> buffer,
                                              MessageInfo* info) {
    return subscriber.DequeueSlowly(buffer, info);
  }

  // As TryEnqueue and TryDequeue, within a turn.
  static absl::Status TryEnqueueInTurn(Publisher& publisher, absl::Span<const uint8_t> message) {
    if (ABSL_PREDICT_TRUE(EnqueueAtOnceInTurn(publisher, message))) return absl::OkStatus();
    return publisher.EnqueueSlowly(message);
  }
  static absl::StatusOr<size_t> TryDequeueInTurn(Subscriber& subscriber, absl::Span<uint8_t> buffer,
                                                 MessageInfo* info) {
    const int64_t size = DequeueAtOnceInTurn(subscriber, buffer, info);
    if (ABSL_PREDICT_TRUE(size >= 0)) return static_cast<size_t>(size);
    return subscriber.DequeueSlowly(buffer, info);
  }
};

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_DOOR_H_
