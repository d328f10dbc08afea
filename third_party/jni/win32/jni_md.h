// SPDX-License-Identifier: MIT

// The machine-dependent part of jni.h for 64-bit Windows: a Linux JDK has none.
#ifndef INTERPROCESS_THIRD_PARTY_JNI_WIN32_JNI_MD_H_
#define INTERPROCESS_THIRD_PARTY_JNI_WIN32_JNI_MD_H_
#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL __stdcall
typedef long jint;
typedef long long jlong;
typedef signed char jbyte;
#endif
