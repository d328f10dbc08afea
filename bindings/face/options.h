// SPDX-License-Identifier: MIT

// Facts about protocols and the library in plain types. Options are QueueOptions itself.

#ifndef INTERPROCESS_BINDINGS_FACE_OPTIONS_H_
#define INTERPROCESS_BINDINGS_FACE_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"

namespace interprocess::face {

// InvalidArgument: a number that names nothing.
absl::StatusOr<Protocol> ToProtocol(int number);

// Where queues live if the options name no directory. Empty for a protocol that is none.
std::string FaceDefaultDirectory(int protocol);

// The version of this library. The bindings refuse a native library of another than their own.
std::string FaceVersion();

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_OPTIONS_H_
