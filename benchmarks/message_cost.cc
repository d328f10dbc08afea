// SPDX-License-Identifier: MIT

// message_cost CASE MESSAGES: passes messages of 64 bytes through a queue within one thread, so
// that a tool which counts instructions can tell what a message costs. Two runs of different
// MESSAGES differ by the cost of the messages alone. Says nothing; exits with 1 where a call fails.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/harness/scratch.h"
#include "interprocess/message.h"
#include "interprocess/message_view.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace interprocess::benchmarks {
namespace {

constexpr size_t kSize = 64;
constexpr size_t kBatch = 32;

[[noreturn]] void Fail(absl::string_view what, const absl::Status& status) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               status.ToString().c_str());
  std::exit(1);
}

void PassSingly(Publisher& publisher, Subscriber& subscriber, int64_t messages) {
  std::vector<uint8_t> message(kSize, 0x5a);
  std::vector<uint8_t> buffer(kSize);
  const absl::Span<const uint8_t> from = message;
  const absl::Span<uint8_t> to = absl::MakeSpan(buffer);
  for (int64_t i = 0; i < messages; ++i) {
    const absl::Status sent = publisher.TryEnqueue(from);
    const absl::StatusOr<size_t> size = subscriber.TryDequeue(to);
    if (!sent.ok()) Fail("enqueue", sent);
    if (!size.ok()) Fail("dequeue", size.status());
  }
  if (buffer != message) Fail("dequeue", absl::DataLossError("other bytes came out"));
}

void PassInBatches(Publisher& publisher, Subscriber& subscriber, int64_t messages) {
  const std::vector<uint8_t> message(kSize, 0x5a);
  const std::vector<absl::Span<const uint8_t>> batch(kBatch, absl::MakeConstSpan(message));
  std::vector<uint8_t> buffer(kSize);
  const auto take = [&](const MessageView& view) {
    std::memcpy(buffer.data(), view.bytes().data(), std::min(kSize, view.bytes().size()));
  };
  for (int64_t i = 0; i < messages; i += kBatch) {
    const absl::StatusOr<size_t> sent = publisher.TryEnqueueBatch(batch);
    if (!sent.ok() || *sent != kBatch) Fail("enqueue a batch", sent.status());
    const absl::StatusOr<size_t> taken = subscriber.TryDequeueBatch(kBatch, take);
    if (!taken.ok() || *taken != kBatch) Fail("dequeue a batch", taken.status());
  }
  if (buffer != message) Fail("dequeue a batch", absl::DataLossError("other bytes came out"));
}

void PassInPlace(Publisher& publisher, Subscriber& subscriber, int64_t messages) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < messages; ++i) {
    absl::StatusOr<Reservation> room = publisher.TryReserve(kSize);
    if (!room.ok()) Fail("reserve", room.status());
    room->span()[0] = 1;
    const absl::Status committed = room->Commit();
    if (!committed.ok()) Fail("commit", committed);
    absl::StatusOr<BorrowedMessage> message = subscriber.TryBorrow();
    if (!message.ok()) Fail("borrow", message.status());
    sum += message->bytes()[0];
    const absl::Status acknowledged = message->Acknowledge();
    if (!acknowledged.ok()) Fail("acknowledge", acknowledged);
  }
  if (sum != static_cast<uint64_t>(messages)) {
    Fail("borrow", absl::DataLossError("other bytes came out"));
  }
}

struct Case {
  absl::string_view name;
  bool exclusive;
  void (*pass)(Publisher& publisher, Subscriber& subscriber, int64_t messages);
};

constexpr Case kCases[] = {
    {"single", false, &PassSingly},
    {"batch", false, &PassInBatches},
    {"in_place", false, &PassInPlace},
    {"exclusive", true, &PassSingly},
    {"exclusive_batch", true, &PassInBatches},
};

int Run(absl::string_view name, int64_t messages) {
  const auto* chosen = std::find_if(std::begin(kCases), std::end(kCases),
                                    [&](const Case& one) { return one.name == name; });
  if (chosen == std::end(kCases)) {
    Fail("message_cost", absl::InvalidArgumentError("no such case"));
  }
  QueueOptions options;
  options.name = UniqueName("message_cost");
  options.directory = ScratchDirectory();
  options.one_publisher = options.one_subscriber = chosen->exclusive;
  absl::StatusOr<Publisher> publisher = Publisher::Open(options);
  if (!publisher.ok()) Fail("open", publisher.status());
  absl::StatusOr<Subscriber> subscriber = Subscriber::Open(options);
  if (!subscriber.ok()) Fail("open", subscriber.status());
  chosen->pass(*publisher, *subscriber, messages);
  return 0;
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) {
  int64_t messages = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &messages) || messages < 0) {
    std::fprintf(stderr, "message_cost CASE MESSAGES\n");
    return 2;
  }
  return interprocess::benchmarks::Run(argv[1], messages);
}
