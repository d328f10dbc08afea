// SPDX-License-Identifier: MIT

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/platform/fork_generation.h"

namespace interprocess::platform {
namespace {

// What ForkGeneration reads before InitForkGeneration; never written.
constexpr std::atomic<uint64_t> kZeroWord{0};

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

}  // namespace

std::atomic<const std::atomic<uint64_t>*> fork_generation{&kZeroWord};

uint64_t InitForkGeneration() {
  // Acquire: the page was mapped before it was published. A thread that reads ForkGeneration alone
  // was handed its object by a thread that came through here.
  const std::atomic<uint64_t>* published = fork_generation.load(std::memory_order_acquire);
  if (published == &kZeroWord) {
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

}  // namespace interprocess::platform
