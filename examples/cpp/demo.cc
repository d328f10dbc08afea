// Publishers and subscribers, each a process, pass a million messages through one queue, and it is
// checked that each came once, and each publisher's in order. Then they pass some at leisure, and
// it is measured how long each took. Exits with 1 if something is wrong.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "examples/cpp/demo_worker.h"
#include "hdr/hdr_histogram.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"

ABSL_FLAG(uint64_t, messages, 1000000, "How many messages to pass as fast as it goes.");
ABSL_FLAG(uint64_t, timed, 10000, "How many messages to pass at leisure.");
ABSL_FLAG(uint32_t, publishers, 2, "How many publishers, 1 to 16.");
ABSL_FLAG(uint32_t, subscribers, 2, "How many subscribers, 1 to 16.");
ABSL_FLAG(std::string, dir, "", "The directory of the queues; the default one if empty.");

// The demo starts itself with these, once for each publisher and subscriber.
ABSL_FLAG(std::string, role, "", "Internal: publisher or subscriber.");
ABSL_FLAG(std::string, name, "", "Internal: the queue.");
ABSL_FLAG(uint32_t, index, 0, "Internal: the publisher's number.");
ABSL_FLAG(uint64_t, count, 0, "Internal: messages of each publisher.");
ABSL_FLAG(absl::Duration, pace, absl::ZeroDuration(), "Internal: the time between messages.");

extern char** environ;

