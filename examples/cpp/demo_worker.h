// What the processes of the demo do, and what they tell each other.

#ifndef INTERPROCESS_EXAMPLES_CPP_DEMO_WORKER_H_
#define INTERPROCESS_EXAMPLES_CPP_DEMO_WORKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "interprocess/queue_options.h"

namespace examples {

// A round of the demo, as all its processes know it.
struct Round {
  std::string directory;
  std::string name;  // of the queue; "<name>-results" takes what the subscribers saw
  uint32_t publishers = 0;
  uint32_t subscribers = 0;
  uint64_t count = 0;   // messages of each publisher
  absl::Duration pace;  // the time between two of them; 0: as fast as the queue takes them

  interprocess::QueueOptions MessagesQueue() const;
  interprocess::QueueOptions ResultsQueue() const;
};

// A message, as its bytes lie in the queue.
struct Message {
  static constexpr uint32_t kEnd = 0xffffffff;  // in place of a publisher: no more to come

  uint32_t publisher = 0;
  uint32_t reserved = 0;
  uint64_t sequence = 0;
  int64_t sent_ns = 0;

  absl::string_view bytes() const {
    return absl::string_view(reinterpret_cast<const char*>(this), sizeof(*this));
  }
};

// What one subscriber saw.
struct Result {
  uint64_t received = 0;
  int64_t first_sent_ns = 0;
  int64_t last_received_ns = 0;
  std::vector<std::vector<uint8_t>> seen;  // by publisher and sequence: 1 if it came
  std::vector<int64_t> latencies_ns;       // of a paced round's messages

  std::string Serialize() const;
  static absl::StatusOr<Result> Parse(const Round& round, absl::string_view bytes);
};

// Longer than anything in the demo takes unless it is broken.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Sends `round.count` messages.
absl::Status RunPublisher(const Round& round, uint32_t index);

// Takes messages until a kEnd, and sends a Result. An error if a message came twice, or before an
// earlier one of its publisher.
absl::Status RunSubscriber(const Round& round);

}  // namespace examples

#endif  // INTERPROCESS_EXAMPLES_CPP_DEMO_WORKER_H_
