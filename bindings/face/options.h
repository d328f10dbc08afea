// SPDX-License-Identifier: MIT

// The options of a queue in plain types.

#ifndef INTERPROCESS_BINDINGS_FACE_OPTIONS_H_
#define INTERPROCESS_BINDINGS_FACE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"

namespace interprocess::face {

// As QueueOptions, which tells what each means; the numbers are those of its enumerations.
struct FaceOptions {
  std::string name;
  std::string directory;
  int64_t capacity = kDefaultCapacity;
  int protocol = static_cast<int>(Protocol::kNative);
  int mode = static_cast<int>(OpenMode::kOpenOrCreate);
  int access = static_cast<int>(Access::kOwner);
  int max_participants = kDefaultMaxParticipants;
  bool keep_undelivered = true;
  bool reserve_space = true;
  std::string account;
  bool across_sessions = false;
  bool one_publisher = false;
  bool one_subscriber = false;
};

// InvalidArgument: a number that names nothing.
absl::StatusOr<QueueOptions> ToQueueOptions(const FaceOptions& options);
absl::StatusOr<Protocol> ToProtocol(int number);

// Where queues live if the options name no directory. Empty for a protocol that is none.
std::string FaceDefaultDirectory(int protocol);

// The version of this library. The bindings refuse a native library of another than their own.
std::string FaceVersion();

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_OPTIONS_H_
