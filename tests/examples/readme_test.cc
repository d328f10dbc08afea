// SPDX-License-Identifier: MIT

// README's code, to the letter (readme_test.sh compares the two), compiled and run.

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"

namespace {

size_t handled = 0;
void FillIn(absl::Span<uint8_t> bytes) {
  for (uint8_t& byte : bytes) byte = 7;
}
void Handle(absl::Span<const uint8_t> bytes) {
  for (uint8_t byte : bytes) handled += byte == 7;
}

absl::Status Greet() {
  absl::StatusOr<interprocess::Publisher> publisher = interprocess::Publisher::Open({"greetings"});
  if (!publisher.ok()) return publisher.status();
  return publisher->Enqueue("hello");
}

absl::StatusOr<std::string> Listen() {
  absl::StatusOr<interprocess::Subscriber> subscriber =
      interprocess::Subscriber::Open({"greetings"});
  if (!subscriber.ok()) return subscriber.status();
  return subscriber->Dequeue();  // waits
}

absl::Status Send(interprocess::Publisher& publisher) {
  absl::StatusOr<interprocess::Reservation> room = publisher.Reserve(65536);
  if (!room.ok()) return room.status();
  FillIn(room->span());
  return room->Commit();
}

absl::Status Receive(interprocess::Subscriber& subscriber) {
  absl::StatusOr<interprocess::BorrowedMessage> message = subscriber.Borrow();
  if (!message.ok()) return message.status();
  Handle(message->bytes());
  return message->Acknowledge();  // or drop it: it is delivered again
}

TEST(ReadmeTest, GreetsAndListens) {
  ASSERT_EQ(Greet(), absl::OkStatus());
  absl::StatusOr<std::string> heard = Listen();
  ASSERT_EQ(heard.status(), absl::OkStatus());
  EXPECT_EQ(*heard, "hello");
  EXPECT_TRUE(absl::IsNotFound(interprocess::RemoveQueue("greetings")));
}

TEST(ReadmeTest, SendsInPlace) {
  auto publisher = interprocess::Publisher::Open({"readme_in_place"});
  ASSERT_EQ(publisher.status(), absl::OkStatus());
  auto subscriber = interprocess::Subscriber::Open({"readme_in_place"});
  ASSERT_EQ(subscriber.status(), absl::OkStatus());
  ASSERT_EQ(Send(*publisher), absl::OkStatus());
  ASSERT_EQ(Receive(*subscriber), absl::OkStatus());
  EXPECT_EQ(handled, 65536u);
}

}  // namespace
