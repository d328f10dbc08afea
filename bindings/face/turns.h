// SPDX-License-Identifier: MIT

// Lets one thread after the other use an endpoint.

#ifndef INTERPROCESS_BINDINGS_FACE_TURNS_H_
#define INTERPROCESS_BINDINGS_FACE_TURNS_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/base/optimization.h"
#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bindings/face/interrupt.h"
#include "core/platform/barrier.h"
#include "interprocess/stop_token.h"
#include "interprocess/wait_options.h"

namespace interprocess::face {

// The C++ endpoints belong to one thread at a time; Java and C# share theirs between threads. A
// short call takes a flag: one exchange, one store. A call that waits for the queue holds the flag
// too, but gives way: a short call that finds it there ends its wait, goes first, and the wait
// begins anew with what is left of its time. Calls that wait stand in line behind each other, so an
// endpoint sleeps at most once. What closes an endpoint takes no turn.
//
// Most endpoints are used by one thread, and an exchange costs as much as the queue's own steps. So
// the first thread that comes owns the turns until a second one comes: it says that it is within
// one by a plain store, then looks whether it is still the owner. The second one, which has the
// flag, ends the ownership for good, then looks whether the owner is within a turn, and waits until
// it is not. Between the two steps each side needs a full fence; the second thread makes it for
// both (ProcessBarrier). Where the system has none there is no owner.
//
// A turn is all the guard that a call of the endpoint needs (core/endpoint.h): the owner says that
// it is within one in the word that a C++ endpoint's thread would.
class Turns {
  enum class Way { kNone, kOwner, kFlag };

 public:
  // A short call's.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(turns), way_(turns.Enter()) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.Leave(way_); }

   private:
    Turns& turns_;
    const Way way_;
  };

  // A short call's, after TryEnterAsOwner.
  class OwnerTurn {
   public:
    explicit OwnerTurn(Turns& turns) : turns_(turns) {}
    OwnerTurn(const OwnerTurn&) = delete;
    OwnerTurn& operator=(const OwnerTurn&) = delete;
    ~OwnerTurn() { turns_.Leave(Way::kOwner); }

   private:
    Turns& turns_;
  };
  // True if this thread is the owner: then a turn of it has begun. It has to be left.
  bool TryEnterAsOwner() {
    const uintptr_t self = ThisThread();
    // relaxed: only this thread stores its own number. One that had it before has ended.
    if (owner_.load(std::memory_order_relaxed) != self) return false;
    owner_busy_.store(true, std::memory_order_relaxed);
    // The compiler's fence; the processor's is in ClaimOrEndOwnership.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (ABSL_PREDICT_TRUE(owner_.load(std::memory_order_relaxed) == self)) return true;
    // relaxed: nothing was done.
    owner_busy_.store(false, std::memory_order_relaxed);
    return false;
  }

  // `owner_busy` outlives this.
  explicit Turns(std::atomic<bool>& owner_busy)
      : owner_busy_(owner_busy), shared_(!platform::ProcessBarrierAvailable()) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  // Returns when the calls that have begun have ended. The owner closed the endpoint before, so
  // none waits, and begins none any more.
  ~Turns();

  // True while a thread is within a turn that is not the owner's.
  const std::atomic<bool>& flag() const { return busy_; }

  // How long a wait polls before it sleeps. Thread-safe.
  void set_spin_ns(int64_t spin_ns) { spin_ns_.store(spin_ns, std::memory_order_relaxed); }

  // A call that waits. `attempt` never waits: Unavailable or ResourceExhausted if it would have to.
  // `wait` waits, within what it is given. Both run within a turn. At most `timeout_ns`, for ever
  // if that is negative; `interrupt` may be null. However little time there is, it is tried once.
  // Cancelled, DeadlineExceeded: nothing was done.
  absl::Status RunWaiting(int64_t timeout_ns, FaceInterrupt* interrupt,
                          absl::FunctionRef<absl::Status()> attempt,
                          absl::FunctionRef<absl::Status(const WaitOptions&)> wait);

  // Lets all threads that stand in line through: they will find the endpoint closed.
  void OpenLine();

 private:
  class Waiter {
   public:
    Waiter(Turns& turns, int64_t timeout_ns, FaceInterrupt* interrupt);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter();

    // OK: it is this waiter's turn, with `options()`. Cancelled: interrupted. DeadlineExceeded.
    absl::Status AwaitTurn();
    const WaitOptions& options() const { return options_; }
    void EndTurn();
    // After a wait that was Cancelled: by a thread that it gave way to.
    bool gave_way() const;

   private:
    friend class Turns;
    void Interrupt();

    Turns& turns_;
    WaitOptions options_;
    Way way_ = Way::kNone;      // of this turn
    StopSource stop_;           // ends the wait of this turn; changed under turns_.mutex_
    bool has_place_ = false;    // at the head of the line
    bool interrupted_ = false;  // under turns_.mutex_
    std::optional<StopWake> on_interrupt_;
  };

  Way TryEnter() {
    if (TryEnterAsOwner()) return Way::kOwner;
    // acquire: what was done in the last turn is done.
    if (busy_.exchange(true, std::memory_order_acquire)) return Way::kNone;
    if (ABSL_PREDICT_TRUE(IsAlone())) return Way::kFlag;
    busy_.store(false, std::memory_order_release);
    return Way::kNone;
  }
  // A number that no other thread has as long as this one runs; not 0.
  static uintptr_t ThisThread() {
#if defined(__linux__) && defined(__x86_64__) && (defined(__clang__) || __GNUC__ >= 11)
    // std::this_thread::get_id() would call the C library.
    return reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
#else
    thread_local char place;
    return reinterpret_cast<uintptr_t>(&place);
#endif
  }
  // With the flag: whether the turn is this thread's.
  bool IsAlone() {
    // relaxed: it changes under the flag.
    if (ABSL_PREDICT_FALSE(!shared_.load(std::memory_order_relaxed))) ClaimOrEndOwnership();
    // acquire: what the owner did in its last turn is done.
    return !owner_busy_.load(std::memory_order_acquire);
  }
  // With the flag: makes this thread the owner if there has been none, else ends that for good.
  void ClaimOrEndOwnership();
  Way Enter() {
    const Way way = TryEnter();
    return ABSL_PREDICT_TRUE(way != Way::kNone) ? way : EnterBusy();
  }
  Way EnterBusy();
  void Leave(Way way) {
    // release: what was done in this turn is seen in the next.
    (way == Way::kOwner ? owner_busy_ : busy_).store(false, std::memory_order_release);
  }
  void LetVisitorsPass();

  absl::Status AttemptNow(absl::FunctionRef<absl::Status()> attempt);

  std::atomic<bool> busy_{false};       // the flag
  std::atomic<bool>& owner_busy_;       // the owner, or a former owner, is within a turn
  std::atomic<bool> shared_;            // there is no owner, nor will be; changed with the flag
  std::atomic<uintptr_t> owner_{0};     // 0: none
  std::atomic<bool> gives_way_{false};  // a hint: waiting_ is not null
  std::atomic<int> visitors_{0};        // short calls that found the flag taken
  std::atomic<int> waiters_{0};         // calls between the constructor and the end of Waiter
  std::atomic<int64_t> spin_ns_{20'000};

  absl::Mutex mutex_;
  absl::CondVar line_moves_;
  bool place_taken_ ABSL_GUARDED_BY(mutex_) = false;
  bool line_open_ ABSL_GUARDED_BY(mutex_) = false;
  Waiter* waiting_ ABSL_GUARDED_BY(mutex_) = nullptr;  // has the turn, and can give way
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_TURNS_H_
