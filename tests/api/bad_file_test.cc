// SPDX-License-Identifier: MIT

// Files of a queue's name that are no sound queue.

#include "tests/api/bad_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::TestDirectory;

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
  bytes[12] = 5;
  Write(bytes);
  ExpectRefused(StatusCode::kDataLoss, "version is 5");
  bytes[12] = 3;
  Write(bytes);
  ExpectRefused(StatusCode::kDataLoss, "of format 3, which was never released");
  bytes[12] = 4;
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

// A user of the original would not see the leases of a user of the copy.
TEST_F(BadFileTest, CopyOfAQueue) {
  const TestDirectory elsewhere;
  ASSERT_TRUE(Publisher::Open(elsewhere.Options())->TryEnqueue("one").ok());
  std::filesystem::copy_file(elsewhere.FileOf("queue"), Path());
  ExpectRefused(StatusCode::kDataLoss, "copy");
  ExpectListedWith(StatusCode::kDataLoss);
  ExpectRemovable();
}

TEST_F(BadFileTest, Directory) {
  ASSERT_TRUE(std::filesystem::create_directory(Path()));
  ExpectRefused(StatusCode::kInvalidArgument, "a directory");
  ExpectListedWith(StatusCode::kInvalidArgument);
  EXPECT_EQ(RemoveQueue("queue", directory_.path()).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace interprocess
