// SPDX-License-Identifier: MIT

// Splits an input into messages.

#ifndef INTERPROCESS_TOOLS_IPQ_MESSAGE_READER_H_
#define INTERPROCESS_TOOLS_IPQ_MESSAGE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/stop_signals.h"

namespace ipq {

// Reads messages from a descriptor, many at a time, as they come. Thread-compatible.
//
//   MessageReader reader(STDIN_FILENO, "standard input", Framing::kLines, max_size, stop);
//   for (;;) {
//     absl::StatusOr<absl::Span<const MessageReader::Bytes>> messages = reader.Next();
//     if (!messages.ok()) return messages.status();
//     if (messages->empty()) break;
//     ...
//   }
class MessageReader {
 public:
  using Bytes = absl::Span<const uint8_t>;

  // `label` names the input in errors. The descriptor and `stop` must outlive the reader.
  MessageReader(int descriptor, std::string label, Framing framing, size_t max_message_size,
                const StopSignals& stop);

  // The next messages, in order, valid until the next call; none when the input has ended. Waits
  // until there is at least one, and never for a second. An error (InvalidArgument: a message that
  // is too large or incomplete, which one, how large; what the system says of the input; Cancelled)
  // comes only when all messages before it have been handed out.
  absl::StatusOr<absl::Span<const Bytes>> Next();

  // Names message `index` of the last ones that Next gave.
  std::string Name(size_t index) const;

 private:
  void Split();
  bool SplitLine();
  bool SplitLengthPrefixed();
  bool SplitWhole();
  void Take(size_t skip, size_t size, size_t skip_after);
  absl::Status TooLarge(const std::string& size) const;
  absl::Status Incomplete(size_t there, size_t wanted) const;
  absl::Status Fill();
  size_t available() const { return end_ - begin_; }

  const int descriptor_;
  const std::string label_;
  const Framing framing_;
  const size_t max_message_size_;
  const StopSignals& stop_;

  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;    // of what has not been handed out
  size_t scanned_ = 0;  // no newline lies between begin_ and here
  size_t end_ = 0;      // of what was read
  bool ended_ = false;
  bool whole_taken_ = false;
  uint64_t count_ = 0;  // of messages that were split off
  std::vector<Bytes> messages_;
  absl::Status error_;
};

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_MESSAGE_READER_H_
