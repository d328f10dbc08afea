// SPDX-License-Identifier: MIT

#include "bindings/face/subscriber.h"

#include <algorithm>
#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/types/span.h"
#include "bindings/c/endpoint.h"
#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/sized.h"
#include "interprocess.h"
#include "interprocess/message_view.h"

namespace interprocess::c {
namespace {

using face::FaceInterrupt;
using face::FaceSubscriber;

ipq_message Describe(const void* data, const MessageInfo& info) {
  ipq_message message = {};
  message.data = data;
  message.size = info.size;
  message.position = info.position;
  message.earlier_deliveries = info.earlier_deliveries;
  message.redelivered = info.redelivered;
  return message;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline int CheckBuffer(const void* buffer, size_t size) {
  if (ABSL_PREDICT_TRUE(buffer != nullptr || size == 0)) return IPQ_OK;
  return Fail(IPQ_INVALID_ARGUMENT, "the buffer is null");
}

// `take` takes a message to `buffer`, with what is known of it unless that is null, and returns a
// code.
template <typename Take>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int TakeOne(void* buffer, size_t size, ipq_message* message,
                                                const Take& take) {
  if (message != nullptr) {
    if (const int code = CheckSized("ipq_message", message); code != IPQ_OK) return code;
  }
  if (const int code = CheckBuffer(buffer, size); code != IPQ_OK) return code;
  if (message == nullptr) return take(nullptr);
  MessageInfo info;
  const int code = take(&info);
  if (code == IPQ_OK || code == IPQ_OUT_OF_RANGE) {
    Fill(message, Describe(code == IPQ_OK ? buffer : nullptr, info));
  }
  return code;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline int TryTake(FaceSubscriber& face, void* buffer, size_t size,
                                                MessageInfo* info) {
  return CodeOfResult(
      face, face.TryDequeueBytes(absl::MakeSpan(static_cast<uint8_t*>(buffer), size), info));
}

ABSL_ATTRIBUTE_NOINLINE int TryTakeWithInfo(ipq_subscriber* subscriber, void* buffer, size_t size,
                                            ipq_message* message) noexcept {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face) {
    return TakeOne(buffer, size, message,
                   [&](MessageInfo* info) { return TryTake(face, buffer, size, info); });
  });
}

int WaitAndTake(FaceSubscriber& face, void* buffer, size_t size, MessageInfo* info,
                int64_t timeout_ns, FaceInterrupt* interrupt) {
  MessageInfo own;
  return CodeOfResult(face, face.DequeueWithInfo(buffer, static_cast<int64_t>(size), timeout_ns,
                                                 interrupt, info != nullptr ? info : &own));
}

// Makes up to `max` messages by `next(message, is_first)`, until it returns another code than OK.
template <typename Next>
int TakeSeveral(ipq_message* messages, size_t max, size_t* count, const Next& next) {
  if (count == nullptr) return Fail(IPQ_INVALID_ARGUMENT, "the pointer for the count is null");
  *count = 0;
  if (max == 0) return IPQ_OK;
  if (const int code = CheckSized("ipq_message", messages); code != IPQ_OK) return code;
  const size_t struct_size = messages->struct_size;
  for (; *count < max; ++*count) {
    ipq_message* message = At(messages, *count);
    message->struct_size = struct_size;
    const int code = next(message, *count == 0);
    if (code != IPQ_OK) return *count > 0 ? static_cast<int>(IPQ_OK) : code;
  }
  return IPQ_OK;
}

// Copies messages one behind the other. `first` takes the first one.
template <typename First>
int TakeBatch(FaceSubscriber& face, void* buffer, size_t size, ipq_message* messages, size_t max,
              size_t* count, const First& first) {
  auto* at = static_cast<uint8_t*>(buffer);
  size_t left = size;
  return TakeSeveral(messages, max, count, [&](ipq_message* message, bool is_first) {
    const int code = TakeOne(at, left, message, [&](MessageInfo* info) {
      return is_first ? first(at, left, info) : TryTake(face, at, left, info);
    });
    if (code == IPQ_OK) {
      const size_t step = std::min(left, (message->size + 7) / 8 * 8);
      at += step;
      left -= step;
    }
    return code;
  });
}

// `lend` puts address and token to its first argument, and returns a result.
template <typename Lend>
int LendOne(FaceSubscriber& subscriber, uint64_t serial, ipq_message* message, const Lend& lend) {
  if (const int code = CheckSized("ipq_message", message); code != IPQ_OK) return code;
  int64_t place[3];
  MessageInfo info;
  if (const int code = CodeOfResult(subscriber, lend(place, &info)); code != IPQ_OK) return code;
  ipq_message lent = Describe(reinterpret_cast<void*>(static_cast<intptr_t>(place[0])), info);
  lent.endpoint = serial;
  lent.token = static_cast<uint64_t>(place[1]);
  Fill(message, lent);
  return IPQ_OK;
}

// A message that this subscriber has lent, still or not.
int CheckLent(const ipq_message* message, uint64_t serial) {
  if (const int code = CheckSized("ipq_message", message); code != IPQ_OK) return code;
  if (message->endpoint == serial) return IPQ_OK;
  return Fail(IPQ_INVALID_ARGUMENT,
              "this is another subscriber's message, or one that was not borrowed");
}

void Forget(ipq_message* message) {
  message->data = nullptr;
  message->token = 0;
}

// `end` ends the loan of a token.
template <typename End>
int EndLoan(ipq_subscriber* subscriber, ipq_message* message, const End& end) noexcept {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face, uint64_t serial) {
    if (const int code = CheckLent(message, serial); code != IPQ_OK) return code;
    const int code = CodeOfResult(face, end(face, static_cast<int64_t>(message->token)));
    Forget(message);
    return code;
  });
}

}  // namespace
}  // namespace interprocess::c

