// What a queue is called, where it lives, how large it is, and who may use it.

#ifndef INTERPROCESS_QUEUE_OPTIONS_H_
#define INTERPROCESS_QUEUE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace interprocess {

// The wire format. Processes that share a queue use the same one.
enum class Protocol {
  kNative,  // this project's own: docs/wire_format.md
};

// What Open does when a queue of that name exists, and when none does.
enum class OpenMode {
  kOpenOrCreate,  // an existing queue must have been made with the same options
  kOpenExisting,  // NotFound if there is none; takes the queue's own capacity and other options
  kCreateNew,     // AlreadyExists if there is one
};

// Which users may open a queue that is made now (the mode of its file, and of the default
// directory).
enum class Access {
  kOwner,     // 0600
  kGroup,     // 0660
  kEveryone,  // 0666
};

inline constexpr int64_t kDefaultCapacity = int64_t{1} << 20;
inline constexpr int64_t kMinCapacity = 1;
// 64 GiB: positions of a larger ring would leave too few bits for laps in a slot's word.
inline constexpr int64_t kMaxCapacity = int64_t{1} << 36;
inline constexpr int kMaxNameLength = 200;
inline constexpr int kDefaultMaxParticipants = 1024;
inline constexpr int kMinMaxParticipants = 2;
inline constexpr int kMaxMaxParticipants = 8191;  // an owner is named by 13 bits, 0 names nobody

struct QueueOptions {
  // 1 to 200 bytes. No '/', '\', control character or "..", no leading '.'.
  std::string name;

  // An existing directory, not a symbolic link. Empty: DefaultDirectory(), made when it is missing.
  std::string directory = {};

  // Bytes of payload that may wait in the queue; a single message may have as many. Rounded up to
  // a power of two of at least 4,096. However short messages are, one for every 64 bytes of it may
  // wait: 16,384 at 1 MiB. The file takes about twice as much (docs/wire_format.md).
  int64_t capacity = kDefaultCapacity;

  Protocol protocol = Protocol::kNative;
  OpenMode mode = OpenMode::kOpenOrCreate;
  Access access = Access::kOwner;

  // Publishers and subscribers attached at one time, 2 to 8,191.
  int max_participants = kDefaultMaxParticipants;

  // When the last participant leaves: true keeps a queue that holds messages until they are read,
  // it is removed by name, or the machine restarts; false removes it with what it holds. An empty
  // queue goes in both cases. Each endpoint decides for itself, should it be the last.
  bool keep_undelivered = true;

  // True takes the space for the whole file when the queue is made, so that none can be lacking
  // later. False leaves it sparse: quick and frugal for a huge queue, but when the file system runs
  // full, the system answers a later access with SIGBUS.
  bool reserve_space = true;

  // InvalidArgument, naming the option and its value, or OK. Open calls it; it asks no system.
  absl::Status Validate() const;
};

// Where queues live if the options name no directory: /dev/shm/interprocess-<uid> on Linux.
std::string DefaultDirectory();

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_OPTIONS_H_
