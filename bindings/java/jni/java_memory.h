// SPDX-License-Identifier: MIT

// Moves messages between queues and the JVM's memory: the calls of the face for arrays and buffers.

#ifndef INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_
#define INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_

#include <jni.h>

#include <cstdint>

#include "bindings/face/interrupt.h"
#include "bindings/face/publisher.h"
#include "bindings/face/subscriber.h"

namespace interprocess::face {

// Each is the face's call of a similar name. The caller has checked that the slice lies within the
// array or buffer, that the buffer is direct, and that `place` has room. No call of JNI is made
// within a turn: a thread that the collector stops there would hold up another thread in native
// code.

int64_t TryEnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                        int length);
int64_t EnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt);
int64_t TryEnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                         int length);
int64_t EnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt);
// The messages of the batch fill the array (frames.h).
int64_t TryEnqueueBatchArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int count);

int64_t TryDequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                        int length, int64_t* place);
int64_t DequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt, int64_t* place);
int64_t TryDequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                         int length, int64_t* place);
int64_t DequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt, int64_t* place);

// Each copies the next message to a new array. Null with a negative result in place[0]: there was
// no message, or another failure. Null with a pending OutOfMemoryError: the message was given back.
jbyteArray TryDequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t* place);
jbyteArray DequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t* place,
                           int64_t timeout_ns, FaceInterrupt* interrupt);

// Each copies between an array and memory that the caller answers for, by libc's memmove: for many
// bytes it is faster than the JVM's own copy.
void CopyToArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length);
void CopyFromArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length);

// Returns the address of a direct buffer's memory.
int64_t AddressOf(JNIEnv* jenv, jobject buffer);

// Returns a direct buffer over memory that the caller answers for.
jobject BufferOver(JNIEnv* jenv, int64_t address, int64_t size);

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_
