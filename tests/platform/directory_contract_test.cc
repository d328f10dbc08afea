// SPDX-License-Identifier: MIT

// What every backend of directories, files and mappings shows.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {

class DirectoryTestPeer {
 public:
  static absl::StatusOr<File> CreateNameless(const Directory& directory) {
    return directory.CreateNameless(Access::kOwner);
  }
  static absl::StatusOr<File> CreateTemporary(const Directory& directory) {
    return directory.CreateTemporary(Access::kOwner);
  }
};

namespace {

namespace fs = std::filesystem;
using ::interprocess::testing::MakeLink;
using ::interprocess::testing::MakeLinkToDirectory;
using ::interprocess::testing::ScratchDirectory;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Entries(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  return names;
}

class DirectoryContractTest : public ::testing::Test {
 protected:
  ScratchDirectory scratch_;
};

TEST_F(DirectoryContractTest, MissingDirectoryIsNotFound) {
  const absl::Status status = Directory::Open(scratch_.PathOf("none")).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.PathOf("none")));
}

TEST_F(DirectoryContractTest, FileIsNoDirectory) {
  std::ofstream(scratch_.PathOf("file")) << "x";
  const absl::Status status = Directory::Open(scratch_.PathOf("file")).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("it is a file"));
  EXPECT_TRUE(absl::IsInvalidArgument(Directory::Open(scratch_.PathOf("file/x")).status()));
}

TEST_F(DirectoryContractTest, LinkIsNoDirectory) {
  fs::create_directory(scratch_.PathOf("real"));
  if (!MakeLinkToDirectory("real", scratch_.PathOf("link")) ||
      !MakeLinkToDirectory("none", scratch_.PathOf("dangling"))) {
    GTEST_SKIP() << "no symbolic links here";
  }
  for (const char* name : {"link", "link/", "link//", "dangling"}) {
    const absl::Status status = Directory::Open(scratch_.PathOf(name)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("symbolic link")) << name;
  }
}

TEST_F(DirectoryContractTest, EmptyPathIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Directory::Open("").status()));
}

TEST_F(DirectoryContractTest, SlashesAtTheEndDoNotMatter) {
  absl::StatusOr<Directory> directory = Directory::Open(scratch_.path() + "//");
  ASSERT_TRUE(directory.ok());
  EXPECT_EQ(directory->PathOf("q"), scratch_.PathOf("q"));
}

TEST_F(DirectoryContractTest, MovedDirectoryWorks) {
  Directory first = scratch_.Open();
  Directory second = std::move(first);
  second = std::move(second);
  ScratchDirectory elsewhere;
  Directory third = elsewhere.Open();
  third = std::move(second);
  EXPECT_EQ(third.path(), scratch_.path());
  EXPECT_TRUE(third.List("").ok());
}

TEST_F(DirectoryContractTest, MissingFileIsNotFound) {
  const absl::Status status = scratch_.Open().OpenFile("none", false).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.PathOf("none")));
}

TEST_F(DirectoryContractTest, OnlyRegularFilesAreOpened) {
  fs::create_directory(scratch_.PathOf("folder"));
  std::ofstream(scratch_.PathOf("file")) << "x";
  std::vector<std::string> others = {"folder"};
  for (const auto& [target, link] : {std::pair("file", "link"), std::pair("none", "dangling")}) {
    if (MakeLink(target, scratch_.PathOf(link))) others.push_back(link);
  }
  Directory directory = scratch_.Open();
  for (const bool read_only : {false, true}) {
    for (const std::string& name : others) {
      const absl::Status status = directory.OpenFile(name, read_only).status();
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << name << ": " << status;
    }
    EXPECT_TRUE(directory.OpenFile("file", read_only).ok());
  }
}

