// SPDX-License-Identifier: MIT

// The thread keys that code of this library makes.

#ifndef INTERPROCESS_BINDINGS_JAVA_JNI_THREAD_KEYS_H_
#define INTERPROCESS_BINDINGS_JAVA_JNI_THREAD_KEYS_H_

#ifdef __cplusplus
extern "C" {
#endif

// Deletes them all, before the library is unloaded. No call of the library runs, and none begins.
void DeleteThreadKeys(void);

#ifdef __cplusplus
}
#endif

#endif  // INTERPROCESS_BINDINGS_JAVA_JNI_THREAD_KEYS_H_
