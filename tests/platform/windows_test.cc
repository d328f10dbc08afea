// SPDX-License-Identifier: MIT

// What only Windows has: its error codes, names and paths, access lists, kinds of objects.

#include <aclapi.h>
#include <sddl.h>
#include <windows.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/mapped_file.h"
#include "core/platform/os_error.h"
#include "core/platform/process.h"
#include "core/platform/semaphore.h"
#include "core/platform/windows_calls.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kUmlaut[] = "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7";  // ü日🐧

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// By its SID: what it is called depends on the language.
constexpr char kNetworkService[] = "S-1-5-20";

bool NamesNetworkService(const std::string& list) {
  return list.find(";NS)") != std::string::npos || list.find(";S-1-5-20)") != std::string::npos;
}

// The access list of an open object, in words.
std::string AccessList(HANDLE object, SE_OBJECT_TYPE type) {
  PSECURITY_DESCRIPTOR descriptor;
  EXPECT_EQ(GetSecurityInfo(object, type, DACL_SECURITY_INFORMATION, nullptr, nullptr, nullptr,
                            nullptr, &descriptor),
            DWORD{ERROR_SUCCESS});
  wchar_t* text;
  EXPECT_TRUE(ConvertSecurityDescriptorToStringSecurityDescriptorW(
      descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, nullptr));
  std::string result = ToUtf8(text, wcslen(text));
  LocalFree(text);
  LocalFree(descriptor);
  return result;
}

TEST(WindowsErrorTest, NamesCallObjectTextAndNumber) {
  EXPECT_THAT(Message(OsError("open", "C:\\q.ipq", ERROR_ACCESS_DENIED)),
              ::testing::MatchesRegex("open 'C:\\\\q.ipq': .+ .error 5."));
}

TEST(WindowsErrorTest, StatusCodeFollowsErrorCode) {
  using Code = absl::StatusCode;
  constexpr std::pair<int, Code> kExpected[] = {
      {ERROR_FILE_NOT_FOUND, Code::kNotFound},
      {ERROR_PATH_NOT_FOUND, Code::kNotFound},
      {ERROR_ACCESS_DENIED, Code::kPermissionDenied},
      {ERROR_PRIVILEGE_NOT_HELD, Code::kPermissionDenied},
      {ERROR_SHARING_VIOLATION, Code::kPermissionDenied},
      {ERROR_ALREADY_EXISTS, Code::kAlreadyExists},
      {ERROR_FILE_EXISTS, Code::kAlreadyExists},
      {ERROR_DISK_FULL, Code::kResourceExhausted},
      {1295, Code::kResourceExhausted},
      {ERROR_NOT_ENOUGH_MEMORY, Code::kResourceExhausted},
      {ERROR_DIRECTORY, Code::kInvalidArgument},
      {ERROR_FILENAME_EXCED_RANGE, Code::kInvalidArgument},
      {ERROR_INVALID_HANDLE, Code::kInternal},
      {123456, Code::kInternal},
  };
  for (const auto& [code, expected] : kExpected) {
    EXPECT_EQ(OsError("call", "object", code).code(), expected) << "error " << code;
  }
}

class WindowsFilesTest : public ::testing::Test {
 protected:
  ScratchDirectory scratch_;
};

TEST_F(WindowsFilesTest, NamesAndPathsAreUtf8) {
  const std::string folder = scratch_.PathOf(kUmlaut);
  ASSERT_TRUE(CreateDirectoryW(ToWide(folder)->c_str(), nullptr));
  Directory directory = Directory::Open(folder).value();
  File file = directory.CreateUnpublished(Access::kOwner).value();
  ASSERT_TRUE(directory.Publish(file, absl::StrCat(kUmlaut, ".ipq")).ok());
  EXPECT_THAT(*directory.List(".ipq"), ElementsAre(absl::StrCat(kUmlaut, ".ipq")));
  EXPECT_NE(GetFileAttributesW(ToWide(absl::StrCat(folder, "/", kUmlaut, ".ipq"))->c_str()),
            INVALID_FILE_ATTRIBUTES);
}

TEST_F(WindowsFilesTest, WhatIsNotUtf8IsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Directory::Open("\xff\xfe").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(scratch_.Open().OpenFile("\xff", false).status()));
}

TEST_F(WindowsFilesTest, PathsMayBeLong) {
  std::string folder = scratch_.path();
  std::vector<std::wstring> made;
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&folder, "/", std::string(60, static_cast<char>('a' + i)));
    made.push_back(*ExtendedPath(folder));
    ASSERT_TRUE(CreateDirectoryW(made.back().c_str(), nullptr)) << GetLastError();
  }
  ASSERT_GT(folder.size(), size_t{MAX_PATH});
  auto opened = std::make_unique<Directory>(Directory::Open(folder).value());
  const Directory& directory = *opened;
  EXPECT_TRUE(directory.Lock(absl::ZeroDuration()).ok());
  File file = directory.CreateUnpublished(Access::kOwner).value();
  ASSERT_TRUE(file.SetSize(4096, true).ok());
  ASSERT_TRUE(directory.Publish(file, "q.ipq").ok());
  LeaseFile leases = LeaseFile::Open(directory.OpenFile("q.ipq", false).value()).value();
  EXPECT_EQ(*leases.TryLock(1, LeaseMode::kExclusive), true);
  leases.Close();
  const FileIdentity identity = *file.Identity();
  file.Close();
  EXPECT_TRUE(directory.Remove("q.ipq", identity).ok());
  EXPECT_THAT(*directory.List(""), IsEmpty());
  opened.reset();
  // The C++ library cannot.
  for (; !made.empty(); made.pop_back()) RemoveDirectoryW(made.back().c_str());
}

