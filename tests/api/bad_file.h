// SPDX-License-Identifier: MIT

// A file that has a queue's name, and what calls answer that open it.

#ifndef INTERPROCESS_TESTS_API_BAD_FILE_H_
#define INTERPROCESS_TESTS_API_BAD_FILE_H_

#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "core/platform/directory.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {

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
    in.close();  // Windows removes no file that somebody has open so
    EXPECT_TRUE(RemoveQueue("model", directory_.path()).ok());
    return bytes;
  }
  void Write(const std::string& bytes) const {
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
  }

  // Every call that opens the name fails so, and leaves the file as it was.
  void ExpectRefused(absl::StatusCode code, const std::string& words) const {
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
  void ExpectListedWith(absl::StatusCode code) const {
    EXPECT_EQ(QueueInspector::Open("queue", directory_.path()).status().code(), code);
    auto entries = ListQueues(directory_.path());
    ASSERT_TRUE(entries.ok() && entries->size() == 1);
    EXPECT_EQ((*entries)[0].name, "queue");
    EXPECT_EQ(platform::AbsolutePath((*entries)[0].path), Path());
    EXPECT_EQ((*entries)[0].status.code(), code) << (*entries)[0].status;
    EXPECT_EQ((*entries)[0].capacity, 0);
  }
  void ExpectRemovable() const {
    EXPECT_TRUE(RemoveQueue("queue", directory_.path()).ok());
    EXPECT_FALSE(directory_.Has("queue"));
    EXPECT_TRUE(Publisher::Open(directory_.Options()).ok());
  }

  testing::TestDirectory directory_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_TESTS_API_BAD_FILE_H_