namespace examples {
namespace {

// Starts this program again, as a publisher or subscriber: its process id.
absl::StatusOr<pid_t> Start(const Round& round, const std::string& role, uint32_t index) {
  std::vector<std::string> arguments = {
      "demo",
      absl::StrCat("--role=", role),
      absl::StrCat("--dir=", round.directory),
      absl::StrCat("--name=", round.name),
      absl::StrCat("--index=", index),
      absl::StrCat("--publishers=", round.publishers),
      absl::StrCat("--subscribers=", round.subscribers),
      absl::StrCat("--count=", round.count),
      absl::StrCat("--pace=", absl::FormatDuration(round.pace)),
  };
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  // Ctrl-C, which this process ignores, ends its children.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, "/proc/self/exe", nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return absl::ErrnoToStatus(error, "posix_spawn");
  return child;
}

absl::Status WaitFor(const std::vector<pid_t>& children) {
  absl::Status status;
  for (pid_t child : children) {
    int result = 0;
    while (waitpid(child, &result, 0) < 0 && errno == EINTR) {
    }
    if (result != 0) status = absl::InternalError(absl::StrCat("process ", child, " failed"));
  }
  return status;
}

// Runs the processes of a round: what its subscribers saw.
absl::StatusOr<std::vector<Result>> Run(const Round& round) {
  // Held open from before the first process comes until the last has gone: a queue whose last
  // participant leaves it empty is removed.
  absl::StatusOr<interprocess::Publisher> publisher =
      interprocess::Publisher::Open(round.MessagesQueue());
  if (!publisher.ok()) return publisher.status();
  absl::StatusOr<interprocess::Subscriber> results =
      interprocess::Subscriber::Open(round.ResultsQueue());
  if (!results.ok()) return results.status();
  const absl::Cleanup remove = [&round] {
    for (const interprocess::QueueOptions& queue : {round.MessagesQueue(), round.ResultsQueue()}) {
      interprocess::RemoveQueue(queue.name, queue.directory).IgnoreError();
    }
  };

  std::vector<pid_t> receiving;
  std::vector<pid_t> sending;
  for (uint32_t i = 0; i < round.subscribers + round.publishers; ++i) {
    const bool receives = i < round.subscribers;
    absl::StatusOr<pid_t> child =
        receives ? Start(round, "subscriber", 0) : Start(round, "publisher", i - round.subscribers);
    if (!child.ok()) return child.status();
    (receives ? receiving : sending).push_back(*child);
  }

  absl::Status status = WaitFor(sending);
  // Behind all that the publishers sent: one for each subscriber.
  for (uint32_t i = 0; i < round.subscribers; ++i) {
    const Message end = {Message::kEnd, 0, 0, 0};
    status.Update(publisher->Enqueue(end.bytes(), kPatience));
  }
  status.Update(WaitFor(receiving));
  if (!status.ok()) return status;

  std::vector<Result> seen;
  for (uint32_t i = 0; i < round.subscribers; ++i) {
    absl::StatusOr<std::string> bytes = results->Dequeue(kPatience);
    if (!bytes.ok()) return bytes.status();
    absl::StatusOr<Result> result = Result::Parse(round, *bytes);
    if (!result.ok()) return result.status();
    seen.push_back(*std::move(result));
  }
  return seen;
}

// Each message must have come to one subscriber, once.
absl::Status CheckComplete(const Round& round, const std::vector<Result>& results) {
  for (uint32_t publisher = 0; publisher < round.publishers; ++publisher) {
    for (uint64_t sequence = 0; sequence < round.count; ++sequence) {
      int times = 0;
      for (const Result& result : results) times += result.seen[publisher][sequence];
      if (times == 1) continue;
      return absl::InternalError(absl::StrCat("publisher ", publisher, "'s message ", sequence,
                                              " came to ", times, " subscribers"));
    }
  }
  return absl::OkStatus();
}

void PrintRate(const Round& round, const std::vector<Result>& results) {
  int64_t first_ns = std::numeric_limits<int64_t>::max();
  int64_t last_ns = 0;
  std::string shares;
  for (const Result& result : results) {
    first_ns = std::min(first_ns, result.first_sent_ns);
    last_ns = std::max(last_ns, result.last_received_ns);
    absl::StrAppend(&shares, shares.empty() ? "" : " + ", result.received);
  }
  const uint64_t messages = round.publishers * round.count;
  const double seconds = static_cast<double>(last_ns - first_ns) / 1e9;
  absl::PrintF("%d messages (%s) of %d bytes in %.3f s: %.2f million a second\n", messages, shares,
               sizeof(Message), seconds, static_cast<double>(messages) / seconds / 1e6);
}

absl::Status PrintLatencies(const std::vector<Result>& results) {
  hdr_histogram* made = nullptr;
  constexpr int64_t kHighestNs = 60'000'000'000;
  if (hdr_init(1, kHighestNs, 3, &made) != 0) return absl::ResourceExhaustedError("histogram");
  const std::unique_ptr<hdr_histogram, decltype(&hdr_close)> histogram(made, hdr_close);
  for (const Result& result : results) {
    for (int64_t latency_ns : result.latencies_ns) hdr_record_value(made, latency_ns);
  }
  absl::PrintF("latency of %d messages, one at a time, subscribers asleep (microseconds):\n",
               made->total_count);
  for (double percentile : {50.0, 90.0, 99.0, 99.9, 100.0}) {
    absl::PrintF("  %5.1f %%  %9.1f\n", percentile,
                 static_cast<double>(hdr_value_at_percentile(made, percentile)) / 1e3);
  }
  return absl::OkStatus();
}

absl::Status Demo() {
  const uint32_t publishers = absl::GetFlag(FLAGS_publishers);
  const uint32_t subscribers = absl::GetFlag(FLAGS_subscribers);
  if (publishers < 1 || publishers > 16 || subscribers < 1 || subscribers > 16) {
    return absl::InvalidArgumentError("--publishers and --subscribers are 1 to 16");
  }
  // It ends the children, and then this process cleans up.
  signal(SIGINT, SIG_IGN);

  Round fast;
  fast.directory = absl::GetFlag(FLAGS_dir);
  fast.name = absl::StrCat("demo-", getpid());
  fast.publishers = publishers;
  fast.subscribers = subscribers;
  fast.count = absl::GetFlag(FLAGS_messages) / publishers;
  absl::PrintF("%d publishers and %d subscribers, each a process, share one queue\n", publishers,
               subscribers);
  absl::StatusOr<std::vector<Result>> results = Run(fast);
  if (!results.ok()) return results.status();
  if (absl::Status complete = CheckComplete(fast, *results); !complete.ok()) return complete;
  PrintRate(fast, *results);

  Round paced = fast;
  paced.name += "-paced";
  paced.count = absl::GetFlag(FLAGS_timed) / publishers;
  paced.pace = absl::Microseconds(200);
  results = Run(paced);
  if (!results.ok()) return results.status();
  if (absl::Status complete = CheckComplete(paced, *results); !complete.ok()) return complete;
  if (absl::Status printed = PrintLatencies(*results); !printed.ok()) return printed;
  absl::PrintF("each message came exactly once, and each publisher's in order\n");
  return absl::OkStatus();
}

absl::Status RunRole() {
  Round round;
  round.directory = absl::GetFlag(FLAGS_dir);
  round.name = absl::GetFlag(FLAGS_name);
  round.publishers = absl::GetFlag(FLAGS_publishers);
  round.subscribers = absl::GetFlag(FLAGS_subscribers);
  round.count = absl::GetFlag(FLAGS_count);
  round.pace = absl::GetFlag(FLAGS_pace);
  const std::string role = absl::GetFlag(FLAGS_role);
  if (role == "") return Demo();
  if (role == "publisher") return RunPublisher(round, absl::GetFlag(FLAGS_index));
  if (role == "subscriber") return RunSubscriber(round);
  return absl::InvalidArgumentError(absl::StrCat("there is no role ", role));
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = examples::RunRole();
  if (status.ok()) return 0;
  std::cerr << "demo: " << status << std::endl;
  return 1;
}
