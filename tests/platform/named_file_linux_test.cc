// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/platform/directory.h"
#include "core/platform/named_file.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/linux_sandbox.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

namespace fs = std::filesystem;
using testing::ChildProcess;
using testing::kForbidden;
using testing::Link;

// A file that stays open, and how it is named.
struct Named {
  explicit Named(const std::string& folder)
      : path(folder + "/file"), handle(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    struct stat found = {};
    fstat(handle, &found);
    name = NamedFile(path, {found.st_dev, found.st_ino});
  }
  ~Named() { close(handle); }

  std::string path;
  int handle;
  NamedFile name;
};

class NamedFileTest : public ::testing::Test {
 protected:
  NamedFileTest() : folder_(scratch_.path() + "/folder") {
    fs::create_directory(folder_);
    named_ = std::make_unique<Named>(folder_);
  }
  NameState Look() const { return named_->name.Look(); }
  std::string Other(const std::string& name) const { return folder_ + "/" + name; }

  testing::ScratchDirectory scratch_;
  std::string folder_;
  std::unique_ptr<Named> named_;
};

TEST_F(NamedFileTest, NoNameIsSound) { EXPECT_EQ(NamedFile().Look(), NameState::kSound); }

TEST_F(NamedFileTest, NothingIsSeenOfARelativePath) {
  EXPECT_EQ(NamedFile("file", {1, 2}).Look(), NameState::kUnknown);
}

TEST_F(NamedFileTest, NameOfTheFileIsSound) {
  EXPECT_EQ(Look(), NameState::kSound);
  fs::create_hard_link(named_->path, Other("second"));
  EXPECT_EQ(Look(), NameState::kSound);
  fs::rename(named_->path, Other("away"));
  EXPECT_EQ(Look(), NameState::kGone);
  fs::rename(Other("away"), named_->path);
  EXPECT_EQ(Look(), NameState::kSound);
}

TEST_F(NamedFileTest, NameThatLeadsNowhereIsGone) {
  fs::create_hard_link(named_->path, Other("second"));
  fs::remove(named_->path);
  EXPECT_EQ(Look(), NameState::kGone);
  fs::remove_all(folder_);
  EXPECT_EQ(Look(), NameState::kGone);
  fs::create_directory(folder_);
  EXPECT_EQ(Look(), NameState::kGone);
  fs::remove(folder_);
  fclose(fopen(folder_.c_str(), "w"));
  EXPECT_EQ(Look(), NameState::kGone);
}

TEST_F(NamedFileTest, NameOfAnotherFileLeadsElsewhere) {
  fclose(fopen(Other("other").c_str(), "w"));
  fs::rename(Other("other"), named_->path);
  EXPECT_EQ(Look(), NameState::kElsewhere);
  // No opener follows a link, wherever it leads.
  fs::rename(folder_, folder_ + "-moved");
  const Named another(folder_ + "-moved");
  fs::create_directory(folder_);
  fs::create_symlink(another.path, named_->path);
  EXPECT_EQ(Look(), NameState::kElsewhere);
}

TEST_F(NamedFileTest, LinkInThePathBeforeMayChange) {
  fs::create_directory_symlink(folder_, scratch_.path() + "/link");
  struct stat found = {};
  fstat(named_->handle, &found);
  const NamedFile name(scratch_.path() + "/link/file", {found.st_dev, found.st_ino});
  EXPECT_EQ(name.Look(), NameState::kSound);
  fs::create_directory(scratch_.path() + "/elsewhere");
  fs::remove(scratch_.path() + "/link");
  fs::create_directory_symlink(scratch_.path() + "/elsewhere", scratch_.path() + "/link");
  EXPECT_EQ(name.Look(), NameState::kGone);
}

