// SPDX-License-Identifier: MIT

// What a queue is called, where it lives, how large it is, and which users may use it.

#ifndef INTERPROCESS_QUEUE_OPTIONS_H_
#define INTERPROCESS_QUEUE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "interprocess/access.h"

namespace interprocess {

// The wire format. Processes that share a queue use the same one. What holds in which format,
// feature by feature: docs/compatibility.md.
enum class Protocol : int {
  kNative = 0,           // this project's own: docs/wire_format.md
  kCloudtoidV2 = 2,      // of the .NET library Cloudtoid.Interprocess 2.x
  kCloudtoidV3 = 3,      // of Cloudtoid.Interprocess 3.x (also Rust, Python, Node and Go)
  kCloudtoidV2Fork = 4,  // version 2 as the Yellow Dog Man fork has it: other folders, no locks
};
// The values of Protocol, for programs that look for queues of any.
inline constexpr Protocol kAllProtocols[] = {Protocol::kNative, Protocol::kCloudtoidV2,
                                             Protocol::kCloudtoidV3, Protocol::kCloudtoidV2Fork};

// What Open does when a queue of that name exists, and when none does.
enum class OpenMode {
  kOpenOrCreate,  // an existing queue must have been made with the same options
  // NotFound if there is none; takes the queue's own capacity and other options. (The options'
  // capacity if the queue does not tell its own: Cloudtoid 2 on Windows, made by another library.)
  kOpenExisting,
  kCreateNew,  // AlreadyExists if there is one
};

// Of QueueOptions::capacity, in bytes.
inline constexpr int64_t kDefaultCapacity = 1 << 20;
inline constexpr int64_t kMinCapacity = 1;
// 64 GiB: positions of a larger ring would leave too few bits for laps in a slot's word.
inline constexpr int64_t kMaxCapacity = 1LL << 36;
// Of QueueOptions::name, in bytes.
inline constexpr int kMaxNameLength = 200;
// Of QueueOptions::max_participants.
inline constexpr int kDefaultMaxParticipants = 1024;
inline constexpr int kMinMaxParticipants = 2;
inline constexpr int kMaxMaxParticipants = 8191;  // an owner is named by 13 bits, 0 names nobody

// What Open takes. Only the name has no default.
struct QueueOptions {
  // 1 to 200 bytes. No '/', '\', control character or "..", no leading '.'. Cloudtoid: as many
  // bytes as a semaphore's name leaves (245 on Linux), no '/', '\' or NUL, neither "." nor "..".
  std::string name;

  // An existing directory, not a symbolic link. Empty: DefaultDirectory(), made when it is missing.
  // Cloudtoid: the "path" of their options; queues lie in folders below it that are made when they
  // are missing (the fork's lie in the directory itself). On Windows without effect: theirs are
  // memory that the session's processes find by its name.
  std::string directory = {};

  // Bytes of payload that may wait in the queue; a single message may have as many. Rounded up to
  // a power of two of at least 4,096. However short messages are, one for every 64 bytes of it may
  // wait: 16,384 at 1 MiB. The file takes about twice as much (docs/wire_format.md).
  // Cloudtoid: the bytes of the ring, exactly, more than 16 and a multiple of 8; each message takes
  // 8 bytes more than it has, rounded up to 8.
  int64_t capacity = kDefaultCapacity;

  // The wire format, which all of the queue's participants have to name.
  Protocol protocol = Protocol::kNative;
  // Whether to make the queue, to open one that exists, or both.
  OpenMode mode = OpenMode::kOpenOrCreate;
  // Cloudtoid: without effect; the format's modes are 0666 (file) and 0777 less the umask.
  Access access = Access::kOwner;
  // An account that may open a queue that is made now, besides those; empty for nobody. Windows: a
  // user, group or service ("DOMAIN\name", "NT SERVICE\name") or a SID ("S-1-5-20"). Elsewhere a
  // group, by its name or number, to which the file is given. NotFound if the system does not know
  // it. Such a queue needs a directory that all of them may write in.
  std::string account = {};
  // Windows only: whether its participants may be in several sessions, as those of a service and of
  // a user's program are. Without it their sleep is not ended at once by what comes from another
  // session. The queue's maker decides.
  bool across_sessions = false;

  // Publishers and subscribers attached at one time, 2 to 8,191. Cloudtoid: without effect (version
  // 3 has room for 2,048 publishers).
  int max_participants = kDefaultMaxParticipants;

  // When the last participant leaves: true keeps a queue that holds messages until they are read,
  // it is removed by name, or the machine restarts; false removes it with what it holds. An empty
  // queue goes in both cases. Each endpoint decides for itself, should it be the last.
  // Cloudtoid: without effect; a queue goes with its last participant (the fork's never goes).
  bool keep_undelivered = true;

  // True takes the space for the whole file when the queue is made, so that none can be lacking
  // later. False leaves it sparse: quick and frugal for a huge queue, but when the file system runs
  // full, the system answers a later access with SIGBUS.
  bool reserve_space = true;

  // True lets only one publisher at a time attach, or one subscriber: another is refused
  // (FailedPrecondition, naming the one that is there) until that one closes or its process dies.
  // Its messages then cost less. The queue's maker decides; others have to say the same, but for
  // kOpenExisting. Cloudtoid: without effect.
  bool one_publisher = false;
  bool one_subscriber = false;

  // InvalidArgument, naming the option and its value, or OK. Open calls it; it asks no system.
  absl::Status Validate() const;
};

// Where queues live if the options name no directory: /dev/shm/interprocess-<uid> on Linux.
// Cloudtoid: the directory for temporary files as .NET finds it (version 2) or Rust (version 3):
// TMPDIR, else /tmp; /dev/shm for the fork.
std::string DefaultDirectory(Protocol protocol = Protocol::kNative);

// "native", "cloudtoid2", "cloudtoid3" or "cloudtoid2-fork", as `ipq --protocol` takes it; "" for
// a value that is none.
const char* ProtocolName(Protocol protocol);

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_OPTIONS_H_
