// SPDX-License-Identifier: MIT

#include "bindings/java/jni/java_memory.h"

#include <algorithm>
#include <chrono>

#include "bindings/face/result.h"

namespace interprocess::face {
namespace {

// Messages of at most this many bytes go through the stack: the JVM copies them there and back
// faster than it lends out an array.
constexpr int kSmall = 512;
constexpr int64_t kSizeMask = (int64_t{1} << kSizeBits) - 1;

uint8_t* AddressIn(JNIEnv* jenv, jobject buffer, int offset) {
  return static_cast<uint8_t*>(jenv->GetDirectBufferAddress(buffer)) + offset;
}

// An array that the JVM lends out while this object lives. No other call of JNI may be made then.
class LentArray {
 public:
  // `release_mode`: 0 if the array is written to, JNI_ABORT if it is only read.
  LentArray(JNIEnv* jenv, jbyteArray array, jint release_mode)
      : jenv_(jenv),
        array_(array),
        release_mode_(release_mode),
        bytes_(static_cast<uint8_t*>(jenv->GetPrimitiveArrayCritical(array, nullptr))) {}
  LentArray(const LentArray&) = delete;
  LentArray& operator=(const LentArray&) = delete;
  ~LentArray() {
    if (bytes_ != nullptr) jenv_->ReleasePrimitiveArrayCritical(array_, bytes_, release_mode_);
  }
  // Null: an OutOfMemoryError is pending.
  uint8_t* bytes() const { return bytes_; }

 private:
  JNIEnv* const jenv_;
  const jbyteArray array_;
  const jint release_mode_;
  uint8_t* const bytes_;
};

// Returns what is left of `timeout_ns` since `start`. A negative timeout stays negative.
int64_t Left(int64_t timeout_ns, std::chrono::steady_clock::time_point start) {
  if (timeout_ns < 0) return timeout_ns;
  const std::chrono::nanoseconds gone = std::chrono::steady_clock::now() - start;
  return std::max<int64_t>(timeout_ns - gone.count(), 0);
}

// Copies the borrowed message to a new array. It stays borrowed until it is copied, so that no
// message is lost when there is no memory for the array.
jbyteArray ToNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t result, int64_t* place) {
  const int64_t size = result & kSizeMask;
  if (result >= 0 && size > INT32_MAX) {
    subscriber->GiveBack(place[1]);
    result = ErrorResult(absl::StatusCode::kOutOfRange, size);
  }
  if (result < 0) {
    place[0] = result;
    return nullptr;
  }
  jbyteArray array = jenv->NewByteArray(static_cast<jsize>(size));
  if (array == nullptr) {
    subscriber->GiveBack(place[1]);
    return nullptr;
  }
  jenv->SetByteArrayRegion(array, 0, static_cast<jsize>(size),
                           reinterpret_cast<const jbyte*>(static_cast<intptr_t>(place[0])));
  subscriber->Acknowledge(place[1]);
  return array;
}

}  // namespace

int64_t TryEnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                        int length) {
  const LentArray lent(jenv, array, JNI_ABORT);
  if (lent.bytes() == nullptr) return -kInternal;
  return publisher->TryEnqueue(lent.bytes() + offset, length);
}

int64_t EnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt) {
  // The JVM lends no array to a call that may sleep. So this waits for room first, then copies.
  const auto start = std::chrono::steady_clock::now();
  int64_t place[2];
  int64_t result = publisher->Reserve(length, place, timeout_ns, interrupt);
  if (result < 0) return result;
  jenv->GetByteArrayRegion(array, offset, length,
                           reinterpret_cast<jbyte*>(static_cast<intptr_t>(place[0])));
  result = publisher->Commit(place[1], length);
  if (CodeOf(result) != kResourceExhausted) return result;
  // A Cloudtoid queue takes the room only now, and another publisher may have taken it before.
  result = publisher->Enqueue(reinterpret_cast<const void*>(static_cast<intptr_t>(place[0])),
                              length, Left(timeout_ns, start), interrupt);
  publisher->Abort(place[1]);
  return result;
}

int64_t TryEnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                         int length) {
  return publisher->TryEnqueue(AddressIn(jenv, buffer, offset), length);
}

int64_t EnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt) {
  return publisher->Enqueue(AddressIn(jenv, buffer, offset), length, timeout_ns, interrupt);
}

int64_t TryEnqueueBatchArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int count) {
  const jsize size = jenv->GetArrayLength(array);
  const LentArray lent(jenv, array, JNI_ABORT);
  if (lent.bytes() == nullptr) return -kInternal;
  return publisher->TryEnqueueBatch(lent.bytes(), size, count);
}

int64_t TryDequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                        int length, int64_t* place) {
  const LentArray lent(jenv, array, 0);
  if (lent.bytes() == nullptr) return -kInternal;
  return subscriber->TryDequeue(lent.bytes() + offset, length, place);
}

int64_t DequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt, int64_t* place) {
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    jbyte bytes[kSmall];
    const int64_t result = subscriber->Dequeue(bytes, std::min(length, kSmall),
                                               Left(timeout_ns, start), interrupt, place);
    if (result >= 0) {
      const auto size = static_cast<jsize>(result & kSizeMask);
      jenv->SetByteArrayRegion(array, offset, size, bytes);
      return result;
    }
    if (CodeOf(result) != kOutOfRange || length <= kSmall) return result;
    // The message is still there, unless another subscriber takes it.
    const int64_t taken = TryDequeueArray(jenv, subscriber, array, offset, length, place);
    if (CodeOf(taken) != kUnavailable) return taken;
  }
}

int64_t TryDequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                         int length, int64_t* place) {
  return subscriber->TryDequeue(AddressIn(jenv, buffer, offset), length, place);
}

int64_t DequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt, int64_t* place) {
  return subscriber->Dequeue(AddressIn(jenv, buffer, offset), length, timeout_ns, interrupt, place);
}

jbyteArray TryDequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t* place) {
  return ToNewArray(jenv, subscriber, subscriber->TryBorrow(place), place);
}

jbyteArray DequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t* place,
                           int64_t timeout_ns, FaceInterrupt* interrupt) {
  return ToNewArray(jenv, subscriber, subscriber->Borrow(place, timeout_ns, interrupt), place);
}

void CopyToArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length) {
  jenv->SetByteArrayRegion(array, offset, length,
                           reinterpret_cast<const jbyte*>(static_cast<intptr_t>(address)));
}

void CopyFromArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length) {
  jenv->GetByteArrayRegion(array, offset, length,
                           reinterpret_cast<jbyte*>(static_cast<intptr_t>(address)));
}

int64_t AddressOf(JNIEnv* jenv, jobject buffer) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(jenv->GetDirectBufferAddress(buffer)));
}

jobject BufferOver(JNIEnv* jenv, int64_t address, int64_t size) {
  return jenv->NewDirectByteBuffer(reinterpret_cast<void*>(static_cast<intptr_t>(address)), size);
}

}  // namespace interprocess::face
