// SPDX-License-Identifier: MIT

// System calls that a sandbox refuses.

#ifndef INTERPROCESS_TESTS_PLATFORM_REFUSED_CALLS_H_
#define INTERPROCESS_TESTS_PLATFORM_REFUSED_CALLS_H_

#include <vector>

namespace interprocess::testing {

struct RefusedCall {
  int number;          // SYS_...
  int error;           // what it fails with
  int argument = -1;   // if not -1: only calls with this argument...
  unsigned value = 0;  // ...of this value
};

// From here on this process and its children are refused these calls. False, with the reason on
// stderr, if the system forbids filters.
bool RefuseCalls(const std::vector<RefusedCall>& calls);

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_PLATFORM_REFUSED_CALLS_H_
