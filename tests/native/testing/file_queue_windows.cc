// SPDX-License-Identifier: MIT

// clang-format off
#include <windows.h>
#include <tlhelp32.h>  // needs the other
// clang-format on

#include <cstdint>
#include <map>

#include "core/platform/windows_calls.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::testing {
namespace {

using platform::OwnedHandle;

uint64_t Ticks(const FILETIME& time) {
  return uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
}

// How much time of a processor each of this process's threads has used, but for the caller.
std::map<DWORD, uint64_t> TimesOfOthers() {
  std::map<DWORD, uint64_t> times;
  const OwnedHandle all(CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0));
  THREADENTRY32 entry;
  entry.dwSize = sizeof entry;
  for (BOOL more = Thread32First(all.get(), &entry); more; more = Thread32Next(all.get(), &entry)) {
    if (entry.th32OwnerProcessID != GetCurrentProcessId() ||
        entry.th32ThreadID == GetCurrentThreadId()) {
      continue;
    }
    const OwnedHandle thread(OpenThread(THREAD_QUERY_INFORMATION, FALSE, entry.th32ThreadID));
    FILETIME made, ended, kernel, user;
    if (!thread.is_open() || !GetThreadTimes(thread.get(), &made, &ended, &kernel, &user)) continue;
    times[entry.th32ThreadID] = Ticks(kernel) + Ticks(user);
  }
  return times;
}

}  // namespace

bool AnotherThreadSleeps() {
  const std::map<DWORD, uint64_t> before = TimesOfOthers();
  Sleep(20);
  for (const auto& [id, time] : TimesOfOthers()) {
    const auto found = before.find(id);
    if (found != before.end() && found->second == time) return true;
  }
  return false;
}

}  // namespace interprocess::testing
