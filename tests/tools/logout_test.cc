// SPDX-License-Identifier: MIT

#include "tools/ipq/logout.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ipq {
namespace {

using interprocess::Protocol;

// A system below a folder, on which systemd runs. User 1234 has a login there.
class LogoutTest : public ::testing::Test {
 protected:
  LogoutTest() : root_(absl::StrCat(::testing::TempDir(), "logout.", getpid())) {
    std::filesystem::create_directories(root_ + "/run/systemd/system");
    Write("/dev/shm/interprocess-1234/orders.ipq", "");
    Write("/etc/login.defs", "# SYS_UID_MAX 99999\nSYS_UID_MAX\t1233\n");
    Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nanna:x:1234:1::/:/\n");
  }
  ~LogoutTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  std::string Warning(uint32_t owner = 1234) const {
    return LogoutWarningOn(root_, root_ + "/dev/shm/interprocess-1234/orders.ipq", owner,
                           Protocol::kNative);
  }

  const std::string root_;
};

TEST_F(LogoutTest, QueueOfAUserWithALoginIsLost) {
  EXPECT_TRUE(absl::StrContains(Warning(), "deletes this queue,")) << Warning();
  EXPECT_TRUE(absl::StrContains(Warning(), "RemoveIPC=no"));
  EXPECT_TRUE(absl::StrContains(Warning(), "loginctl enable-linger anna"));
}

TEST_F(LogoutTest, SystemUsersKeepTheirs) {
  EXPECT_EQ(Warning(1233), "");
  EXPECT_EQ(Warning(0), "");
}

TEST_F(LogoutTest, LastSystemUserIs999WhereNothingSaysSo) {
  std::filesystem::remove(root_ + "/etc/login.defs");
  EXPECT_EQ(Warning(999), "");
  EXPECT_NE(Warning(1000), "");
}

TEST_F(LogoutTest, UserWhoLingersKeepsTheirs) {
  Write("/var/lib/systemd/linger/berta", "");
  EXPECT_NE(Warning(), "");
  Write("/var/lib/systemd/linger/anna", "");
  EXPECT_EQ(Warning(), "");
}

TEST_F(LogoutTest, UnknownUserIsTakenToLoseThem) {
  std::filesystem::remove(root_ + "/etc/passwd");
  EXPECT_TRUE(absl::StrContains(Warning(), "when user 1234 ")) << Warning();
}

TEST_F(LogoutTest, NothingIsLostWithoutSystemd) {
  std::filesystem::remove_all(root_ + "/run/systemd");
  EXPECT_EQ(Warning(), "");
}

TEST_F(LogoutTest, NothingIsLostOutsideOfMemory) {
  Write("/var/queues/orders.ipq", "");
  const std::string path = root_ + "/var/queues/orders.ipq";
  EXPECT_EQ(LogoutWarningOn(root_, path, 1234, Protocol::kNative), "");
  EXPECT_TRUE(absl::StrContains(LogoutWarningOn(root_, path, 1234, Protocol::kCloudtoidV3),
                                "'s semaphore"));
}

TEST_F(LogoutTest, RemoveIpcOffKeepsThem) {
  for (const char* off : {"no", "No", "0", "off", "false"}) {
    Write("/etc/systemd/logind.conf", absl::StrCat("[Login]\n#RemoveIPC=yes\n RemoveIPC = ", off));
    EXPECT_EQ(Warning(), "") << off;
  }
  for (const char* text : {"[Login]\nRemoveIPC=yes\n", "[Login]\n#RemoveIPC=no\n",
                           "[Other]\nRemoveIPC=no\n", "[Login]\nRemoveIPC=perhaps\n", ""}) {
    Write("/etc/systemd/logind.conf", text);
    EXPECT_NE(Warning(), "") << text;
  }
}

TEST_F(LogoutTest, DropInsOverruleTheFileInTheOrderOfTheirNames) {
  Write("/etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
  Write("/usr/lib/systemd/logind.conf.d/20-vendor.conf", "[Login]\nRemoveIPC=yes\n");
  EXPECT_NE(Warning(), "");
  Write("/etc/systemd/logind.conf.d/10-site.conf", "[Login]\nRemoveIPC=no\n");
  EXPECT_NE(Warning(), "");
  Write("/run/systemd/logind.conf.d/30-today.conf", "[Login]\nRemoveIPC=no\n");
  EXPECT_EQ(Warning(), "");
  // Of two of one name, the administrator's.
  Write("/etc/systemd/logind.conf.d/30-today.conf", "");
  EXPECT_NE(Warning(), "");
  Write("/etc/systemd/logind.conf.d/40-site.conf.bak", "[Login]\nRemoveIPC=no\n");
  EXPECT_NE(Warning(), "");
}

TEST_F(LogoutTest, VendorsFileCountsWhereTheAdministratorHasNone) {
  Write("/usr/lib/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
  EXPECT_EQ(Warning(), "");
  Write("/etc/systemd/logind.conf", "[Login]\n");
  EXPECT_NE(Warning(), "");
}

}  // namespace
}  // namespace ipq
