// Looks at a queue without taking part in it.

#ifndef INTERPROCESS_QUEUE_INSPECTOR_H_
#define INTERPROCESS_QUEUE_INSPECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"

namespace interprocess {

namespace internal {
class Inspection;
}  // namespace internal

struct ParticipantReport {
  int id = 0;
  std::string role;  // "publisher", "subscriber" or "inspector"
  bool alive = false;
  int64_t process_id = 0;
  int64_t process_start_ns = 0;  // wall clock, since 1970; 0 if not known
  std::string waits_for;         // "data", "space" or ""
  uint64_t messages = 0;         // enqueued or taken since it joined
  uint64_t bytes = 0;
  uint64_t full_or_empty =
      0;  // how often it found the queue full (publisher) or empty (subscriber)
  uint64_t sleeps = 0;
  uint64_t holds = 0;  // reservations or claims that name it now
};

// A picture of a queue in use: every number is right for some moment, not all for the same one.
// Cloudtoid: what the formats do not tell is 0 or empty; version 2 tells of no participants.
struct QueueReport {
  Protocol protocol = Protocol::kNative;
  std::string name;
  std::string path;
  int64_t capacity = 0;   // bytes of payload
  int64_t file_size = 0;  // bytes
  int format_version = 0;
  int max_participants = 0;
  uint64_t slots = 0;
  uint64_t ready = 0;     // messages that wait to be taken
  uint64_t reserved = 0;  // being written
  uint64_t claimed = 0;   // being read
  uint64_t ready_bytes = 0;
  uint64_t tail = 0;  // positions given out so far: messages enqueued or aborted since it was made
  uint64_t returned = 0;  // how often a message was given back or taken from a dead subscriber
  std::vector<ParticipantReport> participants;
};

// One thing that is not as it should be.
struct Finding {
  enum class Severity {
    kNote,     // a dead participant that the next look of anybody attached resolves
    kDamaged,  // an invariant of the format does not hold: bytes were changed by something else
  };
  Severity severity = Severity::kNote;
  std::string what;
};

// Opens a queue read-only and reports. It is no participant: a queue that only inspectors look at
// is not kept from being removed. Thread-compatible; movable.
class QueueInspector {
 public:
  // NotFound, PermissionDenied, InvalidArgument, DataLoss (the header is not a sound queue's).
  static absl::StatusOr<QueueInspector> Open(const std::string& name,
                                             const std::string& directory = "",
                                             Protocol protocol = Protocol::kNative);

  QueueInspector(QueueInspector&&) noexcept;
  QueueInspector& operator=(QueueInspector&&) noexcept;
  ~QueueInspector();

  // Bytes of payload that may wait in the queue.
  int64_t capacity() const;

  absl::StatusOr<QueueReport> Report() const;

  // Checks every invariant of the image. On a queue in use, what changes while it is looked at is
  // looked at again, so that only lasting damage is reported. Empty: sound.
  absl::StatusOr<std::vector<Finding>> Check() const;

  // Copies of the first messages that wait to be taken, at most `max`. They stay in the queue; one
  // that is taken meanwhile may be among them or not.
  absl::StatusOr<std::vector<std::string>> Peek(size_t max) const;

  // Joins the queue for a moment and does what any participant does when it finds another dead:
  // frees what it had reserved, offers what it had claimed to others. Returns how many dead
  // participants were resolved. Cloudtoid: Unimplemented; readers do it by themselves.
  absl::StatusOr<int> Repair();

 private:
  explicit QueueInspector(std::unique_ptr<internal::Inspection> inspection);
  std::unique_ptr<internal::Inspection> inspection_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_INSPECTOR_H_
