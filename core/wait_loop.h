// SPDX-License-Identifier: MIT

// The one loop of all calls that wait: try, poll, sleep.

#ifndef INTERPROCESS_CORE_WAIT_LOOP_H_
#define INTERPROCESS_CORE_WAIT_LOOP_H_

#include <atomic>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine/engine.h"
#include "core/name_watch.h"
#include "interprocess/wait_options.h"

namespace interprocess::internal {

// Whether a try found nothing to do now: a call that waits tries again.
inline bool WouldWait(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// The rest of a wait, after a first try: polls for `options.spin`, then sleeps between tries. Ends
// with what the first try returns that need not wait. DeadlineExceeded; Cancelled;
// FailedPrecondition if `closed` is set meanwhile (the thread that sets it then calls WakeWaiters);
// what the engine returns where the system refuses a sleep. FailedPrecondition if the queue's name
// is lost; `name` may be null: then nobody looks.
absl::Status KeepTrying(Engine& engine, const std::atomic<bool>& closed, const WaitOptions& options,
                        absl::FunctionRef<absl::Status()> attempt, NameWatch* name);

// Calls `attempt`, which returns a Status or a StatusOr, until it need not wait (WouldWait).
// Cancelled, without a try, if a stop was asked for before; else errors as KeepTrying.
template <typename Attempt>
auto WaitFor(Engine& engine, const std::atomic<bool>& closed, const WaitOptions& options,
             Attempt attempt, NameWatch* name = nullptr) -> decltype(attempt()) {
  if (options.stop.stop_requested()) {
    return absl::CancelledError("a stop was asked for before the call");
  }
  auto result = attempt();
  if (ABSL_PREDICT_TRUE(!WouldWait(StatusOf(result)))) return result;
  absl::Status status = KeepTrying(
      engine, closed, options,
      [&] {
        result = attempt();
        return StatusOf(result);
      },
      name);
  if (!status.ok()) return status;
  return result;
}

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_WAIT_LOOP_H_
