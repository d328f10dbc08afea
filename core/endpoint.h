// SPDX-License-Identifier: MIT

// What guards the calls of one publisher or subscriber: closing from another thread, forked
// children, and messages in place that outlive their endpoint.

#ifndef INTERPROCESS_CORE_ENDPOINT_H_
#define INTERPROCESS_CORE_ENDPOINT_H_

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/engine/engine.h"
#include "core/name_watch.h"
#include "core/platform/fork_generation.h"
#include "interprocess/endpoint_counters.h"
#include "interprocess/message.h"

namespace interprocess::internal {

// What an endpoint shares with its messages in place. The last of them to let go of it leaves the
// queue, in whatever thread that is.
template <typename EngineType>
struct Hold {
  explicit Hold(std::unique_ptr<EngineType> opened)
      : fork_generation(platform::InitForkGeneration()), engine(std::move(opened)) {}
  ~Hold() {
    if (InForkedChild()) engine->Forget();
  }
  bool InForkedChild() const { return platform::ForkGeneration() != fork_generation; }

  const uint64_t fork_generation;
  std::atomic<bool> closed{false};
  const std::unique_ptr<EngineType> engine;
};

// Of the endpoint itself: no call runs, nor will one.
struct EndLoans {
  template <typename EngineType>
  void operator()(Hold<EngineType>* hold) const {
    if (hold->engine->loans().End()) delete hold;
  }
};

// One thread at a time makes calls; Close comes from any. A call says that it runs, then looks
// whether it may; Close says that no call may, then looks whether one runs. Between the two steps
// each side needs a full fence. A call's would cost as much as the queue's own steps, so Close
// makes it for both (ProcessBarrier), where the system can.
//
// A call looks at one word: `open_in_` is the fork generation of the process that opened the
// endpoint, while it is open and a call needs no fence of its own.
//
// Where threads take turns (bindings/face/turns.h), the turn is what says that a call runs: one
// that the owner of the turns takes by `running_`, another by a flag. A call within a turn looks
// whether it may, and says nothing.
template <typename EngineType>
class Endpoint {
 public:
  // `name` is the queue's.
  Endpoint(std::unique_ptr<EngineType> engine, absl::string_view name);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Leaves the queue, or sees to it that the running call or the last message in place does. When
  // it returns, no call runs, except a call whose user's code is the caller. An error if this call
  // of Close, or an earlier one, left the queue and could not remove what it should.
  absl::Status Close();

  // Before the first call: from now on each is made within a turn, which stores `running()` or the
  // flag `turn` before it begins and takes that back after it.
  void GuardByTurns(const std::atomic<bool>* turn) { turn_ = turn; }
  std::atomic<bool>& running() { return running_; }

  // A call begins that may be over in a few steps. EndAtOnce ends it. If false the engine must not
  // be touched; a Call says why.
  bool BeginAtOnce() {
    assert(turn_ == nullptr);
    Announce();
    return BeginInTurn();
  }
  void EndAtOnce() {
    // release: a thread that sees this sees all that the call did.
    running_.store(false, std::memory_order_release);
  }
  // The same within a turn, which alone ends.
  bool BeginInTurn() {
    const bool allowed = name_.AllowsCall();
    return ABSL_PREDICT_TRUE(allowed && IsOpen()) || BeginSlowly();
  }
  EngineType& engine() const { return *engine_; }

  // A call on the endpoint itself. If not ok() the engine must not be touched.
  class Call {
   public:
    enum AlsoNameless { kAlsoNameless };

    explicit Call(Endpoint& endpoint) : endpoint_(endpoint) {
      ok_ = endpoint.Enter() && (endpoint.name_.AllowsCall() || endpoint.name_.AllowsSlowCall());
    }
    // Also if the name of the queue is lost.
    Call(Endpoint& endpoint, AlsoNameless) : endpoint_(endpoint), ok_(endpoint.Enter()) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { endpoint_.Exit(); }

