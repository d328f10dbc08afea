// SPDX-License-Identifier: MIT

// What the bridges to NATS are made of, without a server.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/jetstream/address.h"
#include "tools/jetstream/delivered_log.h"
#include "tools/jetstream/header_block.h"

namespace jetstream {
namespace {

using State = DeliveredLog::State;

std::string NewPath() {
  static int paths = 0;
  return absl::StrCat(testing::TempDir(), "/log-", getpid(), "-", ++paths);
}

TEST(AddressTest, Parts) {
  const auto address = ParseAddress("nats://me:x@a:1,b:2/ORDERS/orders.eu");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_THAT(address->servers, testing::ElementsAre("nats://me:x@a:1", "nats://b:2"));
  EXPECT_EQ(address->stream, "ORDERS");
  EXPECT_EQ(address->subject, "orders.eu");
  EXPECT_EQ(ParseAddress("tls://a/S")->subject, "");
  for (const char* wrong : {"", "a", "http://a/s", "nats:///s", "nats://a", "nats://a,,b/s"}) {
    EXPECT_FALSE(ParseAddress(wrong).ok()) << wrong;
  }
}

TEST(AddressTest, Covers) {
  EXPECT_TRUE(Covers("a.b", "a.b"));
  EXPECT_TRUE(Covers("a.*", "a.b"));
  EXPECT_TRUE(Covers("a.>", "a.b.c"));
  EXPECT_TRUE(Covers(">", "a.*"));
  EXPECT_FALSE(Covers("a.>", "a"));
  EXPECT_FALSE(Covers("a.*", "a.b.c"));
  EXPECT_FALSE(Covers("a.b", "a.*"));
  EXPECT_FALSE(Covers("a.*", "a.>"));
}

TEST(HeaderBlockTest, ThereAndBack) {
  for (const Headers& headers : {Headers{}, Headers{{"A", "1"}}, Headers{{"A", "1"}, {"B", ""}}}) {
    const std::string message = MakeHeaderBlock(headers) + "\r\n\r\nbody";
    absl::string_view rest = message;
    EXPECT_EQ(TakeHeaderBlock(rest), headers);
    EXPECT_EQ(rest, "\r\n\r\nbody");
  }
  for (const char* none : {"", "body", "NATS/1.0\r\nA: 1\r\n"}) {
    absl::string_view rest = none;
    EXPECT_TRUE(TakeHeaderBlock(rest).empty());
    EXPECT_EQ(rest, none);
  }
}

TEST(DeliveredLogTest, IsKeptByItsFile) {
  const std::string path = NewPath();
  {
    auto log = DeliveredLog::Open(path, "s");
    ASSERT_TRUE(log.ok()) << log.status();
    for (uint64_t i = 1; i <= 3000; ++i) {
      EXPECT_EQ(log->Look({i, i}), State::kNew);
      log->Begin({i, i});
      EXPECT_EQ(log->Look({i, i}), State::kBegun);
      if (i % 3 != 0) log->Finish({i, i});
    }
  }
  auto again = DeliveredLog::Open(path, "s");
  auto other = DeliveredLog::Open(path, "t");
  for (uint64_t i = 1; i <= 3000; ++i) {
    EXPECT_EQ(again->Look({i, i}), i % 3 != 0 ? State::kDone : State::kBegun);
    // Another stream's message, or one that the server stored at another time.
    EXPECT_EQ(other->Look({i, i}), State::kNew);
    EXPECT_EQ(again->Look({i, i + 1}), State::kNew);
  }
  EXPECT_EQ(again->Look({3001, 3001}), State::kNew);
}

TEST(DeliveredLogTest, KnowsWhereAMessageCameFrom) {
  const std::string path = NewPath();
  auto log = DeliveredLog::Open(path, "s");
  for (uint64_t i = 1; i <= 3000; ++i) {
    log->Begin({i, i, 77, i});
    if (i % 3 != 0) log->Finish({i, i, 77, i});
  }
  for (uint64_t i = 1; i <= 3000; ++i) {
    // Stored again, under another sequence.
    EXPECT_EQ(log->Look({i + 9999, i, 77, i}), i % 3 != 0 ? State::kDone : State::kBegun);
    EXPECT_EQ(log->Look({i + 9999, i, 78, i}), State::kNew);
    EXPECT_EQ(log->Look({i + 9999, i, 0, i}), State::kNew);
  }
}

TEST(MessageIdTest, ThereAndBack) {
  uint64_t unique = 0;
  uint64_t position = 0;
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    ASSERT_TRUE(ParseMessageId(MakeMessageId(number, number), unique, position));
    EXPECT_EQ(unique, number);
    EXPECT_EQ(position, number);
  }
  for (const char* other :
       {"", "abc", "0123456789abcdef", "0123456789abcdef-", "0123456789abcdef-1.0",
        "0123456789ABCDEF-1", "0123456789abcdef-01", "+123456789abcdef-1"}) {
    EXPECT_FALSE(ParseMessageId(other, unique, position)) << other;
  }
}

TEST(DeliveredLogTest, ForgetsWhatIsFarBack) {
  auto log = DeliveredLog::Open(NewPath(), "s");
  log->Finish({5, 1});
  const uint64_t far = 5 + (uint64_t{1} << 18);
  EXPECT_EQ(log->Look({far, 1}), State::kNew);
  log->Finish({far, 1});
  EXPECT_EQ(log->Look({far, 1}), State::kDone);
  EXPECT_EQ(log->Look({5, 1}), State::kNew);
}

TEST(DeliveredLogTest, KnowsAllBelowItsFloor) {
  const std::string path = NewPath();
  DeliveredLog::Open(path, "s")->RaiseFloor(1000, 50);
  auto log = DeliveredLog::Open(path, "s");
  EXPECT_EQ(log->Look({1000, 50}), State::kDone);
  EXPECT_EQ(log->Look({1, 1}), State::kDone);
  EXPECT_EQ(log->Look({1001, 50}), State::kNew);
  // Counted again after a loss.
  EXPECT_EQ(log->Look({1000, 51}), State::kNew);
  log->RaiseFloor(900, 99);
  EXPECT_EQ(log->Look({900, 99}), State::kNew);
  // Another stream has none.
  EXPECT_EQ(DeliveredLog::Open(path, "t")->Look({1, 1}), State::kNew);
  EXPECT_EQ(DeliveredLog::Open(path, "s")->Look({1, 1}), State::kNew);
}

TEST(DeliveredLogTest, TakesNoOtherFile) {
  EXPECT_FALSE(DeliveredLog::Open(testing::TempDir(), "s").ok());
  EXPECT_FALSE(DeliveredLog::Open("/nowhere/at/all", "s").ok());
  const std::string link = NewPath();
  ASSERT_EQ(symlink("/etc/passwd", link.c_str()), 0);
  EXPECT_FALSE(DeliveredLog::Open(link, "s").ok());
}

TEST(AliveMarkTest, HasAnAge) {
  const AliveMark mark(NewPath());
  EXPECT_LT(mark.AgeSeconds(), 0);
  mark.Touch();
  EXPECT_GE(mark.AgeSeconds(), 0);
  EXPECT_LT(mark.AgeSeconds(), 600);
}

TEST(AliveMarkTest, MachineThatWasStartedSinceMakesItOld) {
  const std::string path = NewPath();
  for (const char* text : {"00000000000000000000 another-start", "09000000000000000000 "}) {
    std::ofstream(path) << text;
    EXPECT_EQ(AliveMark(path).AgeSeconds(), std::numeric_limits<int64_t>::max()) << text;
  }
  std::ofstream(path) << "no mark";
  EXPECT_LT(AliveMark(path).AgeSeconds(), 0);
}

}  // namespace
}  // namespace jetstream