TEST_F(WindowsFilesTest, NamesThatMeanSomethingElseAreRefused) {
  Directory directory = scratch_.Open();
  File file = directory.CreateUnpublished(Access::kOwner).value();
  for (const char* name :
       {"a\\b", "q:stream", "q::$DATA", "q?", "*", "a|b", "a\"b", "a<b", "a\tb"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(directory.OpenFile(name, false).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(directory.Publish(file, name))) << name;
  }
}

TEST_F(WindowsFilesTest, BackslashesDoToo) {
  std::string path = scratch_.path();
  for (char& c : path) c = c == '/' ? '\\' : c;
  absl::StatusOr<Directory> directory = Directory::Open(path + "\\\\");
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ(directory->PathOf("q"), path + "\\q");
}

TEST_F(WindowsFilesTest, MappingOfAnotherSizeIsRefused) {
  File file = scratch_.MakeFile("q", 4096);
  const absl::Status status = MappedFile::Map(file, 8192, false).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("8192 bytes wanted of a file of 4096"));
  EXPECT_EQ(*file.Size(), 4096);  // it did not grow
  EXPECT_EQ(MappedFile::Map(file, 100, false)->size(), 100u);
}

TEST_F(WindowsFilesTest, OnlyItsOwnerMayUseAFileUnlessAsked) {
  Directory directory = scratch_.Open();
  File own = directory.CreateUnpublished(Access::kOwner).value();
  EXPECT_THAT(AccessList(AsHandle(own.handle()), SE_FILE_OBJECT), Not(HasSubstr(";WD)")));
  File everyones = directory.CreateUnpublished(Access::kEveryone).value();
  EXPECT_THAT(AccessList(AsHandle(everyones.handle()), SE_FILE_OBJECT), HasSubstr(";WD)"));
}

TEST_F(WindowsFilesTest, NamedAccountMayUseAFile) {
  File file =
      scratch_.Open().CreateUnpublished(Permission(Access::kOwner, kNetworkService)).value();
  const std::string list = AccessList(AsHandle(file.handle()), SE_FILE_OBJECT);
  EXPECT_THAT(list, Not(HasSubstr(";WD)")));
  // Wine keeps of a file's list what a mode can say.
  if (!NamesNetworkService(list)) GTEST_SKIP() << "the file system keeps no such list: " << list;
  const Permission who = *file.WhoMay();
  EXPECT_THAT(who.account, HasSubstr(kNetworkService));
}

TEST_F(WindowsFilesTest, AccountThatIsNotThereIsRefusedByName) {
  const absl::Status status =
      scratch_.Open().CreateUnpublished(Permission(Access::kOwner, "no such account")).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("no such account"));
  EXPECT_THAT(*scratch_.Open().List(""), IsEmpty());
}

CHILD_ROLE(Maker) {
  auto file = Directory::Open(arguments[0])->CreateUnpublished(Access::kOwner);
  CHILD_CHECK(file.ok());
  parent.Say('m');
  parent.Hear();
  return 0;
}

TEST_F(WindowsFilesTest, NextRemovalTakesWhatAKilledMakerLeft) {
  Directory directory = scratch_.Open();
  ChildProcess maker = ChildProcess::Run("Maker", {scratch_.path()});
  ASSERT_EQ(maker.Hear(), 'm');
  auto remove_one = [&] {
    File file = scratch_.MakeFile("q", 10);
    const FileIdentity identity = *file.Identity();
    file.Close();
    return directory.Remove("q", identity);
  };
  EXPECT_TRUE(remove_one().ok());
  EXPECT_EQ(directory.List("")->size(), 1u);  // that of the living stays
  maker.Kill();
  maker.Wait();
  EXPECT_TRUE(remove_one().ok());
  EXPECT_THAT(*directory.List(""), IsEmpty());
}

TEST_F(WindowsFilesTest, LockLeavesNothingBehind) {
  Directory directory = scratch_.Open();
  EXPECT_TRUE(directory.Lock(absl::ZeroDuration()).ok());
  EXPECT_THAT(*directory.List(""), IsEmpty());
}

