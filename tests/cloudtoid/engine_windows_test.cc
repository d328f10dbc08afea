// SPDX-License-Identifier: MIT

// The Cloudtoid engines on Windows: the objects by which other libraries find a queue, who makes
// them and when they go. (What all engines have in common: tests/conformance.)

#include <windows.h>

#include <cstdint>
#include <cstring>
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
#include "core/platform/process.h"
#include "core/platform/windows_calls.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/cloudtoid/testing/images.h"
#include "tests/platform/child_process.h"

namespace interprocess::cloudtoid {
namespace {

using ::interprocess::testing::ChildProcess;
using platform::OwnedHandle;
using platform::ToWide;

// What a library does by itself that knows the format and not us.
class Foreigner {
 public:
  // Makes the memory, or has what is there.
  Foreigner(const std::string& name, int64_t size)
      : mapping_(CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0,
                                    static_cast<DWORD>(size), ToWide(name)->c_str())) {
    EXPECT_TRUE(mapping_.is_open()) << name << ": error " << GetLastError();
    bytes_ = static_cast<char*>(MapViewOfFile(mapping_.get(), FILE_MAP_ALL_ACCESS, 0, 0, 0));
    EXPECT_NE(bytes_, nullptr);
  }
  Foreigner(const Foreigner&) = delete;
  Foreigner& operator=(const Foreigner&) = delete;
  ~Foreigner() { UnmapViewOfFile(bytes_); }

  void Write(int64_t at, const std::string& bytes) const {
    std::memcpy(bytes_ + at, bytes.data(), bytes.size());
  }
  template <typename Number>
  void Put(int64_t at, Number number) const {
    std::memcpy(bytes_ + at, &number, sizeof(number));
  }
  template <typename Number>
  Number Read(int64_t at) const {
    Number number;
    std::memcpy(&number, bytes_ + at, sizeof(number));
    return number;
  }

 private:
  OwnedHandle mapping_;
  char* bytes_;
};

bool HasMemory(const std::string& name) {
  return OwnedHandle(OpenFileMappingW(FILE_MAP_READ, FALSE, ToWide(name)->c_str())).is_open();
}

bool HasSemaphore(const std::string& name) {
  return OwnedHandle(OpenSemaphoreW(SYNCHRONIZE, FALSE, ToWide(name)->c_str())).is_open();
}

int64_t Started() { return platform::ProcessStartTime() / 100 + kUnixEpochTicks; }

class EnginesTest : public ::testing::TestWithParam<Protocol> {
 protected:
  QueueOptions Options(int64_t capacity = 4096) const {
    QueueOptions options;
    options.name = name_;
    options.capacity = capacity;
    options.protocol = GetParam();
    return options;
  }
  bool IsV3() const { return GetParam() == Protocol::kCloudtoidV3; }
  std::string Memory() const { return absl::StrCat(IsV3() ? "CT3_IP_" : "CT_IP_", name_); }
  std::string Semaphore() const {
    return absl::StrCat("Global\\", IsV3() ? "CT3.IP." : "CT.IP.", name_);
  }
  std::string Lease(int id) const { return absl::StrCat("CT3_READER_", name_, ".", id); }
  int64_t Size(int64_t capacity) const {
    return IsV3() ? FileSizeV3(capacity) : FileSizeV2(capacity);
  }
  int64_t CapacityAt() const { return IsV3() ? 32 : 24; }

