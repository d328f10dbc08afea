// SPDX-License-Identifier: MIT

#include "bindings/face/result.h"

#include <cstdint>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace interprocess::face {
namespace {

constexpr int64_t kSizeMask = (int64_t{1} << kSizeBits) - 1;

TEST(ResultTest, HoldsSizeDeliveriesAndRedelivery) {
  MessageInfo info;
  info.size = (size_t{1} << 36) + 5;
  info.earlier_deliveries = 3;
  info.redelivered = true;
  const int64_t result = MessageResult(info);
  EXPECT_GT(result, 0);
  EXPECT_EQ(result & kSizeMask, (int64_t{1} << 36) + 5);
  EXPECT_EQ(result >> kSizeBits & ((1 << kDeliveriesBits) - 1), 3);
  EXPECT_EQ(result >> kRedeliveredBit, 1);
  EXPECT_EQ(CodeOf(result), kOk);
  info.earlier_deliveries = UINT32_MAX;
  info.redelivered = false;
  EXPECT_EQ(MessageResult(info) >> kSizeBits, (1 << kDeliveriesBits) - 1);
}

TEST(ResultTest, KeepsTheLatestTexts) {
  ErrorTexts texts;
  const int64_t first = texts.ResultOf(absl::InternalError("first"));
  EXPECT_EQ(CodeOf(first), kInternal);
  for (int i = 1; i < 64; ++i) texts.ResultOf(absl::DataLossError("later"));
  EXPECT_EQ(texts.TextOf(first), "first");
  texts.ResultOf(absl::DataLossError("later"));
  EXPECT_EQ(texts.TextOf(first), "INTERNAL");
  EXPECT_EQ(texts.ResultOf(absl::Status(absl::StatusCode::kUnavailable, "")), -kUnavailable);
  EXPECT_EQ(texts.TextOf(-kUnavailable), "UNAVAILABLE");
  EXPECT_EQ(texts.ResultOf(absl::OkStatus()), 0);
}

// Their text would cost more than the call.
TEST(ResultTest, KeepsNoTextOfWhatCannotBeDoneNow) {
  ErrorTexts texts;
  for (const absl::Status& status :
       {absl::UnavailableError("empty"), absl::ResourceExhaustedError("full"),
        absl::DeadlineExceededError("over"), absl::CancelledError("stopped")}) {
    EXPECT_EQ(texts.ResultOf(status), ErrorResult(status.code()));
    const int64_t kept = texts.ResultWithText(status);
    EXPECT_EQ(CodeOf(kept), static_cast<int>(status.code()));
    EXPECT_EQ(texts.TextOf(kept), status.message());
  }
}

}  // namespace
}  // namespace interprocess::face
