// SPDX-License-Identifier: MIT

#include "benchmarks/harness/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "benchmarks/harness/machine.h"

namespace interprocess::benchmarks {
namespace {

volatile sig_atomic_t interrupted = 0;

// What a worker says before it fails; one page that all processes share. The last one wins.
struct FailureNote {
  char text[4000];
};

FailureNote* SharedNote() {
  static FailureNote* const note = [] {
    void* memory = mmap(nullptr, sizeof(FailureNote), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    return static_cast<FailureNote*>(memory);
  }();
  return note;
}

bool is_worker = false;

}  // namespace

void FailMeasurement(absl::string_view why) {
  if (!is_worker) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
    exit(1);
  }
  FailureNote* note = SharedNote();
  const size_t length = std::min(why.size(), sizeof(note->text) - 1);
  memcpy(note->text, why.data(), length);
  note->text[length] = '\0';
  _exit(1);
}

void HandleInterrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Crew::Crew() { SharedNote()->text[0] = '\0'; }

Crew::~Crew() {
  for (pid_t pid : running_) {
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void Crew::Start(int core, absl::FunctionRef<void()> work) {
  fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) FailMeasurement(absl::StrCat("fork: ", strerror(errno)));
  if (pid > 0) {
    running_.push_back(pid);
    return;
  }
  is_worker = true;
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  // No SA_RESTART: the signal is there to end a blocked call.
  struct sigaction nudge = {};
  nudge.sa_handler = [](int) {};
  sigaction(SIGUSR1, &nudge, nullptr);
  PinToCore(core);
  work();
  _exit(0);
}

absl::Status Crew::Reap() {
  absl::Status result;
  for (auto it = running_.begin(); it != running_.end();) {
    int state = 0;
    const pid_t pid = waitpid(*it, &state, WNOHANG);
    if (pid != *it) {
      ++it;
      continue;
    }
    it = running_.erase(it);
    if (WIFSIGNALED(state)) {
      result.Update(
          absl::InternalError(absl::StrCat("a worker died: ", strsignal(WTERMSIG(state)))));
    } else if (WEXITSTATUS(state) != 0) {
      result.Update(absl::InternalError(SharedNote()->text));
    }
  }
  return result;
}

absl::Status Crew::WaitUntil(absl::FunctionRef<bool()> done, absl::Duration timeout) {
  const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(timeout);
  while (true) {
    // Before the look at the workers: one that ends when it is done has not failed.
    const bool is_done = done();
    absl::Status workers = Reap();
    // First: the workers die of the same Ctrl-C.
    if (interrupted) return absl::CancelledError("interrupted");
    if (!workers.ok()) return workers;
    if (is_done) return absl::OkStatus();
    if (NowNanos() > deadline) return absl::DeadlineExceededError("the workers hang");
    absl::SleepFor(absl::Milliseconds(1));
  }
}

absl::Status Crew::WaitForAll(absl::Duration timeout) {
  return WaitUntil([this] { return running_.empty(); }, timeout);
}

void Crew::Nudge() {
  for (pid_t pid : running_) kill(pid, SIGUSR1);
}

}  // namespace interprocess::benchmarks
