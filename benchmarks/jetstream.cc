// SPDX-License-Identifier: MIT

// The bridges between queues and NATS JetStream: messages a second, latency, and what an idle one
// costs, beside the client's own synchronous publish. Prints each figure with its bar.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tools/jetstream/client.h"

ABSL_FLAG(int, small, 300'000, "how many messages of 64 bytes");
ABSL_FLAG(int, large, 3'000, "how many of 64 KiB");
ABSL_FLAG(int, round_trips, 2'000, "how many messages one after the other, for the latency");
ABSL_FLAG(std::string, store, "/tmp", "where the server keeps its files for the time");
ABSL_FLAG(absl::Duration, idle, absl::Seconds(10), "for how long an idle bridge is watched");

namespace {

using interprocess::Publisher;
using interprocess::QueueInspector;
using interprocess::QueueOptions;
using interprocess::Subscriber;
using jetstream::Client;
using testing_jetstream::NatsServer;
using testing_tools::Child;
using testing_tools::Eventually;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void Print(const std::string& what, double value, const char* unit, const std::string& bar) {
  std::printf("%-52s %12.1f %-8s %s\n", what.c_str(), value, unit, bar.c_str());
}

class Bench {
 public:
  Bench(std::string folder, std::string store)
      : folder_(std::move(folder)), store_(std::move(store)), server_(ServerOptions()) {}

  void Throughput(const char* name, int count, size_t size, double bar, bool bytes) {
    const std::string message(size, 'x');
    const int64_t capacity = static_cast<int64_t>(count) * static_cast<int64_t>(size) * 2;
    auto publisher = Publisher::Open(Queue("there", capacity));
    for (int i = 0; i < count; ++i) {
      if (!publisher->TryEnqueue(message).ok()) std::abort();
    }
    // Made now: to reserve the file's memory takes as long as to move what it holds.
    Subscriber subscriber = *Subscriber::Open(Queue("back", capacity));
    const auto rate = [&](double seconds) {
      return count * (bytes ? static_cast<double>(size) / 1e6 : 1.0) / seconds;
    };
    const char* unit = bytes ? "MB/s" : "msg/s";
    const std::string wanted = absl::StrCat("at least ", bar);
    Clock::time_point begin = Clock::now();
    Run({"bridge", "there", server_.Url(name), "--create", absl::StrCat("--count=", count)});
    Print(absl::StrCat("queue to stream, ", size, " B"), rate(SecondsSince(begin)), unit, wanted);
    begin = Clock::now();
    Run({"bridge", server_.Url(name), "back", "--create", absl::StrCat("--count=", count),
         absl::StrCat("--capacity=", capacity)});
    Print(absl::StrCat("stream to queue, ", size, " B"), rate(SecondsSince(begin)), unit, wanted);

    // Both at once, with those who send and receive.
    while (subscriber.TryDequeue().ok()) {
    }
    const Child there = Start({"bridge", "there", server_.Url(name), "--follow"});
    const Child back = Start({"bridge", server_.Url(name), "back", "--follow"});
    begin = Clock::now();
    int received = 0;
    for (int sent = 0; received < count;) {
      bool idle = true;
      for (int i = 0; i < 256 && sent < count && publisher->TryEnqueue(message).ok(); ++i) {
        ++sent;
        idle = false;
      }
      for (int i = 0; i < 256 && subscriber.TryDequeue().ok(); ++i) {
        ++received;
        idle = false;
      }
      if (idle) absl::SleepFor(absl::Milliseconds(1));
    }
    Print(absl::StrCat("queue to stream to queue, ", size, " B"), rate(SecondsSince(begin)), unit,
          wanted);
  }

  void Latency() {
    const std::string message(64, 'x');
    const auto bytes =
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(message.data()), message.size());
    const int count = absl::GetFlag(FLAGS_round_trips);
    // Small, so that a look at all of it is quick.
    Publisher publisher = *Publisher::Open(Queue("there", 4096));
    const QueueInspector inspector = *QueueInspector::Open("there", folder_);
    Subscriber subscriber = *Subscriber::Open(Queue("back", 1 << 20));
    const Child there = Start({"bridge", "there", server_.Url("there"), "--create", "--follow"});
    const Child back = Start({"bridge", server_.Url("back"), "back", "--create", "--follow"});
    Eventually([&] {
      return !server_.Ask("$JS.API.STREAM.INFO.there").is_null() &&
             !server_.Ask("$JS.API.CONSUMER.INFO.back.ipq").is_null();
    });
    const std::unique_ptr<Client> client = server_.Connect();
    const double publish = Median(count, [&](int i) {
      if (!client
               ->Request("there", {{"Nats-Msg-Id", absl::StrCat("p", i)}}, bytes, absl::Seconds(5))
               .ok()) {
        std::abort();
      }
    });
    Print("the client's synchronous publish, p50", publish, "us", "");
    // Until the message is off the queue, which is when the server has acknowledged it.
    const double sent = Median(count, [&](int) {
      if (!publisher.TryEnqueue(message).ok()) std::abort();
      for (;;) {
        const auto report = inspector.Report();
        if (report->ready + report->claimed == 0) return;
      }
    });
    Print("queue to stream, until acknowledged, p50", sent, "us",
          absl::StrCat("at most ", 2 * publish));
    const double received = Median(count, [&](int i) {
      if (!client->Request("back", {{"Nats-Msg-Id", absl::StrCat("b", i)}}, bytes, absl::Seconds(5))
               .ok()) {
        std::abort();
      }
      if (!subscriber.Dequeue(absl::Seconds(5)).ok()) std::abort();
    });
    Print("publish, and stream to queue, p50", received, "us",
          absl::StrCat("at most ", 3 * publish, ", the publish included"));
  }

  void Idle() {
    Child there = Start({"bridge", "there", server_.Url("there"), "--create", "--follow"});
    Child back = Start({"bridge", server_.Url("back"), "back", "--create", "--follow"});
    absl::SleepFor(absl::Seconds(1));
    const double seconds = absl::ToDoubleSeconds(absl::GetFlag(FLAGS_idle));
    const double before[] = {CpuSeconds(there.id()), CpuSeconds(back.id())};
    absl::SleepFor(absl::GetFlag(FLAGS_idle));
    Print("idle bridge to a stream", 100 * (CpuSeconds(there.id()) - before[0]) / seconds, "% core",
          "below 1");
    Print("idle bridge from a stream", 100 * (CpuSeconds(back.id()) - before[1]) / seconds,
          "% core", "below 1");
  }

 private:
  NatsServer::Options ServerOptions() const {
    NatsServer::Options options;
    options.folder = store_;
    return options;
  }
  QueueOptions Queue(const char* name, int64_t capacity) const {
    QueueOptions options;
    options.name = name;
    options.directory = folder_;
    options.capacity = capacity;
    return options;
  }
  Child Start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {std::getenv("IPQ"), "--dir=" + folder_});
    return Child(arguments, {-1, -1, 2});
  }
  void Run(const std::vector<std::string>& arguments) const {
    if (Start(arguments).Wait() != 0) std::abort();
  }

  template <typename Step>
  static double Median(int count, const Step& step) {
    std::vector<double> all;
    for (int i = 0; i < count; ++i) {
      const Clock::time_point begin = Clock::now();
      step(i);
      all.push_back(SecondsSince(begin) * 1e6);
    }
    std::nth_element(all.begin(), all.begin() + count / 2, all.end());
    return all[static_cast<size_t>(count / 2)];
  }

  static double CpuSeconds(int process) {
    std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
    std::string text;
    std::getline(file, text);
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) rest >> skipped;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

  const std::string folder_;
  const std::string store_;
  const NatsServer server_;
};

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const std::string name = absl::StrCat("/ipq-jetstream-", getpid());
  const std::string folder = "/dev/shm" + name;
  const std::string store = absl::GetFlag(FLAGS_store) + name;
  std::filesystem::create_directories(folder);
  {
    Bench bench(folder, store);
    bench.Throughput("small", absl::GetFlag(FLAGS_small), 64, 50'000, false);
    bench.Throughput("large", absl::GetFlag(FLAGS_large), 64 << 10, 200, true);
    bench.Latency();
    bench.Idle();
  }
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(store);
}
