// SPDX-License-Identifier: MIT

// Modes, owners and special files.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/linux_sandbox.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {

class DirectoryTestPeer {
 public:
  static absl::StatusOr<File> CreateNameless(const Directory& directory, Access access) {
    return directory.CreateNameless(access);
  }
  static absl::StatusOr<File> CreateTemporary(const Directory& directory, Access access) {
    return directory.CreateTemporary(access);
  }
};

namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::kForbidden;
using ::interprocess::testing::Link;
using ::interprocess::testing::MountPrivateTmpfs;
using ::interprocess::testing::ObeyFileModes;
using ::interprocess::testing::ScratchDirectory;
using ::testing::HasSubstr;

mode_t ModeOf(const std::string& path) {
  struct stat found = {};
  lstat(path.c_str(), &found);
  return found.st_mode & 07777;
}

TEST(DirectoryOnLinuxTest, FifoIsRefusedWithoutWaiting) {
  ScratchDirectory scratch;
  ASSERT_EQ(mkfifo(scratch.PathOf("fifo").c_str(), 0600), 0);
  for (const bool read_only : {false, true}) {
    const absl::Status status = scratch.Open().OpenFile("fifo", read_only).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("a FIFO"));
  }
}

TEST(DirectoryOnLinuxTest, SocketIsRefused) {
  ScratchDirectory scratch;
  // The path may be too long for a socket's address, so bind where it is.
  ASSERT_EQ(chdir(scratch.path().c_str()), 0);
  const int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(handle, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "socket");
  ASSERT_EQ(bind(handle, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const absl::Status status = scratch.Open().OpenFile("socket", false).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("a socket"));
  close(handle);
  ASSERT_EQ(chdir("/"), 0);
}

TEST(DirectoryOnLinuxTest, TooLongANameIsAnInvalidArgument) {
  ScratchDirectory scratch;
  EXPECT_TRUE(
      absl::IsInvalidArgument(scratch.Open().OpenFile(std::string(300, 'a'), false).status()));
}

TEST(DirectoryOnLinuxTest, UmaskDoesNotNarrowFiles) {
  struct Case {
    Access access;
    mode_t mode;
  };
  for (const mode_t mask : {mode_t{0}, mode_t{077}, mode_t{0777}}) {
    for (const Case& expected :
         {Case{Access::kOwner, 0600}, Case{Access::kGroup, 0660}, Case{Access::kEveryone, 0666}}) {
      ScratchDirectory scratch;
      Directory directory = scratch.Open();
      const mode_t before = umask(mask);
      absl::StatusOr<File> nameless = DirectoryTestPeer::CreateNameless(directory, expected.access);
      absl::StatusOr<File> temporary =
          DirectoryTestPeer::CreateTemporary(directory, expected.access);
      umask(before);
      ASSERT_TRUE(temporary.ok());
      ASSERT_TRUE(directory.Publish(*temporary, "temporary").ok());
      EXPECT_EQ(ModeOf(scratch.PathOf("temporary")), expected.mode);
      if (absl::IsUnimplemented(nameless.status())) continue;
      ASSERT_TRUE(directory.Publish(*nameless, "nameless").ok());
      EXPECT_EQ(ModeOf(scratch.PathOf("nameless")), expected.mode);
    }
  }
}

TEST(DirectoryOnLinuxTest, DirectoryThatIsNotWritableIsRefused) {
  ScratchDirectory scratch;
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!ObeyFileModes()) return kForbidden;
    // Not writable, not searchable, not readable.
    for (const mode_t mode : {0500, 0600, 0300}) {
      CHILD_CHECK(chmod(scratch.path().c_str(), mode) == 0);
      const absl::Status status = Directory::Open(scratch.path()).status();
      CHILD_CHECK(absl::IsPermissionDenied(status));
      CHILD_CHECK(status.message().find(scratch.path()) != std::string::npos);
    }
    return 0;
  });
  const int code = child.Wait();
  chmod(scratch.path().c_str(), 0700);
  EXPECT_EQ(code, 0);
}

