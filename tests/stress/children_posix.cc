// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "tests/stress/children.h"

namespace interprocess::stress {
namespace {

constexpr int kPatienceMs = 60'000;

[[noreturn]] void Die(const char* call) {
  perror(call);
  abort();
}

void SayTo(int out, char word) {
  while (write(out, &word, 1) == -1 && errno == EINTR) {
  }
}

int CodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status); }

}  // namespace

void Parent::Say(char word) const { SayTo(out_, word); }

char Parent::Hear() const {
  char word = 0;
  ssize_t got;
  while ((got = read(in_, &word, 1)) == -1 && errno == EINTR) {
  }
  return got == 1 ? word : 0;
}

Child Child::Start(const std::function<int()>& body) {
  return Start([&body](const Parent&) { return body(); });
}

Child Child::Start(const std::function<int(const Parent&)>& body) {
  int to_child[2], to_parent[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(to_parent, O_CLOEXEC) != 0) Die("pipe2");
  fflush(stdout);
  const pid_t parent = getpid();
  const pid_t id = fork();
  if (id < 0) Die("fork");
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    close(to_child[1]);
    close(to_parent[0]);
    const int code = body(Parent(to_child[0], to_parent[1]));
    fflush(stdout);
    _exit(code);
  }
  close(to_child[0]);
  close(to_parent[1]);
  return Child(id, to_parent[0], to_child[1]);
}

Child::Child(Child&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      code_(other.code_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(in_, other.in_);
  std::swap(out_, other.out_);
  std::swap(code_, other.code_);
  return *this;
}

Child::~Child() {
  if (id_ > 0 && code_ == -1) {
    Kill();
    Wait();
  }
  if (in_ >= 0) close(in_);
  if (out_ >= 0) close(out_);
}

void Child::Say(char word) const { SayTo(out_, word); }

char Child::Hear() const {
  pollfd wanted = {in_, POLLIN, 0};
  int ready;
  while ((ready = poll(&wanted, 1, kPatienceMs)) == -1 && errno == EINTR) {
  }
  char word = 0;
  return ready == 1 && read(in_, &word, 1) == 1 ? word : 0;
}

void Child::Kill() const {
  if (code_ == -1) kill(id_, SIGKILL);
}

void Child::Stop() const {
  kill(id_, SIGSTOP);
  siginfo_t info;
  // Left to be waited for: an end is Wait's.
  while (waitid(P_PID, static_cast<id_t>(id_), &info, WSTOPPED | WEXITED | WNOWAIT) == -1) {
    if (errno != EINTR) Die("waitid");
  }
}

void Child::Continue() const { kill(id_, SIGCONT); }

int Child::Wait() {
  int status = 0;
  while (code_ == -1) {
    if (waitpid(id_, &status, 0) == -1) {
      if (errno != EINTR) Die("waitpid");
    } else {
      code_ = CodeOf(status);
    }
  }
  return code_;
}

int Child::Poll() {
  int status = 0;
  if (code_ == -1 && waitpid(id_, &status, WNOHANG) == id_) code_ = CodeOf(status);
  return code_;
}

}  // namespace interprocess::stress