using namespace interprocess::c;  // NOLINT(build/namespaces)
using interprocess::MessageInfo;
using interprocess::face::FaceInterrupt;
using interprocess::face::FaceSubscriber;

extern "C" {

int ipq_subscriber_open(const ipq_options* options, ipq_subscriber** subscriber) {
  return OpenEndpoint<FaceSubscriber>(options, subscriber);
}

int ipq_subscriber_try_dequeue(ipq_subscriber* subscriber, void* buffer, size_t size,
                               ipq_message* message) {
  // What asks for nothing but the bytes is a shorter function.
  if (message != nullptr) return TryTakeWithInfo(subscriber, buffer, size, message);
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face) {
    if (const int code = CheckBuffer(buffer, size); code != IPQ_OK) return code;
    return TryTake(face, buffer, size, nullptr);
  });
}

int ipq_subscriber_dequeue(ipq_subscriber* subscriber, void* buffer, size_t size,
                           ipq_message* message, int64_t timeout_ns, ipq_stop* stop) {
  return WithStop<FaceSubscriber>(
      subscriber, stop, [&](FaceSubscriber& face, uint64_t, FaceInterrupt* interrupt) {
        return TakeOne(buffer, size, message, [&](MessageInfo* info) {
          return WaitAndTake(face, buffer, size, info, timeout_ns, interrupt);
        });
      });
}

int ipq_subscriber_try_dequeue_batch(ipq_subscriber* subscriber, void* buffer, size_t size,
                                     ipq_message* messages, size_t max, size_t* count) {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face) {
    return TakeBatch(
        face, buffer, size, messages, max, count,
        [&](void* to, size_t room, MessageInfo* info) { return TryTake(face, to, room, info); });
  });
}

int ipq_subscriber_dequeue_batch(ipq_subscriber* subscriber, void* buffer, size_t size,
                                 ipq_message* messages, size_t max, size_t* count,
                                 int64_t timeout_ns, ipq_stop* stop) {
  return WithStop<FaceSubscriber>(
      subscriber, stop, [&](FaceSubscriber& face, uint64_t, FaceInterrupt* interrupt) {
        return TakeBatch(face, buffer, size, messages, max, count,
                         [&](void* to, size_t room, MessageInfo* info) {
                           return WaitAndTake(face, to, room, info, timeout_ns, interrupt);
                         });
      });
}

int ipq_subscriber_try_borrow(ipq_subscriber* subscriber, ipq_message* message) {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face, uint64_t serial) {
    return LendOne(face, serial, message, [&](int64_t* place, MessageInfo* info) {
      return face.TryBorrowWithInfo(place, info);
    });
  });
}

