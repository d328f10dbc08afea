// SPDX-License-Identifier: MIT

#include "bindings/face/publisher.h"

#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "bindings/c/endpoint.h"
#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/sized.h"
#include "interprocess.h"

namespace interprocess::c {
namespace {

using face::FacePublisher;

ABSL_ATTRIBUTE_ALWAYS_INLINE inline int CheckBytes(const void* data, size_t size) {
  if (ABSL_PREDICT_TRUE(data != nullptr || size == 0)) return IPQ_OK;
  return Fail(IPQ_INVALID_ARGUMENT, "the message is null");
}

// A reservation of this publisher, open or not.
int CheckReservation(const ipq_reservation* reservation, uint64_t serial) {
  if (const int code = CheckSized("ipq_reservation", reservation); code != IPQ_OK) return code;
  if (reservation->endpoint == serial) return IPQ_OK;
  return Fail(IPQ_INVALID_ARGUMENT, "this is another publisher's reservation, or none");
}

void Forget(ipq_reservation* reservation) {
  reservation->data = nullptr;
  reservation->size = 0;
  reservation->token = 0;
}

// `reserve` puts address and token to its argument.
template <typename Reserve>
int HandOut(FacePublisher& publisher, uint64_t serial, size_t size, ipq_reservation* reservation,
            const Reserve& reserve) {
  if (const int code = CheckSized("ipq_reservation", reservation); code != IPQ_OK) return code;
  int64_t place[2];
  if (const int code = CodeOfResult(publisher, reserve(place)); code != IPQ_OK) return code;
  ipq_reservation room = {};
  room.data = reinterpret_cast<void*>(static_cast<intptr_t>(place[0]));
  room.size = size;
  room.endpoint = serial;
  room.token = static_cast<uint64_t>(place[1]);
  Fill(reservation, room);
  return IPQ_OK;
}

using Messages = absl::InlinedVector<absl::Span<const uint8_t>, 32>;

// `enqueue` enqueues all that it can of what it is given, and returns how many went in, or an
// error.
template <typename Enqueue>
int EnqueueBatch(const FacePublisher& face, const ipq_bytes* messages, size_t count,
                 size_t* enqueued, const Enqueue& enqueue) {
  if (enqueued == nullptr) return Fail(IPQ_INVALID_ARGUMENT, "the pointer for the count is null");
  if (messages == nullptr && count > 0) return Fail(IPQ_INVALID_ARGUMENT, "the batch is null");
  Messages all;
  all.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const ipq_bytes& bytes = messages[i];
    if (const int code = CheckBytes(bytes.data, bytes.size); code != IPQ_OK) return code;
    all.emplace_back(static_cast<const uint8_t*>(bytes.data), bytes.size);
  }
  const int64_t result = enqueue(all);
  if (result >= 0) *enqueued = static_cast<size_t>(result);
  return CodeOfResult(face, result);
}

}  // namespace
}  // namespace interprocess::c

using namespace interprocess::c;  // NOLINT(build/namespaces)
using interprocess::face::FaceInterrupt;
using interprocess::face::FacePublisher;

