// SPDX-License-Identifier: MIT

// Too little space is told before it is missed.

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "core/platform/directory.h"
#include "core/platform/reserve.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/linux_sandbox.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::kForbidden;
using ::interprocess::testing::Link;
using ::interprocess::testing::MountPrivateTmpfs;
using ::interprocess::testing::ScratchDirectory;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

bool Contains(const absl::Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

int64_t FreeBytes(const std::string& path) {
  struct statvfs system = {};
  statvfs(path.c_str(), &system);
  return static_cast<int64_t>(system.f_bavail * system.f_frsize);
}

int64_t BackedBytes(const File& file) {
  struct stat found = {};
  fstat(file.handle(), &found);
  return int64_t{found.st_blocks} * 512;
}

class ReserveTest : public ::testing::Test {
 protected:
  File Create() const { return scratch_.Open().CreateUnpublished(Access::kOwner).value(); }

  // The body runs in a child, with one MiB at `path`.
  template <typename Body>
  void InSmallFileSystem(Body body) {
    ChildProcess child = ChildProcess::Fork([&](const Link&) {
      if (!MountPrivateTmpfs(scratch_.path(), "1m")) return kForbidden;
      return body(scratch_.path());
    });
    EXPECT_CHILD_SUCCEEDED(child);
  }

  ScratchDirectory scratch_;
};

TEST_F(ReserveTest, BacksEveryByte) {
  File reserved = Create();
  ASSERT_TRUE(reserved.SetSize(20 * kMiB + 1, true).ok());
  EXPECT_EQ(*reserved.Size(), 20 * kMiB + 1);
  EXPECT_GE(BackedBytes(reserved), 20 * kMiB + 1);
  File sparse = Create();
  ASSERT_TRUE(sparse.SetSize(20 * kMiB, false).ok());
  EXPECT_LT(BackedBytes(sparse), kMiB);
}

TEST_F(ReserveTest, WritingBacksEveryByteToo) {
  File file = Create();
  ASSERT_TRUE(internal::ReserveByWriting(file.handle(), file.path(), 3 * kMiB + 1).ok());
  EXPECT_EQ(*file.Size(), 3 * kMiB + 1);
}

TEST_F(ReserveTest, MoreThanIsFreeIsRefusedWithBothNumbers) {
  InSmallFileSystem([](const std::string& path) {
    auto directory = Directory::Open(path);
    CHILD_CHECK(directory.ok());
    auto file = directory->CreateUnpublished(Access::kOwner);
    CHILD_CHECK(file.ok());
    const int64_t available = FreeBytes(path);
    const absl::Status status = file->SetSize(2 * kMiB, true);
    CHILD_CHECK(absl::IsResourceExhausted(status));
    CHILD_CHECK(Contains(status, "2097152 bytes wanted"));
    CHILD_CHECK(Contains(status, std::to_string(available) + " bytes available"));
    CHILD_CHECK(*file->Size() == 0);
    CHILD_CHECK(FreeBytes(path) == available);
    // What fits still does.
    CHILD_CHECK(file->SetSize(kMiB / 2, true).ok());
    CHILD_CHECK(FreeBytes(path) == available - kMiB / 2);
    // Unbacked bytes may be more.
    CHILD_CHECK(directory->CreateUnpublished(Access::kOwner)->SetSize(8 * kMiB, false).ok());
    return 0;
  });
}

TEST_F(ReserveTest, WritingMoreThanIsFreeIsRefused) {
  InSmallFileSystem([](const std::string& path) {
    auto file = Directory::Open(path)->CreateUnpublished(Access::kOwner);
    CHILD_CHECK(file.ok());
    const absl::Status status = internal::ReserveByWriting(file->handle(), path, 2 * kMiB);
    CHILD_CHECK(absl::IsResourceExhausted(status));
    CHILD_CHECK(Contains(status, "pwrite '" + path + "': No space left on device"));
    return 0;
  });
}

TEST_F(ReserveTest, LimitOnFileSizesIsAnErrorNotASignal) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    signal(SIGXFSZ, SIG_DFL);
    const rlimit limit = {4096, 4096};
    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    File file = Create();
    for (const bool reserve : {false, true}) {
      const absl::Status status = file.SetSize(8192, reserve);
      CHILD_CHECK(absl::IsResourceExhausted(status));
      CHILD_CHECK(Contains(status, "8192 bytes wanted"));
      CHILD_CHECK(Contains(status, "4096 bytes at most"));
      CHILD_CHECK(*file.Size() == 0);
    }
    CHILD_CHECK(file.SetSize(4096, true).ok());
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

TEST_F(ReserveTest, FailureAfterAPartGivesThePartBack) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    signal(SIGXFSZ, SIG_IGN);
    // Behind the first of the pieces that space is had in.
    const rlimit limit = {12 * kMiB, 12 * kMiB};
    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    File file = Create();
    const absl::Status status = ReserveSpace(file.handle(), file.path(), 20 * kMiB);
    CHILD_CHECK(absl::IsResourceExhausted(status));
    CHILD_CHECK(Contains(status, "20971520 bytes wanted"));
    CHILD_CHECK(*file.Size() == 0);
    CHILD_CHECK(BackedBytes(file) == 0);
    return 0;
  });
  EXPECT_EQ(child.Wait(), 0);
}

