// SPDX-License-Identifier: MIT

// A line that shows how a long transfer goes.

#ifndef INTERPROCESS_TOOLS_IPQ_PROGRESS_H_
#define INTERPROCESS_TOOLS_IPQ_PROGRESS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ipq {

// Counts what was transferred and, if there is somebody to see it, shows it on standard error from
// the second second on. Thread-compatible.
class Progress {
 public:
  // `data` is the descriptor that the messages come from or go to: nothing is shown while they pass
  // over the same terminal.
  explicit Progress(int data);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // ends the line

  void Add(uint64_t messages, uint64_t bytes);

  // Shows that nothing can be transferred now, and why.
  void ShowWaiting(absl::string_view why);

  // Ends the line, so that something else can be printed.
  void Finish();

  uint64_t messages() const { return messages_; }

 private:
  void Show(absl::Time now, absl::string_view remark = "");

  const bool enabled_;
  const absl::Time start_;
  absl::Time next_show_;
  bool shown_ = false;
  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_PROGRESS_H_
