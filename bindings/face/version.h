#ifndef INTERPROCESS_BINDINGS_FACE_VERSION_H_
#define INTERPROCESS_BINDINGS_FACE_VERSION_H_

namespace interprocess::face {

// The bindings refuse a native library of another version than their own; a test compares it with
// the module's.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_VERSION_H_
