// Messages between queues and the JVM's memory: the calls of the face for arrays and buffers.

#ifndef INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_
#define INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_

#include <jni.h>

#include <cstdint>

#include "bindings/face/interrupt.h"
#include "bindings/face/publisher.h"
#include "bindings/face/subscriber.h"

namespace interprocess::face {

// As the face's calls of like names; the caller has checked that the slice lies within the array,
// and that a buffer is direct and what it points to within it. No call of JNI is made within a
// turn, so that a thread that the collector stops never holds up another in native code.

int64_t TryEnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                        int length);
int64_t EnqueueArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt);
int64_t TryEnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                         int length);
int64_t EnqueueBuffer(JNIEnv* jenv, FacePublisher* publisher, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt);
// The messages of a batch that fill an array (frames.h).
int64_t TryEnqueueBatchArray(JNIEnv* jenv, FacePublisher* publisher, jbyteArray array, int count);

int64_t TryDequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                        int length);
int64_t DequeueArray(JNIEnv* jenv, FaceSubscriber* subscriber, jbyteArray array, int offset,
                     int length, int64_t timeout_ns, FaceInterrupt* interrupt);
int64_t TryDequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                         int length);
int64_t DequeueBuffer(JNIEnv* jenv, FaceSubscriber* subscriber, jobject buffer, int offset,
                      int length, int64_t timeout_ns, FaceInterrupt* interrupt);

// A message in an array of its own; null if there is none (in time, or before an interrupt). Any
// other failure throws a QueueException, or OutOfMemoryError: then the message was given back.
jbyteArray TryDequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber);
jbyteArray DequeueNewArray(JNIEnv* jenv, FaceSubscriber* subscriber, int64_t timeout_ns,
                           FaceInterrupt* interrupt);

// Copies bytes between memory that the caller answers for and an array, or a direct buffer: with
// libc's memmove, which is quicker than the JVM's own copy once they are many.
void CopyToArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length);
void CopyFromArray(JNIEnv* jenv, int64_t address, jbyteArray array, int offset, int length);

// Where a direct buffer's memory is.
int64_t AddressOf(JNIEnv* jenv, jobject buffer);

// A direct buffer over memory that the caller answers for.
jobject BufferOver(JNIEnv* jenv, int64_t address, int64_t size);

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_JAVA_JNI_JAVA_MEMORY_H_
