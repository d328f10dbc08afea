// SPDX-License-Identifier: MIT

// One thread that waits on many queues (interprocess/wait_any.h), in plain types.

#ifndef INTERPROCESS_BINDINGS_FACE_WAIT_ANY_H_
#define INTERPROCESS_BINDINGS_FACE_WAIT_ANY_H_

#include <cstdint>

#include "interprocess/wait_any.h"

namespace interprocess::face {

// As Bell: where its word is, and what it holds now.
class FaceBell {
 public:
  int64_t Word() const;
  int64_t Value() const;
  void Ring() { bell_.Ring(); }

 private:
  Bell bell_;
};

// `places` has two int64_t for each of `count` alarms: where its word is, and the value it had.
// Sleeps until one has changed or `limit_ns` is over, or for no reason.
void FaceWaitAny(const void* places, int count, int64_t limit_ns);

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_WAIT_ANY_H_
