// SPDX-License-Identifier: MIT

// c [ROUNDS]: what a pair of enqueue and dequeue of 64 bytes costs in C, through the shared
// library, beside C++ in the same process: a publisher and a subscriber in one thread, the two
// languages by turns. Then what loading the library and opening a first publisher take, in new
// processes.

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "benchmarks/harness/scratch.h"
#include "interprocess.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMessages = 200'000;
constexpr int kLoads = 21;

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, ipq_last_error());
  std::exit(1);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Nanoseconds for each of kMessages calls of `pair`, which returns whether it went well.
template <typename Pair>
double Measure(const char* what, const Pair& pair) {
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kMessages; ++i) {
    if (!pair()) Fail(what);
  }
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kMessages;
}

ipq_options OptionsIn(const std::string& directory) {
  ipq_options options;
  ipq_options_init(&options);
  options.name = "c";
  options.directory = directory.c_str();
  options.keep_undelivered = 0;
  return options;
}

void MeasurePairs(const std::string& directory, int rounds) {
  interprocess::QueueOptions cpp_options;
  cpp_options.name = "cpp";
  cpp_options.directory = directory;
  cpp_options.keep_undelivered = false;
  auto publisher = interprocess::Publisher::Open(cpp_options).value();
  auto subscriber = interprocess::Subscriber::Open(cpp_options).value();
  const ipq_options options = OptionsIn(directory);
  ipq_publisher* c_publisher;
  ipq_subscriber* c_subscriber;
  if (ipq_publisher_open(&options, &c_publisher) != IPQ_OK) Fail("open");
  if (ipq_subscriber_open(&options, &c_subscriber) != IPQ_OK) Fail("open");

  uint8_t message[64] = {}, buffer[64];
  const auto cpp = [&] {
    return publisher.TryEnqueue(absl::MakeConstSpan(message)).ok() &&
           subscriber.TryDequeue(absl::MakeSpan(buffer)).ok();
  };
  const auto c = [&] {
    return ipq_publisher_try_enqueue(c_publisher, message, sizeof message) == IPQ_OK &&
           ipq_subscriber_try_dequeue(c_subscriber, buffer, sizeof buffer, nullptr) == IPQ_OK;
  };
  std::vector<double> cpp_ns, c_ns, ratios;
  for (int round = -1; round < rounds; ++round) {
    // By turns also in which one is first.
    const bool cpp_first = round % 2 == 0;
    double first = cpp_first ? Measure("C++", cpp) : Measure("C", c);
    double second = cpp_first ? Measure("C", c) : Measure("C++", cpp);
    if (!cpp_first) std::swap(first, second);
    if (round < 0) continue;  // the first one warms up
    cpp_ns.push_back(first);
    c_ns.push_back(second);
    ratios.push_back(second / first);
  }
  std::printf("enqueue + dequeue, 64 B, ns: C++ %.1f, C %.1f; C / C++ %.3f\n", Median(cpp_ns),
              Median(c_ns), Median(ratios));
  ipq_publisher_free(c_publisher);
  ipq_subscriber_free(c_subscriber);
}

// Milliseconds that loading the library from `path` and opening a publisher take in this process.
double LoadAndOpen(const char* path, const std::string& directory) {
  const Clock::time_point start = Clock::now();
  void* library = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(1);
  }
  const auto open =
      reinterpret_cast<decltype(&ipq_publisher_open)>(dlsym(library, "ipq_publisher_open"));
  const auto init =
      reinterpret_cast<decltype(&ipq_options_init_sized)>(dlsym(library, "ipq_options_init_sized"));
  ipq_options options;
  init(&options, sizeof options, IPQ_VERSION);
  options.name = "load";
  options.directory = directory.c_str();
  options.keep_undelivered = 0;
  ipq_publisher* publisher;
  if (open(&options, &publisher) != IPQ_OK) std::exit(1);
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void MeasureLoads(const std::string& directory) {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&ipq_version), &info) == 0) Fail("dladdr");
  std::vector<double> times;
  for (int i = 0; i < kLoads; ++i) {
    int ends[2];
    if (pipe(ends) != 0) Fail("pipe");
    const pid_t child = fork();
    if (child == 0) {
      // A namespace of its own, with a C library of its own: nothing is loaded there yet.
      const double time = LoadAndOpen(info.dli_fname, directory);
      _exit(write(ends[1], &time, sizeof time) == sizeof time ? 0 : 1);
    }
    double time = 0;
    if (read(ends[0], &time, sizeof time) != sizeof time) Fail("a child");
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    times.push_back(time);
  }
  std::printf("load and first open, ms: median %.2f, longest %.2f\n", Median(times),
              *std::max_element(times.begin(), times.end()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string& directory = interprocess::benchmarks::ScratchDirectory();
  MeasurePairs(directory, argc > 1 ? std::atoi(argv[1]) : 31);
  MeasureLoads(directory);
}