TEST_F(DirectoryContractTest, NamesDoNotLeadElsewhere) {
  fs::create_directory(scratch_.PathOf("folder"));
  std::ofstream(scratch_.PathOf("file")) << "x";
  Directory directory = Directory::Open(scratch_.PathOf("folder")).value();
  File file = directory.CreateUnpublished(Access::kOwner).value();
  const std::string names[] = {"", ".", "..", "../file", "a/b", "/file", std::string("file\0x", 6)};
  for (const std::string& name : names) {
    EXPECT_TRUE(absl::IsInvalidArgument(directory.OpenFile(name, false).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(directory.Publish(file, name))) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(directory.Remove(name, FileIdentity{}))) << name;
  }
}

TEST_F(DirectoryContractTest, ListTellsEndingsInOrder) {
  for (const char* name : {"b.ipq", "a.ipq", "c.txt", "ipq", ".ipq"}) {
    std::ofstream(scratch_.PathOf(name)) << "x";
  }
  fs::create_directory(scratch_.PathOf("d.ipq"));
  Directory directory = scratch_.Open();
  using Names = std::vector<std::string>;
  EXPECT_EQ(*directory.List(".ipq"), (Names{".ipq", "a.ipq", "b.ipq", "d.ipq"}));
  EXPECT_EQ(*directory.List(".ipq"), (Names{".ipq", "a.ipq", "b.ipq", "d.ipq"}));
  EXPECT_EQ(*directory.List(".none"), Names{});
  EXPECT_EQ(directory.List("")->size(), 6u);
}

TEST_F(DirectoryContractTest, RemoveTakesOnlyThatFile) {
  Directory directory = scratch_.Open();
  File first = scratch_.MakeFile("q", 10);
  const FileIdentity gone = *first.Identity();
  EXPECT_TRUE(directory.Remove("q", gone).ok());
  // It may live on, under a name of its own, for as long as it is open.
  EXPECT_TRUE(absl::IsNotFound(directory.OpenFile("q", true).status()));
  EXPECT_TRUE(directory.Remove("q", gone).ok());  // nothing there
  File second = scratch_.MakeFile("q", 10);
  ASSERT_NE(*second.Identity(), gone);  // `first` is still open
  EXPECT_TRUE(directory.Remove("q", gone).ok());
  EXPECT_TRUE(directory.OpenFile("q", true).ok());
  first.Close();
  second.Close();
  EXPECT_EQ(Entries(scratch_.path()), std::vector<std::string>{"q"});
}

TEST_F(DirectoryContractTest, RemovedFileIsGoneWhenNobodyHasItMapped) {
  Directory directory = scratch_.Open();
  File file = scratch_.MakeFile("q", 4096);
  const FileIdentity identity = *file.Identity();
  {
    MappedFile mapped = MappedFile::Map(file, 4096, false).value();
    file.Close();
    EXPECT_TRUE(directory.Remove("q", identity).ok());
    EXPECT_TRUE(absl::IsNotFound(directory.OpenFile("q", true).status()));
    mapped.data()[0] = 1;
  }
  // At the latest with the next that is removed.
  File next = scratch_.MakeFile("r", 10);
  const FileIdentity next_identity = *next.Identity();
  next.Close();
  EXPECT_TRUE(directory.Remove("r", next_identity).ok());
  EXPECT_THAT(Entries(scratch_.path()), IsEmpty());
}

TEST_F(DirectoryContractTest, RemoveDoesNotFollowLinks) {
  File file = scratch_.MakeFile("q", 10);
  if (!MakeLink("q", scratch_.PathOf("link"))) GTEST_SKIP() << "no symbolic links here";
  EXPECT_TRUE(scratch_.Open().Remove("link", *file.Identity()).ok());
  EXPECT_EQ(Entries(scratch_.path()).size(), 2u);
}

TEST_F(DirectoryContractTest, IdentityIsTheFilesNotTheNames) {
  File file = scratch_.MakeFile("q", 10);
  fs::create_hard_link(scratch_.PathOf("q"), scratch_.PathOf("r"));
  File other = scratch_.MakeFile("s", 10);
  EXPECT_EQ(*scratch_.Open().OpenFile("r", true)->Identity(), *file.Identity());
  EXPECT_NE(*other.Identity(), *file.Identity());
}

