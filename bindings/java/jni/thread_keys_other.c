// SPDX-License-Identifier: MIT

#include "bindings/java/jni/thread_keys.h"

// Records no keys: on these systems a library is not known to be unloaded below a running thread.
void DeleteThreadKeys(void) {}
