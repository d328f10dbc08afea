// How Java passes what the face takes.

// Text goes as UTF-8, which JNI's own strings are not.
%typemap(jni) std::string, const std::string& "jbyteArray"
%typemap(jtype) std::string, const std::string& "byte[]"
%typemap(jstype) std::string, const std::string& "String"
%typemap(javain) std::string, const std::string& "$javainput.getBytes(java.nio.charset.StandardCharsets.UTF_8)"
%typemap(javaout) std::string, const std::string& {
    return new String($jnicall, java.nio.charset.StandardCharsets.UTF_8);
  }
%fragment("TextOfBytes", "header") {
static std::string TextOfBytes(JNIEnv* env, jbyteArray bytes) {
  std::string text(static_cast<size_t>(env->GetArrayLength(bytes)), '\0');
  env->GetByteArrayRegion(bytes, 0, static_cast<jsize>(text.size()),
                          reinterpret_cast<jbyte*>(&text[0]));
  return text;
}
}
%fragment("BytesOfText", "header") {
static jbyteArray BytesOfText(JNIEnv* env, const std::string& text) {
  const auto size = static_cast<jsize>(text.size());
  jbyteArray bytes = env->NewByteArray(size);
  if (bytes != nullptr) {
    env->SetByteArrayRegion(bytes, 0, size, reinterpret_cast<const jbyte*>(text.data()));
  }
  return bytes;
}
}
%typemap(in, fragment="TextOfBytes") std::string { $1 = TextOfBytes(jenv, $input); }
%typemap(in, fragment="TextOfBytes") const std::string& (std::string text) {
  text = TextOfBytes(jenv, $input);
  $1 = &text;
}
%typemap(out, fragment="BytesOfText") std::string { $result = BytesOfText(jenv, $1); }
%typemap(out, fragment="BytesOfText") const std::string& { $result = BytesOfText(jenv, *$1); }

// The JVM's own, as it is.
%typemap(in, numinputs=0) JNIEnv* jenv { $1 = jenv; }

// Memory outside the Java heap, by its address.
%typemap(jni) const void*, void* "jlong"
%typemap(jtype) const void*, void* "long"
%typemap(jstype) const void*, void* "long"
%typemap(javain) const void*, void* "$javainput"
%typemap(in) const void*, void* { $1 = reinterpret_cast<void*>(static_cast<intptr_t>($input)); }

// Numbers that a call fills in: an array with room for them.
%typemap(jni) int64_t* place, (int64_t* places, int max) "jlongArray"
%typemap(jtype) int64_t* place, (int64_t* places, int max) "long[]"
%typemap(jstype) int64_t* place, (int64_t* places, int max) "long[]"
%typemap(javain) int64_t* place, (int64_t* places, int max) "$javainput"
%typemap(in) int64_t* place (int64_t place[2] = {}) { $1 = place; }
%typemap(argout) int64_t* place {
  jenv->SetLongArrayRegion($input, 0, 2, reinterpret_cast<const jlong*>($1));
}
%typemap(in) (int64_t* places, int max) {
  static_assert(sizeof(jlong) == sizeof(int64_t));
  $1 = reinterpret_cast<int64_t*>(jenv->GetLongArrayElements($input, nullptr));
  if ($1 == nullptr) return $null;
  $2 = jenv->GetArrayLength($input) / 3;
}
%typemap(argout) (int64_t* places, int max) {
  jenv->ReleaseLongArrayElements($input, reinterpret_cast<jlong*>($1), 0);
}

// Objects, by address only: without finalizers nothing deletes one during a call.
%typemap(jtype, nopgcpp="1") SWIGTYPE*, SWIGTYPE& "long"

// The classes stay within the package, and have no finalizers: their owners delete them.
%typemap(javaclassmodifiers) SWIGTYPE "final class"
%typemap(javafinalize) SWIGTYPE ""
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
