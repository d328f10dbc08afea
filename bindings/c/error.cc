// SPDX-License-Identifier: MIT

#include "bindings/c/error.h"

#include <algorithm>
#include <cstring>

namespace interprocess::c {
namespace {

// Plain memory: it has no destructor, which a thread would run after the library was unloaded.
struct LastError {
  int code;
  char text[2048];
};
thread_local LastError last_error;

const char* Meaning(int code) {
  switch (code) {
    case IPQ_OK:
      return "";
    case IPQ_CANCELLED:
      return "the call was stopped";
    case IPQ_DEADLINE_EXCEEDED:
      return "the time is over";
    case IPQ_RESOURCE_EXHAUSTED:
      return "the queue has no room now";
    case IPQ_UNAVAILABLE:
      return "the queue has no message now";
    default:
      return ipq_code_name(code);
  }
}

}  // namespace

int Fail(int code, absl::string_view text) {
  LastError& error = last_error;
  error.code = code;
  size_t length = std::min(text.size(), sizeof error.text - 1);
  // A text that is cut ends with a whole character of UTF-8.
  while (length < text.size() && length > 0 && (text[length] & 0xc0) == 0x80) --length;
  if (length > 0) std::memcpy(error.text, text.data(), length);
  error.text[length] = '\0';
  return code;
}

}  // namespace interprocess::c

extern "C" const char* ipq_last_error(void) {
  const auto& error = interprocess::c::last_error;
  return error.text[0] != '\0' ? error.text : interprocess::c::Meaning(error.code);
}

extern "C" const char* ipq_code_name(int code) {
  switch (code) {
    case IPQ_OK:
      return "OK";
    case IPQ_CANCELLED:
      return "CANCELLED";
    case IPQ_INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case IPQ_DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case IPQ_NOT_FOUND:
      return "NOT_FOUND";
    case IPQ_ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case IPQ_PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case IPQ_RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case IPQ_FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case IPQ_OUT_OF_RANGE:
      return "OUT_OF_RANGE";
    case IPQ_UNIMPLEMENTED:
      return "UNIMPLEMENTED";
    case IPQ_INTERNAL:
      return "INTERNAL";
    case IPQ_UNAVAILABLE:
      return "UNAVAILABLE";
    case IPQ_DATA_LOSS:
      return "DATA_LOSS";
    default:
      return "UNKNOWN";
  }
}