TEST_F(WindowsFilesTest, DefaultDirectoryIsBelowTheLocalApplicationData) {
  const std::string local = scratch_.PathOf("local");
  std::filesystem::create_directory(local);
  ASSERT_TRUE(SetEnvironmentVariableW(L"LOCALAPPDATA", ExtendedPath(local)->c_str()));
  const std::string path = ToUtf8(ExtendedPath(local)->c_str(), ExtendedPath(local)->size());
  EXPECT_EQ(DefaultDirectory(), path + "\\interprocess");
  for (int i = 0; i < 2; ++i) {  // made, then there
    absl::StatusOr<Directory> directory = Directory::OpenDefault();
    ASSERT_TRUE(directory.ok()) << directory.status();
    EXPECT_EQ(directory->path(), DefaultDirectory());
  }
  // One that others may write in.
  PSECURITY_DESCRIPTOR open_to_all;
  ASSERT_TRUE(ConvertStringSecurityDescriptorToSecurityDescriptorW(
      L"D:P(A;;GA;;;WD)", SDDL_REVISION_1, &open_to_all, nullptr));
  ASSERT_TRUE(SetFileSecurityW(ToWide(DefaultDirectory())->c_str(), DACL_SECURITY_INFORMATION,
                               open_to_all));
  LocalFree(open_to_all);
  const absl::Status status = Directory::OpenDefault().status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("other users may write in it"));
}

TEST(WindowsSemaphoreTest, NameOfAnotherKindOfObjectIsRefused) {
  const std::string name = absl::StrCat("ipqtest", RandomWord());
  const OwnedHandle event(
      CreateEventW(nullptr, FALSE, FALSE, ToWide(absl::StrCat("Local\\", name))->c_str()));
  ASSERT_TRUE(event.is_open());
  for (const SemaphoreOpen open :
       {SemaphoreOpen::kOpenOrCreate, SemaphoreOpen::kCreateNew, SemaphoreOpen::kOpenExisting}) {
    SemaphoreOptions options;
    options.open = open;
    const absl::Status status = NamedSemaphore::Open(name, options).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(Message(status), HasSubstr(name));
    EXPECT_THAT(Message(status), HasSubstr("another kind"));
    EXPECT_THAT(Message(status), HasSubstr("error 6"));
  }
}

TEST(WindowsSemaphoreTest, OnlyThoseWhoAreNamedMayUseIt) {
  const std::string name = absl::StrCat("ipqtest", RandomWord());
  auto list_of = [&](const Permission& access) {
    SemaphoreOptions options;
    options.access = access;
    const NamedSemaphore made = NamedSemaphore::Open(name, options).value();
    const OwnedHandle again(
        OpenSemaphoreW(READ_CONTROL, FALSE, ToWide(absl::StrCat("Local\\", name))->c_str()));
    EXPECT_TRUE(again.is_open());
    return AccessList(again.get(), SE_KERNEL_OBJECT);
  };
  const std::string owners = list_of(Access::kOwner);
  EXPECT_THAT(owners, Not(HasSubstr(";WD)")));
  EXPECT_FALSE(NamesNetworkService(owners)) << owners;
  EXPECT_THAT(list_of(Access::kEveryone), HasSubstr(";WD)"));
  const std::string accounts = list_of(Permission(Access::kOwner, kNetworkService));
  EXPECT_TRUE(NamesNetworkService(accounts)) << accounts;
  EXPECT_THAT(accounts, Not(HasSubstr(";WD)")));
}

TEST(WindowsSemaphoreTest, SessionsAndTheMachineHaveNamesOfTheirOwn) {
  const std::string name = absl::StrCat("ipqtest", RandomWord());
  SemaphoreOptions options;
  options.open = SemaphoreOpen::kCreateNew;
  options.machine_wide = true;
  NamedSemaphore machine = NamedSemaphore::Open(name, options).value();
  const OwnedHandle global(
      OpenSemaphoreW(SYNCHRONIZE, FALSE, ToWide(absl::StrCat("Global\\", name))->c_str()));
  EXPECT_TRUE(global.is_open());
  EXPECT_EQ(NamedSemaphore::Open(name, options).status().code(), absl::StatusCode::kAlreadyExists);
}

// As another user's, or in a session without the right to make it.
TEST(WindowsSemaphoreTest, RefusedGlobalNameTellsThePrivilege) {
  const std::string name = absl::StrCat("ipqtest", RandomWord());
  PSECURITY_DESCRIPTOR nobody;
  ASSERT_TRUE(ConvertStringSecurityDescriptorToSecurityDescriptorW(
      L"D:P(D;;GA;;;WD)", SDDL_REVISION_1, &nobody, nullptr));
  SECURITY_ATTRIBUTES attributes = {sizeof attributes, nobody, FALSE};
  const OwnedHandle taken(
      CreateSemaphoreW(&attributes, 0, 1, ToWide(absl::StrCat("Global\\", name))->c_str()));
  LocalFree(nobody);
  ASSERT_TRUE(taken.is_open());
  SemaphoreOptions options;
  options.machine_wide = true;
  const absl::Status status = NamedSemaphore::Open(name, options).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr(name));
  EXPECT_THAT(Message(status), HasSubstr("SeCreateGlobalPrivilege"));
}

}  // namespace
}  // namespace interprocess::platform