// Both ways to make a file that is not seen yet; a system may have only the second.
class UnpublishedFileTest : public ::testing::TestWithParam<bool> {
 protected:
  absl::StatusOr<File> Create() const {
    return GetParam() ? DirectoryTestPeer::CreateNameless(directory_)
                      : DirectoryTestPeer::CreateTemporary(directory_);
  }
  void SetUp() override {
    if (absl::IsUnimplemented(Create().status())) {
      GTEST_SKIP() << "the file system of " << scratch_.path() << " has no nameless files";
    }
  }

  ScratchDirectory scratch_;
  Directory directory_ = scratch_.Open();
};

INSTANTIATE_TEST_SUITE_P(EitherWay, UnpublishedFileTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Nameless" : "Temporary"; });

TEST_P(UnpublishedFileTest, IsEmptyAndNotSeen) {
  File file = Create().value();
  EXPECT_EQ(*file.Size(), 0);
  EXPECT_EQ(*directory_.List(".ipq"), std::vector<std::string>{});
}

TEST_P(UnpublishedFileTest, GetsItsNameInOneStep) {
  File file = Create().value();
  ASSERT_TRUE(file.SetSize(100, true).ok());
  ASSERT_TRUE(directory_.Publish(file, "q.ipq").ok());
  EXPECT_EQ(file.path(), scratch_.PathOf("q.ipq"));
  EXPECT_EQ(Entries(scratch_.path()), std::vector<std::string>{"q.ipq"});
  File found = directory_.OpenFile("q.ipq", false).value();
  EXPECT_EQ(*found.Identity(), *file.Identity());
  EXPECT_EQ(*found.Size(), 100);
  file.Close();
  EXPECT_EQ(Entries(scratch_.path()), std::vector<std::string>{"q.ipq"});
}

TEST_P(UnpublishedFileTest, LeavesATakenNameAlone) {
  std::ofstream(scratch_.PathOf("q.ipq")) << "theirs";
  {
    File file = Create().value();
    const absl::Status status = directory_.Publish(file, "q.ipq");
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.PathOf("q.ipq")));
  }
  EXPECT_EQ(Entries(scratch_.path()), std::vector<std::string>{"q.ipq"});
  EXPECT_EQ(fs::file_size(scratch_.PathOf("q.ipq")), 6u);
}

TEST_P(UnpublishedFileTest, DoesNotFollowALinkOfThatName) {
  if (!MakeLink("elsewhere", scratch_.PathOf("q.ipq"))) GTEST_SKIP() << "no symbolic links here";
  File file = Create().value();
  EXPECT_TRUE(absl::IsAlreadyExists(directory_.Publish(file, "q.ipq")));
  EXPECT_FALSE(fs::exists(scratch_.PathOf("elsewhere")));
}

TEST_P(UnpublishedFileTest, CanBePublishedUnderAnotherNameAfterAll) {
  std::ofstream(scratch_.PathOf("q.ipq")) << "theirs";
  File file = Create().value();
  EXPECT_TRUE(absl::IsAlreadyExists(directory_.Publish(file, "q.ipq")));
  EXPECT_TRUE(directory_.Publish(file, "r.ipq").ok());
  EXPECT_EQ(Entries(scratch_.path()).size(), 2u);
}

TEST_P(UnpublishedFileTest, LeavesNothingBehind) {
  { File file = Create().value(); }
  EXPECT_THAT(Entries(scratch_.path()), IsEmpty());
  File file = Create().value();
  file.Close();
  EXPECT_THAT(Entries(scratch_.path()), IsEmpty());
}

TEST_P(UnpublishedFileTest, LeavesNothingBehindWhenMoved) {
  {
    File first = Create().value();
    File second = std::move(first);
    File third = Create().value();
    third = std::move(second);
    EXPECT_TRUE(third.is_open());
  }
  EXPECT_THAT(Entries(scratch_.path()), IsEmpty());
}

TEST_P(UnpublishedFileTest, OutlivesItsDirectoryObject) {
  {
    auto directory = std::make_unique<Directory>(scratch_.Open());
    File file = GetParam() ? DirectoryTestPeer::CreateNameless(*directory).value()
                           : DirectoryTestPeer::CreateTemporary(*directory).value();
    directory.reset();
    EXPECT_TRUE(file.SetSize(10, false).ok());
  }
  EXPECT_THAT(Entries(scratch_.path()), IsEmpty());
}

