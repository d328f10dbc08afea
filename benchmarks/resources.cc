// SPDX-License-Identifier: MIT

#include "benchmarks/resources.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/latency.h"
#include "benchmarks/harness/machine.h"
#include "benchmarks/harness/opened.h"
#include "benchmarks/harness/payload.h"
#include "benchmarks/harness/same_thread.h"
#include "benchmarks/harness/shared_memory.h"
#include "benchmarks/harness/throughput.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"

namespace interprocess::benchmarks {
namespace {

constexpr int kMaxIdle = 16;

double CpuMillis() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto millis = [](const timeval& time) { return time.tv_sec * 1e3 + time.tv_usec / 1e3; };
  return millis(usage.ru_utime) + millis(usage.ru_stime);
}

double PrivateKibibytes() {
  std::ifstream maps("/proc/self/smaps_rollup");
  double total = 0;
  for (std::string line; std::getline(maps, line);) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "Private_Clean:") &&
        !absl::ConsumePrefix(&rest, "Private_Dirty:")) {
      continue;
    }
    double value = 0;
    if (absl::ConsumeSuffix(&rest, "kB") && absl::SimpleAtod(rest, &value)) total += value;
  }
  if (total == 0) FailMeasurement("/proc/self/smaps_rollup tells nothing");
  return total;
}

// Fills the queue, so that all its pages are in this process's memory too, and stays.
void HoldFull(const QueueOptions& options, Scoreboard* board) {
  Publisher publisher = Opened(Publisher::Open(options));
  const std::vector<uint8_t> message(1000, 0x5a);
  while (publisher.TryEnqueue(message).ok()) {
  }
  board->ready.fetch_add(1, std::memory_order_release);
  while (!board->stop.load(std::memory_order_acquire)) absl::SleepFor(absl::Milliseconds(1));
}

double ReadAll(const QueueOptions& options) {
  (void)PrivateKibibytes();  // what reading the numbers takes for itself comes before
  const double before = PrivateKibibytes();
  Subscriber subscriber = Opened(Subscriber::Open(options));
  uint8_t buffer[1000];
  int64_t messages = 0;
  while (subscriber.TryDequeue(absl::MakeSpan(buffer)).ok()) ++messages;
  if (messages < options.capacity / 1024) FailMeasurement("the queue was not full");
  return PrivateKibibytes() - before;
}

}  // namespace

absl::StatusOr<std::vector<double>> MeasureIdleCpu(Protocol protocol, int subscribers,
                                                   absl::Duration wait) {
  if (subscribers > kMaxIdle) return absl::InvalidArgumentError("too many idle subscribers");
  Shared<std::array<double, kMaxIdle>> results;
  Crew crew;
  for (int i = 0; i < subscribers; ++i) {
    QueueOptions options = NewQueue(kDefaultCapacity);
    options.protocol = protocol;
    crew.Start(CoreOfWorker(i), [&results, options, i, wait] {
      Subscriber subscriber = Opened(Subscriber::Open(options));
      uint8_t buffer[64];
      const double before = CpuMillis();
      const absl::StatusOr<size_t> taken =
          subscriber.Dequeue(absl::MakeSpan(buffer), WaitOptions(wait));
      (*results)[i] = CpuMillis() - before;
      if (!absl::IsDeadlineExceeded(taken.status())) FailMeasurement("the wait ended too early");
    });
  }
  absl::SleepFor(wait);
  absl::Status status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return std::vector<double>(results->begin(), results->begin() + subscribers);
}

absl::StatusOr<double> MeasureAttach(int64_t capacity, int times) {
  const QueueOptions options = NewQueue(capacity);
  return MeasureInWorker(absl::ZeroDuration(), [&] {
    Publisher holder = Opened(Publisher::Open(options));
    LatencyRecorder recorder;
    for (int i = 0; i < times; ++i) {
      const int64_t start = NowNanos();
      Opened(Subscriber::Open(options)).Close().IgnoreError();
      recorder.Record(NowNanos() - start);
    }
    return recorder.Summary().p50 / 1e3;
  });
}

absl::StatusOr<double> MeasureMake(int64_t capacity, int times) {
  QueueOptions options = NewQueue(capacity);
  options.mode = OpenMode::kCreateNew;
  return MeasureInWorker(absl::ZeroDuration(), [&] {
    LatencyRecorder recorder;
    for (int i = 0; i < times; ++i) {
      const int64_t start = NowNanos();
      Publisher publisher = Opened(Publisher::Open(options));
      recorder.Record(NowNanos() - start);
    }
    return recorder.Summary().p50 / 1e3;
  });
}

absl::StatusOr<double> MeasurePrivateMemory(int64_t capacity) {
  const QueueOptions options = NewQueue(capacity);
  Shared<Scoreboard> board;
  Shared<double> result;
  Crew crew;
  crew.Start(CoreOfWorker(0), [&] { HoldFull(options, board.get()); });
  absl::Status status = crew.WaitUntil(
      [&] { return board->ready.load(std::memory_order_acquire) == 1; }, kHangTimeout);
  if (!status.ok()) return status;
  crew.Start(CoreOfWorker(1), [&] {
    *result = ReadAll(options);
    board->stop.store(true, std::memory_order_release);
  });
  status = crew.WaitForAll(kHangTimeout);
  if (!status.ok()) return status;
  return *result;
}

absl::StatusOr<double> MeasureFileSize(int64_t capacity) {
  const QueueOptions options = NewQueue(capacity);
  return MeasureInWorker(absl::ZeroDuration(), [&] {
    Publisher publisher = Opened(Publisher::Open(options));
    struct stat file;
    if (stat(absl::StrCat(options.directory, "/", options.name, ".ipq").c_str(), &file) != 0) {
      FailMeasurement("the queue's file is not where it should be");
    }
    return static_cast<double>(file.st_size);
  });
}

}  // namespace interprocess::benchmarks
