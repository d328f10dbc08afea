#include "core/endpoint.h"

#include "absl/time/clock.h"

namespace interprocess::internal {

absl::Status Endpoint::WhyNot() const {
  if (InForkedChild()) {
    return absl::FailedPreconditionError(
        "the endpoint was opened by the parent of this forked process; open another here");
  }
  return absl::FailedPreconditionError("the endpoint is closed");
}

void Endpoint::Close() {
  if (InForkedChild()) return;
  {
    absl::MutexLock lock(mutex_);
    // seq_cst: before the looks at `running_` and `views_` below.
    if (closed_.exchange(true, std::memory_order_seq_cst)) return;
    engine()->WakeWaiters();
  }
  if (light_) {
    platform::ProcessBarrier();
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  if (user_code_thread_.load(std::memory_order_relaxed) == std::this_thread::get_id()) return;
  // acquire: all that the call did is done. A call that waited has been woken; another is short, so
  // this is no place for more than a pause.
  while (running_.load(std::memory_order_acquire)) absl::SleepFor(absl::Microseconds(20));
  Leave();
}

void Endpoint::Leave() {
  absl::MutexLock lock(mutex_);
  // acquire: pairs with RemoveView.
  if (left_ || views_.load(std::memory_order_acquire) != 0) return;
  left_ = true;
  engine()->Leave();
  DropEngine();
}

void Endpoint::LeaveIfClosed() {
  if (closed_.load(std::memory_order_acquire)) Leave();
}

void Endpoint::RemoveView() {
  const int64_t views = views_.load(std::memory_order_relaxed) - 1;
  // release: what was done with the message is done for whoever sees this.
  views_.store(views, std::memory_order_release);
  if (InForkedChild()) {
    ForgetEngine();
  } else {
    // As in a call: either Close sees the view gone, or this sees the endpoint closed, or both.
    LightFence();
    LeaveIfClosed();
  }
  if (abandoned_ && views == 0) delete this;
}

void Endpoint::ForgetEngine() {
  // Without the lock, which a thread that does not exist here may have held.
  if (engine() != nullptr) engine()->Forget();
}

void Endpoint::Abandon() {
  if (InForkedChild()) {
    ForgetEngine();
  } else {
    Close();
  }
  if (views_.load(std::memory_order_relaxed) == 0) {
    delete this;
  } else {
    abandoned_ = true;
  }
}

}  // namespace interprocess::internal