TEST_P(UnpublishedFileTest, ManyAtATimeAreDifferent) {
  std::vector<File> files;
  for (int i = 0; i < 100; ++i) files.push_back(Create().value());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(directory_.Publish(files[i], std::to_string(i)).ok());
  }
  EXPECT_EQ(Entries(scratch_.path()).size(), 100u);
}

TEST_F(DirectoryContractTest, OneOfManyPublishersWins) {
  constexpr int kThreads = 4;
  Directory directory = scratch_.Open();
  std::atomic<int> ready{0};
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      File file = directory.CreateUnpublished(Access::kOwner).value();
      ready.fetch_add(1);
      while (ready.load() != kThreads) std::this_thread::yield();
      const absl::Status status = directory.Publish(file, "q");
      if (status.ok()) won.fetch_add(1);
      if (absl::IsAlreadyExists(status)) lost.fetch_add(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won.load(), 1);
  EXPECT_EQ(lost.load(), kThreads - 1);
}

TEST_F(DirectoryContractTest, SetSizeGivesZeros) {
  File file = scratch_.Open().CreateUnpublished(Access::kOwner).value();
  ASSERT_TRUE(file.SetSize(10'000, true).ok());
  EXPECT_EQ(*file.Size(), 10'000);
  MappedFile mapped = MappedFile::Map(file, 10'000, false).value();
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(mapped.data()[i], 0);
}

TEST_F(DirectoryContractTest, SizeMayBeZeroAndNotNegative) {
  File file = scratch_.Open().CreateUnpublished(Access::kOwner).value();
  EXPECT_TRUE(file.SetSize(0, true).ok());
  EXPECT_TRUE(file.SetSize(0, false).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(file.SetSize(-1, true)));
  EXPECT_TRUE(absl::IsInvalidArgument(file.SetSize(-1, false)));
}

TEST_F(DirectoryContractTest, TooLargeAReserveIsRefusedWithNumbers) {
  File file = scratch_.Open().CreateUnpublished(Access::kOwner).value();
  const absl::Status status = file.SetSize(int64_t{1} << 60, true);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("1152921504606846976 bytes wanted"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("available"));
  EXPECT_EQ(*file.Size(), 0);
}

TEST(MappedFileContractTest, SharesItsBytesWithOtherMappings) {
  ScratchDirectory scratch;
  File file = scratch.MakeFile("q", 4096);
  MappedFile one = MappedFile::Map(file, 4096, false).value();
  MappedFile two = MappedFile::Map(file, 4096, true).value();
  file.Close();
  ASSERT_NE(one.data(), two.data());
  EXPECT_EQ(one.size(), 4096u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(one.data()) % 4096, 0u);
  std::memcpy(one.data() + 100, "hello", 5);
  EXPECT_EQ(std::memcmp(two.data() + 100, "hello", 5), 0);
  MappedFile three = std::move(one);
  EXPECT_EQ(one.data(), nullptr);  // NOLINT(bugprone-use-after-move): what a move leaves
  two = std::move(three);
  EXPECT_EQ(std::memcmp(two.data() + 100, "hello", 5), 0);
}

TEST(MappedFileContractTest, NothingCannotBeMapped) {
  ScratchDirectory scratch;
  File file = scratch.MakeFile("q", 0);
  EXPECT_TRUE(absl::IsInvalidArgument(MappedFile::Map(file, 0, false).status()));
}

TEST(MappedFileContractTest, ReadOnlyFileIsNotMappedForWriting) {
  ScratchDirectory scratch;
  { File file = scratch.MakeFile("q", 4096); }
  File file = scratch.Open().OpenFile("q", true).value();
  const absl::Status status = MappedFile::Map(file, 4096, false).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_TRUE(MappedFile::Map(file, 4096, true).ok());
}

}  // namespace
}  // namespace interprocess::platform
