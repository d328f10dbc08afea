// SPDX-License-Identifier: MIT

// A thread key has a destructor, which the C library calls at the end of each thread that has a
// value. abseil makes a key and never deletes it. The JVM unmaps this library when the class loader
// that loaded it is collected. A thread that used the library before and ends afterwards would then
// call code that is no longer there. So every key is recorded here, and deleted before the library
// is unmapped. The linker's --wrap sends the calls of pthread_key_create here.

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "bindings/java/jni/thread_keys.h"

#define MAX_KEYS 16

static pthread_key_t keys[MAX_KEYS];
static atomic_bool made[MAX_KEYS];
static atomic_int taken;

int __real_pthread_key_create(pthread_key_t* key, void (*destructor)(void*));
int __wrap_pthread_key_create(pthread_key_t* key, void (*destructor)(void*));

int __wrap_pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  // relaxed: it only hands out indices.
  const int index = atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
  if (index >= MAX_KEYS) return EAGAIN;
  const int error = __real_pthread_key_create(&keys[index], destructor);
  if (error != 0) return error;
  *key = keys[index];
  // release: pairs with the load in DeleteThreadKeys, which reads the key.
  atomic_store_explicit(&made[index], true, memory_order_release);
  return 0;
}

void DeleteThreadKeys(void) {
  for (int index = 0; index < MAX_KEYS; ++index) {
    // acquire: pairs with the store above.
    if (atomic_load_explicit(&made[index], memory_order_acquire)) pthread_key_delete(keys[index]);
  }
}
