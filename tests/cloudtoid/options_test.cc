// SPDX-License-Identifier: MIT

// What the Cloudtoid formats take for a name and a capacity: what both versions take.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "interprocess/queue_options.h"

namespace interprocess {
namespace {

class CloudtoidOptionsTest : public ::testing::TestWithParam<Protocol> {
 protected:
  static QueueOptions Options() {
    QueueOptions options;
    options.name = "queue";
    options.protocol = GetParam();
    return options;
  }
};

TEST_P(CloudtoidOptionsTest, NamesThatOneVersionRefusesAreRefused) {
  QueueOptions options = Options();
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a\\b"),
        std::string("a\0b", 3), std::string(246, 'n')}) {
    options.name = bad;
    EXPECT_EQ(options.Validate().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  for (const std::string& good : {std::string("with space"), std::string("a..b"),
                                  std::string(".hidden"), std::string(245, 'n')}) {
    options.name = good;
    EXPECT_TRUE(options.Validate().ok()) << options.Validate();
  }
}

TEST_P(CloudtoidOptionsTest, CapacityIsNotRounded) {
  QueueOptions options = Options();
  for (int64_t bad : {int64_t{-8}, int64_t{0}, int64_t{16}, int64_t{17}, int64_t{4097},
                      kMaxCapacity + 8, INT64_MAX - 7}) {
    options.capacity = bad;
    const absl::Status status = options.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat(bad))) << status;
  }
  for (int64_t good : {24, 72, 4096, 65536 + 8}) {
    options.capacity = good;
    EXPECT_TRUE(options.Validate().ok()) << options.Validate();
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, CloudtoidOptionsTest,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3,
                                           Protocol::kCloudtoidV2Fork));

TEST(ProtocolsTest, HaveTheAgreedNumbersAndNames) {
  EXPECT_EQ(static_cast<int>(Protocol::kNative), 0);
  EXPECT_EQ(static_cast<int>(Protocol::kCloudtoidV2), 2);
  EXPECT_EQ(static_cast<int>(Protocol::kCloudtoidV3), 3);
  EXPECT_EQ(static_cast<int>(Protocol::kCloudtoidV2Fork), 4);
  EXPECT_STREQ(ProtocolName(Protocol::kCloudtoidV2Fork), "cloudtoid2-fork");
  QueueOptions options{"queue"};
  for (int none : {-1, 1, 5}) {
    options.protocol = static_cast<Protocol>(none);
    EXPECT_EQ(options.Validate().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace interprocess
