// SPDX-License-Identifier: MIT

// A bridge that kills itself at a step: the library with its steps named, as a program.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/stop_token.h"
#include "interprocess/subscriber.h"
#include "tools/jetstream/address.h"
#include "tools/jetstream/client.h"
#include "tools/jetstream/observer.h"
#include "tools/jetstream/queue_to_stream.h"
#include "tools/jetstream/step.h"
#include "tools/jetstream/stream_to_queue.h"

ABSL_FLAG(std::string, folder, "", "the queue's");
ABSL_FLAG(std::string, queue, "", "its name");
ABSL_FLAG(std::string, stream, "", "the stream's address");
ABSL_FLAG(bool, to_queue, false, "from the stream to the queue");
ABSL_FLAG(std::string, step, "", "where to kill itself");
ABSL_FLAG(int, passing, 1, "at which passing of the step");
ABSL_FLAG(absl::Duration, pace, absl::ZeroDuration(), "how long each batch to the queue takes");

namespace testing_jetstream {
namespace {

absl::Duration pace;
std::string step_to_die_at;
std::atomic<int> passings_left{0};

void MayDie(const char* step) {
  if (pace > absl::ZeroDuration() && absl::string_view(step) == "to_queue.enqueued") {
    absl::SleepFor(pace);
  }
  if (step_to_die_at == step && passings_left.fetch_sub(1) == 1) kill(getpid(), SIGKILL);
}

class Quiet final : public jetstream::Observer {
 public:
  void Moved(uint64_t, uint64_t) override {}
  void Waiting(absl::string_view) override {}
  void Happened(const nlohmann::json&) override {}
};

// Until nothing is left to be moved.
absl::Status Move() {
  ABSL_ASSIGN_OR_RETURN(const jetstream::Address address,
                        jetstream::ParseAddress(absl::GetFlag(FLAGS_stream)));
  jetstream::ConnectOptions connect;
  connect.servers = address.servers;
  ABSL_ASSIGN_OR_RETURN(const auto client, jetstream::Client::Connect(connect));
  interprocess::QueueOptions queue;
  queue.directory = absl::GetFlag(FLAGS_folder);
  queue.name = absl::GetFlag(FLAGS_queue);
  queue.capacity = 1 << 20;
  jetstream::StreamOptions stream;
  stream.stream = address.stream;
  stream.create = true;
  Quiet observer;
  if (!absl::GetFlag(FLAGS_to_queue)) {
    jetstream::QueueToStreamOptions options;
    options.queue = queue;
    options.stream = stream;
    options.idle = absl::Milliseconds(500);
    ABSL_ASSIGN_OR_RETURN(auto from, interprocess::Subscriber::Open(queue));
    ABSL_ASSIGN_OR_RETURN(const auto bridge, jetstream::QueueToStream::Open(
                                                 *client, std::move(from), options, observer));
    return bridge->Run(interprocess::StopToken());
  }
  jetstream::StreamToQueueOptions options;
  options.queue = queue;
  options.stream = stream;
  options.consumer.stream = stream.stream;
  options.consumer.name = "ipq";
  options.consumer.create = true;
  options.consumer.ack_wait = absl::Seconds(1);
  options.headers = true;
  options.idle = absl::Milliseconds(500);
  ABSL_ASSIGN_OR_RETURN(auto to, interprocess::Publisher::Open(queue));
  ABSL_ASSIGN_OR_RETURN(const auto bridge,
                        jetstream::StreamToQueue::Open(*client, std::move(to), options, observer));
  return bridge->Run(interprocess::StopToken());
}

}  // namespace
}  // namespace testing_jetstream

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  testing_jetstream::pace = absl::GetFlag(FLAGS_pace);
  testing_jetstream::step_to_die_at = absl::GetFlag(FLAGS_step);
  testing_jetstream::passings_left = absl::GetFlag(FLAGS_passing);
  jetstream::step_hook = &testing_jetstream::MayDie;
  const absl::Status status = testing_jetstream::Move();
  if (absl::IsDeadlineExceeded(status)) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
