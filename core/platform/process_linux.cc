// SPDX-License-Identifier: MIT

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/platform/proc_file_linux.h"
#include "core/platform/process.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// What ForkGeneration reads before InitForkGeneration; never written.
constexpr std::atomic<uint64_t> zero_word{0};

// The word of a process that can have no page wiped on fork.
std::atomic<uint64_t> plain_word{0};

// The last generation of this process or of its ancestors. Ordinary memory: a child goes on
// counting where its parent was, so no value comes twice in one line of descent.
std::atomic<uint64_t> last_generation{0};

void ForgetGeneration() { plain_word.store(0, std::memory_order_relaxed); }

// What madvise knows nothing of.
constexpr int kNoAdvice = -1;

size_t PageSize() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

// A word that reads 0 in a child, however that was made (fork, _Fork, clone). Where the kernel does
// not know MADV_WIPEONFORK, a handler does the same for fork().
std::atomic<uint64_t>* NewGenerationWord() {
  void* page =
      mmap(nullptr, PageSize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED) {
    // The page's zeros are the word's first value. Emulators of Linux accept any advice, and wipe
    // nothing: there a success means nothing.
    if (madvise(page, PageSize(), kNoAdvice) != 0 &&
        madvise(page, PageSize(), MADV_WIPEONFORK) == 0) {
      return static_cast<std::atomic<uint64_t>*>(page);
    }
    munmap(page, PageSize());
  }
  // Twice does no harm, if two threads come here at once.
  pthread_atfork(nullptr, nullptr, &ForgetGeneration);
  return &plain_word;
}

int Membarrier(int command) { return static_cast<int>(syscall(SYS_membarrier, command, 0, 0)); }

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
  unsigned long long ticks = 0;
  if (field == nullptr || sscanf(field, "%llu", &ticks) != 1) return 0;
  const int64_t ticks_per_second = sysconf(_SC_CLK_TCK);
  if (ticks_per_second <= 0) return 0;
  const int64_t since_boot = static_cast<int64_t>(ticks) * (kNanosPerSecond / ticks_per_second);
  return ReadClock(CLOCK_REALTIME) - ReadClock(CLOCK_BOOTTIME) + since_boot;
}

// One kind of barrier that a process asks for once, and its forked child again.
class Registration {
 public:
  bool Has(int command) {
    const uint64_t generation = InitForkGeneration();
    // Acquire: this generation's answer was stored before its number.
    if (asked_for_.load(std::memory_order_acquire) != generation) {
      available_.store(Membarrier(command) == 0, std::memory_order_relaxed);
      asked_for_.store(generation, std::memory_order_release);
    }
    return available_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t> asked_for_{0};
  std::atomic<bool> available_{false};
};

}  // namespace

std::atomic<const std::atomic<uint64_t>*> fork_generation{&zero_word};

uint64_t InitForkGeneration() {
  // Acquire: the page was mapped before it was published. Who looks by ForkGeneration only has been
  // handed, by a thread that came through here, what it looks for.
  const std::atomic<uint64_t>* published = fork_generation.load(std::memory_order_acquire);
  if (published == &zero_word) {
    std::atomic<uint64_t>* made = NewGenerationWord();
    // Release: see above. On failure another thread was first, and `published` is its word.
    if (fork_generation.compare_exchange_strong(published, made, std::memory_order_acq_rel,
                                                std::memory_order_acquire)) {
      published = made;
    } else if (made != &plain_word) {
      munmap(made, PageSize());
    }
  }
  // Relaxed: the values order nothing but themselves.
  auto* word = const_cast<std::atomic<uint64_t>*>(published);
  uint64_t generation = word->load(std::memory_order_relaxed);
  if (generation != 0) return generation;
  const uint64_t fresh = last_generation.fetch_add(1, std::memory_order_relaxed) + 1;
  // On failure another thread was first, and `generation` is its value.
  if (word->compare_exchange_strong(generation, fresh, std::memory_order_relaxed)) return fresh;
  return generation;
}

int64_t CoarseWallNanos() { return ReadClock(CLOCK_REALTIME_COARSE); }

int64_t CoarseMonotonicNanos() { return ReadClock(CLOCK_MONOTONIC_COARSE); }

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

bool ProcessBarrierAvailable() {
  static Registration registration;
  return registration.Has(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

bool ProcessBarrier() {
  if (Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return true;
  // EPERM: this process has not registered yet.
  if (errno == EPERM && ProcessBarrierAvailable() &&
      Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) {
    return true;
  }
  __sync_synchronize();
  return false;
}

bool SharedBarrierAvailable() {
  static Registration registration;
  return registration.Has(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

bool SharedBarrier() {
  if (Membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) == 0) return true;
  __sync_synchronize();
  return false;
}

}  // namespace interprocess::platform
