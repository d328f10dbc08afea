// Lets one thread after the other use an endpoint.

#ifndef INTERPROCESS_BINDINGS_NATIVE_TURNS_H_
#define INTERPROCESS_BINDINGS_NATIVE_TURNS_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/base/optimization.h"
#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bindings/native/interrupt.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"

namespace interprocess::bindings {

// The C++ endpoints belong to one thread at a time; Java and C# share theirs between threads. A
// short call takes a flag: one exchange, one store. A call that waits for the queue holds the flag
// too, but gives way: a short call that finds it there ends its wait, goes first, and the wait
// begins anew with what is left of its time. Calls that wait stand in line behind each other, so an
// endpoint sleeps at most once. What closes an endpoint takes no turn.
class Turns {
 public:
  // A short call's.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(turns) { turns_.Enter(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.Leave(); }

   private:
    Turns& turns_;
  };

  Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  // Returns when the calls that have begun have ended. The owner closed the endpoint before, so
  // none waits, and begins none any more.
  ~Turns();

  // How long a wait polls before it sleeps. Thread-safe.
  void set_spin_ns(int64_t spin_ns) { spin_ns_.store(spin_ns, std::memory_order_relaxed); }

  // A call that waits. `attempt` never waits: Unavailable or ResourceExhausted if it would have to.
  // `wait` waits, within what it is given. Both run within a turn. At most `timeout_ns`, for ever
  // if that is negative; `interrupt` may be null. However little time there is, it is tried once.
  // Cancelled, DeadlineExceeded: nothing was done.
  absl::Status RunWaiting(int64_t timeout_ns, NativeInterrupt* interrupt,
                          absl::FunctionRef<absl::Status()> attempt,
                          absl::FunctionRef<absl::Status(const WaitOptions&)> wait);

  // Lets all who stand in line through: they will find the endpoint closed.
  void OpenLine();

 private:
  class Waiter {
   public:
    Waiter(Turns& turns, int64_t timeout_ns, NativeInterrupt* interrupt);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter();

    // OK: it is this waiter's turn, with `options()`. Cancelled: interrupted. DeadlineExceeded.
    absl::Status AwaitTurn();
    const WaitOptions& options() const { return options_; }
    void EndTurn();
    // After a wait that was Cancelled: by somebody to whom it gave way.
    bool gave_way() const;

   private:
    friend class Turns;
    void Interrupt();

    Turns& turns_;
    WaitOptions options_;
    StopSource stop_;           // ends the wait of this turn; changed under turns_.mutex_
    bool has_place_ = false;    // at the head of the line
    bool interrupted_ = false;  // under turns_.mutex_
    std::optional<StopWake> on_interrupt_;
  };

  bool TryEnter() {
    // acquire: what was done in the last turn is done.
    return ABSL_PREDICT_TRUE(!busy_.exchange(true, std::memory_order_acquire));
  }
  void Enter() {
    if (!TryEnter()) EnterBusy();
  }
  void EnterBusy();
  // release: what was done in this turn is seen in the next.
  void Leave() { busy_.store(false, std::memory_order_release); }
  void LetVisitorsPass();

  absl::Status AttemptNow(absl::FunctionRef<absl::Status()> attempt);

  std::atomic<bool> busy_{false};
  std::atomic<bool> gives_way_{false};  // a hint: waiting_ is not null
  std::atomic<int> visitors_{0};        // short calls that found the flag taken
  std::atomic<int> waiters_{0};         // calls between the constructor and the end of Waiter
  std::atomic<int64_t> spin_ns_{20'000};

  absl::Mutex mutex_;
  absl::CondVar line_moves_;
  bool place_taken_ ABSL_GUARDED_BY(mutex_) = false;
  bool line_open_ ABSL_GUARDED_BY(mutex_) = false;
  Waiter* waiting_ ABSL_GUARDED_BY(mutex_) = nullptr;  // whose turn it is, and who can give way
};

}  // namespace interprocess::bindings

#endif  // INTERPROCESS_BINDINGS_NATIVE_TURNS_H_
