// SPDX-License-Identifier: MIT

// What messages come from and go to, as the system has it: streams_posix.cc, streams_windows.cc.

#ifndef INTERPROCESS_TOOLS_IPQ_STREAMS_H_
#define INTERPROCESS_TOOLS_IPQ_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/ipq/stop_signals.h"

namespace ipq {

// Descriptors.
inline constexpr int kStandardInput = 0;
inline constexpr int kStandardOutput = 1;
inline constexpr int kStandardError = 2;

inline constexpr const char* StandardStreamName(int descriptor) {
  return descriptor == kStandardInput    ? "standard input"
         : descriptor == kStandardOutput ? "standard output"
                                         : "standard error";
}

// First of all in main: the command line's words in UTF-8, with the program's name. From now on
// - bytes pass through the standard streams unchanged;
// - each standard descriptor is open, so that no file that is opened later takes its number: where
//   one was closed, reading from it and writing to it fail as they do on a closed one;
// - writing for a reader that is gone is an error and does not end the process.
std::vector<std::string> PrepareStreams(int argc, char** argv);

// The value of an environment variable, in UTF-8; empty if there is none.
std::string EnvironmentVariable(const std::string& name);

// Whether `descriptor`, a standard one, is open to be read (input) or written (the others): OK, or
// an error that names it, as "standard output: Bad file descriptor".
absl::Status CheckStandardStream(int descriptor);

// Ends the process without destructors and exit handlers.
[[noreturn]] void ExitAtOnce(int code);

bool IsTerminal(int descriptor);
// In columns; 0 if it is not known.
size_t TerminalWidth(int descriptor);

// Opens a file to be read, and does not wait, whatever kind it is.
absl::StatusOr<int> OpenInput(const std::string& path);
void CloseInput(int descriptor);

// Waits for input and reads what is there, as much as there is room for: its size, 0 at the end.
// Cancelled if a stop is asked for before any is there.
absl::StatusOr<size_t> ReadInput(int descriptor, absl::Span<uint8_t> room, const StopSignals& stop);

class Output {
 public:
  // `stop` outlives it. With `tell_taken`, a pipe is made as small as it can be, so that the system
  // tells when its reader has taken what was written.
  Output(int descriptor, bool tell_taken, const StopSignals& stop);

  bool tells_taken() const { return tells_taken_; }

  // Writes all of `bytes` and adds what was written to `written`. Aborted: the reader is gone.
  // Cancelled: a stop was asked for, and nobody takes anything.
  absl::Status Write(absl::string_view bytes, uint64_t& written);
  // Waits until the reader has taken everything, if this tells; errors as Write.
  absl::Status WaitUntilTaken();

 private:
  absl::Status WaitForRoom() const;

  const int descriptor_;
  const StopSignals& stop_;
  bool is_file_ = false;
  bool tells_taken_ = false;
};

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_STREAMS_H_
