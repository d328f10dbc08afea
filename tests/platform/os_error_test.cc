// SPDX-License-Identifier: MIT

#include "core/platform/os_error.h"

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace interprocess::platform {
namespace {

TEST(OsErrorTest, NamesCallObjectTextAndNumber) {
  EXPECT_EQ(OsError("open", "/dev/shm/q.ipq", EACCES).message(),
            "open '/dev/shm/q.ipq': Permission denied (errno 13)");
}

TEST(OsErrorTest, StatusCodeFollowsErrorCode) {
  using Code = absl::StatusCode;
  constexpr std::pair<int, Code> kExpected[] = {
      {ENOENT, Code::kNotFound},
      {EACCES, Code::kPermissionDenied},
      {EPERM, Code::kPermissionDenied},
      {EROFS, Code::kPermissionDenied},
      {EEXIST, Code::kAlreadyExists},
      {ENOSPC, Code::kResourceExhausted},
      {EDQUOT, Code::kResourceExhausted},
      {ENOMEM, Code::kResourceExhausted},
      {EFBIG, Code::kResourceExhausted},
      {ENOLCK, Code::kResourceExhausted},
      {ELOOP, Code::kInvalidArgument},
      {ENOTDIR, Code::kInvalidArgument},
      {EISDIR, Code::kInvalidArgument},
      {ENAMETOOLONG, Code::kInvalidArgument},
      {EIO, Code::kInternal},
      {EBADF, Code::kInternal},
      {123456, Code::kInternal},
  };
  for (const auto& [code, expected] : kExpected) {
    EXPECT_EQ(OsError("call", "object", code).code(), expected) << "errno " << code;
  }
}

}  // namespace
}  // namespace interprocess::platform
