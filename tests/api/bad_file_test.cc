// Files of a queue's name that are no sound queue.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::TestDirectory;

class BadFileTest : public ::testing::Test {
 protected:
  std::string Path() const { return directory_.FileOf("queue"); }

  // The bytes of a queue with one message.
  std::string SoundBytes() const {
    {
      QueueOptions options = directory_.Options("model");
      auto publisher = Publisher::Open(options);
      EXPECT_TRUE(publisher->TryEnqueue("one").ok());
    }
    std::ifstream in(directory_.FileOf("model"), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    EXPECT_TRUE(RemoveQueue("model", directory_.path()).ok());
    return bytes;
  }
  void Write(const std::string& bytes) const {
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
  }

  // Every call that opens the name fails so, and leaves the file as it was.
  void ExpectRefused(StatusCode code, const std::string& words) const {
    for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kOpenExisting}) {
      QueueOptions options = directory_.Options();
      options.mode = mode;
      for (const absl::Status& status :
           {Publisher::Open(options).status(), Subscriber::Open(options).status()}) {
        EXPECT_EQ(status.code(), code) << status;
        EXPECT_TRUE(absl::StrContains(status.message(), Path())) << status;
        EXPECT_TRUE(absl::StrContains(status.message(), words)) << status << "\nlacks: " << words;
      }
    }
    QueueOptions options = directory_.Options();
    options.mode = OpenMode::kCreateNew;
    EXPECT_FALSE(Publisher::Open(options).ok());
    EXPECT_TRUE(directory_.Has("queue"));
  }
  // It is listed with what is wrong, and an inspector does not open it.
  void ExpectListedWith(StatusCode code) const {
    EXPECT_EQ(QueueInspector::Open("queue", directory_.path()).status().code(), code);
    auto entries = ListQueues(directory_.path());
    ASSERT_TRUE(entries.ok() && entries->size() == 1);
    EXPECT_EQ((*entries)[0].name, "queue");
    EXPECT_EQ((*entries)[0].path, Path());
    EXPECT_EQ((*entries)[0].status.code(), code) << (*entries)[0].status;
    EXPECT_EQ((*entries)[0].capacity, 0);
  }
  void ExpectRemovable() const {
    EXPECT_TRUE(RemoveQueue("queue", directory_.path()).ok());
    EXPECT_FALSE(directory_.Has("queue"));
    EXPECT_TRUE(Publisher::Open(directory_.Options()).ok());
  }

  TestDirectory directory_;
};

TEST_F(BadFileTest, EmptyOrCut) {
  const std::string bytes = SoundBytes();
  for (size_t size : {size_t{0}, size_t{1}, size_t{8}, size_t{100}, size_t{4095}, size_t{4096},
                      size_t{8192}, bytes.size() - 1}) {
    SCOPED_TRACE(size);
    Write(bytes.substr(0, size));
    ExpectRefused(StatusCode::kDataLoss, std::to_string(size) + " bytes");
    ExpectListedWith(StatusCode::kDataLoss);
  }
  Write(bytes + "x");
  ExpectRefused(StatusCode::kDataLoss, std::to_string(bytes.size() + 1) + " bytes");
  ExpectRemovable();
}

TEST_F(BadFileTest, OtherBytes) {
  std::string random(20000, '\0');
  for (size_t i = 0; i < random.size(); ++i) random[i] = static_cast<char>(i * i * 31 >> 3);
  for (const std::string& bytes : {std::string(16384, '\0'), random, std::string(5000, 'x')}) {
    Write(bytes);
    ExpectRefused(StatusCode::kDataLoss, "IPQNATV1");
    ExpectListedWith(StatusCode::kDataLoss);
  }
  ExpectRemovable();
}

TEST_F(BadFileTest, OfANewerVersionOrTheOtherByteOrder) {
  std::string bytes = SoundBytes();
  bytes[12] = 3;
  Write(bytes);
  ExpectRefused(StatusCode::kDataLoss, "version is 3");
  bytes[12] = 2;
  for (int i : {0, 1}) std::swap(bytes[8 + i], bytes[11 - i]);
  Write(bytes);
  ExpectRefused(StatusCode::kDataLoss, "other byte order");
  ExpectListedWith(StatusCode::kDataLoss);
}

TEST_F(BadFileTest, HeaderThatWasChanged) {
  std::string bytes = SoundBytes();
  bytes[40] ^= 1;
  Write(bytes);
  ExpectRefused(StatusCode::kDataLoss, "checksum");
  ExpectListedWith(StatusCode::kDataLoss);
  ExpectRemovable();
}

// Whoever used the original would not see the leases of who uses the copy.
TEST_F(BadFileTest, CopyOfAQueue) {
  const TestDirectory elsewhere;
  ASSERT_TRUE(Publisher::Open(elsewhere.Options())->TryEnqueue("one").ok());
  std::filesystem::copy_file(elsewhere.FileOf("queue"), Path());
  ExpectRefused(StatusCode::kDataLoss, "copy");
  ExpectListedWith(StatusCode::kDataLoss);
  ExpectRemovable();
}

TEST_F(BadFileTest, SymbolicLinkIsNotFollowed) {
  QueueOptions options = directory_.Options("target");
  auto publisher = Publisher::Open(options);
  for (const std::string& target : {directory_.FileOf("target"), directory_.path() + "/nowhere"}) {
    ASSERT_EQ(symlink(target.c_str(), Path().c_str()), 0);
    for (OpenMode mode : {OpenMode::kOpenOrCreate, OpenMode::kOpenExisting}) {
      options = directory_.Options();
      options.mode = mode;
      const absl::Status status = Subscriber::Open(options).status();
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), Path())) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), "symbolic link")) << status;
    }
    EXPECT_EQ(RemoveQueue("queue", directory_.path()).code(), StatusCode::kInvalidArgument);
    ASSERT_EQ(unlink(Path().c_str()), 0);
  }
  EXPECT_TRUE(publisher->TryEnqueue("x").ok());
}

TEST_F(BadFileTest, FifoDoesNotBlock) {
  ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0);
  ExpectRefused(StatusCode::kInvalidArgument, "a FIFO");
  ExpectListedWith(StatusCode::kInvalidArgument);
}

TEST_F(BadFileTest, Directory) {
  ASSERT_EQ(mkdir(Path().c_str(), 0700), 0);
  ExpectRefused(StatusCode::kInvalidArgument, "a directory");
  ExpectListedWith(StatusCode::kInvalidArgument);
  EXPECT_EQ(RemoveQueue("queue", directory_.path()).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace interprocess
