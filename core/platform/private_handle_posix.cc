#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <new>
#include <utility>

#include "absl/functional/function_ref.h"
#include "core/platform/open_handle.h"
#include "core/platform/private_handle.h"
#include "core/platform/process.h"

namespace interprocess::platform {

// A member of the list of this process's open private handles.
struct PrivateHandle::Node {
  Handle handle = -1;  // -1 in a forked child
  uint64_t generation = 0;
  Node* previous = nullptr;
  Node* next = nullptr;
};

// All open private handles. The lock is held across fork(), so a child finds the list whole.
struct PrivateHandle::Registry {
  static void Lock() { pthread_mutex_lock(&mutex); }
  static void Unlock() { pthread_mutex_unlock(&mutex); }

  // In a forked child. The nodes stay with the objects that own them.
  static void Drop() {
    for (Node* node = first; node != nullptr;) {
      close(std::exchange(node->handle, -1));
      node->previous = nullptr;
      node = std::exchange(node->next, nullptr);
    }
    first = nullptr;
    Unlock();
  }

  static void Add(Node* node) {
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
  return node_ != nullptr && (node_->handle < 0 || node_->generation != ForkGeneration());
}

void PrivateHandle::Close() {
  if (node_ == nullptr) return;
  Registry::Lock();
  if (node_->handle >= 0) {
    Registry::Remove(node_);
    close(node_->handle);
  }
  Registry::Unlock();
  delete std::exchange(node_, nullptr);
}

}  // namespace interprocess::platform
