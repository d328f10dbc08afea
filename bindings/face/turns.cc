// SPDX-License-Identifier: MIT

#include "bindings/face/turns.h"

#include <algorithm>
#include <thread>

#include "absl/time/clock.h"

namespace interprocess::face {
namespace {

// Waits for a thread that is about to go on: first by looking again, then off the core, for the
// thread that it waits for may have lost its own.
class Patience {
 public:
  void Pause() {
    ++rounds_;
    if (rounds_ < 32) return;
    if (rounds_ < 64) {
      std::this_thread::yield();
    } else {
      absl::SleepFor(absl::Microseconds(std::min(20 * (rounds_ - 63), 1000)));
    }
  }

 private:
  int rounds_ = 0;
};

// So long a wait that gave way lets others go first at most.
constexpr absl::Duration kLetPass = absl::Milliseconds(1);

bool WouldWait(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

// Without a text, so that they cost nothing.
absl::Status Cancelled() { return absl::Status(absl::StatusCode::kCancelled, ""); }
absl::Status DeadlineExceeded() { return absl::Status(absl::StatusCode::kDeadlineExceeded, ""); }

}  // namespace

Turns::~Turns() {
  Patience patience;
  // acquire: the last access of each call.
  while (waiters_.load(std::memory_order_acquire) != 0 ||
         visitors_.load(std::memory_order_acquire) != 0 || busy_.load(std::memory_order_acquire) ||
         owner_busy_.load(std::memory_order_acquire)) {
    patience.Pause();
  }
}

void Turns::ClaimOrEndOwnership() {
  // relaxed: both words are stored under the flag, which orders them for its next holder.
  if (owner_.load(std::memory_order_relaxed) == 0) {
    owner_.store(ThisThread(), std::memory_order_relaxed);
    return;
  }
  owner_.store(0, std::memory_order_relaxed);
  shared_.store(true, std::memory_order_relaxed);
  // Either the owner sees in its second look that it is none any more, or the flag's next holder
  // sees it within a turn.
  if (!platform::ProcessBarrier()) {
    // The system refuses now what it allowed before. By the end of this time every processor has
    // long made its stores known: what the owner stored before its second look is seen.
    absl::SleepFor(absl::Milliseconds(1));
  }
}

Turns::Way Turns::EnterBusy() {
  // relaxed: a waiter that misses it is driven away once more.
  visitors_.fetch_add(1, std::memory_order_relaxed);
  Patience patience;
  Way way = Way::kNone;
  while (busy_.load(std::memory_order_relaxed) || (way = TryEnter()) == Way::kNone) {
    // relaxed: looked at again in each round.
    if (gives_way_.load(std::memory_order_relaxed)) {
      absl::MutexLock lock(mutex_);
      if (waiting_ != nullptr) waiting_->stop_.RequestStop();
    }
    patience.Pause();
  }
  visitors_.fetch_sub(1, std::memory_order_relaxed);
  return way;
}

void Turns::LetVisitorsPass() {
  if (visitors_.load(std::memory_order_relaxed) == 0) return;
  const absl::Time until = absl::Now() + kLetPass;
  Patience patience;
  while (visitors_.load(std::memory_order_relaxed) != 0 && absl::Now() < until) patience.Pause();
}

absl::Status Turns::AttemptNow(absl::FunctionRef<absl::Status()> attempt) {
  Turn turn(*this);
  const absl::Status status = attempt();
  return WouldWait(status) ? DeadlineExceeded() : status;
}

absl::Status Turns::RunWaiting(int64_t timeout_ns, FaceInterrupt* interrupt,
                               absl::FunctionRef<absl::Status()> attempt,
                               absl::FunctionRef<absl::Status(const WaitOptions&)> wait) {
  if (interrupt != nullptr && interrupt->raised()) return Cancelled();
  if (timeout_ns == 0) return AttemptNow(attempt);
  // A call that may wait has no need to drive away one that does.
  if (const Way way = TryEnter(); way != Way::kNone) {
    absl::Status status = attempt();
    Leave(way);
    if (!WouldWait(status)) return status;
  }
  Waiter waiter(*this, timeout_ns, interrupt);
  while (true) {
    absl::Status turn = waiter.AwaitTurn();
    if (turn.code() == absl::StatusCode::kDeadlineExceeded) return AttemptNow(attempt);
    if (!turn.ok()) return turn;
    absl::Status status = wait(waiter.options());
    waiter.EndTurn();
    if (status.code() != absl::StatusCode::kCancelled || !waiter.gave_way()) return status;
  }
}

void Turns::OpenLine() {
  absl::MutexLock lock(mutex_);
  line_open_ = true;
  line_moves_.SignalAll();
}

Turns::Waiter::Waiter(Turns& turns, int64_t timeout_ns, FaceInterrupt* interrupt)
    : turns_(turns),
      options_(timeout_ns < 0 ? absl::InfiniteDuration() : absl::Nanoseconds(timeout_ns)) {
  // Of all turns together.
  options_.deadline = options_.End();
  options_.timeout = absl::InfiniteDuration();
  // relaxed: only the destructor of Turns looks, and the caller keeps that away from this.
  turns_.waiters_.fetch_add(1, std::memory_order_relaxed);
  options_.spin = absl::Nanoseconds(turns_.spin_ns_.load(std::memory_order_relaxed));
  if (interrupt != nullptr) on_interrupt_.emplace(interrupt->token(), [this] { Interrupt(); });
}

Turns::Waiter::~Waiter() {
  on_interrupt_.reset();  // Interrupt runs no more
  if (has_place_) {
    absl::MutexLock lock(turns_.mutex_);
    turns_.place_taken_ = false;
    // All, for one that is woken may leave without taking the place.
    turns_.line_moves_.SignalAll();
  }
  // release: the last access of the call.
  turns_.waiters_.fetch_sub(1, std::memory_order_release);
}

void Turns::Waiter::Interrupt() {
  absl::MutexLock lock(turns_.mutex_);
  interrupted_ = true;
  stop_.RequestStop();
  turns_.line_moves_.SignalAll();
}

bool Turns::Waiter::gave_way() const {
  absl::MutexLock lock(turns_.mutex_);
  return !interrupted_;
}

absl::Status Turns::Waiter::AwaitTurn() {
  if (!has_place_) {
    absl::MutexLock lock(turns_.mutex_);
    while (!interrupted_ && !turns_.line_open_ && turns_.place_taken_) {
      const auto left = options_.deadline - std::chrono::steady_clock::now();
      if (options_.deadline == std::chrono::steady_clock::time_point::max()) {
        turns_.line_moves_.Wait(&turns_.mutex_);
      } else if (left <= std::chrono::nanoseconds(0)) {
        return DeadlineExceeded();
      } else {
        turns_.line_moves_.WaitWithTimeout(&turns_.mutex_, absl::FromChrono(left));
      }
    }
    if (interrupted_) return Cancelled();
    if (!turns_.place_taken_) has_place_ = turns_.place_taken_ = true;
  }
  turns_.LetVisitorsPass();
  way_ = turns_.Enter();
  absl::MutexLock lock(turns_.mutex_);
  if (interrupted_) {
    turns_.Leave(way_);
    return Cancelled();
  }
  if (stop_.stop_requested()) stop_ = StopSource();
  options_.stop = stop_.token();
  turns_.waiting_ = this;
  turns_.gives_way_.store(true, std::memory_order_relaxed);
  return absl::OkStatus();
}

void Turns::Waiter::EndTurn() {
  {
    absl::MutexLock lock(turns_.mutex_);
    turns_.waiting_ = nullptr;
    turns_.gives_way_.store(false, std::memory_order_relaxed);
  }
  turns_.Leave(way_);
}

}  // namespace interprocess::face
