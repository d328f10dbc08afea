// SPDX-License-Identifier: MIT

#include <windows.h>

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tools/ipq/stop_signals.h"

namespace ipq {
namespace {

// The number that the C library gives Ctrl-C.
constexpr int kInterrupt = 2;

std::atomic<int> g_signal{0};
ABSL_CONST_INIT absl::Mutex g_mutex(absl::kConstInit);
interprocess::StopSource* g_source ABSL_GUARDED_BY(g_mutex) = nullptr;

// In a thread of its own, which the system starts for it.
BOOL WINAPI Handle(DWORD event) {
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) return FALSE;
  // Relaxed: the source's lock orders it before what the waiting threads do.
  if (g_signal.exchange(kInterrupt, std::memory_order_relaxed) != 0) return FALSE;  // ends us
  absl::MutexLock lock(g_mutex);
  if (g_source != nullptr) g_source->RequestStop();
  return TRUE;
}

}  // namespace

StopSignals::StopSignals() {
  absl::MutexLock lock(g_mutex);
  g_source = &source_;
  SetConsoleCtrlHandler(Handle, TRUE);
}

StopSignals::~StopSignals() {
  SetConsoleCtrlHandler(Handle, FALSE);
  absl::MutexLock lock(g_mutex);
  g_source = nullptr;
}

int StopSignals::signal() const { return g_signal.load(std::memory_order_relaxed); }

}  // namespace ipq
