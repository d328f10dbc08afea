// SPDX-License-Identifier: MIT

#include "core/endpoint.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/platform/barrier.h"

namespace interprocess::internal {
namespace {

std::string PathOrName(const QueueFile& file, absl::string_view name) {
  return file.path.empty() ? std::string(name) : file.path;
}

const char* NotNow(const PublisherEngine*) { return "' has no room now"; }
const char* NotNow(const SubscriberEngine*) { return "' has no message now"; }

}  // namespace

template <typename EngineType>
Endpoint<EngineType>::Endpoint(std::unique_ptr<EngineType> engine, absl::string_view name)
    : engine_(engine.get()),
      queue_(PathOrName(engine->file(), name)),
      fork_generation_(platform::InitForkGeneration()),
      light_(platform::ProcessBarrierAvailable()),
      generation_(*platform::fork_generation.load(std::memory_order_acquire)),
      open_in_(light_ ? fork_generation_ : kNever),
      name_(engine->file()),
      hold_(new Hold<EngineType>(std::move(engine))) {
  engine_->set_not_now_text(absl::StrCat("queue '", queue_, NotNow(engine_)));
}

// Where IsOpen is false: whether the endpoint is open, and only a fence is needed.
template <typename EngineType>
bool Endpoint<EngineType>::IsOpenAfterAll() const {
  if (light_ || InForkedChild()) return false;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  // acquire: as in IsOpen.
  return !closed_.load(std::memory_order_acquire);
}

template <typename EngineType>
bool Endpoint<EngineType>::BeginSlowly() {
  return (ABSL_PREDICT_TRUE(IsOpen()) || IsOpenAfterAll()) && name_.AllowsSlowCall();
}

template <typename EngineType>
absl::Status Endpoint<EngineType>::WhyNot() const {
  if (InForkedChild()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the endpoint of queue '", queue_,
                     "' was opened by the parent of this forked process; open another here"));
  }
  // acquire: as in IsOpen.
  if (closed_.load(std::memory_order_acquire)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the endpoint of queue '", queue_, "' is closed"));
  }
  return name_.status();
}

template <typename EngineType>
absl::Status Endpoint<EngineType>::Close() {
  if (InForkedChild()) return absl::OkStatus();
  {
    absl::MutexLock lock(mutex_);
    if (hold_ == nullptr) return how_left_;
    // seq_cst: before the look at `running_` below.
    hold_->closed.store(true, std::memory_order_seq_cst);
    const bool first = !closed_.exchange(true, std::memory_order_seq_cst);
    // After that: a call that may not begin finds out why.
    open_in_.store(kNever, std::memory_order_seq_cst);
    if (first) engine_->WakeWaiters();
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (light_ && !platform::ProcessBarrier()) {
    // The system refuses now what it allowed when the endpoint was opened. By the end of this time
    // every processor has long made its stores known, so what a call stored before it looked at
    // `closed_` is seen below.
    absl::SleepFor(absl::Milliseconds(1));
  }
  if (user_code_thread_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    return absl::OkStatus();
  }
  // A call that waited has been woken; another is short, so this is no place for more than a pause.
  while (Runs()) absl::SleepFor(absl::Microseconds(20));
  Leave();
  absl::MutexLock lock(mutex_);
  return how_left_;
}

template <typename EngineType>
void Endpoint<EngineType>::Leave() {
  absl::MutexLock lock(mutex_);
  // Under the lock: when another thread's Close returns, this has left too.
  if (hold_ == nullptr) return;
  std::unique_ptr<Hold<EngineType>> hold(hold_.release());
  if (!hold->engine->loans().End()) {
    // The last message in place leaves.
    (void)hold.release();
  } else if (!hold->InForkedChild()) {
    how_left_ = hold->engine->Leave();
  }
}

template class Endpoint<PublisherEngine>;
template class Endpoint<SubscriberEngine>;

}  // namespace interprocess::internal
