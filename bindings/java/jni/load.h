// SPDX-License-Identifier: MIT

// The native functions of the class that SWIG makes, for classes of another package.

#ifndef INTERPROCESS_BINDINGS_JAVA_JNI_LOAD_H_
#define INTERPROCESS_BINDINGS_JAVA_JNI_LOAD_H_

#include <jni.h>

namespace interprocess::face {

// Written by //tools/build/rules/swig.
extern const char kNativesClass[];    // its name without the package
extern const char kNativesPackage[];  // as in "io/interprocess/"
extern const JNINativeMethod kNatives[];
extern const int kNativesCount;

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_JAVA_JNI_LOAD_H_
