// SPDX-License-Identifier: MIT

// Ends waiting calls from another thread.

#ifndef INTERPROCESS_STOP_TOKEN_H_
#define INTERPROCESS_STOP_TOKEN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace interprocess {

namespace internal {
// What a source, its tokens and the calls that wait on them share. Thread-safe.
class StopState {
 public:
  bool stopped() const { return stopped_.load(std::memory_order_acquire); }
  void Stop();
  // Calls `wake` once if a stop is asked for, now or later, until it is removed. `wake` runs under
  // the state's lock, in the thread that stops or adds: it must be short and call nothing here.
  int64_t AddWake(std::function<void()> wake);
  // When it returns, `wake` is not running and never will again.
  void RemoveWake(int64_t id);

 private:
  std::atomic<bool> stopped_{false};
  absl::Mutex mutex_;
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<int64_t, std::function<void()>> wakes_ ABSL_GUARDED_BY(mutex_);
};
}  // namespace internal

// Says whether a stop was asked for. Cheap to copy, thread-safe; one that was made without a source
// never stops.
class StopToken {
 public:
  StopToken() = default;
  // True from the source's RequestStop on, for good.
  bool stop_requested() const { return state_ != nullptr && state_->stopped(); }

 private:
  friend class StopSource;
  friend class StopWake;
  explicit StopToken(std::shared_ptr<internal::StopState> state) : state_(std::move(state)) {}
  std::shared_ptr<internal::StopState> state_;
};

// Asks for a stop: once, for good, from any thread. Calls that wait with one of its tokens end at
// once with Cancelled. Thread-safe. Example:
//
//   StopSource source;
//   std::thread reader([&] { (void)subscriber.Dequeue(WaitOptions{source.token()}); });
//   source.RequestStop();  // the Dequeue above returns Cancelled
class StopSource {
 public:
  StopSource() : state_(std::make_shared<internal::StopState>()) {}
  // To pass to calls that wait. It may outlive the source.
  StopToken token() const { return StopToken(state_); }
  // Ends the calls that wait, and all that begin to wait later. Asking again does nothing.
  void RequestStop() { state_->Stop(); }
  // True from RequestStop on, for good.
  bool stop_requested() const { return state_->stopped(); }

 private:
  std::shared_ptr<internal::StopState> state_;
};

// Calls a function when a stop is asked for, as long as it lives. For code that builds waits of
// their own upon tokens; the queue's calls use it themselves.
class StopWake {
 public:
  StopWake(const StopToken& token, std::function<void()> wake);
  StopWake(const StopWake&) = delete;
  StopWake& operator=(const StopWake&) = delete;
  ~StopWake();

 private:
  std::shared_ptr<internal::StopState> state_;
  int64_t id_ = 0;
};

}  // namespace interprocess

#endif  // INTERPROCESS_STOP_TOKEN_H_