TEST(DirectoryOnLinuxTest, AnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  ScratchDirectory scratch;
  { File file = scratch.MakeFile("q", 10); }
  // What leads there must not be what refuses.
  Directory directory = scratch.Open();
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (setresuid(65534, 65534, 65534) != 0) {
      perror("setresuid");
      return kForbidden;
    }
    const absl::Status status = directory.OpenFile("q", false).status();
    CHILD_CHECK(absl::IsPermissionDenied(status));
    CHILD_CHECK(absl::IsPermissionDenied(directory.OpenFile("q", true).status()));
    CHILD_CHECK(absl::IsPermissionDenied(directory.CreateUnpublished(Access::kOwner).status()));
    CHILD_CHECK(absl::IsPermissionDenied(Directory::Open(scratch.path()).status()));
    return 0;
  });
  ASSERT_EQ(chmod(scratch.path().c_str(), 0755), 0);
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST(DirectoryOnLinuxTest, ReadOnlyFileIsOpenedForReadingOnly) {
  ScratchDirectory scratch;
  { File file = scratch.MakeFile("q", 10); }
  ASSERT_EQ(chmod(scratch.PathOf("q").c_str(), 0400), 0);
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!ObeyFileModes()) return kForbidden;
    Directory directory = scratch.Open();
    CHILD_CHECK(absl::IsPermissionDenied(directory.OpenFile("q", false).status()));
    CHILD_CHECK(directory.OpenFile("q", true).ok());
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST(DirectoryOnLinuxTest, NamelessFilesAreWhatIsUsed) {
  ScratchDirectory scratch;
  Directory directory = scratch.Open();
  if (absl::IsUnimplemented(
          DirectoryTestPeer::CreateNameless(directory, Access::kOwner).status())) {
    GTEST_SKIP() << "the file system of " << scratch.path() << " has none";
  }
  File file = directory.CreateUnpublished(Access::kOwner).value();
  EXPECT_EQ(directory.List("")->size(), 0u);
}

TEST(DefaultDirectoryTest, IsInSharedMemoryAndThisUsers) {
  if (access("/dev/shm", F_OK) != 0) GTEST_SKIP() << "there is no /dev/shm here";
  EXPECT_EQ(DefaultDirectory(), "/dev/shm/interprocess-" + std::to_string(geteuid()));
}

// Each in a /dev/shm of its own, so that the real one stays as it is.
class OpenDefaultTest : public ::testing::Test {
 protected:
  template <typename Body>
  void InPrivateSharedMemory(Body body) {
    ChildProcess child = ChildProcess::Fork([&](const Link&) {
      if (!MountPrivateTmpfs("/dev/shm", "1m")) return kForbidden;
      return body(DefaultDirectory());
    });
    EXPECT_CHILD_SUCCEEDED(child);
  }
};

TEST_F(OpenDefaultTest, MakesItForItsOwnerAlone) {
  InPrivateSharedMemory([](const std::string& path) {
    for (const mode_t mask : {0, 022, 0177}) {
      umask(mask);
      CHILD_CHECK(Directory::OpenDefault().ok());
      CHILD_CHECK(ModeOf(path) == 0700);
      CHILD_CHECK(Directory::OpenDefault()->path() == path);
      CHILD_CHECK(rmdir(path.c_str()) == 0);
    }
    return 0;
  });
}

TEST_F(OpenDefaultTest, WorksUnderAUmaskThatTakesItsOwnersPermissions) {
  InPrivateSharedMemory([](const std::string& path) {
    if (!ObeyFileModes()) return kForbidden;
    for (const mode_t mask : {0100, 0200, 0400, 0500, 0777}) {
      umask(mask);
      CHILD_CHECK(Directory::OpenDefault().ok());
      CHILD_CHECK(ModeOf(path) == 0700);
      umask(022);
      CHILD_CHECK(Directory::OpenDefault().ok());
      CHILD_CHECK(rmdir(path.c_str()) == 0);
    }
    return 0;
  });
}

