// Recipes for event loops, speed and structured messages, of docs/recipes, each with a test.

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "examples/recipes/proto.h"
#include "gtest/gtest.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/stop_token.h"
#include "interprocess/subscriber.h"
#include "interprocess/testing/test_directory.h"
#include "interprocess/wait_options.h"
#include "nlohmann/json.hpp"

namespace {

using interprocess::BorrowedMessage;
using interprocess::Publisher;
using interprocess::Subscriber;
using interprocess::WaitOptions;

// [latency]
// Keeps the calling thread on one processor.
bool PinTo(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

// Polls for as long as it takes: never sleeps, answers at once, and needs a processor of its own.
absl::StatusOr<size_t> DequeueEagerly(Subscriber& subscriber, absl::Span<char> buffer) {
  WaitOptions wait;
  wait.spin = absl::InfiniteDuration();
  return subscriber.Dequeue(buffer, wait);
}
// [end]

// [event_loop]
// Messages for an event loop: fd() is readable when Take() has some. Its thread sleeps in the
// queue.
class MessagePump {
 public:
  explicit MessagePump(Subscriber subscriber)
      : subscriber_(std::move(subscriber)), thread_([this] { Pump(); }) {}
  ~MessagePump() {
    stop_.RequestStop();
    thread_.join();
    close(event_);
  }

  int fd() const { return event_; }

  // Those that have come. Acknowledge each when it has been dealt with, in any thread.
  std::vector<BorrowedMessage> Take() {
    uint64_t count;
    (void)!read(event_, &count, sizeof(count));
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(ready_, {});
  }

 private:
  void Pump() {
    while (true) {
      absl::StatusOr<BorrowedMessage> message = subscriber_.Borrow(stop_.token());
      if (!message.ok()) return;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        ready_.push_back(*std::move(message));
      }
      eventfd_write(event_, 1);
    }
  }

  const int event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  interprocess::StopSource stop_;
  Subscriber subscriber_;
  std::mutex mutex_;
  std::vector<BorrowedMessage> ready_;
  std::thread thread_;
};
// [end]

// [json]
absl::Status SendJson(Publisher& publisher, const nlohmann::json& value) {
  return publisher.Enqueue(value.dump(), absl::Seconds(1));
}

absl::StatusOr<nlohmann::json> ReceiveJson(Subscriber& subscriber) {
  absl::StatusOr<BorrowedMessage> message = subscriber.Borrow(absl::Seconds(1));
  if (!message.ok()) return message.status();
  nlohmann::json value = nlohmann::json::parse(message->text(), nullptr, false);
  if (value.is_discarded()) return absl::DataLossError("a message is no JSON");
  absl::Status done = message->Acknowledge();
  if (!done.ok()) return done;
  return value;
}
// [end]

class IntegrationTest : public testing::Test {
 protected:
  Publisher Open(const std::string& name) const {
    return *Publisher::Open(directory_.Options(name));
  }
  Subscriber Take(const std::string& name) const {
    return *Subscriber::Open(directory_.Options(name));
  }

  const interprocess::testing::TestDirectory directory_;
};

TEST_F(IntegrationTest, AnEagerSubscriberGetsTheMessage) {
  Publisher publisher = Open("q");
  Subscriber subscriber = Take("q");
  std::thread pinned([&] {
    cpu_set_t allowed;
    ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    int processor = 0;
    while (!CPU_ISSET(processor, &allowed)) ++processor;
    EXPECT_TRUE(PinTo(processor));
    EXPECT_TRUE(publisher.TryEnqueue("quick").ok());
  });
  char buffer[16];
  absl::StatusOr<size_t> size = DequeueEagerly(subscriber, buffer);
  pinned.join();
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(absl::string_view(buffer, *size), "quick");
}

TEST_F(IntegrationTest, AnEventLoopWakesForAMessage) {
  Publisher publisher = Open("q");
  MessagePump pump(Take("q"));
  ASSERT_TRUE(publisher.TryEnqueue("event").ok());
  pollfd waited = {pump.fd(), POLLIN, 0};
  ASSERT_EQ(poll(&waited, 1, -1), 1);
  std::vector<BorrowedMessage> messages = pump.Take();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].text(), "event");
  EXPECT_TRUE(messages[0].Acknowledge().ok());
}

// What the recipe uses of a class that protoc makes (proto_test.cc has one).
struct Point {
  int32_t x = 0;
  int32_t y = 0;
  size_t ByteSizeLong() const { return sizeof(*this); }
  bool SerializeToArray(void* data, int size) const {
    if (size != sizeof(*this)) return false;
    std::memcpy(data, this, sizeof(*this));
    return true;
  }
  bool ParseFromArray(const void* data, int size) {
    if (size != sizeof(*this)) return false;
    std::memcpy(this, data, sizeof(*this));
    return true;
  }
};

TEST_F(IntegrationTest, ProtocolBuffersGoThrough) {
  Publisher publisher = Open("q");
  Subscriber subscriber = Take("q");
  ASSERT_TRUE(recipes::SendProto(publisher, Point{3, 4}).ok());
  Point point;
  ASSERT_TRUE(recipes::ReceiveProto(subscriber, point).ok());
  EXPECT_EQ(point.y, 4);
  ASSERT_TRUE(publisher.TryEnqueue("garbage").ok());
  EXPECT_TRUE(absl::IsDataLoss(recipes::ReceiveProto(subscriber, point)));
}

TEST_F(IntegrationTest, JsonGoesThrough) {
  Publisher publisher = Open("q");
  Subscriber subscriber = Take("q");
  ASSERT_TRUE(SendJson(publisher, {{"order", 7}}).ok());
  absl::StatusOr<nlohmann::json> value = ReceiveJson(subscriber);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ((*value)["order"], 7);
  ASSERT_TRUE(publisher.TryEnqueue("{").ok());
  EXPECT_TRUE(absl::IsDataLoss(ReceiveJson(subscriber).status()));
}

}  // namespace
