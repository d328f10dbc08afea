// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tools/ipq/stop_signals.h"

namespace ipq {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

std::atomic<int> g_signal{0};
std::atomic<int> g_wake_descriptor{-1};
static_assert(std::atomic<int>::is_always_lock_free, "the handler may take no lock");

void Handle(int signal) {
  const int saved_errno = errno;
  // Relaxed: the pipe orders it before what the watcher does.
  g_signal.store(signal, std::memory_order_relaxed);
  const char byte = 0;
  // The pipe cannot be full: each signal's handler runs once.
  (void)!write(g_wake_descriptor.load(std::memory_order_relaxed), &byte, 1);
  errno = saved_errno;
}

}  // namespace

StopSignals::StopSignals() {
  int ends[2];
  if (pipe(ends) != 0) {
    std::perror("ipq: pipe");
    std::abort();
  }
  read_end_ = ends[0];
  write_end_ = ends[1];
  for (int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  g_wake_descriptor.store(write_end_, std::memory_order_relaxed);

  // A stop takes the source's lock, which a handler may not: this thread does it. It is none of
  // those that get the signals: they end what waits in a call, as a write that others' writes to
  // the same pipe have left without room.
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  for (int signal : kSignals) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  watcher_ = std::thread([this] {
    pollfd wake = {read_end_, POLLIN, 0};
    while (poll(&wake, 1, -1) < 0 && errno == EINTR) {
    }
    if (signal() != 0) source_.RequestStop();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);

  for (int signal : kSignals) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = Handle;
    action.sa_flags = SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (int signal : kSignals) {
    struct sigaction now = {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler == Handle) ::signal(signal, SIG_DFL);
  }
  const char byte = 0;
  (void)!write(write_end_, &byte, 1);
  watcher_.join();
  close(read_end_);
  close(write_end_);
}

int StopSignals::signal() const { return g_signal.load(std::memory_order_relaxed); }

}  // namespace ipq
