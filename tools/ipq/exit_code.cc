#include "tools/ipq/exit_code.h"

#include <cerrno>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ipq {

void PrintError(absl::string_view message) {
  // One write, so that lines of processes that share a terminal do not mix.
  const std::string line = absl::StrCat("ipq: ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int Fail(const absl::Status& status) {
  PrintError(absl::StrCat(absl::IsNotFound(status) ? "no such queue: " : "", Describe(status)));
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