// A tree of control groups, as files.
class ControlGroupRoomTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path full = scratch_.PathOf(path);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text << "\n";
  }
  int64_t Room(const std::string& cgroups) {
    return internal::ControlGroupRoom(cgroups, scratch_.path());
  }

  ScratchDirectory scratch_;
};

TEST_F(ControlGroupRoomTest, IsUnlimitedWhereNothingIsSaid) {
  EXPECT_EQ(Room(""), kUnlimited);
  EXPECT_EQ(Room("nonsense\n0:\n"), kUnlimited);
  EXPECT_EQ(Room("0::/a/b\n5:memory:/c\n"), kUnlimited);
  Write("a/memory.max", "max");
  Write("a/memory.current", "100");
  EXPECT_EQ(Room("0::/a\n"), kUnlimited);
}

TEST_F(ControlGroupRoomTest, IsWhatALimitLeaves) {
  Write("a/memory.max", "1000");
  Write("a/memory.current", "300");
  EXPECT_EQ(Room("0::/a\n"), 700);
  Write("a/memory.current", "1300");
  EXPECT_EQ(Room("0::/a\n"), 0);
}

TEST_F(ControlGroupRoomTest, CountsWhatCanBeDropped) {
  Write("a/memory.max", "1000");
  Write("a/memory.current", "900");
  Write("a/memory.stat", "anon 100\ninactive_anon 400\nactive_file 100\ninactive_file 250");
  EXPECT_EQ(Room("0::/a\n"), 450);
}

TEST_F(ControlGroupRoomTest, IsTheLeastOnTheWayUp) {
  Write("memory.max", "5000");
  Write("memory.current", "4900");
  Write("a/memory.max", "1000");
  Write("a/memory.current", "200");
  Write("a/b/memory.max", "max");
  EXPECT_EQ(Room("0::/a/b/c\n"), 100);
  Write("memory.current", "0");
  EXPECT_EQ(Room("0::/a/b/c\n"), 800);
  EXPECT_EQ(Room("0::/\n"), 5000);
}

TEST_F(ControlGroupRoomTest, KnowsTheOlderInterface) {
  Write("memory/a/memory.limit_in_bytes", "1000");
  Write("memory/a/memory.usage_in_bytes", "900");
  Write("memory/a/memory.stat",
        "inactive_file 1\ntotal_inactive_file 50\ntotal_active_file 25\ntotal_rss 800");
  Write("memory/memory.limit_in_bytes", "9223372036854771712");
  Write("memory/memory.usage_in_bytes", "5000");
  EXPECT_EQ(Room("9:name=systemd:/\n4:memory:/a\n0::/\n"), 175);
  EXPECT_EQ(Room("4:cpu,memory:/a\n"), 175);
  EXPECT_EQ(Room("4:cpu:/a\n"), kUnlimited);
}

}  // namespace
}  // namespace interprocess::platform
