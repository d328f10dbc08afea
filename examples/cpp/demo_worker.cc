#include "examples/cpp/demo_worker.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"

namespace examples {
namespace {

// All processes of a machine share this clock.
int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A subscriber's side of the round: one message after the other.
class Checker {
 public:
  explicit Checker(const Round& round) : round_(round), next_(round.publishers) {
    result_.first_sent_ns = std::numeric_limits<int64_t>::max();
    result_.seen.assign(round.publishers, std::vector<uint8_t>(round.count));
  }

  bool ended() const { return ended_; }
  const absl::Status& status() const { return status_; }
  const Result& result() const { return result_; }

  void Take(const interprocess::MessageView& view) {
    Message message;
    if (view.bytes().size() != sizeof(message)) {
      return Complain(absl::StrCat("a message of ", view.bytes().size(), " bytes"));
    }
    std::memcpy(&message, view.bytes().data(), sizeof(message));
    if (message.publisher == Message::kEnd) {
      ended_ = true;
      return;
    }
    if (message.publisher >= round_.publishers || message.sequence >= round_.count) {
      return Complain("a message that nobody sent");
    }
    uint64_t& next = next_[message.publisher];
    if (message.sequence < next) {
      Complain(absl::StrCat("publisher ", message.publisher, "'s message ", message.sequence,
                            " after its message ", next - 1));
    }
    next = message.sequence + 1;
    result_.seen[message.publisher][message.sequence] = 1;
    ++result_.received;
    result_.first_sent_ns = std::min(result_.first_sent_ns, message.sent_ns);
    result_.last_received_ns = NowNs();
    if (round_.pace > absl::ZeroDuration()) {
      result_.latencies_ns.push_back(result_.last_received_ns - message.sent_ns);
    }
  }

 private:
  void Complain(const std::string& what) { status_.Update(absl::InternalError(what)); }

  const Round& round_;
  std::vector<uint64_t> next_;  // the lowest sequence that may come, by publisher
  bool ended_ = false;
  absl::Status status_;
  Result result_;
};

template <typename T>
void Append(const T* values, size_t count, std::string* bytes) {
  if (count != 0) bytes->append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

template <typename T>
bool Extract(absl::string_view* bytes, size_t count, T* values) {
  if (bytes->size() / sizeof(T) < count) return false;
  if (count != 0) std::memcpy(values, bytes->data(), count * sizeof(T));
  bytes->remove_prefix(count * sizeof(T));
  return true;
}

}  // namespace

interprocess::QueueOptions Round::MessagesQueue() const {
  interprocess::QueueOptions options;
  options.name = name;
  options.directory = directory;
  return options;
}

interprocess::QueueOptions Round::ResultsQueue() const {
  interprocess::QueueOptions options = MessagesQueue();
  options.name += "-results";
  // All subscribers' results: a byte for each message in each, a latency for each paced message,
  // and twice that, for they lie whole in a ring.
  const auto messages = static_cast<int64_t>(publishers * count);
  const int64_t latencies = pace > absl::ZeroDuration() ? messages : 0;
  options.capacity =
      std::max<int64_t>(interprocess::kDefaultCapacity,
                        2 * (subscribers * messages + latencies * int64_t{sizeof(int64_t)}));
  return options;
}

std::string Result::Serialize() const {
  std::string bytes;
  Append(&received, 1, &bytes);
  Append(&first_sent_ns, 1, &bytes);
  Append(&last_received_ns, 1, &bytes);
  for (const std::vector<uint8_t>& each : seen) Append(each.data(), each.size(), &bytes);
  Append(latencies_ns.data(), latencies_ns.size(), &bytes);
  return bytes;
}

absl::StatusOr<Result> Result::Parse(const Round& round, absl::string_view bytes) {
  Result result;
  result.seen.assign(round.publishers, std::vector<uint8_t>(round.count));
  bool whole = Extract(&bytes, 1, &result.received) && Extract(&bytes, 1, &result.first_sent_ns) &&
               Extract(&bytes, 1, &result.last_received_ns);
  for (std::vector<uint8_t>& each : result.seen) {
    whole = whole && Extract(&bytes, each.size(), each.data());
  }
  result.latencies_ns.resize(bytes.size() / sizeof(int64_t));
  whole = whole && Extract(&bytes, result.latencies_ns.size(), result.latencies_ns.data());
  if (!whole || !bytes.empty()) return absl::InternalError("a subscriber's result is malformed");
  return result;
}

absl::Status RunPublisher(const Round& round, uint32_t index) {
  absl::StatusOr<interprocess::Publisher> publisher =
      interprocess::Publisher::Open(round.MessagesQueue());
  if (!publisher.ok()) return publisher.status();
  auto next = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < round.count; ++i) {
    if (round.pace > absl::ZeroDuration()) {
      next += absl::ToChronoNanoseconds(round.pace);
      std::this_thread::sleep_until(next);
    }
    const Message message = {index, 0, i, NowNs()};
    absl::Status sent = publisher->Enqueue(message.bytes(), kPatience);
    if (!sent.ok()) return sent;
  }
  return absl::OkStatus();
}

absl::Status RunSubscriber(const Round& round) {
  absl::StatusOr<interprocess::Subscriber> subscriber =
      interprocess::Subscriber::Open(round.MessagesQueue());
  if (!subscriber.ok()) return subscriber.status();
  Checker checker(round);
  while (!checker.ended()) {
    // One at a time: what follows a kEnd is for others.
    const absl::StatusOr<size_t> taken = subscriber->DequeueBatch(
        1, [&checker](const interprocess::MessageView& view) { checker.Take(view); }, kPatience);
    if (!taken.ok()) return taken.status();
  }
  if (!checker.status().ok()) return checker.status();

  absl::StatusOr<interprocess::Publisher> results =
      interprocess::Publisher::Open(round.ResultsQueue());
  if (!results.ok()) return results.status();
  return results->Enqueue(checker.result().Serialize(), kPatience);
}

}  // namespace examples
