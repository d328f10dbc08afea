// SPDX-License-Identifier: MIT

#include "tools/ipq/exit_code.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/flags.h"

namespace ipq {

void PrintError(absl::string_view message) {
  // One write, so that lines of processes that share a terminal do not mix.
  const std::string line = absl::StrCat("ipq: ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

namespace {

// What was not found: a directory that was given and is missing explains a queue that is.
absl::string_view Missing() {
  for (const std::string& directory : {absl::GetFlag(FLAGS_dir), absl::GetFlag(FLAGS_to_dir)}) {
    std::error_code error;
    if (!directory.empty() &&
        !std::filesystem::is_directory(std::filesystem::u8path(directory), error)) {
      return "no such directory: ";
    }
  }
  return "no such queue: ";
}

}  // namespace

int Fail(const absl::Status& status) {
  PrintError(absl::StrCat(absl::IsNotFound(status) ? Missing() : "", Describe(status)));
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNoSuchQueue;
    case absl::StatusCode::kDeadlineExceeded:
      return kTimedOut;
    case absl::StatusCode::kDataLoss:
      return kDamaged;
    default:
      return kFailed;
  }
}

absl::string_view Describe(const absl::Status& status) {
  if (!status.message().empty()) return status.message();
  return absl::StatusCodeToStringView(status.code());
}

int PrintOutput(absl::string_view text) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return kOk;
  if (errno == EPIPE) return kBrokenPipe;
  PrintError(absl::ErrnoToStatus(errno, "standard output").message());
  return kFailed;
}

}  // namespace ipq
