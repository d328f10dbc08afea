// SPDX-License-Identifier: MIT

// The objects that C programs have pointers to.

#ifndef INTERPROCESS_BINDINGS_C_HANDLE_H_
#define INTERPROCESS_BINDINGS_C_HANDLE_H_

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/strings/string_view.h"
#include "bindings/c/error.h"
#include "bindings/face/inspector.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/publisher.h"
#include "bindings/face/subscriber.h"
#include "bindings/face/wait_any.h"
#include "interprocess.h"

namespace interprocess::c {

// What a pointer leads to: a place that is never given back to the system, so that a pointer to a
// freed object finds no other memory there. A place is used again only after all others that are
// free, and under another serial number.
struct Handle {
  std::atomic<uint32_t> kind{0};  // 0: free
  uint64_t serial = 0;            // of this use of the place, never 0
  void* object = nullptr;
  Handle* next = nullptr;  // of the free ones
};

// The queues of a directory, with their errors as C takes them.
struct QueueList {
  std::unique_ptr<face::FaceQueueList> face;
  std::vector<std::string> errors;
};

// What the kinds of objects are called here and in C. The numbers are unlike what memory that is no
// handle is likely to hold.
template <typename Object>
struct KindOf;
#define INTERPROCESS_C_KIND(OBJECT, TYPE, NUMBER)          \
  template <>                                              \
  struct KindOf<OBJECT> {                                  \
    using Type = TYPE;                                     \
    static constexpr uint32_t kKind = 0x1b9a4e00 + NUMBER; \
  }
INTERPROCESS_C_KIND(face::FacePublisher, ipq_publisher, 1);
INTERPROCESS_C_KIND(face::FaceSubscriber, ipq_subscriber, 2);
INTERPROCESS_C_KIND(face::FaceInterrupt, ipq_stop, 3);
INTERPROCESS_C_KIND(face::FaceBell, ipq_bell, 4);
INTERPROCESS_C_KIND(face::FaceInspector, ipq_inspector, 5);
INTERPROCESS_C_KIND(QueueReport, ipq_report, 6);
INTERPROCESS_C_KIND(face::FaceFindings, ipq_findings, 7);
INTERPROCESS_C_KIND(face::FaceMessages, ipq_messages, 8);
INTERPROCESS_C_KIND(QueueList, ipq_queue_list, 9);
#undef INTERPROCESS_C_KIND

// Calls `call`, which returns a code, and lets no exception through to the caller's C.
template <typename Call>
int Guard(const Call& call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return Fail(IPQ_RESOURCE_EXHAUSTED, "the process has no memory left");
  } catch (const std::exception& error) {
    return Fail(IPQ_INTERNAL, error.what());
  }
}

// A place for `object`.
Handle* NewHandle(uint32_t kind, void* object);
// Takes the object out of its place; null if `pointer` is null or no object of that kind.
void* FreeHandle(const void* pointer, uint32_t kind);
// Says why `pointer` is no object of that kind.
int FailNoObject(const void* pointer, uint32_t kind);

template <typename Object>
const Handle* HandleOf(const typename KindOf<Object>::Type* pointer) {
  if (ABSL_PREDICT_FALSE(reinterpret_cast<uintptr_t>(pointer) % alignof(Handle) != 0)) {
    return nullptr;
  }
  const auto* handle = reinterpret_cast<const Handle*>(pointer);
  // acquire: the object was put there before.
  if (ABSL_PREDICT_FALSE(handle == nullptr ||
                         handle->kind.load(std::memory_order_acquire) != KindOf<Object>::kKind)) {
    return nullptr;
  }
  return handle;
}

// Calls `call` with the object behind `pointer`, and with its handle if `call` takes that.
template <typename Object, typename Call>
int With(const typename KindOf<Object>::Type* pointer, const Call& call) noexcept {
  const Handle* handle = HandleOf<Object>(pointer);
  if (ABSL_PREDICT_FALSE(handle == nullptr)) return FailNoObject(pointer, KindOf<Object>::kKind);
  return Guard([&] {
    Object& object = *static_cast<Object*>(handle->object);
    if constexpr (std::is_invocable_v<Call, Object&, uint64_t>) {
      return call(object, handle->serial);
    } else {
      return call(object);
    }
  });
}

// What `get` says of the object behind `pointer`, or 0.
template <typename Object, typename Get>
auto Ask(const typename KindOf<Object>::Type* pointer, const Get& get) {
  const Handle* handle = HandleOf<Object>(pointer);
  using Answer = decltype(get(*static_cast<Object*>(nullptr)));
  return handle == nullptr ? Answer() : get(*static_cast<Object*>(handle->object));
}

// Puts the object that `make` gives to `*to`: null, and a code, if there is none.
template <typename Object, typename Make>
int Give(typename KindOf<Object>::Type** to, const Make& make) noexcept {
  if (to == nullptr) return FailNullResult();
  *to = nullptr;
  return Guard([&] {
    face::FaceError error;
    std::unique_ptr<Object> object(make(&error));
    if (object == nullptr) return Fail(error);
    *to = reinterpret_cast<typename KindOf<Object>::Type*>(
        NewHandle(KindOf<Object>::kKind, object.get()));
    object.release();
    return static_cast<int>(IPQ_OK);
  });
}

template <typename Object>
void Free(typename KindOf<Object>::Type* pointer) noexcept {
  delete static_cast<Object*>(FreeHandle(pointer, KindOf<Object>::kKind));
}

}  // namespace interprocess::c

#endif  // INTERPROCESS_BINDINGS_C_HANDLE_H_
