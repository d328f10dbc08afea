// How C# passes what the face takes.

%include "std_string.i"

// Memory of the caller's, which pins it, and numbers that a call fills in.
%typemap(ctype) const void*, void*, int64_t* place, int64_t* places "void*"
%typemap(imtype) const void*, void*, int64_t* place, int64_t* places "global::System.IntPtr"
%typemap(cstype) const void*, void*, int64_t* place, int64_t* places "global::System.IntPtr"
%typemap(csin) const void*, void*, int64_t* place, int64_t* places "$csinput"
%typemap(in) const void*, void* { $1 = $input; }
%typemap(in) int64_t* place, int64_t* places { $1 = static_cast<$1_ltype>($input); }

%typemap(csclassmodifiers) SWIGTYPE "internal class"
%pragma(csharp) moduleclassmodifiers="internal class"