    bool ok() const { return ABSL_PREDICT_TRUE(ok_); }
    absl::Status status() const { return endpoint_.WhyNot(); }
    EngineType& engine() const { return *endpoint_.engine_; }
    const std::atomic<bool>& closed() const { return endpoint_.closed_; }
    NameWatch& name() const { return endpoint_.name_; }
    EndpointCounters counters() const {
      EndpointCounters counters = engine().counters();
      counters.waits = engine().waits();
      return counters;
    }
    // For a message in place.
    Loan<EngineType> Lend() const {
      endpoint_.engine_->loans().Lend();
      return Loan<EngineType>(endpoint_.hold_.get());
    }

   private:
    Endpoint& endpoint_;
    bool ok_;
  };

  // A call that runs the user's code, which may close the endpoint: it leaves then when it ends.
  class CallWithUserCode {
   public:
    explicit CallWithUserCode(Endpoint& endpoint) : endpoint_(endpoint) {
      call_.emplace(endpoint);
      // relaxed, both: only this thread finds itself named.
      endpoint_.user_code_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    CallWithUserCode(const CallWithUserCode&) = delete;
    CallWithUserCode& operator=(const CallWithUserCode&) = delete;
    ~CallWithUserCode() {
      endpoint_.user_code_thread_.store(std::thread::id(), std::memory_order_relaxed);
      const bool ran = call_->ok();
      call_.reset();
      if (ran && endpoint_.closed_.load(std::memory_order_acquire)) endpoint_.Leave();
    }
    const Call& call() const { return *call_; }

   private:
    Endpoint& endpoint_;
    std::optional<Call> call_;
  };

 private:
  bool InForkedChild() const { return platform::ForkGeneration() != fork_generation_; }
  // Says that a call runs.
  void Announce() {
#ifdef NDEBUG
    // relaxed: ordered by the barrier, as is said above. In a child it is the child's own.
    running_.store(true, std::memory_order_relaxed);
#else
    [[maybe_unused]] const bool ran = running_.exchange(true, std::memory_order_relaxed);
    assert((!ran || InForkedChild()) &&
           "two calls at one time: open one Publisher or Subscriber for each thread, and call "
           "nothing but Close in a batch's handler");
#endif
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  // True if the endpoint is open, seen at one look.
  bool IsOpen() const {
    // relaxed: a generation orders nothing. acquire: nothing of the call comes before.
    return generation_.load(std::memory_order_relaxed) == open_in_.load(std::memory_order_acquire);
  }
  // False in a forked child, or if the endpoint is closed. Exit follows in any case.
  bool Enter() {
    if (turn_ == nullptr) Announce();
    return ABSL_PREDICT_TRUE(IsOpen()) || IsOpenAfterAll();
  }
  bool IsOpenAfterAll() const;
  bool BeginSlowly();
  void Exit() {
    if (turn_ == nullptr) EndAtOnce();
  }
  absl::Status WhyNot() const;
  bool Runs() const {
    // acquire: all that the call did is done.
    return running_.load(std::memory_order_acquire) ||
           (turn_ != nullptr && turn_->load(std::memory_order_acquire));
  }
  void Leave();

  static constexpr uint64_t kNever = UINT64_MAX;  // no process has that generation

  EngineType* const engine_;  // of hold_
  const std::string queue_;   // its path, or its name if it lies in no file
  const uint64_t fork_generation_;
  const bool light_;
  const std::atomic<uint64_t>& generation_;  // this process's, as it is now
  std::atomic<uint64_t> open_in_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> running_{false};
  const std::atomic<bool>* turn_ = nullptr;  // the flag of turns, where threads take such
  NameWatch name_;                           // of the thread that is within a call
  std::atomic<std::thread::id> user_code_thread_{};
  absl::Mutex mutex_;
  // Changed under mutex_, and not while a call runs. Null when the endpoint has left.
  std::unique_ptr<Hold<EngineType>, EndLoans> hold_;
  absl::Status how_left_ ABSL_GUARDED_BY(mutex_);
};

extern template class Endpoint<PublisherEngine>;
extern template class Endpoint<SubscriberEngine>;

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_ENDPOINT_H_
