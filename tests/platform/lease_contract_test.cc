// SPDX-License-Identifier: MIT

// What every backend of leases shows, whatever locks it is made of.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/mapped_file.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Eventually;
using ::interprocess::testing::ScratchDirectory;

constexpr char kName[] = "leases";
// No system that the library is made for, but Wine.
constexpr char kByName[] = "this system opens files again by the name they were opened by";
constexpr LeaseMode kShared = LeaseMode::kShared;
constexpr LeaseMode kExclusive = LeaseMode::kExclusive;

// Takes lease [2] of the file in directory [0], [1] being "exclusive" or "shared"; says 'y' or 'n'
// whether it was had, and 'u' after unlocking it when told so.
CHILD_ROLE(Holder) {
  auto directory = Directory::Open(arguments[0]);
  CHILD_CHECK(directory.ok());
  auto file = directory->OpenFile(kName, false);
  CHILD_CHECK(file.ok());
  auto leases = LeaseFile::Open(*file);
  CHILD_CHECK(leases.ok());
  const uint32_t lease = static_cast<uint32_t>(std::stoul(arguments[2]));
  auto locked = leases->TryLock(lease, arguments[1] == "exclusive" ? kExclusive : kShared);
  CHILD_CHECK(locked.ok());
  parent.Say(*locked ? 'y' : 'n');
  while (parent.Hear() == 'u') {
    CHILD_CHECK(leases->Unlock(lease).ok());
    parent.Say('u');
  }
  return 0;
}

class LeaseContractTest : public ::testing::Test {
 protected:
  LeaseFile Open() const { return LeaseFile::Open(file_).value(); }

  ChildProcess Hold(const std::string& mode, uint32_t lease) const {
    return ChildProcess::Run("Holder", {directory_.path(), mode, std::to_string(lease)});
  }

  ScratchDirectory directory_;
  File file_ = directory_.MakeFile(kName, 4096);
};

TEST_F(LeaseContractTest, SharedLeasesGoTogether) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kShared), true);
  EXPECT_EQ(Hold("shared", 1).Hear(), 'y');
}

TEST_F(LeaseContractTest, ExclusiveLeaseShutsOutAllOthers) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  EXPECT_EQ(Hold("shared", 1).Hear(), 'n');
  EXPECT_EQ(Hold("exclusive", 1).Hear(), 'n');
}

TEST_F(LeaseContractTest, SharedLeaseShutsOutExclusiveOne) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kShared), true);
  EXPECT_EQ(Hold("exclusive", 1).Hear(), 'n');
}

TEST_F(LeaseContractTest, NeighboursAreIndependent) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(5, kExclusive), true);
  EXPECT_EQ(Hold("exclusive", 4).Hear(), 'y');
  EXPECT_EQ(Hold("exclusive", 6).Hear(), 'y');
}

TEST_F(LeaseContractTest, FirstAndLastLeaseWork) {
  constexpr uint32_t kLast = std::numeric_limits<uint32_t>::max();
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(0, kExclusive), true);
  EXPECT_EQ(*mine.TryLock(kLast, kExclusive), true);
  LeaseFile other = Open();
  EXPECT_EQ(*other.TryLock(0, kShared), false);
  EXPECT_EQ(*other.TryLock(kLast, kShared), false);
  EXPECT_EQ(*other.IsHeldExclusively(1, kLast - 1), false);
  EXPECT_EQ(*other.IsHeldExclusively(1, kLast), true);
}

TEST_F(LeaseContractTest, LockingAgainDoesNotNest) {
  LeaseFile mine = Open();
  LeaseFile other = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  EXPECT_TRUE(mine.Unlock(1).ok());
  EXPECT_EQ(*other.TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, LockingAgainChangesTheMode) {
  LeaseFile mine = Open();
  LeaseFile other = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  EXPECT_EQ(*mine.TryLock(1, kShared), true);
  EXPECT_EQ(*other.TryLock(1, kShared), true);
  // Refused, and what it had it keeps.
  EXPECT_EQ(*mine.TryLock(1, kExclusive), false);
  EXPECT_TRUE(other.Unlock(1).ok());
  EXPECT_EQ(*other.TryLock(1, kExclusive), false);
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, UnlockFreesAtOnce) {
  ChildProcess holder = Hold("exclusive", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), false);
  holder.Say('u');
  ASSERT_EQ(holder.Hear(), 'u');
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, UnlockingAFreeLeaseIsNoError) { EXPECT_TRUE(Open().Unlock(1).ok()); }

TEST_F(LeaseContractTest, TwoFilesOfOneProcessExcludeEachOther) {
  LeaseFile one = Open();
  LeaseFile two = Open();
  EXPECT_EQ(*one.TryLock(1, kExclusive), true);
  EXPECT_EQ(*two.TryLock(1, kExclusive), false);
  EXPECT_EQ(*two.IsHeldExclusively(1, 1), true);
}

TEST_F(LeaseContractTest, HolderDoesNotSeeItsOwn) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  EXPECT_EQ(*mine.IsHeldExclusively(1, 1), false);
  EXPECT_EQ(*mine.IsHeldExclusively(0, 1024), false);
}

TEST_F(LeaseContractTest, SharedLeaseIsNotSeenAsExclusive) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kShared), true);
  EXPECT_EQ(*Open().IsHeldExclusively(0, 1024), false);
}

TEST_F(LeaseContractTest, ProbeSeesItsRangeAndNoMore) {
  ChildProcess holder = Hold("exclusive", 7);
  ASSERT_EQ(holder.Hear(), 'y');
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.IsHeldExclusively(7, 1), true);
  EXPECT_EQ(*mine.IsHeldExclusively(0, 8), true);
  EXPECT_EQ(*mine.IsHeldExclusively(7, 100), true);
  EXPECT_EQ(*mine.IsHeldExclusively(0, 7), false);
  EXPECT_EQ(*mine.IsHeldExclusively(8, 100), false);
  EXPECT_EQ(*mine.IsHeldExclusively(7, 0), false);
  EXPECT_EQ(*mine.IsHeldExclusively(0, 0), false);
}