TEST_F(NamedFileTest, NothingIsSeenAfterChroot) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    const Named named(folder_);
    if (chroot(scratch_.path().c_str()) != 0 &&
        (unshare(CLONE_NEWUSER) != 0 || chroot(scratch_.path().c_str()) != 0)) {
      perror("chroot");
      return kForbidden;
    }
    CHILD_CHECK(named.name.Look() == NameState::kUnknown);
    // A file of that path in there is another's.
    CHILD_CHECK(fs::create_directories(folder_));
    CHILD_CHECK(close(open(named.path.c_str(), O_CREAT | O_RDWR, 0600)) == 0);
    CHILD_CHECK(named.name.Look() == NameState::kUnknown);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(NamedFileTest, NothingIsSeenWithoutPermissionToSearch) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    CHILD_CHECK(testing::ObeyFileModes());
    const Named named(folder_);
    CHILD_CHECK(chmod(folder_.c_str(), 0) == 0);
    const NameState there = named.name.Look();
    CHILD_CHECK(chmod(folder_.c_str(), 0700) == 0);
    CHILD_CHECK(there == NameState::kUnknown);
    CHILD_CHECK(named.name.Look() == NameState::kSound);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(NamedFileTest, NothingIsSeenFromAnotherMountNamespace) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    const Named named(folder_);
    if (!testing::MountPrivateTmpfs(folder_, "1m")) return kForbidden;
    CHILD_CHECK(named.name.Look() == NameState::kUnknown);
    CHILD_CHECK(umount(folder_.c_str()) == 0);
    CHILD_CHECK(named.name.Look() == NameState::kSound);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(NamedFileTest, FileSystemMountedOverTheFolderHidesIt) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!testing::MountPrivateTmpfs(folder_, "1m")) return kForbidden;
    const Named named(folder_);
    CHILD_CHECK(named.name.Look() == NameState::kSound);
    CHILD_CHECK(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") == 0);
    CHILD_CHECK(named.name.Look() == NameState::kGone);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(NamedFileTest, BindMountOfTheFolderLeadsToTheFile) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!testing::MountPrivateTmpfs(folder_, "1m")) return kForbidden;
    const std::string bound = scratch_.path() + "/bound";
    CHILD_CHECK(fs::create_directory(bound));
    CHILD_CHECK(mount(folder_.c_str(), bound.c_str(), nullptr, MS_BIND, nullptr) == 0);
    const Named named(folder_);
    const Named through(bound);
    CHILD_CHECK(through.name.Look() == NameState::kSound);
    CHILD_CHECK(unlink(named.path.c_str()) == 0);
    CHILD_CHECK(through.name.Look() == NameState::kGone);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

TEST_F(NamedFileTest, FileOfAnOverlayIsSoundBeforeAndAfterItIsCopiedUp) {
  ChildProcess child = ChildProcess::Fork([&](const Link&) {
    if (!testing::MountPrivateTmpfs(folder_, "1m")) return kForbidden;
    for (const char* part : {"/lower", "/upper", "/work", "/merged"}) {
      CHILD_CHECK(fs::create_directory(folder_ + part));
    }
    { const Named below(folder_ + "/lower"); }
    const std::string merged = folder_ + "/merged";
    const std::string parts = "lowerdir=" + folder_ + "/lower,upperdir=" + folder_ +
                              "/upper,workdir=" + folder_ + "/work,userxattr";
    if (mount("overlay", merged.c_str(), "overlay", 0, parts.c_str()) != 0) {
      perror("mount overlay");
      return kForbidden;
    }
    const Named named(merged);
    CHILD_CHECK(named.name.Look() == NameState::kSound);
    CHILD_CHECK(write(named.handle, "x", 1) == 1);
    CHILD_CHECK(named.name.Look() == NameState::kSound);
    CHILD_CHECK(unlink(named.path.c_str()) == 0);
    CHILD_CHECK(named.name.Look() == NameState::kGone);
    return 0;
  });
  EXPECT_CHILD_SUCCEEDED(child);
}

}  // namespace
}  // namespace interprocess::platform