  const std::string name_ = absl::StrCat("engine test ", platform::RandomWord());
};

INSTANTIATE_TEST_SUITE_P(Protocols, EnginesTest,
                         ::testing::Values(Protocol::kCloudtoidV2, Protocol::kCloudtoidV3,
                                           Protocol::kCloudtoidV2Fork),
                         [](const auto& info) {
                           const std::string name = ProtocolName(info.param);
                           return name == "cloudtoid2-fork" ? "cloudtoid2fork" : name;
                         });

TEST_P(EnginesTest, ObjectsAreWhatTheFormatPrescribes) {
  Publisher publisher = Publisher::Open(Options()).value();
  EXPECT_TRUE(HasMemory(Memory()));
  EXPECT_TRUE(HasMemory("Local\\" + Memory()));  // the session's
  EXPECT_TRUE(HasSemaphore(Semaphore()));
  EXPECT_EQ(HasMemory(Lease(1)), IsV3());
  const Foreigner foreigner(Memory(), 8);
  EXPECT_EQ(foreigner.Read<int64_t>(CapacityAt()), 4096);
  if (IsV3()) {
    Subscriber subscriber = Subscriber::Open(Options()).value();
    const Foreigner lease(Lease(2), 16);
    EXPECT_EQ(lease.Read<int32_t>(0), static_cast<int32_t>(GetCurrentProcessId()));
    EXPECT_EQ(lease.Read<int32_t>(4), 0);
    EXPECT_EQ(lease.Read<int64_t>(8), Started());
  }
  EXPECT_EQ(publisher.capacity(), 4096);
  EXPECT_EQ(publisher.max_message_size(), 4088u);
}

TEST_P(EnginesTest, EverythingGoesWithTheLastOneOut) {
  {
    Publisher publisher = Publisher::Open(Options()).value();
    { Subscriber subscriber = Subscriber::Open(Options()).value(); }
    EXPECT_FALSE(HasMemory(Lease(2)));
    ASSERT_TRUE(publisher.TryEnqueue("goes with it").ok());
    EXPECT_TRUE(HasMemory(Memory()));
  }
  EXPECT_FALSE(HasMemory(Memory()));
  EXPECT_FALSE(HasSemaphore(Semaphore()));
  EXPECT_FALSE(HasMemory(Lease(1)));
  QueueOptions options = Options();
  options.mode = OpenMode::kOpenExisting;
  EXPECT_EQ(Publisher::Open(options).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(EnginesTest, AForeignParticipantKeepsTheQueue) {
  auto publisher = std::make_unique<Publisher>(Publisher::Open(Options()).value());
  const Foreigner foreigner(Memory(), 8);
  ASSERT_TRUE(publisher->TryEnqueue("kept").ok());
  publisher.reset();
  EXPECT_EQ(Subscriber::Open(Options())->TryDequeue().value(), "kept");
}

TEST_P(EnginesTest, TheirLiveQueueIsJoinedAsItIs) {
  for (const testing::Image& image : testing::ScriptedImages(IsV3() ? 3 : 2)) {
    SCOPED_TRACE(image.file);
    const Foreigner foreigner(Memory(), Size(image.capacity));
    foreigner.Write(0, image.bytes);
    // On Windows they write it down in version 3 only.
    if (IsV3()) foreigner.Put(32, image.capacity);
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
  // In the same pages, and in more and fewer.
  for (int64_t other : {4088, 4104, 24, 1 << 20}) {
    const absl::Status status = Subscriber::Open(Options(other)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "4096")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat(other))) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), Memory())) << status;
  }
  EXPECT_TRUE(publisher.TryEnqueue("x").ok());
}

TEST_P(EnginesTest, MemoryOfAnotherSizeIsRefused) {
  const Foreigner foreigner(Memory(), Size(1 << 16));
  absl::Status status = Publisher::Open(Options(4096)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "4096")) << status;
  // A capacity that its memory does not have.
  foreigner.Put(CapacityAt(), int64_t{1} << 30);
  QueueOptions options = Options();
  options.mode = OpenMode::kOpenExisting;
  status = Publisher::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), Memory())) << status;
}

TEST_P(EnginesTest, MemorySmallerThanTheHeaderIsRefused) {
  if (!IsV3()) GTEST_SKIP() << "a page is larger than the header of version 2";
  const Foreigner foreigner(Memory(), 4096);
  EXPECT_EQ(Publisher::Open(Options()).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(QueueInspector::Open(name_, "", GetParam()).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_P(EnginesTest, ACapacityThatNobodyToldIsTheOptions) {
  if (IsV3()) GTEST_SKIP() << "version 3 tells it";
  const Foreigner foreigner(Memory(), Size(4096));
  QueueOptions options = Options(4096);
  options.mode = OpenMode::kOpenExisting;
  EXPECT_EQ(Publisher::Open(options)->capacity(), 4096);
  EXPECT_EQ(foreigner.Read<int64_t>(CapacityAt()), 0);  // it may be another
  options.capacity = 1 << 20;
  const absl::Status status = Publisher::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "another library")) << status;
}

TEST_P(EnginesTest, ANameOfAnotherKindOfObjectIsRefused) {
  const OwnedHandle event(CreateEventW(nullptr, FALSE, FALSE, ToWide(Memory())->c_str()));
  ASSERT_TRUE(event.is_open());
  const absl::Status status = Publisher::Open(Options()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), Memory())) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "another kind")) << status;
}