TEST_F(LeaseContractTest, ProbeTakesNothing) {
  LeaseFile prober = Open();
  EXPECT_EQ(*prober.IsHeldExclusively(0, 1024), false);
  EXPECT_EQ(*Open().TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, DropsWhenItsFileIsClosed) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  mine.Close();
  EXPECT_EQ(*Open().TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, DropsThoughTheFileStaysMapped) {
  absl::StatusOr<MappedFile> mapped = MappedFile::Map(file_, 4096, false);
  ASSERT_TRUE(mapped.ok());
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  mine.Close();
  EXPECT_EQ(*Open().TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, ClosingAnotherOpenFileDropsNothing) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  Open().Close();
  { File again = directory_.Open().OpenFile(kName, false).value(); }
  file_.Close();
  EXPECT_EQ(Hold("exclusive", 1).Hear(), 'n');
}

TEST_F(LeaseContractTest, MovesWithItsFile) {
  LeaseFile first = Open();
  EXPECT_EQ(*first.TryLock(1, kExclusive), true);
  LeaseFile second = std::move(first);
  LeaseFile other = Open();
  EXPECT_EQ(*other.IsHeldExclusively(1, 1), true);
  EXPECT_TRUE(second.Unlock(1).ok());
  EXPECT_EQ(*other.IsHeldExclusively(1, 1), false);
  EXPECT_EQ(*second.TryLock(1, kExclusive), true);
  second = Open();
  EXPECT_EQ(*other.IsHeldExclusively(1, 1), false);
}

TEST_F(LeaseContractTest, ClosedFileSaysSo) {
  LeaseFile mine = Open();
  mine.Close();
  EXPECT_TRUE(absl::IsFailedPrecondition(mine.TryLock(1, kShared).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(mine.Unlock(1)));
  EXPECT_TRUE(absl::IsFailedPrecondition(mine.IsHeldExclusively(1, 1).status()));
}

TEST_F(LeaseContractTest, DropsWhenHolderExits) {
  ChildProcess holder = Hold("exclusive", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  holder.Say('q');
  EXPECT_EQ(holder.Wait(), 0);
  EXPECT_EQ(*Open().TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, DropsWhenHolderIsKilled) {
  ChildProcess holder = Hold("exclusive", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.IsHeldExclusively(1, 1), true);
  holder.Kill();
  // Also before anybody has waited for the process.
  EXPECT_TRUE(Eventually([&] { return !*mine.IsHeldExclusively(1, 1); }));
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
}

TEST_F(LeaseContractTest, SharedLeaseDropsWhenHolderIsKilled) {
  ChildProcess holder = Hold("shared", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), false);
  holder.Kill();
  EXPECT_TRUE(Eventually([&] { return *mine.TryLock(1, kExclusive); }));
}

TEST_F(LeaseContractTest, StaysWhileHolderIsStopped) {
  ChildProcess holder = Hold("exclusive", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  holder.Stop();
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.IsHeldExclusively(1, 1), true);
  EXPECT_EQ(*mine.TryLock(1, kShared), false);
  holder.Kill();
  EXPECT_TRUE(Eventually([&] { return !*mine.IsHeldExclusively(1, 1); }));
}

TEST_F(LeaseContractTest, FollowsARenamedFile) {
  ChildProcess holder = Hold("exclusive", 1);
  ASSERT_EQ(holder.Hear(), 'y');
  std::filesystem::rename(directory_.PathOf(kName), directory_.PathOf("other"));
  if (absl::IsNotFound(LeaseFile::Open(file_).status())) GTEST_SKIP() << kByName;
  EXPECT_EQ(*Open().IsHeldExclusively(1, 1), true);
  File renamed = directory_.Open().OpenFile("other", false).value();
  EXPECT_EQ(*LeaseFile::Open(renamed)->IsHeldExclusively(1, 1), true);
}

TEST_F(LeaseContractTest, BelongsToTheFileNotToItsName) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  ASSERT_TRUE(directory_.Open().Remove(kName, *file_.Identity()).ok());
  if (absl::IsNotFound(LeaseFile::Open(file_).status())) GTEST_SKIP() << kByName;
  EXPECT_EQ(*Open().IsHeldExclusively(1, 1), true);
  File successor = directory_.MakeFile(kName, 4096);
  EXPECT_EQ(*LeaseFile::Open(successor)->IsHeldExclusively(1, 1), false);
}

TEST_F(LeaseContractTest, WorksBeforeTheFileIsPublished) {
  Directory directory = directory_.Open();
  File file = directory.CreateUnpublished(Access::kOwner).value();
  LeaseFile mine = LeaseFile::Open(file).value();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  ASSERT_TRUE(directory.Publish(file, "later").ok());
  File found = directory.OpenFile("later", false).value();
  EXPECT_EQ(*LeaseFile::Open(found)->IsHeldExclusively(1, 1), true);
}

TEST_F(LeaseContractTest, ReadOnlyFileProbes) {
  LeaseFile mine = Open();
  EXPECT_EQ(*mine.TryLock(1, kExclusive), true);
  File file = directory_.Open().OpenFile(kName, true).value();
  LeaseFile prober = LeaseFile::Open(file).value();
  EXPECT_EQ(*prober.IsHeldExclusively(1, 1), true);
  EXPECT_EQ(*prober.IsHeldExclusively(2, 1), false);
}

}  // namespace
}  // namespace interprocess::platform
