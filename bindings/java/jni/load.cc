// SPDX-License-Identifier: MIT

// What the JVM calls when it loads and unloads this library.

#include "bindings/java/jni/load.h"

#include <algorithm>
#include <string>

#include "bindings/java/jni/thread_keys.h"

namespace interprocess::face {
namespace {

bool BelongsToJdk(const std::string& name) {
  for (const char* prefix : {"java.", "jdk.", "sun."}) {
    if (name.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

std::string TextOf(JNIEnv* env, jstring text) {
  const char* chars = text == nullptr ? nullptr : env->GetStringUTFChars(text, nullptr);
  if (chars == nullptr) return std::string();
  std::string copy(chars);
  env->ReleaseStringUTFChars(text, chars);
  return copy;
}

// The name of the class that called System.load: the first in this thread's stack that is none of
// the JDK's. Empty, maybe with a pending exception, if there is none.
std::string LoadingClass(JNIEnv* env) {
  jclass throwable = env->FindClass("java/lang/Throwable");
  jclass element = throwable == nullptr ? nullptr : env->FindClass("java/lang/StackTraceElement");
  if (element == nullptr) return std::string();
  jmethodID make = env->GetMethodID(throwable, "<init>", "()V");
  if (make == nullptr) return std::string();
  jmethodID get_trace =
      env->GetMethodID(throwable, "getStackTrace", "()[Ljava/lang/StackTraceElement;");
  if (get_trace == nullptr) return std::string();
  jmethodID get_name = env->GetMethodID(element, "getClassName", "()Ljava/lang/String;");
  if (get_name == nullptr) return std::string();
  jobject here = env->NewObject(throwable, make);
  if (here == nullptr) return std::string();
  auto trace = static_cast<jobjectArray>(env->CallObjectMethod(here, get_trace));
  if (env->ExceptionCheck()) return std::string();
  const jsize size = env->GetArrayLength(trace);
  for (jsize i = 0; i < size; ++i) {
    jobject frame = env->GetObjectArrayElement(trace, i);
    auto name = static_cast<jstring>(env->CallObjectMethod(frame, get_name));
    if (env->ExceptionCheck()) return std::string();
    const std::string text = TextOf(env, name);
    env->DeleteLocalRef(name);
    env->DeleteLocalRef(frame);
    if (!text.empty() && !BelongsToJdk(text)) return text;
  }
  return std::string();
}

// The JVM finds native functions by the name of their class, which holds its package. A program
// that moves the classes to another package ("shades" them) has classes for which it finds none.
void RegisterNativesOfMovedClass(JNIEnv* env) {
  std::string name = LoadingClass(env);
  std::replace(name.begin(), name.end(), '.', '/');
  const std::string package = name.substr(0, name.rfind('/') + 1);
  if (name.empty() || package == kNativesPackage) return;
  jclass natives = env->FindClass((package + kNativesClass).c_str());
  if (natives != nullptr) env->RegisterNatives(natives, kNatives, kNativesCount);
}

}  // namespace
}  // namespace interprocess::face

extern "C" {

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  JNIEnv* env = nullptr;
  if (vm->GetEnv(reinterpret_cast<void**>(&env), JNI_VERSION_1_8) == JNI_OK) {
    interprocess::face::RegisterNativesOfMovedClass(env);
    // The call of a function that is not registered then throws, and says which.
    if (env->ExceptionCheck()) env->ExceptionClear();
  }
  return JNI_VERSION_1_8;
}

JNIEXPORT void JNICALL JNI_OnUnload(JavaVM*, void*) { DeleteThreadKeys(); }

}  // extern "C"
