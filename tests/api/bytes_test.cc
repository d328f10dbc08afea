// SPDX-License-Identifier: MIT

// Messages and buffers in whatever a program holds bytes in.

#include "interprocess/bytes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

class BytesTest : public ::testing::Test {
 protected:
  // Sends `message` and returns what arrives.
  std::string Send(ConstBytes message) {
    EXPECT_TRUE(publisher_.TryEnqueue(message).ok());
    return subscriber_.TryDequeue().value();
  }
  // Receives "abc" into `buffer`.
  void Receive(MutableBytes buffer) {
    ASSERT_TRUE(publisher_.TryEnqueue("abc").ok());
    EXPECT_EQ(subscriber_.TryDequeue(buffer).value(), 3u);
  }

  const testing::TestDirectory directory_;
  Publisher publisher_ = Publisher::Open(directory_.Options()).value();
  Subscriber subscriber_ = Subscriber::Open(directory_.Options()).value();
};

TEST_F(BytesTest, MessagesOfAllKindsOfBytes) {
  const std::string text = "abc";
  EXPECT_EQ(Send("abc"), text);
  EXPECT_EQ(Send(text), text);
  EXPECT_EQ(Send(absl::string_view(text)), text);
  EXPECT_EQ(Send(std::string(text)), text);
  EXPECT_EQ(Send(std::vector<char>(text.begin(), text.end())), text);
  EXPECT_EQ(Send(std::vector<uint8_t>(text.begin(), text.end())), text);
  std::vector<std::byte> bytes(3);
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return std::byte(c); });
  EXPECT_EQ(Send(bytes), text);
  EXPECT_EQ(Send(absl::MakeSpan(bytes)), text);
  EXPECT_EQ(Send(absl::MakeConstSpan(bytes)), text);
  EXPECT_EQ(Send(ConstBytes(bytes.data(), 2)), "ab");
  EXPECT_EQ(Send({text.data(), 1}), "a");
  const std::array<std::byte, 3> array = {std::byte('a'), std::byte('b'), std::byte('c')};
  EXPECT_EQ(Send(array), text);
  const uint8_t plain[] = {'a', 'b', 'c'};
  EXPECT_EQ(Send(plain), text);
  EXPECT_EQ(Send(std::string("a\0c", 3)), std::string("a\0c", 3));
  EXPECT_EQ(Send(""), "");
  EXPECT_EQ(Send(std::vector<std::byte>()), "");
}

TEST_F(BytesTest, BuffersOfAllKindsOfBytes) {
  std::vector<char> chars(4);
  Receive(chars);
  EXPECT_EQ(chars[2], 'c');
  std::vector<uint8_t> numbers(4);
  Receive(numbers);
  Receive(absl::MakeSpan(numbers));
  EXPECT_EQ(numbers[2], 'c');
  std::array<std::byte, 4> bytes{};
  Receive(bytes);
  Receive(absl::MakeSpan(bytes));
  EXPECT_EQ(bytes[2], std::byte('c'));
  std::string text(3, ' ');
  Receive(text);
  EXPECT_EQ(text, "abc");
  char plain[4] = {};
  Receive(plain);
  Receive({plain, 3});
  EXPECT_STREQ(plain, "abc");
}

TEST_F(BytesTest, BatchesOfAllKindsOfMessages) {
  const auto arrive = [this](const MessageBatch& messages) {
    EXPECT_EQ(publisher_.TryEnqueueBatch(messages).value(), messages.messages().size());
    std::vector<std::string> texts;
    subscriber_
        .TryDequeueBatch(
            100, [&](const MessageView& view) { texts.push_back(std::string(view.text())); })
        .IgnoreError();
    return texts;
  };
  const std::vector<std::string> texts = {"1", "", "three"};
  EXPECT_EQ(arrive(texts), texts);
  EXPECT_EQ(arrive({"1", "", "three"}), texts);
  EXPECT_EQ(arrive(std::vector<absl::string_view>(texts.begin(), texts.end())), texts);
  EXPECT_EQ(arrive(std::vector<const char*>{"1", "", "three"}), texts);
  std::vector<std::vector<std::byte>> bytes;
  std::vector<absl::Span<const uint8_t>> spans;
  for (const std::string& text : texts) {
    std::vector<std::byte>& message = bytes.emplace_back();
    for (char c : text) message.push_back(std::byte(c));
    spans.push_back(ConstBytes(text).span());
  }
  EXPECT_EQ(arrive(bytes), texts);
  EXPECT_EQ(arrive(spans), texts);
  EXPECT_EQ(arrive(absl::MakeConstSpan(spans)), texts);
  EXPECT_EQ(arrive(std::vector<std::string>(50, "x")), std::vector<std::string>(50, "x"));
  EXPECT_EQ(publisher_.TryEnqueueBatch({}).value(), 0u);
  EXPECT_EQ(publisher_.TryEnqueueBatch(std::vector<std::string>()).value(), 0u);
}

}  // namespace
}  // namespace interprocess
