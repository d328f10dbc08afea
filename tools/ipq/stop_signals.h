// SPDX-License-Identifier: MIT

// Ctrl-C as something that waiting calls can be told of.

#ifndef INTERPROCESS_TOOLS_IPQ_STOP_SIGNALS_H_
#define INTERPROCESS_TOOLS_IPQ_STOP_SIGNALS_H_

#include <thread>

#include "interprocess/stop_token.h"

namespace ipq {

// While it lives, the first SIGINT or SIGTERM (Windows: Ctrl-C or Ctrl-Break) asks for a stop: of
// calls that wait with its token, and of those that poll its descriptor. The next one kills the
// process as ever, should the stop take too long for somebody. A signal that was ignored when the
// program started (nohup, a shell's background job) stays ignored. One object at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  interprocess::StopToken token() const { return source_.token(); }
  bool stopped() const { return source_.stop_requested(); }

  // POSIX: readable from the first signal on. Nobody reads it.
  int descriptor() const { return read_end_; }

  // The number of the signal that came, 0 if none did.
  int signal() const;

 private:
  interprocess::StopSource source_;
  int read_end_ = -1;
  int write_end_ = -1;
  std::thread watcher_;
};

}  // namespace ipq

#endif  // INTERPROCESS_TOOLS_IPQ_STOP_SIGNALS_H_
