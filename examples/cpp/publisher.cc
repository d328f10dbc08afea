// Puts a greeting into a queue every now and then, until Ctrl-C. Start any number of publishers and
// subscribers, in any order.

#include "interprocess/publisher.h"

#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <limits>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "examples/cpp/ctrl_c.h"
#include "interprocess/queue_options.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"

ABSL_FLAG(std::string, queue, "greetings", "The queue's name.");
ABSL_FLAG(std::string, dir, "", "The directory of the queue; the default one if empty.");
ABSL_FLAG(uint64_t, count, std::numeric_limits<uint64_t>::max(),
          "End after this number of greetings.");
ABSL_FLAG(absl::Duration, interval, absl::Milliseconds(500), "The time between two greetings.");

namespace {

absl::Status Publish(const interprocess::StopToken& stop) {
  interprocess::QueueOptions options;
  options.name = absl::GetFlag(FLAGS_queue);
  options.directory = absl::GetFlag(FLAGS_dir);
  absl::StatusOr<interprocess::Publisher> publisher = interprocess::Publisher::Open(options);
  if (!publisher.ok()) return publisher.status();

  absl::Notification stopped;
  interprocess::StopWake wake(stop, [&stopped] { stopped.Notify(); });
  const uint64_t count = absl::GetFlag(FLAGS_count);
  for (uint64_t i = 1; i <= count && !stopped.HasBeenNotified(); ++i) {
    const std::string greeting = absl::StrCat("greeting ", i, " from process ", getpid());
    // Waits while the queue is full.
    absl::Status sent = publisher->Enqueue(greeting, stop);
    if (!sent.ok()) return sent;
    std::cout << "sent: " << greeting << std::endl;
    if (i < count) stopped.WaitForNotificationWithTimeout(absl::GetFlag(FLAGS_interval));
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = Publish(examples::StopOnCtrlC());
  if (status.ok() || absl::IsCancelled(status)) return 0;
  std::cerr << "publisher: " << status << std::endl;
  return 1;
}
