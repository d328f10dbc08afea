// SPDX-License-Identifier: MIT

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/platform/fork_generation.h"
#include "core/platform/proc_file_linux.h"
#include "core/platform/process.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

int64_t ReadClock(clockid_t clock) {
  timespec now;
  if (clock_gettime(clock, &now) != 0) return 0;
  return int64_t{now.tv_sec} * kNanosPerSecond + now.tv_nsec;
}

// /proc/self/stat tells it in ticks since the machine started, to a hundredth of a second.
int64_t ReadProcessStartTime() {
  const std::string text = ReadText("/proc/self/stat");
  // The second field is the program's name in parentheses and may hold anything.
  const char* field = strrchr(text.c_str(), ')');
  if (field == nullptr) return 0;
  constexpr int kStartTimeField = 22;
  for (int i = 2; i < kStartTimeField && field != nullptr; ++i) {
    field = strchr(field + 1, ' ');
  }
  uint64_t ticks = 0;
  if (field == nullptr || sscanf(field, "%" SCNu64, &ticks) != 1) return 0;
  const int64_t ticks_per_second = sysconf(_SC_CLK_TCK);
  if (ticks_per_second <= 0) return 0;
  const int64_t since_boot = static_cast<int64_t>(ticks) * (kNanosPerSecond / ticks_per_second);
  return ReadClock(CLOCK_REALTIME) - ReadClock(CLOCK_BOOTTIME) + since_boot;
}

}  // namespace

int64_t ProcessStartTime() {
  static std::atomic<uint64_t> cached_for{0};
  static std::atomic<int64_t> cached{0};
  const uint64_t generation = InitForkGeneration();
  // Acquire: the time of this generation was stored before its number.
  if (cached_for.load(std::memory_order_acquire) != generation) {
    cached.store(ReadProcessStartTime(), std::memory_order_relaxed);
    cached_for.store(generation, std::memory_order_release);
  }
  return cached.load(std::memory_order_relaxed);
}

uint32_t UserIdOutside() {
  const uint32_t inside = UserId();
  // A line for each range: the first id inside, the first outside, how many.
  for (absl::string_view line : absl::StrSplit(ReadText("/proc/self/uid_map"), '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    uint32_t from, to, count;
    if (words.size() == 3 && absl::SimpleAtoi(words[0], &from) && absl::SimpleAtoi(words[1], &to) &&
        absl::SimpleAtoi(words[2], &count) && inside >= from && inside - from < count) {
      return to + (inside - from);
    }
  }
  return inside;
}

}  // namespace interprocess::platform
