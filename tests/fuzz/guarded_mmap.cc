// SPDX-License-Identifier: MIT

// Puts every mapping of a file between two pages that may not be touched, so that an access outside
// it ends the process. Linked with --wrap=mmap and --wrap=munmap: the library's calls come here.

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

extern "C" {
void* __real_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __real_munmap(void* address, size_t size);
void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void* address, size_t size);
}

namespace {

// So far that what is read or written a little, or a whole small queue, too far is found as well.
constexpr size_t kGuard = size_t{1} << 20;

std::mutex& Mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
// The mappings' sizes by address.
std::map<void*, size_t>& Guarded() {
  static auto* map = new std::map<void*, size_t>;
  return *map;
}

size_t WholePages(size_t size) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  if (file < 0 || address != nullptr || size == 0) {
    return __real_mmap(address, size, protection, flags, file, offset);
  }
  const size_t pages = WholePages(size);
  void* around = __real_mmap(nullptr, pages + 2 * kGuard, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (around == MAP_FAILED) return around;
  void* inside = __real_mmap(static_cast<uint8_t*>(around) + kGuard, size, protection,
                             flags | MAP_FIXED, file, offset);
  if (inside == MAP_FAILED) {
    __real_munmap(around, pages + 2 * kGuard);
    return inside;
  }
  std::lock_guard<std::mutex> lock(Mutex());
  Guarded()[inside] = pages;
  return inside;
}

int __wrap_munmap(void* address, size_t size) {
  {
    std::lock_guard<std::mutex> lock(Mutex());
    const auto found = Guarded().find(address);
    if (found != Guarded().end()) {
      size = found->second + 2 * kGuard;
      address = static_cast<uint8_t*>(address) - kGuard;
      Guarded().erase(found);
    }
  }
  return __real_munmap(address, size);
}
