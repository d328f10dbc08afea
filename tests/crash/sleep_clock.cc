// SPDX-License-Identifier: MIT

#include "tests/crash/sleep_clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/stress/workers.h"

namespace interprocess::crash {
namespace {

int OpenOf(int process, const char* file) {
  return open(absl::StrCat("/proc/", process, "/", file).c_str(), O_RDONLY | O_CLOEXEC);
}

// The file's beginning, as text; false if there is none.
template <size_t size>
bool ReadText(int file, char (&text)[size]) {
  const ssize_t read = file < 0 ? -1 : pread(file, text, size - 1, 0);
  if (read <= 0) return false;
  text[read] = '\0';
  return true;
}

}  // namespace

SleepClock::SleepClock(const std::vector<int>& processes) : last_look_ns_(stress::NowNanos()) {
  for (int process : processes) {
    processes_.push_back({OpenOf(process, "stat"), OpenOf(process, "schedstat"), false, 0});
    Read(processes_.back());
  }
}

SleepClock::~SleepClock() {
  for (const Process& process : processes_) {
    close(process.state_file);
    close(process.turns_file);
  }
}

void SleepClock::Read(Process& process) {
  char text[512];
  process.asleep = false;
  if (!ReadText(process.turns_file, text)) return;
  unsigned long long ran, waited, turns;
  if (sscanf(text, "%llu %llu %llu", &ran, &waited, &turns) != 3) return;
  process.turns = turns;
  if (!ReadText(process.state_file, text)) return;
  // The name before it may hold anything.
  const char* name_end = strrchr(text, ')');
  process.asleep = name_end != nullptr && strncmp(name_end, ") S", 3) == 0;
}

void SleepClock::Look() {
  bool slept = !processes_.empty();
  for (Process& process : processes_) {
    const Process before = process;
    Read(process);
    slept = slept && before.asleep && process.asleep && before.turns == process.turns;
  }
  const int64_t now = stress::NowNanos();
  const int64_t gap = now - last_look_ns_;
  last_look_ns_ = now;
  longest_gap_ns_ = std::max(longest_gap_ns_, gap);
  if (slept) slept_ns_ += std::min(gap, kMostALook);
}

}  // namespace interprocess::crash