extern "C" {

int ipq_publisher_open(const ipq_options* options, ipq_publisher** publisher) {
  return OpenEndpoint<FacePublisher>(options, publisher);
}

int ipq_publisher_try_enqueue(ipq_publisher* publisher, const void* data, size_t size) {
  return With<FacePublisher>(publisher, [&](FacePublisher& face) {
    if (const int code = CheckBytes(data, size); code != IPQ_OK) return code;
    return CodeOfResult(
        face, face.TryEnqueueBytes(absl::MakeConstSpan(static_cast<const uint8_t*>(data), size)));
  });
}

int ipq_publisher_enqueue(ipq_publisher* publisher, const void* data, size_t size,
                          int64_t timeout_ns, ipq_stop* stop) {
  return WithStop<FacePublisher>(
      publisher, stop, [&](FacePublisher& face, uint64_t, FaceInterrupt* interrupt) {
        if (const int code = CheckBytes(data, size); code != IPQ_OK) return code;
        return CodeOfResult(face,
                            face.Enqueue(data, static_cast<int64_t>(size), timeout_ns, interrupt));
      });
}

int ipq_publisher_try_enqueue_batch(ipq_publisher* publisher, const ipq_bytes* messages,
                                    size_t count, size_t* enqueued) {
  if (enqueued != nullptr) *enqueued = 0;
  return With<FacePublisher>(publisher, [&](FacePublisher& face) {
    return EnqueueBatch(face, messages, count, enqueued,
                        [&](const Messages& all) { return face.TryEnqueueAll(all); });
  });
}

int ipq_publisher_enqueue_batch(ipq_publisher* publisher, const ipq_bytes* messages, size_t count,
                                size_t* enqueued, int64_t timeout_ns, ipq_stop* stop) {
  if (enqueued != nullptr) *enqueued = 0;
  return WithStop<FacePublisher>(
      publisher, stop, [&](FacePublisher& face, uint64_t, FaceInterrupt* interrupt) {
        return EnqueueBatch(face, messages, count, enqueued, [&](const Messages& all) {
          return face.EnqueueAll(all, timeout_ns, interrupt);
        });
      });
}

int ipq_publisher_try_reserve(ipq_publisher* publisher, size_t size, ipq_reservation* reservation) {
  return With<FacePublisher>(publisher, [&](FacePublisher& face, uint64_t serial) {
    return HandOut(face, serial, size, reservation, [&](int64_t* place) {
      return face.TryReserve(static_cast<int64_t>(size), place);
    });
  });
}

int ipq_publisher_reserve(ipq_publisher* publisher, size_t size, ipq_reservation* reservation,
                          int64_t timeout_ns, ipq_stop* stop) {
  return WithStop<FacePublisher>(
      publisher, stop, [&](FacePublisher& face, uint64_t serial, FaceInterrupt* interrupt) {
        return HandOut(face, serial, size, reservation, [&](int64_t* place) {
          return face.Reserve(static_cast<int64_t>(size), place, timeout_ns, interrupt);
        });
      });
}

int ipq_publisher_commit(ipq_publisher* publisher, ipq_reservation* reservation, size_t size) {
  return With<FacePublisher>(publisher, [&](FacePublisher& face, uint64_t serial) {
    if (const int code = CheckReservation(reservation, serial); code != IPQ_OK) return code;
    const int code = CodeOfResult(
        face, face.Commit(static_cast<int64_t>(reservation->token), static_cast<int64_t>(size)));
    if (code != IPQ_INVALID_ARGUMENT && code != IPQ_RESOURCE_EXHAUSTED) Forget(reservation);
    return code;
  });
}

int ipq_publisher_abort(ipq_publisher* publisher, ipq_reservation* reservation) {
  return With<FacePublisher>(publisher, [&](FacePublisher& face, uint64_t serial) {
    if (const int code = CheckReservation(reservation, serial); code != IPQ_OK) return code;
    const int code = CodeOfResult(face, face.Abort(static_cast<int64_t>(reservation->token)));
    Forget(reservation);
    return code;
  });
}

int64_t ipq_publisher_capacity(const ipq_publisher* publisher) {
  return Ask<FacePublisher>(publisher, [](FacePublisher& face) { return face.capacity(); });
}

size_t ipq_publisher_max_message_size(const ipq_publisher* publisher) {
  return Ask<FacePublisher>(
      publisher, [](FacePublisher& face) { return static_cast<size_t>(face.max_message_size()); });
}

int ipq_publisher_set_spin(ipq_publisher* publisher, int64_t spin_ns) {
  return SetSpin<FacePublisher>(publisher, spin_ns);
}

int ipq_publisher_depth(ipq_publisher* publisher, int64_t* depth) {
  return Depth<FacePublisher>(publisher, depth);
}

int ipq_publisher_counters(ipq_publisher* publisher, ipq_counters* counters) {
  return Counters<FacePublisher>(publisher, counters);
}

int ipq_publisher_close(ipq_publisher* publisher) {
  return With<FacePublisher>(publisher,
                             [](FacePublisher& face) { return CodeOfResult(face, face.Close()); });
}

void ipq_publisher_free(ipq_publisher* publisher) { Free<FacePublisher>(publisher); }

}  // extern "C"
