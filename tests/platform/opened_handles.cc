// SPDX-License-Identifier: MIT

#include "tests/platform/opened_handles.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace interprocess::testing {
namespace {

constexpr int kForbidden = 77;

std::string TextAt(pid_t child, uint64_t address) {
  char text[256] = "";
  iovec here = {text, sizeof text - 1};
  iovec there = {reinterpret_cast<void*>(address), sizeof text - 1};
  // Less than was asked for, at the end of a mapping.
  while (process_vm_readv(child, &here, 1, &there, 1, 0) < 0 && there.iov_len > 16) {
    there.iov_len /= 2;
  }
  return text;
}

// What the call is, if it gives a handle that can be read or written; else empty.
std::string OpeningCall(pid_t child, const __ptrace_syscall_info& entry) {
  const uint64_t* arguments = entry.entry.args;
  switch (entry.entry.nr) {
    case SYS_openat:
      if ((arguments[2] & O_PATH) != 0) return "";
      return "openat " + TextAt(child, arguments[1]);
#ifdef SYS_open
    case SYS_open:
      if ((arguments[1] & O_PATH) != 0) return "";
      return "open " + TextAt(child, arguments[0]);
#endif
#ifdef SYS_openat2
    case SYS_openat2:
      return "openat2 " + TextAt(child, arguments[1]);
#endif
    case SYS_fcntl:
      if (arguments[1] != F_DUPFD && arguments[1] != F_DUPFD_CLOEXEC) return "";
      return "fcntl(F_DUPFD)";
    case SYS_dup:
      return "dup";
    case SYS_eventfd2:
      return "eventfd";
    case SYS_memfd_create:
      return "memfd_create";
    case SYS_epoll_create1:
      return "epoll_create1";
    case SYS_socket:
      return "socket";
    default:
      return "";
  }
}

}  // namespace

Watched WatchOpenedHandles(const std::string& closed, const std::function<int()>& body) {
  Watched watched;
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (dup2(2, 100) != 100 || ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(kForbidden);
    raise(SIGSTOP);
    for (const char number : closed) close(number - '0');
    _exit(body());
  }
  const auto forbidden = [&](const std::string& call) {
    watched.possible = false;
    watched.why = call + ": " + strerror(errno);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return watched;
  };
  int state = 0;
  if (waitpid(child, &state, 0) != child || !WIFSTOPPED(state)) return forbidden("ptrace");
  if (ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) {
    return forbidden("PTRACE_SETOPTIONS");
  }
  __ptrace_syscall_info entry = {};
  for (int signal = 0;;) {
    if (ptrace(PTRACE_SYSCALL, child, 0, signal) != 0) return forbidden("PTRACE_SYSCALL");
    while (waitpid(child, &state, 0) == -1 && errno == EINTR) {
    }
    if (!WIFSTOPPED(state)) break;
    signal = WSTOPSIG(state);
    if (signal != (SIGTRAP | 0x80)) continue;
    signal = 0;
    __ptrace_syscall_info info = {};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0) {
      return forbidden("PTRACE_GET_SYSCALL_INFO");
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      entry = info;
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval >= 0 && info.exit.rval <= 2) {
      const std::string call = OpeningCall(child, entry);
      if (!call.empty()) {
        watched.low.push_back(call + " = " + std::to_string(info.exit.rval));
      }
    }
  }
  watched.code = WIFEXITED(state) ? WEXITSTATUS(state) : 1000 + WTERMSIG(state);
  return watched;
}

}  // namespace interprocess::testing
