// SPDX-License-Identifier: MIT

// Version 2.0 opens a queue while a process of this library opens or leaves it. It locks no
// directory: it looks if the file is in use, by an exclusive lock that it drops at once, and then
// opens it with a shared one. It does not try again.

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/step.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::cloudtoid {
namespace {

constexpr int64_t kFileSize = 32 + 4096;

// One endpoint of 2.0, as its system calls are.
class Other {
 public:
  explicit Other(std::string path) : path_(std::move(path)) {}
  ~Other() {
    if (file_ >= 0) close(file_);
  }

  // Its first step. Not in use also if the file is missing.
  void Look() {
    const int file = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    in_use_ = file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0;
    if (file >= 0) close(file);
  }
  // Its second; the error if it fails.
  std::string Open() {
    file_ = open(path_.c_str(), O_RDWR | O_CLOEXEC | (in_use_ ? 0 : O_CREAT), 0666);
    if (file_ < 0) return absl::StrCat("FileNotFoundException: ", strerror(errno));
    if (flock(file_, LOCK_SH | LOCK_NB) != 0) {
      return absl::StrCat("IOException: used by another process: ", strerror(errno));
    }
    if (!in_use_ && ftruncate(file_, 0) != 0) return strerror(errno);
    return ftruncate(file_, kFileSize) == 0 ? "" : strerror(errno);
  }
  bool HasTheNamedFile() const {
    struct stat named, ours;
    return stat(path_.c_str(), &named) == 0 && fstat(file_, &ours) == 0 &&
           named.st_ino == ours.st_ino;
  }

 private:
  const std::string path_;
  bool in_use_ = false;
  int file_ = -1;
};

std::function<void(const char*)> g_at_step;

class OtherOpenerTest : public ::testing::Test {
 protected:
  OtherOpenerTest() {
    options_.name =
        absl::StrCat("other-opener-", directory_.path().substr(directory_.path().rfind('/') + 1));
    options_.directory = directory_.path();
    options_.capacity = 4096;
    options_.protocol = Protocol::kCloudtoidV2;
    base::step_hook = [](const char* step) { g_at_step(step); };
    g_at_step = [](const char*) {};
  }
  ~OtherOpenerTest() override { base::step_hook = nullptr; }

  std::string Path() const {
    return absl::StrCat(options_.directory, "/.cloudtoid/interprocess/mmf/", options_.name, ".qu");
  }
  // Runs `run` when something comes to the step, once.
  static void At(const char* step, std::function<void()> run) {
    g_at_step = [step, run = std::move(run), done = false](const char* at) mutable {
      if (!done && absl::EndsWith(at, step)) {
        done = true;
        run();
      }
    };
  }
  void ExpectShared(const Other& other) {
    EXPECT_TRUE(other.HasTheNamedFile());
    Publisher publisher = Publisher::Open(options_).value();
    Subscriber subscriber = Subscriber::Open(options_).value();
    EXPECT_TRUE(publisher.TryEnqueue("shared").ok());
    EXPECT_EQ(subscriber.TryDequeue().value(), "shared");
  }

  ::interprocess::testing::ScratchDirectory directory_;
  QueueOptions options_;
};

TEST_F(OtherOpenerTest, ComesInAtEachStepOfAnOpenOfOurs) {
  for (const char* step : {"opener.has_file", "opener.shares_new_file"}) {
    SCOPED_TRACE(step);
    std::optional<Other> other(Path());
    std::string failure = "it did not run";
    At(step, [&] {
      other->Look();
      failure = other->Open();
    });
    Publisher publisher = Publisher::Open(options_).value();
    EXPECT_EQ(failure, "");
    ExpectShared(*other);
    unlink(Path().c_str());
  }
}

TEST_F(OtherOpenerTest, LooksAtOneStepAndOpensAtALaterOne) {
  Other other(Path());
  std::string failure = "it did not run";
  At("opener.has_file", [&] {
    other.Look();
    At("opener.shares_new_file", [&] { failure = other.Open(); });
  });
  Publisher publisher = Publisher::Open(options_).value();
  EXPECT_EQ(failure, "");
  ExpectShared(other);
}

TEST_F(OtherOpenerTest, ComesInWhileTheLastOfOursLeaves) {
  Other other(Path());
  std::string failure = "it did not run";
  At("leaver.lets_others_open", [&] {
    other.Look();
    failure = other.Open();
  });
  Publisher::Open(options_).value();
  EXPECT_EQ(failure, "");
  ExpectShared(other);
}

TEST_F(OtherOpenerTest, SawTheLastOfOursAndOpensWhileItLeaves) {
  Other other(Path());
  std::string failure = "it did not run";
  {
    Publisher publisher = Publisher::Open(options_).value();
    other.Look();
    At("leaver.lets_others_open", [&] { failure = other.Open(); });
  }
  EXPECT_EQ(failure, "");
  ExpectShared(other);
}

TEST_F(OtherOpenerTest, OfOursIsNotInTheWayOfALeaverEither) {
  std::optional<Publisher> next;
  At("leaver.lets_others_open", [&] { next = Publisher::Open(options_).value(); });
  Publisher::Open(options_).value();
  ASSERT_TRUE(next.has_value());
  ASSERT_TRUE(next->TryEnqueue("kept").ok());
  EXPECT_EQ(Subscriber::Open(options_)->TryDequeue().value(), "kept");
}

TEST_F(OtherOpenerTest, TheLastOneOutLeavesNothing) {
  Publisher::Open(options_).value();
  EXPECT_NE(access(Path().c_str(), F_OK), 0);
}

}  // namespace
}  // namespace interprocess::cloudtoid
