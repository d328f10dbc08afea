// SPDX-License-Identifier: MIT

// What went wrong last in a thread, and what the functions return for it.

#ifndef INTERPROCESS_BINDINGS_C_ERROR_H_
#define INTERPROCESS_BINDINGS_C_ERROR_H_

#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/string_view.h"
#include "bindings/face/result.h"
#include "interprocess.h"

namespace interprocess::c {

// Keeps code and text for ipq_last_error; the code. No text: what the code means in general.
int Fail(int code, absl::string_view text = {});

template <typename Endpoint>
ABSL_ATTRIBUTE_NOINLINE int CodeOfError(const Endpoint& endpoint, int64_t result) {
  const int code = face::CodeOf(result);
  // A queue that is full or empty has no text, so that its users do not pay for one.
  if (face::ErrorResult(static_cast<absl::StatusCode>(code)) == result) return Fail(code);
  return Fail(code, endpoint.ErrorText(result));
}

// The code of a result of `endpoint` (face/result.h), kept with its text if it is an error.
template <typename Endpoint>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int CodeOfResult(const Endpoint& endpoint, int64_t result) {
  return ABSL_PREDICT_TRUE(result >= 0) ? static_cast<int>(IPQ_OK) : CodeOfError(endpoint, result);
}

inline int FailNullResult() {
  return Fail(IPQ_INVALID_ARGUMENT, "the pointer for the result is null");
}

inline int Fail(const face::FaceError& error) { return Fail(error.code(), error.text()); }

}  // namespace interprocess::c

#endif  // INTERPROCESS_BINDINGS_C_ERROR_H_
