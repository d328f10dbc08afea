// SPDX-License-Identifier: MIT

// Options and names that are refused, each with the error that the headers name and with words that
// say what and where.

#include "tests/api/bad_input.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"

namespace interprocess {
namespace {

using absl::StatusCode;

struct NameCase {
  std::string name;
  std::string shown;
  std::string why;
};

TEST_F(BadInputTest, NamesThatAreNoneAreNamed) {
  const std::string nul("a\0b", 3);
  const NameCase cases[] = {
      {"", "''", "is empty"},
      {std::string(201, 'n'), "nnnn", "has 201 bytes, more than 200"},
      {"a/b", "'a/b'", "slash"},
      {"a\\b", "'a\\\\b'", "slash"},
      {"/", "'/'", "slash"},
      {nul, "a\\x00", "control character"},
      {"a\nb", "'a\\nb'", "control character"},
      {"a\x7f", "\\x7f", "control character"},
      {"..", "'..'", "'..'"},
      {"a..b", "'a..b'", "'..'"},
      {".hidden", "'.hidden'", "begins with a dot"},
      {".", "'.'", "begins with a dot"},
  };
  for (const NameCase& c : cases) {
    options_.name = c.name;
    for (const NamedCall& call : CallsWithName()) {
      SCOPED_TRACE(call.name + " " + c.why);
      const absl::Status status = call.call(options_);
      ExpectError(status, StatusCode::kInvalidArgument, c.shown);
      ExpectError(status, StatusCode::kInvalidArgument, c.why);
      EXPECT_LT(status.message().size(), 200u);
    }
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, c.why);
  }
}

TEST_F(BadInputTest, CapacitiesOutOfRangeAreNamed) {
  for (int64_t capacity : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                           kMaxCapacity + 1, std::numeric_limits<int64_t>::max()}) {
    options_.capacity = capacity;
    const std::string words = "capacity " + std::to_string(capacity);
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, words);
    ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, words);
    ExpectError(Subscriber::Open(options_).status(), StatusCode::kInvalidArgument, words);
    EXPECT_FALSE(directory_.Has("queue"));
  }
}

TEST_F(BadInputTest, ParticipantCountsOutOfRangeAreNamed) {
  for (int count : {1, 0, -1, 8192, std::numeric_limits<int>::max()}) {
    options_.max_participants = count;
    const std::string words = "max_participants " + std::to_string(count);
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, words);
    ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, words);
  }
  for (int count : {2, 8191}) {
    options_.max_participants = count;
    EXPECT_TRUE(Publisher::Open(options_).ok());
  }
}

TEST_F(BadInputTest, MissingDirectoryIsNotFound) {
  options_.directory = directory_.path() + "/missing";
  for (const NamedCall& call : CallsWithName()) {
    SCOPED_TRACE(call.name);
    ExpectError(call.call(options_), StatusCode::kNotFound, options_.directory);
  }
  ExpectError(ListQueues(options_.directory).status(), StatusCode::kNotFound, options_.directory);
}

TEST_F(BadInputTest, OtherOptionsOfAnExistingQueueAreNamedWithBothValues) {
  auto publisher = Publisher::Open(options_);
  ASSERT_TRUE(publisher.ok());
  QueueOptions other = options_;
  other.capacity = 5000;
  for (const absl::Status& status :
       {Publisher::Open(other).status(), Subscriber::Open(other).status()}) {
    for (const char* words : {"queue.ipq", "4096", "5000", "8192"}) {
      ExpectError(status, StatusCode::kFailedPrecondition, words);
    }
  }
  other = options_;
  other.max_participants = 17;
  for (const char* words : {"queue.ipq", "16", "17", "max_participants"}) {
    ExpectError(Publisher::Open(other).status(), StatusCode::kFailedPrecondition, words);
  }
  other.mode = OpenMode::kOpenExisting;
  other.capacity = 1 << 20;
  EXPECT_EQ(Publisher::Open(other)->capacity(), 4096);
  // Two capacities that round to one size are equal.
  other = options_;
  other.capacity = 1;
  EXPECT_TRUE(Publisher::Open(other).ok());
}

TEST_F(BadInputTest, ParticipantTooManyIsRefusedUntilOneLeaves) {
  options_.max_participants = 2;
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  const absl::Status status = Publisher::Open(options_).status();
  ExpectError(status, StatusCode::kResourceExhausted, "queue.ipq");
  ExpectError(status, StatusCode::kResourceExhausted, "2");
  subscriber->Close().IgnoreError();
  EXPECT_TRUE(Publisher::Open(options_).ok());
}

TEST_F(BadInputTest, MessageLargerThanTheQueueTakesIsInvalid) {
  auto publisher = Publisher::Open(options_);
  ASSERT_EQ(publisher->max_message_size(), 4096u);
  const std::vector<uint8_t> large(4097);
  const absl::Span<const uint8_t> batch[] = {{}, large, {}};
  for (const absl::Status& status :
       {publisher->TryEnqueue(large), publisher->Enqueue(large),
        publisher->TryReserve(4097).status(), publisher->Reserve(4097).status(),
        publisher->TryEnqueueBatch(batch).status()}) {
    ExpectError(status, StatusCode::kInvalidArgument, "4097");
    ExpectError(status, StatusCode::kInvalidArgument, "4096");
  }
  EXPECT_EQ(publisher->TryReserve(SIZE_MAX).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Subscriber::Open(options_)->TryDequeue().status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace interprocess
