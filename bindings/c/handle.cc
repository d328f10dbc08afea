// SPDX-License-Identifier: MIT

#include "bindings/c/handle.h"

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace interprocess::c {
namespace {

const char* NameOf(uint32_t kind) {
  switch (kind) {
    case KindOf<face::FacePublisher>::kKind:
      return "publisher";
    case KindOf<face::FaceSubscriber>::kKind:
      return "subscriber";
    case KindOf<face::FaceInterrupt>::kKind:
      return "stop";
    case KindOf<face::FaceBell>::kKind:
      return "bell";
    case KindOf<face::FaceInspector>::kKind:
      return "inspector";
    case KindOf<QueueReport>::kKind:
      return "report";
    case KindOf<face::FaceFindings>::kKind:
      return "list of findings";
    case KindOf<face::FaceMessages>::kKind:
      return "list of messages";
    case KindOf<QueueList>::kKind:
      return "list of queues";
    default:
      return nullptr;
  }
}

ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
// The free places, longest first.
Handle* first_free ABSL_GUARDED_BY(mutex) = nullptr;
Handle* last_free ABSL_GUARDED_BY(mutex) = nullptr;
uint64_t last_serial ABSL_GUARDED_BY(mutex) = 0;

}  // namespace

Handle* NewHandle(uint32_t kind, void* object) {
  absl::MutexLock lock(mutex);
  Handle* handle = first_free;
  if (handle != nullptr) {
    first_free = handle->next;
    if (first_free == nullptr) last_free = nullptr;
  } else {
    handle = new Handle;
  }
  handle->serial = ++last_serial;
  handle->object = object;
  handle->next = nullptr;
  // release: a thread that finds the kind finds the object.
  handle->kind.store(kind, std::memory_order_release);
  return handle;
}

void* FreeHandle(const void* pointer, uint32_t kind) {
  if (pointer == nullptr || reinterpret_cast<uintptr_t>(pointer) % alignof(Handle) != 0) {
    return nullptr;
  }
  auto* handle = static_cast<Handle*>(const_cast<void*>(pointer));
  absl::MutexLock lock(mutex);
  // relaxed: it changes under the mutex.
  if (handle->kind.load(std::memory_order_relaxed) != kind) return nullptr;
  handle->kind.store(0, std::memory_order_relaxed);
  (last_free != nullptr ? last_free->next : first_free) = handle;
  last_free = handle;
  return std::exchange(handle->object, nullptr);
}

int FailNoObject(const void* pointer, uint32_t kind) {
  const char* name = NameOf(kind);
  if (pointer == nullptr) return Fail(IPQ_INVALID_ARGUMENT, absl::StrCat("the ", name, " is null"));
  const bool aligned = reinterpret_cast<uintptr_t>(pointer) % alignof(Handle) == 0;
  const uint32_t found =
      aligned ? static_cast<const Handle*>(pointer)->kind.load(std::memory_order_relaxed) : 1;
  if (found == 0) return Fail(IPQ_INVALID_ARGUMENT, absl::StrCat("the ", name, " was freed"));
  const char* other = NameOf(found);
  return Fail(IPQ_INVALID_ARGUMENT, other != nullptr
                                        ? absl::StrCat("this is a ", other, " and no ", name)
                                        : absl::StrCat("this is no ", name));
}

}  // namespace interprocess::c
