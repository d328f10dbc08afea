// SPDX-License-Identifier: MIT

// A round trip between two processes that sleep until the other speaks: by a queue each way, and by
// a bare semaphore of the system each way, in turn. Runs on every system, also where a figure is an
// emulator's and only the ratio of the two says something.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "core/platform/semaphore.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/tools/child.h"

namespace interprocess::benchmarks {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);
constexpr char kUsage[] =
    "sleeping [ROUNDS [TRIPS]]: how often each is measured (5), and its round trips (2000)";
constexpr char kMessage[65] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

template <typename T>
T Checked(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

WaitOptions AtOnce() {
  WaitOptions wait(kPatience);
  wait.spin = absl::ZeroDuration();
  return wait;
}

class Queues {
 public:
  Queues(const std::string& directory, const char* out, const char* in)
      : out_(Checked(Publisher::Open(Options(directory, out)))),
        in_(Checked(Subscriber::Open(Options(directory, in)))) {}

  void Say() { Check(out_.Enqueue(kMessage)); }
  void Hear() {
    if (Checked(in_.Dequeue(AtOnce())) != kMessage) Check(absl::DataLossError("another message"));
  }

 private:
  static QueueOptions Options(const std::string& directory, const char* name) {
    QueueOptions options{name};
    options.directory = directory;
    return options;
  }

  Publisher out_;
  Subscriber in_;
};

class Semaphores {
 public:
  Semaphores(const std::string& directory, const char* out, const char* in)
      : out_(Open(directory, out)), in_(Open(directory, in)) {}

  void Say() { Check(out_.Post()); }
  void Hear() {
    if (!Checked(in_.Wait(absl::ToInt64Nanoseconds(kPatience)))) {
      Check(absl::DeadlineExceededError("no answer"));
    }
  }

  static std::string Name(const std::string& directory, const char* name) {
    return absl::StrCat(std::filesystem::u8path(directory).filename().u8string(), "-", name);
  }

 private:
  static platform::NamedSemaphore Open(const std::string& directory, const char* name) {
    return Checked(platform::NamedSemaphore::Open(Name(directory, name), {}));
  }

  platform::NamedSemaphore out_;
  platform::NamedSemaphore in_;
};

struct Counts {
  int rounds = 5;
  int trips = 2000;
};

// Nanoseconds, the median.
template <typename Pair>
int64_t Ask(Pair& pair, int count) {
  std::vector<int64_t> trips;
  for (int trip = 0; trip < count; ++trip) {
    const int64_t start = platform::MonotonicNanos();
    pair.Say();
    pair.Hear();
    trips.push_back(platform::MonotonicNanos() - start);
  }
  std::sort(trips.begin(), trips.end());
  return trips[trips.size() / 2];
}

template <typename Pair>
void Answer(Pair& pair, int count) {
  for (int trip = 0; trip < count; ++trip) {
    pair.Hear();
    pair.Say();
  }
}

int AnswerAll(const Counts& counts, const std::string& directory) {
  Queues queues(directory, "back", "there");
  Semaphores semaphores(directory, "back", "there");
  for (int round = 0; round < counts.rounds; ++round) {
    Answer(queues, counts.trips);
    Answer(semaphores, counts.trips);
  }
  return 0;
}

int AskAll(const Counts& counts, const std::string& program) {
  const std::filesystem::path made =
      std::filesystem::temp_directory_path() / absl::StrCat("sleeping-", platform::ProcessId());
  const std::string directory = made.u8string();
  std::filesystem::create_directory(made);
  int code = 1;
  {
    Queues queues(directory, "there", "back");
    Semaphores semaphores(directory, "there", "back");
    testing_tools::Child child(
        {program, absl::StrCat(counts.rounds), absl::StrCat(counts.trips), directory}, {-1, 1, 2});
    std::vector<double> ratios;
    for (int round = 0; round < counts.rounds; ++round) {
      const int64_t by_queue = Ask(queues, counts.trips);
      const int64_t by_semaphore = Ask(semaphores, counts.trips);
      ratios.push_back(static_cast<double>(by_queue) / static_cast<double>(by_semaphore));
      std::printf("queue %.1f us, semaphores %.1f us, ratio %.2f\n",
                  static_cast<double>(by_queue) / 1000, static_cast<double>(by_semaphore) / 1000,
                  ratios.back());
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("median ratio %.2f\n", ratios[ratios.size() / 2]);
    code = child.Wait();
  }
  for (const char* name : {"there", "back"}) {
    Check(platform::NamedSemaphore::Remove(Semaphores::Name(directory, name)));
  }
  std::filesystem::remove_all(made);
  return code;
}

int Main(int argc, char** argv) {
  Counts counts;
  if ((argc > 1 && !(absl::SimpleAtoi(argv[1], &counts.rounds) && counts.rounds > 0)) ||
      (argc > 2 && !(absl::SimpleAtoi(argv[2], &counts.trips) && counts.trips > 0))) {
    std::fprintf(stderr, "%s\n", kUsage);
    return 2;
  }
  return argc > 3 ? AnswerAll(counts, argv[3]) : AskAll(counts, argv[0]);
}

}  // namespace
}  // namespace interprocess::benchmarks

int main(int argc, char** argv) { return interprocess::benchmarks::Main(argc, argv); }
