// SPDX-License-Identifier: MIT

// Live queues shared with the reference peers, which are written in another language from the
// format's description and not from this code.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/step.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess {
namespace {

constexpr int kMessages = 100'000;
constexpr int64_t kCapacity = 65536;

// As peer.py has them.
size_t SizeOf(uint32_t index) {
  if (index % 1000 == 999) return kCapacity - 8;
  uint32_t mixed = index * 2654435761u + 12345u;
  mixed ^= mixed >> 15;
  return mixed % 1000;
}
std::string Message(uint32_t index) {
  const size_t size = SizeOf(index);
  std::string text(4 + size, '\0');
  std::memcpy(text.data(), &index, 4);
  for (size_t i = 0; i < size; ++i) text[4 + i] = static_cast<char>(index * 7 + i);
  text.resize(size);
  return text;
}

int StatusOf(pid_t process) {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// A reference peer's process. Killed by the destructor if it still runs.
class Peer {
 public:
  Peer(const QueueOptions& options, const std::string& command) {
    int in[2], out[2];
    EXPECT_EQ(pipe(in), 0);
    EXPECT_EQ(pipe(out), 0);
    std::vector<std::string> arguments = {"python3",
                                          "-B",
                                          "tests/interop/reference/peer.py",
                                          command,
                                          ProtocolName(options.protocol),
                                          options.directory,
                                          options.name,
                                          absl::StrCat(options.capacity),
                                          absl::StrCat(kMessages)};
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      for (int end : {in[0], in[1], out[0], out[1]}) close(end);
      std::vector<char*> pointers;
      for (std::string& argument : arguments) pointers.push_back(argument.data());
      pointers.push_back(nullptr);
      execvp("python3", pointers.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    output_ = fdopen(out[0], "r");
    EXPECT_EQ(NextLine(), "attached");
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (process_ > 0) Kill();
    close(input_);
    fclose(output_);
  }

  // Without its newline; empty if the peer has ended.
  std::string NextLine() {
    char line[256] = {};
    if (fgets(line, sizeof line, output_) == nullptr) return "";
    return std::string(line, strcspn(line, "\n"));
  }
  void GoOn() { EXPECT_EQ(write(input_, "\n", 1), 1); }
  int Wait() { return StatusOf(std::exchange(process_, -1)); }
  void Kill() {
    kill(process_, SIGKILL);
    EXPECT_EQ(Wait(), 1000 + SIGKILL);
  }

 private:
  pid_t process_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
};

class LiveTest : public ::testing::TestWithParam<Protocol> {
 protected:
  LiveTest() {
    options_.name =
        absl::StrCat("live-", directory_.path().substr(directory_.path().rfind('/') + 1));
    options_.directory = directory_.path();
    options_.capacity = kCapacity;
    options_.protocol = GetParam();
  }
  bool IsV3() const { return GetParam() == Protocol::kCloudtoidV3; }
  static WaitOptions For(int seconds) { return WaitOptions(absl::Seconds(seconds)); }

  ::interprocess::testing::ScratchDirectory directory_;
  QueueOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Versions, LiveTest,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3),
                         [](const auto& info) { return std::string(ProtocolName(info.param)); });

TEST_P(LiveTest, OursToTheirs) {
  Publisher publisher = Publisher::Open(options_).value();
  Peer peer(options_, "subscribe");
  for (int i = 0; i < kMessages; ++i) {
    const absl::Status status = publisher.Enqueue(Message(static_cast<uint32_t>(i)), For(60));
    ASSERT_TRUE(status.ok()) << i << ": " << status;
  }
  EXPECT_EQ(peer.NextLine(), "done");
  EXPECT_EQ(peer.Wait(), 0);
}

TEST_P(LiveTest, TheirsToOurs) {
  Subscriber subscriber = Subscriber::Open(options_).value();
  Peer peer(options_, "publish");
  for (int i = 0; i < kMessages; ++i) {
    const absl::StatusOr<std::string> message = subscriber.Dequeue(For(60));
    ASSERT_TRUE(message.ok()) << i << ": " << message.status();
    ASSERT_EQ(*message, Message(static_cast<uint32_t>(i))) << i;
  }
  EXPECT_EQ(peer.NextLine(), "done");
  peer.GoOn();
  EXPECT_EQ(peer.Wait(), 0);
}

TEST_P(LiveTest, TheirPausedReaderAndOurs) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  ASSERT_TRUE(publisher.TryEnqueue(Message(1)).ok());
  ASSERT_TRUE(publisher.TryEnqueue(Message(2)).ok());
  Peer peer(options_, "hold");
  ASSERT_EQ(peer.NextLine(), "held");
  EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
  if (IsV3()) {
    // It lives, so it keeps it.
    EXPECT_EQ(subscriber.Dequeue(For(12)).status().code(), absl::StatusCode::kDeadlineExceeded);
    peer.GoOn();
    EXPECT_EQ(peer.NextLine(), "1");
  } else {
    // Its ten seconds are over: it is delivered again, and then it moves nothing.
    MessageInfo info;
    const absl::Time start = absl::Now();
    EXPECT_EQ(subscriber.Dequeue(For(60), &info).value(), Message(1));
    EXPECT_GT(absl::Now() - start, absl::Seconds(5));
    EXPECT_TRUE(info.redelivered);
  }
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(2));
  if (!IsV3()) {
    peer.GoOn();
    EXPECT_EQ(peer.NextLine(), "none");
  }
  EXPECT_EQ(peer.Wait(), 0);
  ASSERT_TRUE(publisher.TryEnqueue(Message(3)).ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), Message(3));
}

