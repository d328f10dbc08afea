// SPDX-License-Identifier: MIT

// What publishers and subscribers have in common.

#ifndef INTERPROCESS_BINDINGS_C_ENDPOINT_H_
#define INTERPROCESS_BINDINGS_C_ENDPOINT_H_

#include <algorithm>
#include <cstdint>

#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/options.h"
#include "bindings/c/sized.h"
#include "bindings/face/interrupt.h"
#include "interprocess.h"
#include "interprocess/endpoint_counters.h"

namespace interprocess::c {

template <typename Endpoint>
int OpenEndpoint(const ipq_options* options, typename KindOf<Endpoint>::Type** to) noexcept {
  if (to != nullptr) *to = nullptr;
  QueueOptions read;
  const int code = Guard([&] { return ReadOptions(options, &read); });
  if (code != IPQ_OK) return code;
  return Give<Endpoint>(to, [&](face::FaceError* error) { return Endpoint::Open(read, error); });
}

// Calls `call` with the endpoint, its serial number and what ends its wait, or null.
template <typename Endpoint, typename Call>
int WithStop(typename KindOf<Endpoint>::Type* pointer, ipq_stop* stop, const Call& call) noexcept {
  const auto with = [&](face::FaceInterrupt* interrupt) {
    return With<Endpoint>(pointer, [&](Endpoint& endpoint, uint64_t serial) {
      return call(endpoint, serial, interrupt);
    });
  };
  if (stop == nullptr) return with(nullptr);
  return With<face::FaceInterrupt>(
      stop, [&](face::FaceInterrupt& interrupt) { return with(&interrupt); });
}

template <typename Endpoint>
int SetSpin(typename KindOf<Endpoint>::Type* pointer, int64_t spin_ns) noexcept {
  return With<Endpoint>(pointer, [&](Endpoint& endpoint) {
    endpoint.SetSpin(std::max<int64_t>(spin_ns, 0));
    return static_cast<int>(IPQ_OK);
  });
}

template <typename Endpoint>
int Depth(typename KindOf<Endpoint>::Type* pointer, int64_t* depth) noexcept {
  return With<Endpoint>(pointer, [&](Endpoint& endpoint) {
    if (depth == nullptr) return FailNullResult();
    const int64_t result = endpoint.ApproximateDepth();
    if (result >= 0) *depth = result;
    return CodeOfResult(endpoint, result);
  });
}

template <typename Endpoint>
int Counters(typename KindOf<Endpoint>::Type* pointer, ipq_counters* counters) noexcept {
  return With<Endpoint>(pointer, [&](Endpoint& endpoint) {
    if (const int code = CheckSized("ipq_counters", counters); code != IPQ_OK) return code;
    EndpointCounters counted;
    const int code = CodeOfResult(endpoint, endpoint.Counters(&counted));
    if (code != IPQ_OK) return code;
    ipq_counters filled = {};
    filled.messages = counted.messages;
    filled.bytes = counted.bytes;
    filled.full_or_empty = counted.full_or_empty;
    filled.waits = counted.waits;
    filled.redelivered = counted.redelivered;
    Fill(counters, filled);
    return static_cast<int>(IPQ_OK);
  });
}

}  // namespace interprocess::c

#endif  // INTERPROCESS_BINDINGS_C_ENDPOINT_H_
