// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>

#include "tests/native/testing/file_queue.h"

namespace interprocess::testing {

bool AnotherThreadSleeps() {
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream file(task.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // The state follows the program's name, which is in parentheses.
    const size_t name_end = stat.rfind(')');
    if (name_end != stat.npos && stat.compare(name_end, 3, ") S") == 0) return true;
  }
  return false;
}

int RunInFork(const std::function<int()>& body) {
  fflush(nullptr);
  const pid_t id = fork();
  if (id == 0) {
    const int code = body();
    fflush(nullptr);
    _exit(code);
  }
  int state = 0;
  while (waitpid(id, &state, 0) == -1) {
    if (errno != EINTR) abort();
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 1000 + WTERMSIG(state);
}

int Fail(const char* file, int line, const char* condition) {
  fprintf(stderr, "%s:%d: in a child process: not true: %s\n", file, line, condition);
  return 1;
}

}  // namespace interprocess::testing
