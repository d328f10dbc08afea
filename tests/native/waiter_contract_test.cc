// SPDX-License-Identifier: MIT

// What every kind of waiter shows. Built once for each kind.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/native/layout.h"
#include "core/native/participants.h"
#include "core/native/queue_memory.h"
#include "core/native/waiter.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::native {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Eventually;
using ::interprocess::testing::ScratchDirectory;
using platform::MonotonicNanos;

constexpr char kName[] = "queue";
constexpr uint32_t kParticipants = 8;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLong = 600 * kSecond;  // longer than any test may take

// A participant of the queue in a directory, through a mapping of its own.
class Member {
 public:
  Member(const std::string& directory, uint32_t id)
      : file_(platform::Directory::Open(directory)->OpenFile(kName, false).value()),
        size_(static_cast<size_t>(*file_.Size())),
        mapping_(platform::MappedFile::Map(file_, size_, false).value()),
        memory_(QueueMemory::Check(mapping_.data(), size_, kName).value()),
        waiter_(MakeWaiter(memory_, Access::kOwner)),
        id_(id) {
    std::atomic<uint32_t>& used = memory_.header().ids_used;
    uint32_t highest = used.load();
    while (highest < id && !used.compare_exchange_weak(highest, id)) {
    }
    memory_.participant(id).state.store(NextState(0, ParticipantStatus::kInUse));
  }
  ~Member() { waiter_->Leave(); }

  Waiter& waiter() const { return *waiter_; }
  std::atomic<uint32_t>& data() const { return memory_.header().data.seq; }
  std::atomic<uint32_t>& space() const { return memory_.header().space.seq; }
  void Sleep(const std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns) const {
    const absl::Status status = waiter_->Sleep(id_, word, expected, timeout_ns);
    EXPECT_TRUE(status.ok()) << status;
  }

 private:
  platform::File file_;
  size_t size_;
  platform::MappedFile mapping_;
  QueueMemory memory_;
  std::unique_ptr<Waiter> waiter_;
  uint32_t id_;
};

// Sleeps as participant [1] while `data` is 0; says 'r' before and 'w' when it has changed.
CHILD_ROLE(Sleeper) {
  Member member(arguments[0], static_cast<uint32_t>(std::stoul(arguments[1])));
  parent.Say('r');
  while (member.data().load() == 0) member.Sleep(member.data(), 0, kLong);
  parent.Say('w');
  return 0;
}

// Answers each step of `data` with a step of `space`.
CHILD_ROLE(Echo) {
  Member member(arguments[0], 2);
  const uint32_t rounds = static_cast<uint32_t>(std::stoul(arguments[1]));
  for (uint32_t round = 1; round <= rounds; ++round) {
    while (member.data().load() != round) member.Sleep(member.data(), round - 1, kLong);
    member.space().store(round);
    member.waiter().WakeAll(member.space());
  }
  return 0;
}

class WaiterContractTest : public ::testing::Test {
 protected:
  WaiterContractTest() {
    const Geometry geometry = Geometry::For(4096, kParticipants);
    const platform::File file =
        directory_.MakeFile(kName, static_cast<int64_t>(geometry.file_size()));
    platform::MappedFile mapping =
        platform::MappedFile::Map(file, geometry.file_size(), false).value();
    QueueMemory::Initialize(mapping.data(),
                            {geometry, 1, 2, 3, platform::RandomWord(), kWaiterKind});
    me_ = std::make_unique<Member>(directory_.path(), 1);
  }

  ScratchDirectory directory_;
  std::unique_ptr<Member> me_;
};

TEST_F(WaiterContractTest, ChangedWordIsNotWaitedOn) {
  me_->data().store(1);
  const int64_t start = MonotonicNanos();
  me_->Sleep(me_->data(), 0, kLong);
  EXPECT_LT(MonotonicNanos() - start, 60 * kSecond);
}

TEST_F(WaiterContractTest, NoTimeMeansNoWait) {
  const int64_t start = MonotonicNanos();
  for (const int64_t timeout : {int64_t{0}, int64_t{-1}, -kLong}) {
    me_->Sleep(me_->data(), 0, timeout);
  }
  EXPECT_LT(MonotonicNanos() - start, 60 * kSecond);
}

TEST_F(WaiterContractTest, TimeoutIsHonoured) {
  for (const int64_t timeout : {int64_t{1}, int64_t{1'000'000}, int64_t{50'000'000}}) {
    const int64_t start = MonotonicNanos();
    me_->Sleep(me_->data(), 0, timeout);
    EXPECT_GE(MonotonicNanos() - start, timeout);
  }
}

TEST_F(WaiterContractTest, WakingNobodyIsFine) {
  me_->waiter().WakeAll(me_->data());
  const int64_t start = MonotonicNanos();
  me_->Sleep(me_->data(), 0, 1'000'000);
  EXPECT_GE(MonotonicNanos() - start, 1'000'000);
}

TEST_F(WaiterContractTest, WakesEveryProcess) {
  std::vector<ChildProcess> sleepers;
  for (uint32_t id = 2; id <= 4; ++id) {
    sleepers.push_back(ChildProcess::Run("Sleeper", {directory_.path(), std::to_string(id)}));
  }
  for (const ChildProcess& sleeper : sleepers) ASSERT_EQ(sleeper.Hear(), 'r');
  me_->data().store(1);
  me_->waiter().WakeAll(me_->data());
  for (ChildProcess& sleeper : sleepers) {
    EXPECT_EQ(sleeper.Hear(), 'w');
    EXPECT_EQ(sleeper.Wait(), 0);
  }
}

// As a thread does that closes an endpoint, or asks for a stop.
TEST_F(WaiterContractTest, AnotherThreadOfTheSameParticipantWakesIt) {
  std::thread sleeper([&] {
    while (me_->data().load() == 0) me_->Sleep(me_->data(), 0, kLong);
  });
  me_->data().store(1);
  me_->waiter().WakeAll(me_->data());
  sleeper.join();
}

TEST_F(WaiterContractTest, AWakeUpOfAKilledSleeperHarmsNobody) {
  ChildProcess killed = ChildProcess::Run("Sleeper", {directory_.path(), "2"});
  ASSERT_EQ(killed.Hear(), 'r');
  killed.Kill();
  killed.Wait();
  me_->waiter().WakeAll(me_->data());
  ChildProcess sleeper = ChildProcess::Run("Sleeper", {directory_.path(), "2"});
  ASSERT_EQ(sleeper.Hear(), 'r');
  me_->data().store(1);
  me_->waiter().WakeAll(me_->data());
  EXPECT_EQ(sleeper.Hear(), 'w');
  EXPECT_EQ(sleeper.Wait(), 0);
}

// A wake-up lost once would stop both for ever.
TEST_F(WaiterContractTest, NoWakeUpIsLost) {
  constexpr uint32_t kRounds = 10'000;
  ChildProcess echo = ChildProcess::Run("Echo", {directory_.path(), std::to_string(kRounds)});
  for (uint32_t round = 1; round <= kRounds; ++round) {
    me_->data().store(round);
    me_->waiter().WakeAll(me_->data());
    const int64_t start = MonotonicNanos();
    while (me_->space().load() != round) {
      me_->Sleep(me_->space(), round - 1, 30 * kSecond);
      ASSERT_LT(MonotonicNanos() - start, 30 * kSecond) << "round " << round;
    }
  }
  EXPECT_EQ(echo.Wait(), 0);
}

}  // namespace
}  // namespace interprocess::native