TEST_P(LiveTest, TheirKilledReaderAndOurs) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  ASSERT_TRUE(publisher.TryEnqueue(Message(1)).ok());
  ASSERT_TRUE(publisher.TryEnqueue(Message(2)).ok());
  Peer peer(options_, "hold");
  ASSERT_EQ(peer.NextLine(), "held");
  peer.Kill();
  MessageInfo info;
  EXPECT_EQ(subscriber.Dequeue(For(60), &info).value(), Message(1));
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(subscriber.Dequeue(For(60), &info).value(), Message(2));
  EXPECT_FALSE(info.redelivered);
}

TEST_P(LiveTest, TheirPublisherKilledBetweenReservationAndCommit) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  Peer peer(options_, "half");
  ASSERT_EQ(peer.NextLine(), "reserved");
  peer.Kill();
  ASSERT_TRUE(publisher.TryEnqueue(Message(1)).ok());
  ASSERT_TRUE(publisher.TryEnqueue(Message(2)).ok());
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(1));
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(2));
}

TEST_P(LiveTest, TheirPausedPublisherGoesOn) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  Peer peer(options_, "half");
  ASSERT_EQ(peer.NextLine(), "reserved");
  ASSERT_TRUE(publisher.TryEnqueue(Message(1)).ok());
  // Version 3 waits for it as long as it lives, version 2 for ten seconds.
  EXPECT_EQ(subscriber.Dequeue(For(IsV3() ? 12 : 5)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  peer.GoOn();
  EXPECT_EQ(peer.NextLine(), "done");
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(0));
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(1));
  peer.GoOn();
  EXPECT_EQ(peer.Wait(), 0);
}

const char* g_fatal_step = "";
void DieAtStep(const char* step) {
  if (absl::EndsWith(step, g_fatal_step)) kill(getpid(), SIGKILL);
}

// A publisher of ours ends at the step.
void KillOursAt(const QueueOptions& options, const char* step) {
  const pid_t process = fork();
  if (process == 0) {
    Publisher dies = Publisher::Open(options).value();
    g_fatal_step = step;
    base::step_hook = DieAtStep;
    (void)dies.TryEnqueue(Message(9));
    _exit(0);
  }
  EXPECT_EQ(StatusOf(process), 1000 + SIGKILL);
}

TEST_P(LiveTest, OurPublisherKilledBetweenReservationAndCommitLosesItsMessageOnly) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  uint32_t next = 10;
  for (const char* step : {"publisher.reserved", "publisher.length_stored", "publisher.written"}) {
    SCOPED_TRACE(step);
    KillOursAt(options_, step);
    ASSERT_TRUE(publisher.TryEnqueue(Message(next)).ok());
    ASSERT_TRUE(publisher.TryEnqueue(Message(next + 1)).ok());
    EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(next));
    EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(next + 1));
    next += 2;
  }
  KillOursAt(options_, "publisher.committed");
  EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(9));
}

TEST_P(LiveTest, TheirReaderGetsOverOurKilledPublisher) {
  Publisher publisher = Publisher::Open(options_).value();
  KillOursAt(options_, "publisher.length_stored");
  Peer peer(options_, "take");
  // By their rule all that was enqueued before its first look is lost, so this comes later.
  absl::SleepFor(absl::Seconds(2));
  ASSERT_TRUE(publisher.TryEnqueue(Message(11)).ok());
  EXPECT_EQ(peer.NextLine(), "11");
  EXPECT_EQ(peer.Wait(), 0);
}

TEST_P(LiveTest, OurKilledReaderAndOurs) {
  Publisher publisher = Publisher::Open(options_).value();
  Subscriber subscriber = Subscriber::Open(options_).value();
  for (const char* step : {"subscriber.claimed", "subscriber.read", "subscriber.taken",
                           "subscriber.cleared", "subscriber.moved"}) {
    SCOPED_TRACE(step);
    ASSERT_TRUE(publisher.TryEnqueue(Message(1)).ok());
    ASSERT_TRUE(publisher.TryEnqueue(Message(2)).ok());
    const pid_t process = fork();
    if (process == 0) {
      Subscriber dies = Subscriber::Open(options_).value();
      g_fatal_step = step;
      base::step_hook = DieAtStep;
      (void)dies.TryDequeue();
      _exit(0);
    }
    EXPECT_EQ(StatusOf(process), 1000 + SIGKILL);
    // Until it began to clear it, the message may not have been dealt with.
    if (absl::StrContains(step, "claimed") || absl::StrContains(step, "read")) {
      MessageInfo info;
      EXPECT_EQ(subscriber.Dequeue(For(60), &info).value(), Message(1));
      EXPECT_TRUE(info.redelivered);
    }
    EXPECT_EQ(subscriber.Dequeue(For(60)).value(), Message(2));
  }
}

}  // namespace
}  // namespace interprocess
