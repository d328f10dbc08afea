// SPDX-License-Identifier: MIT

// The same for what only POSIX systems have: links, modes, and names of any bytes.

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/api/bad_input.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::RunInFork;

TEST_F(BadInputTest, UnusualNamesAreNames) {
  for (const std::string& name :
       {std::string(200, 'n'), std::string("a"), std::string("a b"), std::string("a.b."),
        std::string("-rf"), std::string("\xc3\xa4\xc3\xb6"), std::string("\xff\xfe"),
        std::string("*?'\"$(x)"), std::string("x.ipq")}) {
    options_.name = name;
    EXPECT_TRUE(options_.Validate().ok()) << options_.Validate();
    auto publisher = Publisher::Open(options_);
    EXPECT_TRUE(publisher.ok()) << publisher.status();
    EXPECT_TRUE(directory_.Has(name));
  }
}

TEST_F(BadInputTest, DirectoryThatIsNoneIsInvalid) {
  const std::string file = directory_.path() + "/file";
  const std::string link = directory_.path() + "/link";
  ASSERT_EQ(close(creat(file.c_str(), 0600)), 0);
  ASSERT_EQ(symlink(directory_.path().c_str(), link.c_str()), 0);
  for (const auto& [path, kind] :
       {std::pair{file, "a file"}, {link, "a symbolic link"}, {link + "/", "a symbolic link"}}) {
    options_.directory = path;
    for (const NamedCall& call : CallsWithName()) {
      SCOPED_TRACE(call.name + " " + path);
      ExpectError(call.call(options_), StatusCode::kInvalidArgument, kind);
    }
    ExpectError(ListQueues(path).status(), StatusCode::kInvalidArgument, kind);
  }
  options_.directory = std::string("/tmp\0x", 6);
  ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, "NUL");
  for (const NamedCall& call : CallsWithName()) {
    SCOPED_TRACE(call.name);
    EXPECT_EQ(call.call(options_).code(), StatusCode::kInvalidArgument);
  }
}

TEST_F(BadInputTest, DirectoryNameTooLongForTheSystemIsRefused) {
  options_.directory = "/" + std::string(5000, 'd');
  for (const NamedCall& call : CallsWithName()) {
    const absl::Status status = call.call(options_);
    EXPECT_FALSE(status.ok()) << call.name;
    EXPECT_NE(status.code(), StatusCode::kUnknown) << status;
  }
}

// In a child: gives up the privileges by which root passes over file modes.
bool ObeyFileModes() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

int CheckDenied(const QueueOptions& options, const std::string& path) {
  FORK_CHECK(ObeyFileModes());
  for (const NamedCall& call : CallsWithName()) {
    const absl::Status status = call.call(options);
    if (status.code() == StatusCode::kPermissionDenied &&
        absl::StrContains(status.message(), path)) {
      continue;
    }
    fprintf(stderr, "%s: %s\n", call.name.c_str(), status.ToString().c_str());
    return 1;
  }
  return 0;
}

TEST_F(BadInputTest, DirectoryThatMayNotBeWrittenIsDenied) {
  ASSERT_TRUE(Publisher::Open(options_)->TryEnqueue("kept").ok());
  ASSERT_EQ(chmod(directory_.path().c_str(), 0555), 0);
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(ObeyFileModes());
              for (const absl::Status& status :
                   {Publisher::Open(options_).status(), Subscriber::Open(options_).status(),
                    RemoveQueue("queue", options_.directory)}) {
                FORK_CHECK(status.code() == StatusCode::kPermissionDenied);
                FORK_CHECK(absl::StrContains(status.message(), options_.directory));
              }
              // Looking needs no right to write.
              FORK_CHECK(QueueInspector::Open("queue", options_.directory)->Check()->empty());
              const auto entries = ListQueues(options_.directory);
              FORK_CHECK(entries.ok() && entries->size() == 1 && (*entries)[0].status.ok());
              return 0;
            }),
            0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0700), 0);
}

TEST_F(BadInputTest, QueueThatMayNotBeOpenedIsDeniedAndListedSo) {
  ASSERT_TRUE(Publisher::Open(options_)->TryEnqueue("kept").ok());
  ASSERT_EQ(chmod(directory_.FileOf("queue").c_str(), 0), 0);
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(CheckDenied(options_, directory_.FileOf("queue")) == 0);
              const auto entries = ListQueues(options_.directory);
              FORK_CHECK(entries.ok() && entries->size() == 1);
              FORK_CHECK((*entries)[0].status.code() == StatusCode::kPermissionDenied);
              FORK_CHECK((*entries)[0].capacity == 0);
              return 0;
            }),
            0);
}

TEST_F(BadInputTest, AccessIsTheModeOfTheFileWhateverTheUmask) {
  for (const auto& [access, mode] :
       {std::pair{Access::kOwner, 0600}, {Access::kGroup, 0660}, {Access::kEveryone, 0666}}) {
    options_.access = access;
    const mode_t before = umask(0077);
    const auto publisher = Publisher::Open(options_);
    umask(before);
    ASSERT_TRUE(publisher.ok()) << publisher.status();
    struct stat found;
    ASSERT_EQ(stat(directory_.FileOf("queue").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, static_cast<mode_t>(mode));
  }
}

}  // namespace
}  // namespace interprocess
