// SPDX-License-Identifier: MIT

// The Cloudtoid engines on files: where things are, who makes and removes them, and what the calls
// answer that the formats cannot do. (What all engines have in common: tests/conformance.)

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/platform/semaphore.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/cloudtoid/testing/images.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::cloudtoid {
namespace {

using ::interprocess::testing::RunInFork;
using ::interprocess::testing::TestDirectory;

// A foreign participant: a handle with the shared lock, and the file's bytes.
class Foreigner {
 public:
  explicit Foreigner(const std::string& path)
      : handle_(open(path.c_str(), O_RDWR | O_CREAT, 0666)) {
    EXPECT_EQ(flock(handle_, LOCK_SH | LOCK_NB), 0);
  }
  Foreigner(const Foreigner&) = delete;
  Foreigner& operator=(const Foreigner&) = delete;
  ~Foreigner() { close(handle_); }

  void Write(int64_t at, const std::string& bytes) const {
    EXPECT_EQ(pwrite(handle_, bytes.data(), bytes.size(), at), static_cast<ssize_t>(bytes.size()));
  }
  template <typename Number>
  Number Read(int64_t at) const {
    Number number = 0;
    EXPECT_EQ(pread(handle_, &number, sizeof(number), at), static_cast<ssize_t>(sizeof(number)));
    return number;
  }
  bool LockExclusively() const { return flock(handle_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int handle_;
};

class EnginesTest : public ::testing::TestWithParam<Protocol> {
 protected:
  EnginesTest() : old_umask_(umask(022)) {}
  ~EnginesTest() override {
    umask(old_umask_);
    platform::NamedSemaphore::Remove(SemaphoreName()).IgnoreError();
  }

  QueueOptions Options(int64_t capacity = 4096) const {
    QueueOptions options;
    options.name = name_;
    options.directory = directory_.path();
    options.capacity = capacity;
    options.protocol = GetParam();
    return options;
  }
  bool IsFork() const { return GetParam() == Protocol::kCloudtoidV2Fork; }
  bool IsV3() const { return GetParam() == Protocol::kCloudtoidV3; }
  std::string Folder() const {
    if (IsFork()) return directory_.path();
    return absl::StrCat(directory_.path(), "/.cloudtoid/interprocess/", IsV3() ? "v3/" : "", "mmf");
  }
  std::string Path() const { return absl::StrCat(Folder(), "/", Options().name, ".qu"); }
  std::string Leases() const {
    return absl::StrCat(directory_.path(), "/.cloudtoid/interprocess/v3/readers/", Options().name);
  }
  std::string SemaphoreName() const {
    return absl::StrCat(IsV3() ? "ct3ip." : "ct.ip.", Options().name);
  }
  std::string SemaphorePath() const { return absl::StrCat("/dev/shm/sem.", SemaphoreName()); }
  static int ModeOf(const std::string& path) {
    struct stat found = {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }
  int64_t RingOffset() const { return IsV3() ? kRingOffsetV3 : kRingOffsetV2; }
  // As a process leaves it that was killed.
  void LeaveFileBehind(const std::string& bytes) {
    std::filesystem::create_directories(Folder());
    std::ofstream(Path(), std::ios::binary) << bytes;
  }

  TestDirectory directory_;
  // Also in forked children.
  const std::string name_ =
      absl::StrCat("engine test ", directory_.path().substr(directory_.path().rfind('/') + 1));
  const mode_t old_umask_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, EnginesTest,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3,
                                           Protocol::kCloudtoidV2Fork),
                         [](const auto& info) {
                           const std::string name = ProtocolName(info.param);
                           return name == "cloudtoid2-fork" ? "cloudtoid2fork" : name;
                         });

TEST_P(EnginesTest, FilesAreWhereTheFormatHasThem) {
  Publisher publisher = Publisher::Open(Options()).value();
  EXPECT_EQ(std::filesystem::file_size(Path()), static_cast<uintmax_t>(RingOffset() + 4096));
  EXPECT_EQ(ModeOf(Path()), 0644);
  EXPECT_EQ(ModeOf(SemaphorePath()), 0755);
  if (!IsFork()) {
    EXPECT_EQ(ModeOf(Folder()), 0755);
  }
  if (IsV3()) {
    EXPECT_EQ(ModeOf(Leases() + "/1"), 0644);
    Subscriber subscriber = Subscriber::Open(Options()).value();
    EXPECT_TRUE(std::filesystem::exists(Leases() + "/2"));
  }
  EXPECT_EQ(publisher.capacity(), 4096);
  EXPECT_EQ(publisher.max_message_size(), 4088u);
}

TEST_P(EnginesTest, TheLastOneOutRemovesEverything) {
  {
    Publisher publisher = Publisher::Open(Options()).value();
    { Subscriber subscriber = Subscriber::Open(Options()).value(); }
    ASSERT_TRUE(publisher.TryEnqueue("goes with it").ok());
    EXPECT_TRUE(std::filesystem::exists(Path()));
    EXPECT_TRUE(std::filesystem::exists(SemaphorePath()));
  }
  EXPECT_EQ(std::filesystem::exists(Path()), IsFork());
  EXPECT_EQ(std::filesystem::exists(SemaphorePath()), IsFork());
  EXPECT_FALSE(std::filesystem::exists(Leases()));
}

TEST_P(EnginesTest, AForeignParticipantKeepsTheQueue) {
  if (IsFork()) GTEST_SKIP() << "the fork takes no locks";
  auto publisher = std::make_unique<Publisher>(Publisher::Open(Options()).value());
  {
    Foreigner foreigner(Path());
    ASSERT_TRUE(publisher->TryEnqueue("kept").ok());
    publisher.reset();
    EXPECT_EQ(Subscriber::Open(Options())->TryDequeue().value(), "kept");
  }
  // The file was never unlinked, but the next opener begins anew.
  EXPECT_TRUE(std::filesystem::exists(Path()));
  EXPECT_EQ(Subscriber::Open(Options())->TryDequeue().status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_P(EnginesTest, EveryEndpointHoldsTheSharedLock) {
  if (IsFork()) GTEST_SKIP() << "the fork takes no locks";
  Publisher publisher = Publisher::Open(Options()).value();
  Foreigner foreigner(Path());
  EXPECT_FALSE(foreigner.LockExclusively());
  publisher.Close().IgnoreError();
  EXPECT_TRUE(foreigner.LockExclusively());
}

TEST_P(EnginesTest, WhatTheDeadLeftIsBegunAnewButReadByWhoAsksForIt) {
  const auto images = testing::ScriptedImages(IsV3() ? 3 : 2);
  for (const testing::Image& image : images) {
    SCOPED_TRACE(image.file);
    LeaveFileBehind(image.bytes);
    QueueOptions options = Options(image.capacity);
    options.mode = OpenMode::kOpenExisting;
    {
      Subscriber subscriber = Subscriber::Open(options).value();
      EXPECT_EQ(subscriber.capacity(), image.capacity);
      for (const std::string& message : image.remaining) {
        EXPECT_EQ(subscriber.TryDequeue().value(), message);
      }
      EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
    }
    if (IsFork()) continue;
    EXPECT_FALSE(std::filesystem::exists(Path()));
    LeaveFileBehind(image.bytes);
    EXPECT_EQ(Subscriber::Open(Options())->TryDequeue().status().code(),
              absl::StatusCode::kUnavailable);
  }
}

TEST_P(EnginesTest, TheirLiveQueueIsJoinedAsItIs) {
  const auto images = testing::ScriptedImages(IsV3() ? 3 : 2);
  for (const testing::Image& image : images) {
    SCOPED_TRACE(image.file);
    LeaveFileBehind(image.bytes);
    Foreigner foreigner(Path());
    Subscriber subscriber = Subscriber::Open(Options(image.capacity)).value();
    for (const std::string& message : image.remaining) {
      EXPECT_EQ(subscriber.TryDequeue().value(), message);
    }
    EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
    Publisher publisher = Publisher::Open(Options(image.capacity)).value();
    EXPECT_TRUE(publisher.TryEnqueue("more").ok());
    EXPECT_EQ(subscriber.TryDequeue().value(), "more");
  }
}

TEST_P(EnginesTest, AnotherCapacityIsRefusedAndBothAreNamed) {
  Publisher publisher = Publisher::Open(Options(4096)).value();
  for (int64_t other : {4088, 4104, 1 << 20}) {
    const absl::Status status = Subscriber::Open(Options(other)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(status.message(), "4096")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat(other))) << status;
  }
  EXPECT_EQ(std::filesystem::file_size(Path()), static_cast<uintmax_t>(RingOffset() + 4096));
  EXPECT_TRUE(publisher.TryEnqueue("x").ok());
}

TEST_P(EnginesTest, FilesOfOtherLengthsAreErrors) {
  const testing::Image image = testing::ScriptedImages(IsV3() ? 3 : 2)[3];
  const auto size = static_cast<int64_t>(image.bytes.size());
  for (int64_t length : {int64_t{1}, int64_t{31}, int64_t{32}, RingOffset(), RingOffset() + 8,
                         RingOffset() + 16, size - 1, size + 1, size + 4}) {
    SCOPED_TRACE(length);
    std::string bytes = image.bytes;
    bytes.resize(static_cast<size_t>(length));
    LeaveFileBehind(bytes);
    Foreigner foreigner(Path());
    QueueOptions options = Options(image.capacity);
    EXPECT_EQ(Subscriber::Open(options).status().code(), absl::StatusCode::kFailedPrecondition);
    options.mode = OpenMode::kOpenExisting;
    EXPECT_EQ(Publisher::Open(options).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST_P(EnginesTest, AFileThatGrowsUnderUsChangesNothing) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  std::filesystem::resize_file(Path(), static_cast<uintmax_t>(RingOffset() + 8192));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(publisher.TryEnqueue(std::string(100, 'x')).ok());
    ASSERT_EQ(subscriber.TryDequeue().value(), std::string(100, 'x'));
  }
  // Its grower works modulo its own capacity: found out when an offset shows it.
  if (IsV3()) return;
  Foreigner foreigner(Path());
  foreigner.Write(8, std::string("\x08\x20\0\0\0\0\0\0", 8));
  EXPECT_EQ(publisher.TryEnqueue("x").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(subscriber.TryDequeue().status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(EnginesTest, TheOtherVersionsFilesAreNamed) {
  QueueOptions theirs = Options();
  theirs.protocol = IsFork() ? Protocol::kCloudtoidV2 : Protocol::kCloudtoidV2Fork;
  Publisher publisher = Publisher::Open(theirs).value();
  QueueOptions options = Options();
  options.mode = OpenMode::kOpenExisting;
  const absl::Status status = Subscriber::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(status.message(), ProtocolName(theirs.protocol))) << status;
  platform::NamedSemaphore::Remove("ct.ip." + options.name).IgnoreError();
}

TEST_P(EnginesTest, ASemaphoreAtItsMaximumKeepsNothingOut) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  platform::SemaphoreOptions semaphore;
  const std::string name = SemaphoreName();
  ASSERT_TRUE(platform::NamedSemaphore::Remove(name).ok());
  semaphore.initial_value = platform::kMaxSemaphoreInitialValue;
  auto full = platform::NamedSemaphore::Open(name, semaphore);
  ASSERT_TRUE(full.ok()) << full.status();
  Publisher second = Publisher::Open(Options()).value();  // has the new one
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(second.TryEnqueue("x").ok());
    ASSERT_TRUE(publisher.TryEnqueue("x").ok());
    ASSERT_EQ(subscriber.Dequeue().value(), "x");
    ASSERT_EQ(subscriber.Dequeue().value(), "x");
  }
}

TEST_P(EnginesTest, OneMessageIsLentAtATime) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("1").ok());
  ASSERT_TRUE(publisher.TryEnqueue("2").ok());
  BorrowedMessage borrowed = subscriber.TryBorrow().value();
  uint8_t buffer[10];
  for (const absl::Status& status :
       {subscriber.TryBorrow().status(), subscriber.TryDequeue().status(),
        subscriber.Dequeue().status(), subscriber.TryDequeue(absl::MakeSpan(buffer)).status(),
        subscriber.TryDequeueBatch(2, [](const MessageView&) {}).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_TRUE(absl::StrContains(status.message(), IsV3() ? "version 3" : "version 2")) << status;
  }
  Subscriber other = Subscriber::Open(Options()).value();
  EXPECT_EQ(other.TryDequeue().status().code(), absl::StatusCode::kUnavailable);
  borrowed.GiveBack();
  // Before what is behind it.
  EXPECT_EQ(other.TryDequeue().value(), "1");
}

TEST_P(EnginesTest, AFullQueueKeepsTheReservationOpen) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  Reservation reservation = publisher.TryReserve(4).value();
  std::memcpy(reservation.span().data(), "last", 4);
  ASSERT_TRUE(publisher.TryEnqueue(std::string(4088, 'x')).ok());
  EXPECT_EQ(reservation.Commit().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(publisher.TryReserve(0).status().code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(subscriber.TryDequeue().ok());
  EXPECT_TRUE(reservation.Commit().ok());
  EXPECT_EQ(subscriber.TryDequeue().value(), "last");
}

TEST_P(EnginesTest, AForkedChildLeavesNothing) {
  Publisher publisher = Publisher::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(publisher.TryEnqueue("y").code() == absl::StatusCode::kFailedPrecondition);
              { Publisher dropped = std::move(publisher); }
              FORK_CHECK(Subscriber::Open(Options())->TryDequeue().value() == "x");
              return 0;
            }),
            0);
  EXPECT_TRUE(publisher.TryEnqueue("z").ok());
  EXPECT_EQ(Subscriber::Open(Options())->TryDequeue().value(), "z");
}

using V3Test = EnginesTest;
INSTANTIATE_TEST_SUITE_P(Only, V3Test, ::testing::Values(Protocol::kCloudtoidV3));

TEST_P(V3Test, IdsAtTheirLimitAreAnError) {
  Publisher publisher = Publisher::Open(Options()).value();
  Foreigner foreigner(Path());
  foreigner.Write(28, "\xfe\xff\xff\x7f");
  EXPECT_TRUE(Subscriber::Open(Options()).ok());
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = Subscriber::Open(Options()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  }
  EXPECT_EQ(foreigner.Read<int32_t>(28), INT32_MAX);
  foreigner.Write(28, "\xff\xff\xff\xff");
  EXPECT_EQ(Subscriber::Open(Options()).status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(V3Test, LeasesTellTheDeadFromTheLiving) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  // Held by a process that dies.
  EXPECT_EQ(RunInFork([&]() -> int {
              Subscriber dies = Subscriber::Open(Options()).value();
              BorrowedMessage held = dies.TryBorrow().value();
              _exit(0);
            }),
            0);
  MessageInfo info;
  EXPECT_EQ(subscriber.Dequeue(WaitOptions(absl::Seconds(30)), &info).value(), "x");
  EXPECT_TRUE(info.redelivered);
  EXPECT_EQ(info.earlier_deliveries, 1u);
}

TEST_P(V3Test, WithoutTheLeaseFolderNobodyIsTakenForDead) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber first = Subscriber::Open(Options()).value();
  Subscriber second = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  BorrowedMessage borrowed = first.TryBorrow().value();
  std::filesystem::remove_all(Leases());
  EXPECT_EQ(second.Dequeue(WaitOptions(absl::Milliseconds(200))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(borrowed.Acknowledge().ok());
  ASSERT_TRUE(publisher.TryEnqueue("y").ok());
  EXPECT_EQ(second.TryDequeue().value(), "y");
  Subscriber third = Subscriber::Open(Options()).value();  // makes it again
  EXPECT_TRUE(std::filesystem::exists(Leases() + "/4"));
}

TEST_P(V3Test, ThereIsRoomFor2048Publishers) {
  Publisher publisher = Publisher::Open(Options()).value();
  Foreigner foreigner(Path());
  const std::string other("\x01\0\0\0\0\0\0\0\0\0\0\0", 12);  // the first's id: alive
  for (int i = 1; i < kPublisherSlotsV3; ++i) foreigner.Write(256 + 128 * i, other);
  EXPECT_EQ(Publisher::Open(Options()).status().code(), absl::StatusCode::kResourceExhausted);
  foreigner.Write(256 + 128 * 77, std::string("\x44\x44\0\0\0\0\0\0\x01\0\0\0", 12));  // dead
  Publisher second = Publisher::Open(Options()).value();
  EXPECT_GT(foreigner.Read<int64_t>(256 + 128 * 77), 1);
  EXPECT_NE(foreigner.Read<int64_t>(256 + 128 * 77), 0x4444);
  EXPECT_EQ(foreigner.Read<int32_t>(256 + 128 * 77 + 8), 0);
  EXPECT_TRUE(second.TryEnqueue("x").ok());
}

}  // namespace
}  // namespace interprocess::cloudtoid
