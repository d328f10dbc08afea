// SPDX-License-Identifier: MIT

// Writes messages to an output, and knows which of them have arrived there.

#ifndef INTERPROCESS_TOOLS_IPQ_MESSAGE_WRITER_H_
#define INTERPROCESS_TOOLS_IPQ_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"

namespace ipq {

// Frames messages, gathers small ones, and writes them out. Broken pipes must be ignored.
// Thread-compatible. A stop does not tear what is being written, unless nobody takes it.
//
// Errors: Aborted (the reader of the output is gone), Cancelled (a stop was asked for, and the
// output takes nothing more), and what the system says.
class MessageWriter {
 public:
  enum class Delivery {
    kWritten,  // a message is delivered when the system has its bytes
    // ... and, if the output is a pipe, when its reader has taken them from there. The pipe is made
    // as small as it can be, so that the system tells.
    kTaken,
  };

  // The descriptor and `stop` must outlive the writer.
  MessageWriter(int descriptor, Framing framing, Delivery delivery, const StopSignals& stop);

  // Adds a message: gathered if it is small, else written at once from where it lies.
  // OutOfRange if the framing cannot tell its length.
  absl::Status Add(absl::string_view message);

  // Delivers what was added.
  absl::Status Flush();

  // The number of bytes that were added and that were written out, with their framing, ever.
  uint64_t added() const { return written_ + gathered_.size(); }
  uint64_t written() const { return written_; }

 private:
  absl::Status AddBytes(absl::string_view bytes);
  absl::Status WriteGathered();

  const Framing framing_;
  Output output_;
  std::string gathered_;
  uint64_t written_ = 0;
};

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_MESSAGE_WRITER_H_
