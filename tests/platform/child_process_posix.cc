// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/platform/child_process.h"

namespace interprocess::testing {
namespace {

[[noreturn]] void Die(const char* call) {
  perror(call);
  abort();
}

struct Pipes {
  int to_child[2];
  int to_parent[2];
};

Pipes MakePipes() {
  Pipes pipes;
  if (pipe2(pipes.to_child, O_CLOEXEC) != 0) Die("pipe2");
  if (pipe2(pipes.to_parent, O_CLOEXEC) != 0) Die("pipe2");
  return pipes;
}

}  // namespace

void Link::Say(char word) const {
  while (write(out_, &word, 1) == -1 && errno == EINTR) {
  }
}

char Link::Hear(int patience_ms) const {
  pollfd wanted = {in_, POLLIN, 0};
  int ready;
  while ((ready = poll(&wanted, 1, patience_ms)) == -1 && errno == EINTR) {
  }
  char word = 0;
  return ready == 1 && read(in_, &word, 1) == 1 ? word : 0;
}

ChildProcess ChildProcess::Run(const std::string& role, const Arguments& arguments) {
  const Pipes pipes = MakePipes();
  std::vector<std::string> words = {std::filesystem::read_symlink("/proc/self/exe"),
                                    kRoleFlag + role, std::to_string(pipes.to_child[0]),
                                    std::to_string(pipes.to_parent[1])};
  // Programs for another processor are started by what runs this one.
  if (const char* emulator = getenv("INTERPROCESS_EMULATOR")) {
    words.insert(words.begin(), emulator);
  }
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const pid_t id = fork();
  if (id < 0) Die("fork");
  if (id == 0) {
    fcntl(pipes.to_child[0], F_SETFD, 0);
    fcntl(pipes.to_parent[1], F_SETFD, 0);
    execv(pointers[0], pointers.data());
    _exit(126);
  }
  close(pipes.to_child[0]);
  close(pipes.to_parent[1]);
  return ChildProcess(id, /*process=*/-1, pipes.to_parent[0], pipes.to_child[1]);
}

ChildProcess ChildProcess::Fork(const std::function<int(const Link&)>& body) {
  const Pipes pipes = MakePipes();
  const pid_t id = fork();
  if (id < 0) Die("fork");
  if (id == 0) {
    close(pipes.to_child[1]);
    close(pipes.to_parent[0]);
    _exit(body(Link(pipes.to_child[0], pipes.to_parent[1])));
  }
  close(pipes.to_child[0]);
  close(pipes.to_parent[1]);
  return ChildProcess(id, /*process=*/-1, pipes.to_parent[0], pipes.to_child[1]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      link_(other.link_) {}

ChildProcess::~ChildProcess() {
  if (id_ > 0) {
    Kill();
    Wait();
  }
  if (in_ >= 0) close(in_);
  if (out_ >= 0) close(out_);
}

void ChildProcess::Kill() const {
  if (id_ > 0) kill(id_, SIGKILL);
}

void ChildProcess::Stop() const {
  kill(id_, SIGSTOP);
  int state = 0;
  while (waitpid(id_, &state, WUNTRACED) == -1 && errno == EINTR) {
  }
  if (!WIFSTOPPED(state)) Die("SIGSTOP");
}

int ChildProcess::Wait() {
  int state = 0;
  while (waitpid(id_, &state, 0) == -1) {
    if (errno != EINTR) Die("waitpid");
  }
  id_ = -1;
  return WIFEXITED(state) ? WEXITSTATUS(state) : 1000 + WTERMSIG(state);
}

}  // namespace interprocess::testing
