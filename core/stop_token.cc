// SPDX-License-Identifier: MIT

#include "interprocess/stop_token.h"

#include <utility>

namespace interprocess {
namespace internal {

void StopState::Stop() {
  absl::MutexLock lock(mutex_);
  // release: what the stopping thread did before is seen by a thread that sees the stop.
  if (stopped_.exchange(true, std::memory_order_acq_rel)) return;
  for (auto& [id, wake] : wakes_) wake();
}

int64_t StopState::AddWake(std::function<void()> wake) {
  absl::MutexLock lock(mutex_);
  if (stopped_.load(std::memory_order_acquire)) {
    wake();
    return 0;
  }
  wakes_[++next_id_] = std::move(wake);
  return next_id_;
}

void StopState::RemoveWake(int64_t id) {
  absl::MutexLock lock(mutex_);
  wakes_.erase(id);
}

}  // namespace internal

StopWake::StopWake(const StopToken& token, std::function<void()> wake) : state_(token.state_) {
  if (state_ != nullptr) id_ = state_->AddWake(std::move(wake));
}

StopWake::~StopWake() {
  if (state_ != nullptr) state_->RemoveWake(id_);
}

}  // namespace interprocess
