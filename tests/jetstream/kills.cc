// SPDX-License-Identifier: MIT

// Messages go from a queue to a stream and on to another queue, while both bridges and the server
// are killed at random moments. Each message has to arrive, the stream has to store it once, and
// those that arrive twice have to be marked and few.

#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "tests/jetstream/machines.h"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tools/jetstream/header_block.h"

ABSL_FLAG(uint64_t, messages, 20'000, "how many messages");
ABSL_FLAG(int, kills, 5, "how many kills, of a bridge or the server each");
ABSL_FLAG(bool, kill_server, true, "whether the server is killed too");
ABSL_FLAG(std::string, retention, "limits", "the stream's");
ABSL_FLAG(uint32_t, seed, 0, "of what is killed; 0: another in each run");
ABSL_FLAG(bool, machines, false, "whether the queues are on two machines, with a cable between");
ABSL_FLAG(absl::Duration, cut, absl::ZeroDuration(), "for how long the cable is cut, half-way");
ABSL_FLAG(absl::Duration, patience, absl::Seconds(90), "without a message for so long, it fails");

namespace testing_jetstream {
namespace {

using interprocess::QueueOptions;
using testing_tools::Child;
using testing_tools::Eventually;

constexpr char kStream[] = "kills";
// What a bridge to a queue may have enqueued and not noted as done (stream_to_queue.cc).
constexpr uint64_t kUnderWay = 256;
constexpr int64_t kCapacity = 16 << 20;

std::string MessageOf(uint64_t number) {
  return absl::StrFormat("%010d %053x", number, number * 0x9e3779b97f4a7c15);
}

class Run {
 public:
  Run(std::string folder, Machines* machines)
      : folder_(std::move(folder)),
        machines_(machines),
        messages_(absl::GetFlag(FLAGS_messages)),
        seen_(messages_),
        server_(ServerOptions()) {}

  bool Succeeds() {
    StartThere();
    StartBack();
    std::thread sender([this] { Send(); });
    std::thread receiver([this] { Receive(); });
    std::thread saboteur([this] { Kill(); });
    sender.join();
    receiver.join();
    saboteur.join();
    const bool drained =
        failed_ || Eventually([this] { return server_.Outstanding(kStream) == 0; });
    const uint64_t stored = server_.Stored(kStream);
    for (auto* bridge : {&there_, &back_}) {
      (*bridge)->Signal(SIGINT);
      if (const int code = (*bridge)->Wait(); code != 0) Fail(absl::StrCat("a bridge: ", code));
    }
    Drain();
    const uint64_t bound = kUnderWay * static_cast<uint64_t>(kills_of_back_);
    if (!drained) Fail("the stream has messages left");
    if (arrived_ != messages_) Fail("messages are lost");
    // A work queue forgets the ids of what was taken from it. A server that is killed before it
    // has acknowledged such a message stores it again; the bridge back recognises it.
    if ((absl::GetFlag(FLAGS_retention) == "limits" || kills_of_server_ == 0) &&
        stored != messages_) {
      Fail("the stream has stored messages twice, or not");
    }
    if (unmarked_ != 0) Fail("messages came twice without a mark");
    if (wrong_ != 0) Fail("messages have other bytes");
    if (repeats_ > bound) Fail("more came twice than were under way");
    std::printf(
        "%d messages, %d kills (%d of the bridge there, %d of the bridge back, %d of the server): "
        "%d arrived, %d stored, %d came twice (at most %d may), %d of these unmarked, %d wrong\n",
        static_cast<int>(messages_), absl::GetFlag(FLAGS_kills), kills_of_there_, kills_of_back_,
        kills_of_server_, static_cast<int>(arrived_), static_cast<int>(stored),
        static_cast<int>(repeats_), static_cast<int>(bound), static_cast<int>(unmarked_),
        static_cast<int>(wrong_));
    return !failed_;
  }

 private:
  NatsServer::Options ServerOptions() const {
    NatsServer::Options options;
    options.folder = folder_ + "/nats";
    if (machines_ != nullptr) options.address = Machines::address();
    return options;
  }

  QueueOptions Queue(const char* name) const {
    QueueOptions options;
    options.name = name;
    options.directory = folder_;
    options.capacity = kCapacity;
    return options;
  }

  static std::string Retention() {
    return absl::StrCat("--retention=", absl::GetFlag(FLAGS_retention));
  }

  void StartThere() {
    std::vector<std::string> argv = {std::getenv("IPQ"),
                                     "--dir=" + folder_,
                                     "bridge",
                                     "there",
                                     server_.Url(kStream),
                                     "--follow",
                                     "--create",
                                     absl::StrCat("--capacity=", kCapacity),
                                     Retention()};
    if (machines_ != nullptr) argv = machines_->OnFirst(argv);
    there_.emplace(argv, testing_tools::Stdio{-1, -1, 2});
  }

  void StartBack() {
    back_.emplace(std::vector<std::string>{std::getenv("IPQ"), "--dir=" + folder_, "bridge",
                                           server_.Url(kStream), "back", "--follow", "--create",
                                           "--headers", "--ack-wait=1s", Retention(),
                                           absl::StrCat("--capacity=", kCapacity)},
                  testing_tools::Stdio{-1, -1, 2});
  }

  void Send() {
    auto publisher = interprocess::Publisher::Open(Queue("there"));
    for (uint64_t i = 0; i < messages_ && !failed_; ++i) {
      absl::Status sent;
      do {
        sent = publisher->Enqueue(MessageOf(i), absl::Seconds(1));
      } while (absl::IsDeadlineExceeded(sent) && !failed_);
      if (!sent.ok() && !failed_) return Fail(absl::StrCat("send: ", sent.ToString()));
    }
  }

  void Receive() {
    auto subscriber = interprocess::Subscriber::Open(Queue("back"));
    while (arrived_ < messages_ && !failed_) {
      const auto message = subscriber->Dequeue(absl::GetFlag(FLAGS_patience));
      if (!message.ok()) {
        return Fail(absl::StrCat("receive, after ", arrived_.load(),
                                 " messages: ", message.status().ToString()));
      }
      Account(*message);
    }
  }

  // What is still there came twice.
  void Drain() {
    auto subscriber = interprocess::Subscriber::Open(Queue("back"));
    for (;;) {
      const auto message = subscriber->Dequeue(absl::Milliseconds(50));
      if (!message.ok()) return;
      Account(*message);
    }
  }

  void Account(absl::string_view message) {
    bool marked = false;
    for (const auto& [name, value] : jetstream::TakeHeaderBlock(message)) {
      marked |= name == jetstream::kRedelivered;
    }
    uint64_t number;
    if (!absl::SimpleAtoi(message.substr(0, 10), &number) || number >= messages_ ||
        message != MessageOf(number)) {
      ++wrong_;
    } else if (!seen_[number]) {
      seen_[number] = true;
      ++arrived_;
    } else {
      ++repeats_;
      if (!marked) ++unmarked_;
    }
  }

  // By progress, not by time: so that each kill meets messages under way.
  void Kill() {
    uint32_t seed = absl::GetFlag(FLAGS_seed);
    if (seed == 0) seed = std::random_device()();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const int kills = absl::GetFlag(FLAGS_kills);
    bool cut = absl::GetFlag(FLAGS_cut) == absl::ZeroDuration() || machines_ == nullptr;
    for (int i = 0; i < kills; ++i) {
      const uint64_t step = messages_ / static_cast<uint64_t>(kills + 1);
      const uint64_t when = step * static_cast<uint64_t>(i) + random() % step;
      while (arrived_ < when && !failed_) absl::SleepFor(absl::Microseconds(500));
      if (failed_) return;
      switch (random() % (absl::GetFlag(FLAGS_kill_server) ? 3 : 2)) {
        case 0:
          there_->Signal(testing_tools::kKill);
          there_->Wait();
          StartThere();
          ++kills_of_there_;
          break;
        case 1:
          back_->Signal(testing_tools::kKill);
          back_->Wait();
          StartBack();
          ++kills_of_back_;
          break;
        default:
          server_.Kill();
          server_.Start();
          ++kills_of_server_;
      }
      if (!cut && i >= kills / 2) {
        machines_->CutCable();
        absl::SleepFor(absl::GetFlag(FLAGS_cut));
        machines_->MendCable();
        cut = true;
      }
    }
  }

  void Fail(const std::string& why) {
    std::printf("FAILED: %s\n", why.c_str());
    failed_ = true;
  }

  const std::string folder_;
  Machines* const machines_;
  const uint64_t messages_;
  std::vector<bool> seen_;
  NatsServer server_;
  std::optional<Child> there_;
  std::optional<Child> back_;
  std::atomic<bool> failed_{false};
  std::atomic<uint64_t> arrived_{0};
  uint64_t repeats_ = 0;
  uint64_t unmarked_ = 0;
  uint64_t wrong_ = 0;
  int kills_of_there_ = 0;
  int kills_of_back_ = 0;
  int kills_of_server_ = 0;
};

int Main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::unique_ptr<Machines> machines;
  if (absl::GetFlag(FLAGS_machines)) {
    std::string why;
    machines = Machines::Make(why);
    if (machines == nullptr) {
      std::printf("SKIPPED: two machines: %s\n", why.c_str());
      return 0;
    }
  }
  const char* root = std::getenv("TEST_TMPDIR");
  const std::string folder =
      absl::StrCat(root != nullptr ? root : "/tmp", "/ipq-kills-", std::random_device()());
  std::filesystem::create_directories(folder);
  bool succeeded;
  {
    Run run(folder, machines.get());
    succeeded = run.Succeeds();
  }
  if (succeeded) std::filesystem::remove_all(folder);
  return succeeded ? 0 : 1;
}

}  // namespace
}  // namespace testing_jetstream

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return testing_jetstream::Main();
}
