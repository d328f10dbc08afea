// SPDX-License-Identifier: MIT

// A monotonic clock that goes only when it is told to, so that a fuzzer's input alone says what
// time it is.

#ifndef INTERPROCESS_TESTS_FUZZ_FAKE_CLOCK_H_
#define INTERPROCESS_TESTS_FUZZ_FAKE_CLOCK_H_

#include <cstdint>

namespace interprocess::fuzz {

// In ns. What the library takes for the time, from now on.
void AdvanceClock(int64_t nanos);

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_FAKE_CLOCK_H_