TEST_P(EnginesTest, NamesAreUtf8) {
  QueueOptions options = Options();
  options.name += "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7";  // ü日🐧
  Publisher publisher = Publisher::Open(options).value();
  EXPECT_TRUE(HasMemory(absl::StrCat(IsV3() ? "CT3_IP_" : "CT_IP_", options.name)));
  options.name += "\xff";
  EXPECT_EQ(Publisher::Open(options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(EnginesTest, InspectorsSeeWhatIsThere) {
  if (GetParam() == Protocol::kCloudtoidV2Fork) GTEST_SKIP() << "listed as version 2";
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("seen").ok());
  bool listed = false;
  const std::vector<QueueEntry> entries = ListQueues("", GetParam()).value();
  for (const QueueEntry& entry : entries) {
    if (entry.name != name_) continue;
    listed = true;
    EXPECT_EQ(entry.path, Memory());
    EXPECT_EQ(entry.capacity, 4096);
    EXPECT_TRUE(entry.status.ok()) << entry.status;
  }
  EXPECT_TRUE(listed);
  auto inspector = QueueInspector::Open(name_, "", GetParam());
  ASSERT_TRUE(inspector.ok()) << inspector.status();
  EXPECT_EQ(inspector->Peek(10).value(), std::vector<std::string>{"seen"});
  EXPECT_TRUE(inspector->Check().value().empty());
  const QueueReport report = inspector->Report().value();
  EXPECT_EQ(report.ready, 1u);
  ASSERT_EQ(report.participants.size(), IsV3() ? 2u : 0u);
  for (const ParticipantReport& participant : report.participants) {
    EXPECT_TRUE(participant.alive);
    EXPECT_EQ(participant.role, participant.id == 1 ? "publisher" : "subscriber");
  }
  EXPECT_EQ(RemoveQueue(name_, "", GetParam()).code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(RemoveQueue(name_ + "x", "", GetParam()).code(), absl::StatusCode::kNotFound);
}

CHILD_ROLE(Holder) {
  QueueOptions options;
  options.name = arguments[0];
  options.capacity = 4096;
  options.protocol = static_cast<Protocol>(std::stoi(arguments[1]));
  auto subscriber = Subscriber::Open(options);
  CHILD_CHECK(subscriber.ok());
  auto borrowed = subscriber->TryBorrow();
  CHILD_CHECK(borrowed.ok());
  parent.Say('b');
  parent.Hear();
  return 0;
}

TEST_P(EnginesTest, WhatAKilledSubscriberHeldComesAgain) {
  if (!IsV3()) GTEST_SKIP() << "in version 2 only time ends a lock";
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  ChildProcess holder =
      ChildProcess::Run("Holder", {name_, absl::StrCat(static_cast<int>(GetParam()))});
  ASSERT_EQ(holder.Hear(), 'b');
  EXPECT_TRUE(HasMemory(Lease(3)));
  // A look of a foreigner that lasts: the lease outlives its process, and tells that it ended.
  const Foreigner looks(Lease(3), 16);
  holder.Kill();
  holder.Wait();
  EXPECT_TRUE(HasMemory(Lease(3)));
  MessageInfo info;
  EXPECT_EQ(subscriber.Dequeue(WaitOptions(absl::Seconds(30)), &info).value(), "x");
  EXPECT_TRUE(info.redelivered);
}

using V3Test = EnginesTest;
INSTANTIATE_TEST_SUITE_P(Only, V3Test, ::testing::Values(Protocol::kCloudtoidV3));

TEST_P(V3Test, OpeningWaitsForTheMutexAndTakesThatOfTheDead) {
  const std::string mutex = absl::StrCat("CT3_INIT_", name_);
  {
    const OwnedHandle held(CreateMutexW(nullptr, TRUE, ToWide(mutex)->c_str()));
    ASSERT_TRUE(held.is_open());
    // This thread's own: it does not wait for itself.
    EXPECT_TRUE(Publisher::Open(Options()).ok());
    ReleaseMutex(held.get());
  }
  const OwnedHandle event(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  struct Names {
    std::wstring mutex;
    HANDLE ready;
  } names = {*ToWide(mutex), event.get()};
  // A thread that ends with it in its hands.
  const OwnedHandle thread(CreateThread(
      nullptr, 0,
      [](void* argument) -> DWORD {
        auto* names = static_cast<Names*>(argument);
        CreateMutexW(nullptr, TRUE, names->mutex.c_str());
        SetEvent(names->ready);
        return 0;
      },
      &names, 0, nullptr));
  ASSERT_EQ(WaitForSingleObject(event.get(), INFINITE), WAIT_OBJECT_0);
  ASSERT_EQ(WaitForSingleObject(thread.get(), INFINITE), WAIT_OBJECT_0);
  EXPECT_TRUE(Publisher::Open(Options()).ok());
}

TEST_P(V3Test, ALeaseOfAnotherProcessThanItSaysIsOfTheDead) {
  Publisher publisher = Publisher::Open(Options()).value();
  Subscriber subscriber = Subscriber::Open(Options()).value();
  const Foreigner foreigner(Memory(), 8);
  ASSERT_TRUE(publisher.TryEnqueue("x").ok());
  // A living reader, then the same id of a process that started earlier.
  foreigner.Put(28, int32_t{100});
  const Foreigner lease(Lease(99), 16);
  lease.Put(8, Started());
  lease.Put(0, static_cast<int32_t>(GetCurrentProcessId()));
  foreigner.Put(16, int64_t{99});
  EXPECT_EQ(subscriber.Dequeue(WaitOptions(absl::Milliseconds(100))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  lease.Put(8, Started() - kTicksPerSecond);
  EXPECT_EQ(subscriber.Dequeue(WaitOptions(absl::Seconds(30))).value(), "x");
}

TEST_P(V3Test, IdsAtTheirLimitAreAnError) {
  Publisher publisher = Publisher::Open(Options()).value();
  const Foreigner foreigner(Memory(), 8);
  foreigner.Put(28, INT32_MAX - 1);
  EXPECT_TRUE(Subscriber::Open(Options()).ok());
  EXPECT_EQ(Subscriber::Open(Options()).status().code(), absl::StatusCode::kResourceExhausted);
  foreigner.Put(28, int32_t{-1});
  EXPECT_EQ(Subscriber::Open(Options()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace interprocess::cloudtoid
