// SPDX-License-Identifier: MIT

// One side of peers_test.sh, built once for each C library:
//   peer send|hold|take|take_redelivered DIRECTORY QUEUE COUNT
// send enqueues messages 0 to COUNT-1; take waits for them, in order, and checks every byte; hold
// borrows COUNT messages, says "held" and stays; take_redelivered waits for COUNT messages that a
// dead one had.

#include <stdio.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/stress/traffic.h"

namespace interprocess {
namespace {

constexpr size_t kMaxSize = 3000;  // some in their slots, some in the payload ring

WaitOptions Patience() { return WaitOptions(absl::Seconds(60)); }

int Failed(absl::string_view what) {
  fprintf(stderr, "peer: %.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

int Send(const QueueOptions& options, uint64_t count) {
  auto publisher = Publisher::Open(options);
  if (!publisher.ok()) return Failed(publisher.status().ToString());
  stress::Random random(count);
  std::vector<uint8_t> message;
  for (uint64_t i = 0; i < count; ++i) {
    message.resize(stress::kIdBytes + random.Below(kMaxSize - stress::kIdBytes));
    stress::WriteMessage(absl::MakeSpan(message), {0, i, false});
    absl::Status sent = publisher->Enqueue(message, Patience());
    if (!sent.ok()) return Failed(sent.ToString());
  }
  return 0;
}

// Takes message `sequence`, which must be marked redelivered or not.
int TakeOne(Subscriber& subscriber, uint64_t sequence, bool redelivered) {
  auto message = subscriber.Borrow(Patience());
  if (!message.ok()) return Failed(message.status().ToString());
  stress::MessageId id;
  std::string wrong = stress::ReadMessage(message->bytes(), &id);
  if (!wrong.empty()) return Failed(wrong);
  if (id.sequence != sequence) return Failed("not in order");
  if (message->redelivered() != redelivered) return Failed("the mark for redelivery is wrong");
  absl::Status taken = message->Acknowledge();
  return taken.ok() ? 0 : Failed(taken.ToString());
}

int Take(const QueueOptions& options, uint64_t count, bool redelivered) {
  auto subscriber = Subscriber::Open(options);
  if (!subscriber.ok()) return Failed(subscriber.status().ToString());
  for (uint64_t i = 0; i < count; ++i) {
    if (int code = TakeOne(*subscriber, i, redelivered); code != 0) return code;
  }
  return 0;
}

int Hold(const QueueOptions& options, uint64_t count) {
  auto subscriber = Subscriber::Open(options);
  if (!subscriber.ok()) return Failed(subscriber.status().ToString());
  std::vector<BorrowedMessage> held;
  while (held.size() < count) {
    auto message = subscriber->Borrow(Patience());
    if (!message.ok()) return Failed(message.status().ToString());
    held.push_back(*std::move(message));
  }
  printf("held\n");
  fflush(stdout);
  while (true) pause();
}

int Run(const std::string& what, const QueueOptions& options, uint64_t count) {
  if (what == "send") return Send(options, count);
  if (what == "take") return Take(options, count, false);
  if (what == "take_redelivered") return Take(options, count, true);
  if (what == "hold") return Hold(options, count);
  return Failed("send, take, take_redelivered or hold?");
}

}  // namespace
}  // namespace interprocess

int main(int argc, char** argv) {
  if (argc != 5) return interprocess::Failed("see peer.cc");
  interprocess::QueueOptions options;
  options.directory = argv[2];
  options.name = argv[3];
  options.capacity = 1 << 16;
  return interprocess::Run(argv[1], options, strtoull(argv[4], nullptr, 10));
}
