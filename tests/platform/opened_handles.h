// SPDX-License-Identifier: MIT

// Watches which handles a process is given, call by call.

#ifndef INTERPROCESS_TESTS_PLATFORM_OPENED_HANDLES_H_
#define INTERPROCESS_TESTS_PLATFORM_OPENED_HANDLES_H_

#include <functional>
#include <string>
#include <vector>

namespace interprocess::testing {

struct Watched {
  // False if the system forbids to watch a child; `why` says what it said.
  bool possible = true;
  std::string why;
  int code = -1;  // the child's exit code, or 1000 + the signal that ended it
  // The calls that gave the child 0, 1 or 2, but for handles that can only name a file (O_PATH).
  std::vector<std::string> low;
};

// Forks; the child closes those of 0, 1 and 2 that `closed` names ("02"), and ends with what `body`
// returns. `body` says what fails to handle 100, which is this process's standard error.
Watched WatchOpenedHandles(const std::string& closed, const std::function<int()>& body);

// In `body`: says what is not true, and ends with code 1.
#define WATCHED_CHECK(condition)                                                                 \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      dprintf(100, "%s:%d: in a child process: not true: %s\n", __FILE__, __LINE__, #condition); \
      return 1;                                                                                  \
    }                                                                                            \
  } while (false)

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_PLATFORM_OPENED_HANDLES_H_