// As one is found whose maker was stopped between making it and giving it its mode.
TEST_F(OpenDefaultTest, RepairsAnOwnDirectoryThatItsOwnerMayNotUse) {
  InPrivateSharedMemory([](const std::string& path) {
    if (!ObeyFileModes()) return kForbidden;
    CHILD_CHECK(mkdir(path.c_str(), 0700) == 0);
    for (const mode_t mode : {0000, 0300, 0500, 0600, 0055}) {
      CHILD_CHECK(chmod(path.c_str(), mode) == 0);
      CHILD_CHECK(Directory::OpenDefault().ok());
      CHILD_CHECK(ModeOf(path) == (0700 | mode));
      CHILD_CHECK(chmod(path.c_str(), mode) == 0);
      CHILD_CHECK(Directory::OpenDefaultForReading().ok());
    }
    return 0;
  });
}

TEST_F(OpenDefaultTest, RepairsNothingThatALinkLeadsTo) {
  InPrivateSharedMemory([](const std::string& path) {
    if (!ObeyFileModes()) return kForbidden;
    CHILD_CHECK(mkdir("/dev/shm/real", 0000) == 0);
    CHILD_CHECK(symlink("real", path.c_str()) == 0);
    CHILD_CHECK(!Directory::OpenDefault().ok());
    CHILD_CHECK(ModeOf("/dev/shm/real") == 0);
    return 0;
  });
}

TEST_F(OpenDefaultTest, RefusesOneThatOthersMayWriteIn) {
  InPrivateSharedMemory([](const std::string& path) {
    CHILD_CHECK(mkdir(path.c_str(), 0700) == 0);
    for (const mode_t mode : {0720, 0702, 0777, 01777}) {
      CHILD_CHECK(chmod(path.c_str(), mode) == 0);
      const absl::Status status = Directory::OpenDefault().status();
      CHILD_CHECK(absl::IsPermissionDenied(status));
      CHILD_CHECK(status.message().find("other users may write") != std::string::npos);
    }
    CHILD_CHECK(chmod(path.c_str(), 0755) == 0);
    CHILD_CHECK(Directory::OpenDefault().ok());
    return 0;
  });
}

TEST_F(OpenDefaultTest, RefusesALinkAndAFile) {
  InPrivateSharedMemory([](const std::string& path) {
    CHILD_CHECK(mkdir("/dev/shm/real", 0700) == 0);
    CHILD_CHECK(symlink("real", path.c_str()) == 0);
    const absl::Status status = Directory::OpenDefault().status();
    CHILD_CHECK(absl::IsInvalidArgument(status));
    CHILD_CHECK(status.message().find("symbolic link") != std::string::npos);
    CHILD_CHECK(unlink(path.c_str()) == 0);
    const int handle = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHILD_CHECK(handle >= 0);
    CHILD_CHECK(absl::IsInvalidArgument(Directory::OpenDefault().status()));
    return 0;
  });
}

TEST_F(OpenDefaultTest, RefusesAnotherUsers) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ScratchDirectory scratch;
  ASSERT_EQ(chmod(scratch.path().c_str(), 0755), 0);
  if (chown(scratch.path().c_str(), 65534, 65534) != 0) {
    GTEST_SKIP() << "the system forbids giving a directory away: " << strerror(errno);
  }
  InPrivateSharedMemory([&](const std::string& path) {
    CHILD_CHECK(mkdir(path.c_str(), 0700) == 0);
    if (mount(scratch.path().c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      perror("mount");
      return kForbidden;
    }
    const absl::Status status = Directory::OpenDefault().status();
    CHILD_CHECK(absl::IsPermissionDenied(status));
    CHILD_CHECK(status.message().find("belongs to user 65534") != std::string::npos);
    CHILD_CHECK(absl::IsPermissionDenied(Directory::OpenDefaultForReading().status()));
    return 0;
  });
}

}  // namespace
}  // namespace interprocess::platform