int ipq_subscriber_borrow(ipq_subscriber* subscriber, ipq_message* message, int64_t timeout_ns,
                          ipq_stop* stop) {
  return WithStop<FaceSubscriber>(
      subscriber, stop, [&](FaceSubscriber& face, uint64_t serial, FaceInterrupt* interrupt) {
        return LendOne(face, serial, message, [&](int64_t* place, MessageInfo* info) {
          return face.BorrowWithInfo(place, timeout_ns, interrupt, info);
        });
      });
}

int ipq_subscriber_try_borrow_batch(ipq_subscriber* subscriber, ipq_message* messages, size_t max,
                                    size_t* count) {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face, uint64_t serial) {
    return TakeSeveral(messages, max, count, [&](ipq_message* message, bool) {
      return LendOne(face, serial, message, [&](int64_t* place, MessageInfo* info) {
        return face.TryBorrowWithInfo(place, info);
      });
    });
  });
}

int ipq_subscriber_acknowledge(ipq_subscriber* subscriber, ipq_message* message) {
  return EndLoan(subscriber, message,
                 [](FaceSubscriber& face, int64_t token) { return face.Acknowledge(token); });
}

int ipq_subscriber_acknowledge_and_try_borrow(ipq_subscriber* subscriber, ipq_message* message) {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face, uint64_t serial) {
    if (const int code = CheckLent(message, serial); code != IPQ_OK) return code;
    const auto token = static_cast<int64_t>(message->token);
    Forget(message);
    return LendOne(face, serial, message, [&](int64_t* place, MessageInfo* info) {
      return face.AcknowledgeAndTryBorrowWithInfo(token, place, info);
    });
  });
}

int ipq_subscriber_give_back(ipq_subscriber* subscriber, ipq_message* message) {
  return EndLoan(subscriber, message,
                 [](FaceSubscriber& face, int64_t token) { return face.GiveBack(token); });
}

int ipq_subscriber_drain_nameless(ipq_subscriber* subscriber) {
  return With<FaceSubscriber>(
      subscriber, [](FaceSubscriber& face) { return CodeOfResult(face, face.DrainNameless()); });
}

int ipq_subscriber_arm(ipq_subscriber* subscriber, ipq_alarm* alarm) {
  return With<FaceSubscriber>(subscriber, [&](FaceSubscriber& face) {
    if (const int code = CheckSized("ipq_alarm", alarm); code != IPQ_OK) return code;
    int64_t place[2] = {static_cast<int64_t>(alarm->word), alarm->value};
    const int64_t limit = face.Arm(place);
    if (limit < 0) return CodeOfResult(face, limit);
    ipq_alarm armed = {};
    armed.word = static_cast<uint64_t>(place[0]);
    armed.value = static_cast<uint32_t>(place[1]);
    armed.limit_ns = limit;
    Fill(alarm, armed);
    return static_cast<int>(IPQ_OK);
  });
}

int64_t ipq_subscriber_capacity(const ipq_subscriber* subscriber) {
  return Ask<FaceSubscriber>(subscriber, [](FaceSubscriber& face) { return face.capacity(); });
}

size_t ipq_subscriber_max_message_size(const ipq_subscriber* subscriber) {
  return Ask<FaceSubscriber>(subscriber, [](FaceSubscriber& face) {
    return static_cast<size_t>(face.max_message_size());
  });
}

int ipq_subscriber_set_spin(ipq_subscriber* subscriber, int64_t spin_ns) {
  return SetSpin<FaceSubscriber>(subscriber, spin_ns);
}

int ipq_subscriber_depth(ipq_subscriber* subscriber, int64_t* depth) {
  return Depth<FaceSubscriber>(subscriber, depth);
}

int ipq_subscriber_counters(ipq_subscriber* subscriber, ipq_counters* counters) {
  return Counters<FaceSubscriber>(subscriber, counters);
}

int ipq_subscriber_close(ipq_subscriber* subscriber) {
  return With<FaceSubscriber>(
      subscriber, [](FaceSubscriber& face) { return CodeOfResult(face, face.Close()); });
}

void ipq_subscriber_free(ipq_subscriber* subscriber) { Free<FaceSubscriber>(subscriber); }

}  // extern "C"
