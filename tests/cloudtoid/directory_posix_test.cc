// SPDX-License-Identifier: MIT

// Where the formats have their queues by default. (On Windows they have no files.)

#include <cstdlib>

#include "gtest/gtest.h"
#include "interprocess/queue_options.h"

namespace interprocess {
namespace {

TEST(ProtocolsTest, DefaultDirectoryIsTheirs) {
  setenv("TMPDIR", "/var/tmp", 1);
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV2), "/var/tmp");
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV3), "/var/tmp");
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV2Fork), "/dev/shm");
  setenv("TMPDIR", "", 1);
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV2), "/tmp");
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV3), ".");
  unsetenv("TMPDIR");
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV2), "/tmp");
  EXPECT_EQ(DefaultDirectory(Protocol::kCloudtoidV3), "/tmp");
}

}  // namespace
}  // namespace interprocess
