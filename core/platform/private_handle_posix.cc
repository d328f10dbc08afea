// SPDX-License-Identifier: MIT

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <new>
#include <utility>

#include "absl/functional/function_ref.h"
#include "core/platform/fork_generation.h"
#include "core/platform/open_handle.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {

// A member of the list of this process's open private handles.
struct PrivateHandle::Node {
  Handle handle = -1;  // -1 in a forked child, and when its number was given to another node
  uint64_t generation = 0;
  dev_t device = 0;
  ino_t inode = 0;
  Node* previous = nullptr;
  Node* next = nullptr;

  bool IsIntact() const {
    struct stat found;
    return handle >= 0 && fstat(handle, &found) == 0 && found.st_dev == device &&
           found.st_ino == inode;
  }
  void CloseIfIntact() {
    if (IsIntact()) close(handle);
    handle = -1;
  }
};

// All open private handles. The lock is held across fork(), so a child finds the list whole.
struct PrivateHandle::Registry {
  static void Lock() { pthread_mutex_lock(&mutex); }
  static void Unlock() { pthread_mutex_unlock(&mutex); }

  // In a forked child. The nodes stay with the objects that own them.
  static void Drop() {
    for (Node* node = first; node != nullptr;) {
      node->CloseIfIntact();
      node->previous = nullptr;
      node = std::exchange(node->next, nullptr);
    }
    first = nullptr;
    Unlock();
  }

  static void Add(Node* node) {
    struct stat found;
    if (fstat(node->handle, &found) == 0) {
      node->device = found.st_dev;
      node->inode = found.st_ino;
    }
    // Who has the same number has lost its handle, also if both are of one file.
    for (Node* other = first; other != nullptr; other = other->next) {
      if (other->handle != node->handle) continue;
      Remove(other);
      other->handle = -1;
      break;
    }
    node->next = first;
    if (first != nullptr) first->previous = node;
    first = node;
  }

  static void Remove(Node* node) {
    if (node->next != nullptr) node->next->previous = node->previous;
    if (node->previous != nullptr) {
      node->previous->next = node->next;
    } else {
      first = node->next;
    }
  }

  static pthread_mutex_t mutex;
  static Node* first;
  static bool watches_forks;
};

pthread_mutex_t PrivateHandle::Registry::mutex = PTHREAD_MUTEX_INITIALIZER;
PrivateHandle::Node* PrivateHandle::Registry::first = nullptr;
bool PrivateHandle::Registry::watches_forks = false;

PrivateHandle PrivateHandle::Open(absl::FunctionRef<Handle()> open) {
  PrivateHandle result;
  Node* node = new (std::nothrow) Node;
  if (node == nullptr) {
    errno = ENOMEM;
    return result;
  }
  node->generation = InitForkGeneration();
  Registry::Lock();
  int error = 0;
  if (!Registry::watches_forks) {
    // The guards' lock is taken while this one is held.
    LowHandleGuard::WatchForks();
    error = pthread_atfork(&Registry::Lock, &Registry::Unlock, &Registry::Drop);
    Registry::watches_forks = error == 0;
  }
  if (error == 0) {
    node->handle = open();
    if (node->handle >= 0) {
      Registry::Add(node);
      result.node_ = std::exchange(node, nullptr);
    } else {
      error = errno;
    }
  }
  Registry::Unlock();
  delete node;
  errno = error;
  return result;
}

PrivateHandle::PrivateHandle(PrivateHandle&& other) noexcept
    : node_(std::exchange(other.node_, nullptr)) {}

PrivateHandle& PrivateHandle::operator=(PrivateHandle&& other) noexcept {
  if (this != &other) {
    Close();
    node_ = std::exchange(other.node_, nullptr);
  }
  return *this;
}

Handle PrivateHandle::get() const { return node_ == nullptr || LostInFork() ? -1 : node_->handle; }

bool PrivateHandle::LostInFork() const {
  return node_ != nullptr && node_->generation != ForkGeneration();
}

bool PrivateHandle::IsIntact() const {
  return node_ != nullptr && !LostInFork() && node_->IsIntact();
}

const char* PrivateHandle::WhyNot() const {
  if (node_ == nullptr) return "not open";
  if (LostInFork()) return "opened before a fork, by the parent process";
  return "something else in this process has closed the handle (closefrom or close_range?)";
}

void PrivateHandle::Close() {
  if (node_ == nullptr) return;
  Registry::Lock();
  if (node_->handle >= 0) {
    Registry::Remove(node_);
    node_->CloseIfIntact();
  }
  Registry::Unlock();
  delete std::exchange(node_, nullptr);
}

}  // namespace interprocess::platform
