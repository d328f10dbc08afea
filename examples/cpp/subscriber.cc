// Takes greetings from a queue and prints them, until Ctrl-C. Start any number of publishers and
// subscribers, in any order: each greeting goes to one subscriber.

#include "interprocess/subscriber.h"

#include <cstdint>
#include <iostream>
#include <limits>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "examples/cpp/ctrl_c.h"
#include "interprocess/message.h"
#include "interprocess/queue_options.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"

ABSL_FLAG(std::string, queue, "greetings", "The queue's name.");
ABSL_FLAG(std::string, dir, "", "The directory of the queue; the default one if empty.");
ABSL_FLAG(uint64_t, count, std::numeric_limits<uint64_t>::max(),
          "End after this number of greetings.");

namespace {

absl::Status Subscribe(const interprocess::StopToken& stop) {
  interprocess::QueueOptions options;
  options.name = absl::GetFlag(FLAGS_queue);
  options.directory = absl::GetFlag(FLAGS_dir);
  absl::StatusOr<interprocess::Subscriber> subscriber = interprocess::Subscriber::Open(options);
  if (!subscriber.ok()) return subscriber.status();

  const uint64_t count = absl::GetFlag(FLAGS_count);
  for (uint64_t i = 0; i < count; ++i) {
    // The message is only lent until it is acknowledged: if this process is killed before, another
    // subscriber gets it, marked redelivered.
    absl::StatusOr<interprocess::BorrowedMessage> message = subscriber->Borrow(stop);
    if (!message.ok()) return message.status();
    std::cout << "received: " << message->text()
              << (message->redelivered() ? " (perhaps not for the first time)" : "") << std::endl;
    if (absl::Status done = message->Acknowledge(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = Subscribe(examples::StopOnCtrlC());
  if (status.ok() || absl::IsCancelled(status)) return 0;
  std::cerr << "subscriber: " << status << std::endl;
  return 1;
}
