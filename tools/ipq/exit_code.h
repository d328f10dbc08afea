// SPDX-License-Identifier: MIT

// What the tool's process ends with, and how it speaks of errors.

#ifndef INTERPROCESS_TOOLS_IPQ_EXIT_CODE_H_
#define INTERPROCESS_TOOLS_IPQ_EXIT_CODE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ipq {

// Scripts rely on these numbers: they are listed by `ipq --help` and never change their meaning.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNoSuchQueue = 3,
  kTimedOut = 4,
  kDamaged = 5,
  kSignalBase = 128,  // and the number of the signal that ended it
  // As a shell has it of a program that wrote to a pipe without a reader: 128 and SIGPIPE.
  kBrokenPipe = 141,
};

// Prints "ipq: " and `message` as a line on standard error.
void PrintError(absl::string_view message);

// Prints `status`, which is not OK, and gives the exit code for it.
int Fail(const absl::Status& status);

// The text of `status`; where the library gave none, what its code means.
absl::string_view Describe(const absl::Status& status);

// Writes `text` to standard output: kOk, kBrokenPipe, or kFailed after saying why.
int PrintOutput(absl::string_view text);

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_EXIT_CODE_H_
