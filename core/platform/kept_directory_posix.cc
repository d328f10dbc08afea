// SPDX-License-Identifier: MIT

#include <errno.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "core/platform/fork_generation.h"
#include "core/platform/kept_directory.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {

struct KeptDirectory::Node {
  Directory directory;
  FileIdentity identity;
  uint64_t generation;
  int users = 1;                    // guarded by the registry's lock
  Node* next = nullptr;             // the same
  std::atomic<bool> locked{false};  // by a lock on the kept handle

  // False if the handle's number has come to stand for something else.
  bool IsIntact() const {
    struct stat found;
    return directory.handle_ >= 0 && fstat(directory.handle_, &found) == 0 &&
           FileIdentity{found.st_dev, found.st_ino} == identity;
  }
  // A number that stands for something else by now is left to it.
  void Close() {
    if (IsIntact()) close(directory.handle_);
    directory.handle_ = -1;
  }
};

// All that this process keeps. The lock is held across fork(), so a child finds the list whole; no
// other lock is taken while it is held.
struct KeptDirectory::Registry {
  static void Lock() { pthread_mutex_lock(&mutex); }
  static void Unlock() { pthread_mutex_unlock(&mutex); }

  // In a forked child. The nodes stay with the objects that share them.
  static void Drop() {
    for (Node* node = first; node != nullptr; node = std::exchange(node->next, nullptr)) {
      node->Close();
    }
    first = nullptr;
    Unlock();
  }

  static void Remove(Node* node) {
    for (Node** link = &first; *link != nullptr; link = &(*link)->next) {
      if (*link != node) continue;
      *link = node->next;
      return;
    }
  }

  static pthread_mutex_t mutex;
  static Node* first;
  static bool watches_forks;
};

pthread_mutex_t KeptDirectory::Registry::mutex = PTHREAD_MUTEX_INITIALIZER;
KeptDirectory::Node* KeptDirectory::Registry::first = nullptr;
bool KeptDirectory::Registry::watches_forks = false;

absl::StatusOr<KeptDirectory> KeptDirectory::Keep(Directory directory) {
  ABSL_ASSIGN_OR_RETURN(const FileIdentity identity, directory.Identity());
  const uint64_t generation = InitForkGeneration();
  std::unique_ptr<Node> made(new Node{std::move(directory), identity, generation});
  KeptDirectory result;
  Registry::Lock();
  if (!Registry::watches_forks) {
    Registry::watches_forks =
        pthread_atfork(&Registry::Lock, &Registry::Unlock, &Registry::Drop) == 0;
  }
  for (Node* node = Registry::first; node != nullptr; node = node->next) {
    if (node->identity != identity || node->generation != generation || !node->IsIntact()) continue;
    ++node->users;
    result.node_ = node;
    // Its handle was closed by something else, and its number has just been given to us.
    if (node->directory.handle_ == made->directory.handle_) made->directory.handle_ = -1;
    break;
  }
  if (result.node_ == nullptr) {
    made->next = std::exchange(Registry::first, made.get());
    result.node_ = made.release();
  }
  Registry::Unlock();
  return result;
}

KeptDirectory::KeptDirectory(KeptDirectory&& other) noexcept
    : node_(std::exchange(other.node_, nullptr)) {}

KeptDirectory& KeptDirectory::operator=(KeptDirectory&& other) noexcept {
  if (this != &other) {
    Drop();
    node_ = std::exchange(other.node_, nullptr);
  }
  return *this;
}

void KeptDirectory::Drop() {
  if (node_ == nullptr) return;
  Registry::Lock();
  const bool last = --node_->users == 0;
  if (last) Registry::Remove(node_);
  Registry::Unlock();
  if (last) {
    node_->Close();
    delete node_;
  }
  node_ = nullptr;
}

absl::StatusOr<const Directory*> KeptDirectory::Get() const {
  if (node_ == nullptr) return absl::FailedPreconditionError("no directory is kept");
  const absl::string_view path = node_->directory.path();
  if (node_->generation != ForkGeneration()) {
    return absl::FailedPreconditionError(
        absl::StrCat("directory '", path, "': opened before a fork, by the parent process"));
  }
  if (!node_->IsIntact()) {
    return absl::FailedPreconditionError(
        absl::StrCat("directory '", path, "': something else in this process has closed its handle",
                     " (closefrom or close_range?)"));
  }
  return &node_->directory;
}

absl::StatusOr<DirectoryLock> KeptDirectory::Lock(absl::Duration timeout) const {
  ABSL_ASSIGN_OR_RETURN(const Directory* directory, Get());
  absl::StatusOr<DirectoryLock> lock = directory->Lock(timeout);
  if (!absl::IsResourceExhausted(lock.status()) && !absl::IsPermissionDenied(lock.status())) {
    return lock;
  }
  Node* node = node_;
  const Handle handle = node->directory.handle_;
  // acquire and release: the threads of this process that lock by this handle come one after the
  // other.
  ABSL_RETURN_IF_ERROR(WaitForLock(
      [node, handle] {
        if (node->locked.exchange(true, std::memory_order_acquire)) {
          errno = EWOULDBLOCK;
          return -1;
        }
        if (RetryOnInterrupt([&] { return flock(handle, LOCK_EX | LOCK_NB); }) == 0) return 0;
        node->locked.store(false, std::memory_order_release);
        return -1;
      },
      directory->path(), timeout));
  return DirectoryLock(std::shared_ptr<void>(node, [handle](void* locked) {
    flock(handle, LOCK_UN);
    static_cast<Node*>(locked)->locked.store(false, std::memory_order_release);
  }));
}

}  // namespace interprocess::platform
