// SPDX-License-Identifier: MIT

// How Java passes the arguments and results of the face.

// Text goes as UTF-8, which JNI's own strings are not. Text refuses what UTF-8 cannot hold.
%typemap(jni) std::string, const std::string& "jbyteArray"
%typemap(jtype) std::string, const std::string& "byte[]"
%typemap(jstype) std::string, const std::string& "String"
%typemap(javain) std::string, const std::string& "Text.utf8($javainput)"
%typemap(javaout) std::string, const std::string& {
    return new String($jnicall, java.nio.charset.StandardCharsets.UTF_8);
  }

// Paths go as the system's bytes.
%define %path(NAME)
%typemap(jstype) std::string NAME, const std::string& NAME "byte[]"
%typemap(javain) std::string NAME, const std::string& NAME "$javainput"
%typemap(javaout) std::string NAME, const std::string& NAME { return $jnicall; }
%enddef
%path(directory)
%path(path)
%path(FaceDefaultDirectory)

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

// Numbers that a call fills in, by their address.
%typemap(jni) int64_t* place, int64_t* places "jlong"
%typemap(jtype) int64_t* place, int64_t* places "long"
%typemap(jstype) int64_t* place, int64_t* places "long"
%typemap(javain) int64_t* place, int64_t* places "$javainput"
%typemap(in) int64_t* place, int64_t* places {
  $1 = reinterpret_cast<int64_t*>(static_cast<intptr_t>($input));
}

// Objects, by address only: without finalizers nothing deletes one during a call.
%typemap(jtype, nopgcpp="1") SWIGTYPE*, SWIGTYPE& "long"

// What the endpoints have in common, for the code that serves both.
%typemap(javainterfaces) interprocess::face::FacePublisher,
                         interprocess::face::FaceSubscriber "FaceEndpoint"

// The classes stay within the package, and have no finalizers: their owners delete them.
%typemap(javaclassmodifiers) SWIGTYPE "final class"
%typemap(javafinalize) SWIGTYPE ""
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
