// SPDX-License-Identifier: MIT

// Makes all endpoints of this process share one mapping of a queue's file.
//
// Each endpoint maps the file for itself, at an address of its own, so ThreadSanitizer, which
// compares addresses, would see neither the accesses that meet nor what orders them. The thread
// tests are linked with --wrap=mmap and --wrap=munmap, so that the platform's calls come here.

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <tuple>

extern "C" {
void* __real_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __real_munmap(void* address, size_t size);
void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void* address, size_t size);
}

namespace {

using Key = std::tuple<dev_t, ino_t, size_t>;

struct Shared {
  Key key;
  int users = 0;
};

std::mutex& Mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
std::map<Key, void*>& ByFile() {
  static auto* map = new std::map<Key, void*>;
  return *map;
}
std::map<void*, Shared>& ByAddress() {
  static auto* map = new std::map<void*, Shared>;
  return *map;
}

}  // namespace

void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  struct stat found;
  if (file < 0 || offset != 0 || (flags & MAP_SHARED) == 0 || (protection & PROT_WRITE) == 0 ||
      fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) {
    return __real_mmap(address, size, protection, flags, file, offset);
  }
  std::lock_guard<std::mutex> lock(Mutex());
  const Key key(found.st_dev, found.st_ino, size);
  void*& place = ByFile()[key];
  if (place == nullptr) {
    void* mapped = __real_mmap(address, size, protection, flags, file, offset);
    if (mapped == MAP_FAILED) {
      ByFile().erase(key);
      return mapped;
    }
    place = mapped;
    ByAddress()[mapped] = {key, 0};
  }
  ++ByAddress()[place].users;
  return place;
}

int __wrap_munmap(void* address, size_t size) {
  std::lock_guard<std::mutex> lock(Mutex());
  const auto found = ByAddress().find(address);
  if (found == ByAddress().end()) return __real_munmap(address, size);
  if (--found->second.users > 0) return 0;
  ByFile().erase(found->second.key);
  ByAddress().erase(found);
  return __real_munmap(address, size);
}
