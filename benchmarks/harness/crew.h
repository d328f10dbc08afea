// SPDX-License-Identifier: MIT

// The processes of one measurement.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_CREW_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_CREW_H_

#include <sys/types.h>

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace interprocess::benchmarks {

// Ends what cannot go on: in a worker, its measurement, which then returns this as its error; in
// the first process, the program.
[[noreturn]] void FailMeasurement(absl::string_view why);

// Makes SIGINT and SIGTERM end the running measurement with an error, so that the program gets to
// clean up. Called once, before the first crew.
void HandleInterrupts();

// Forks workers, watches over them, and leaves none behind. Used by the first process, which has
// one thread and opens no queue itself.
class Crew {
 public:
  Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  // kills the workers that still run

  // Runs `work` in a new process on that core. The process ends when it returns.
  void Start(int core, absl::FunctionRef<void()> work);

  // Waits until `done` or until a worker failed, somebody interrupts or the time is over. Looks
  // every millisecond, so it is for the time before and after what is measured.
  absl::Status WaitUntil(absl::FunctionRef<bool()> done, absl::Duration timeout);

  // Waits until all have ended by themselves.
  absl::Status WaitForAll(absl::Duration timeout);

  // Sends every worker a signal that does nothing but end a system call with EINTR.
  void Nudge();

 private:
  absl::Status Reap();  // the first failure among those who have ended

  std::vector<pid_t> running_;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_CREW_H_
