// SPDX-License-Identifier: MIT

// How C# passes what the face takes: numbers and addresses only, which its runtime hands over as
// they are. The macros that tools/build/rules/swig:swig.bzl defines leave out SWIG's helpers for exceptions and
// strings: nothing here throws or calls back.

// Objects, by address. They must live to the end of the call: a method keeps its own object alive,
// for the finalizer deletes the native one; a caller that passes another object uses it afterwards.
%typemap(imtype) SWIGTYPE, SWIGTYPE*, SWIGTYPE& "global::System.IntPtr"
%typemap(in) SWIGTYPE& { $1 = static_cast<$1_ltype>($input); }

// Finalizers of the program's own, which may call the library, come before those of these objects;
// should one come later, or again, it meets no memory that is gone.
%typemap(csbase) SWIGTYPE "global::System.Runtime.ConstrainedExecution.CriticalFinalizerObject"
%typemap(csbody) SWIGTYPE %{
  private global::System.IntPtr address;
  private bool swigCMemOwn;

  internal $csclassname(global::System.IntPtr cPtr, bool cMemoryOwn) {
    swigCMemOwn = cMemoryOwn;
    address = cPtr;
  }

  private global::System.IntPtr swigCPtr =>
    address != global::System.IntPtr.Zero ? address : throw new global::System.ObjectDisposedException("$csclassname");

  internal static global::System.IntPtr getCPtr($csclassname obj) {
    return obj == null ? global::System.IntPtr.Zero : obj.swigCPtr;
  }
%}
%typemap(csdisposing, methodname="Dispose", methodmodifiers="protected", parameters="bool disposing") SWIGTYPE {
    if (swigCMemOwn) {
      swigCMemOwn = false;
      $imcall;
      address = global::System.IntPtr.Zero;
    }
  }
%typemap(csclassmodifiers) SWIGTYPE "internal class"
%pragma(csharp) moduleclassmodifiers="internal static class"
%pragma(csharp) imclassclassmodifiers="internal static class"

// Numbers.
%typemap(csout) int, int64_t {
    var answer = $imcall;
    global::System.GC.KeepAlive(this);
    return answer;
  }
// What is gone is closed.
%typemap(csout) int64_t Close {
    if (address == global::System.IntPtr.Zero) return 0;
    var answer = $imcall;
    global::System.GC.KeepAlive(this);
    return answer;
  }
%typemap(csout) void {
    if (address == global::System.IntPtr.Zero) return;
    $imcall;
    global::System.GC.KeepAlive(this);
  }
%typemap(imtype) bool "uint"
%typemap(csin) bool "($csinput ? 1u : 0u)"
%typemap(csout) bool {
    bool answer = $imcall != 0;
    global::System.GC.KeepAlive(this);
    return answer;
  }
%typemap(csvarout) bool %{
    get {
      bool answer = $imcall != 0;
      global::System.GC.KeepAlive(this);
      return answer;
    } %}
%typemap(csvarout) int, int64_t %{
    get {
      var answer = $imcall;
      global::System.GC.KeepAlive(this);
      return answer;
    } %}
%typemap(csvarin) int, int64_t, bool %{
    set {
      $imcall;
      global::System.GC.KeepAlive(this);
    } %}

// Text goes as UTF-8 that ends with a zero: in the caller's memory to here, in memory of malloc from
// here. interprocess::face::FreeText frees that.
%{
#include <cstdlib>
#include <cstring>
#include <string>

namespace interprocess::face {
static char* NewText(const std::string& text) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}
static void FreeText(void* text) { std::free(text); }
}  // namespace interprocess::face
%}
%naturalvar std::string;
%typemap(ctype) std::string, const std::string& "char*"
%typemap(imtype) std::string, const std::string& "global::System.IntPtr"
%typemap(cstype) std::string, const std::string& "string"
%typemap(in) std::string { $1 = $input; }
%typemap(in) const std::string& (std::string text) {
  text = $input;
  $1 = &text;
}
%typemap(out) std::string { $result = interprocess::face::NewText($1); }
%typemap(out) const std::string& { $result = interprocess::face::NewText(*$1); }
%typemap(csin, pre="    using var text_$csinput = new Utf8Text($csinput);") std::string, const std::string&
    "text_$csinput.Address"
%typemap(csvarin) std::string, const std::string& %{
    set {
      using var text_value = new Utf8Text(value);
      $imcall;
      global::System.GC.KeepAlive(this);
    } %}
%typemap(csvarout) std::string, const std::string& %{
    get {
      string answer = Utf8Text.Take($imcall);
      global::System.GC.KeepAlive(this);
      return answer;
    } %}
%typemap(csout) std::string, const std::string& {
    string answer = Utf8Text.Take($imcall);
    global::System.GC.KeepAlive(this);
    return answer;
  }
// What is no method of an object.
%typemap(csout) std::string FaceDefaultDirectory, std::string FaceVersion {
    return Utf8Text.Take($imcall);
  }
%typemap(csout) int FaceRemoveQueue { return $imcall; }
%typemap(csout) void FreeText, void FaceWaitAny { $imcall; }

// Memory of the caller's, which pins it, and numbers that a call fills in.
%typemap(ctype) const void*, void*, int64_t* place, int64_t* places "void*"
%typemap(imtype) const void*, void*, int64_t* place, int64_t* places "global::System.IntPtr"
%typemap(cstype) const void*, void*, int64_t* place, int64_t* places "global::System.IntPtr"
%typemap(csin) const void*, void*, int64_t* place, int64_t* places "$csinput"
%typemap(in) const void*, void* { $1 = $input; }
%typemap(in) int64_t* place, int64_t* places { $1 = static_cast<$1_ltype>($input); }

namespace interprocess::face {
void FreeText(void* text);
}
