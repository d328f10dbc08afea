// SPDX-License-Identifier: MIT

// What inspecting and listing tell of queues.

#ifndef INTERPROCESS_QUEUE_REPORT_H_
#define INTERPROCESS_QUEUE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "interprocess/queue_options.h"

namespace interprocess {

// What a queue's file says of one endpoint that is attached, or was until its process died.
struct ParticipantReport {
  int id = 0;                    // its number in the queue, used again when it has left
  std::string role;              // "publisher", "subscriber" or "inspector"
  bool alive = false;            // false: it died, and nobody has resolved yet what it left
  int64_t process_id = 0;        // within the process's own PID namespace; 0 if not known
  int64_t process_start_ns = 0;  // wall clock, since 1970; 0 if not known
  std::string waits_for;         // "data", "space" or ""
  // Enqueued or taken since it joined. Some may be missing where several threads commit one
  // publisher's reservations.
  uint64_t messages = 0;
  uint64_t bytes = 0;
  // How often it came upon a full queue (publisher) or an empty one (subscriber): polls and waits
  // one after the other count once (EndpointCounters).
  uint64_t full_or_empty = 0;
  uint64_t sleeps = 0;  // how often it was taken off the processor while it waited
  uint64_t holds = 0;   // reservations or claims that name it now
};

// A picture of a queue in use: every number is right for some moment, not all for the same one.
// Cloudtoid: what the formats do not tell is 0 or empty.
struct QueueReport {
  Protocol protocol = Protocol::kNative;  // the queue's format
  std::string name;                       // as QueueOptions::name
  std::string path;                       // of the queue's file
  int64_t capacity = 0;                   // bytes of payload
  int64_t file_size = 0;                  // bytes
  int format_version = 0;                 // of the protocol, as the file has it
  int max_participants = 0;               // how many may be attached at one time
  bool one_publisher = false;             // made for one publisher at a time (QueueOptions)
  bool one_subscriber = false;            // made for one subscriber at a time
  uint64_t slots = 0;        // how many messages may be in the queue, however short they are
  uint64_t ready = 0;        // messages that wait to be taken
  uint64_t reserved = 0;     // being written
  uint64_t claimed = 0;      // being read
  uint64_t ready_bytes = 0;  // of the messages that wait, without what surrounds them
  uint64_t tail = 0;  // positions given out so far: messages enqueued or aborted since it was made
  uint64_t returned = 0;  // how often a message was given back or taken from a dead subscriber
  // False in Cloudtoid's version 2: the format does not record which participants are attached.
  bool participants_known = true;
  std::vector<ParticipantReport> participants;
};

// One thing that is not as it should be.
struct Finding {
  // Whether it matters.
  enum class Severity {
    kNote,     // a dead participant that the next look of anybody attached resolves
    kDamaged,  // an invariant of the format does not hold: bytes were changed by something else
  };
  Severity severity = Severity::kNote;  // whether it is damage or only worth knowing
  std::string what;                     // one line: where it is, what is there, what should be
};

// A queue of a directory.
struct QueueEntry {
  Protocol protocol = Protocol::kNative;  // the one that was asked for
  std::string name;                       // what QueueOptions::name would be
  std::string path;                       // of the file
  int64_t capacity = 0;                   // in bytes; 0 if `status` is not OK
  // Why the file cannot be used (DataLoss, PermissionDenied), or OK.
  absl::Status status;
};

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_REPORT_H_
