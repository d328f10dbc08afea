// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/tools/child.h"

extern char** environ;

namespace testing_tools {

const bool kTheirQueuesAreFiles = true;
const bool kSignalsAreHandled = true;

Child::Child(const std::vector<std::string>& argv, const Stdio& stdio) {
  std::vector<char*> pointers;
  // Programs for another processor are started by what runs this one.
  if (char* emulator = getenv("INTERPROCESS_EMULATOR")) pointers.push_back(emulator);
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int given[] = {stdio.in, stdio.out, stdio.err};
  for (int target = 0; target < 3; ++target) {
    if (given[target] >= 0) {
      posix_spawn_file_actions_adddup2(&actions, given[target], target);
    } else if (given[target] == kClosed) {
      posix_spawn_file_actions_addclose(&actions, target);
    } else {
      posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0);
    }
  }
  EXPECT_EQ(posix_spawn(&id_, pointers[0], &actions, nullptr, pointers.data(), environ), 0)
      << argv[0];
  posix_spawn_file_actions_destroy(&actions);
}

Child::Child(Child&& other) noexcept : id_(other.id_), code_(other.code_) { other.id_ = 0; }

Child::~Child() {
  if (id_ == 0 || code_ >= 0) return;
  Signal(SIGKILL);
  Wait();
}

int Child::Wait() {
  int status = 0;
  while (code_ < 0 && waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  if (code_ < 0) code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

void Child::Signal(int signal) const { kill(id_, signal); }

void Fd::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Pipe::Pipe() {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  read = Fd(ends[0]);
  write = Fd(ends[1]);
}

Terminal::Terminal() {
  user = Fd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_EQ(grantpt(user.get()), 0);
  EXPECT_EQ(unlockpt(user.get()), 0);
  program = Fd(open(ptsname(user.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_GE(program.get(), 0);
}

Fd OpenToRead(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_GE(fd.get(), 0) << path;
  return fd;
}

Fd OpenToWrite(const std::string& path) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  EXPECT_GE(fd.get(), 0) << path;
  return fd;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count <= 0) return text;
    text.append(buffer, count);
  }
}

}  // namespace testing_tools
