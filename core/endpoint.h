// What guards the calls of one publisher or subscriber: closing from another thread, forked
// children, and messages in place that outlive their endpoint.

#ifndef INTERPROCESS_CORE_ENDPOINT_H_
#define INTERPROCESS_CORE_ENDPOINT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "core/engine/engine.h"
#include "core/platform/process.h"

namespace interprocess::internal {

// One thread at a time makes calls; Close comes from any. A call says that it runs, then looks
// whether the endpoint is closed; Close says that it is closed, then looks whether a call runs.
// Between the two steps each side needs a full fence. A call's would cost as much as the queue's
// own steps, so Close makes it for both (ProcessBarrier), where the system can.
class Endpoint {
 public:
  Endpoint()
      : fork_generation_(platform::InitForkGeneration()),
        light_(platform::ProcessBarrierAvailable()) {}
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  virtual ~Endpoint() = default;

  const std::atomic<bool>& closed() const { return closed_; }
  bool InForkedChild() const { return platform::ForkGeneration() != fork_generation_; }

  // Leaves the queue, or sees to it that the last call or message in place does.
  void Close();
  // The public object goes: deletes this now, or when the last message in place is dropped.
  void Abandon();

  // A call on the endpoint itself. If not ok() the engine must not be touched.
  class Call {
   public:
    explicit Call(Endpoint& endpoint) : endpoint_(endpoint) {
      ok_ = endpoint.Enter() &&
            // acquire: nothing of the call comes before.
            ABSL_PREDICT_TRUE(!endpoint.closed_.load(std::memory_order_acquire));
    }
    ~Call() { endpoint_.Exit(); }
    bool ok() const { return ABSL_PREDICT_TRUE(ok_); }
    absl::Status status() const { return endpoint_.WhyNot(); }

   private:
    Endpoint& endpoint_;
    bool ok_;
  };

  // A call on a message in place: allowed when the endpoint is closed, not in a forked child.
  class ViewCall {
   public:
    explicit ViewCall(Endpoint& endpoint) : endpoint_(endpoint), ok_(endpoint.Enter()) {}
    ~ViewCall() { endpoint_.Exit(); }
    bool ok() const { return ok_; }

   private:
    Endpoint& endpoint_;
    bool ok_;
  };

  // A message in place was handed out; within a Call.
  void AddView() {
    // relaxed: this thread's; Close reads it after it has seen the call end.
    views_.store(views_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // One was dropped, and no call runs. May delete this.
  void RemoveView();

  // Within a Call, around the user's code: that code may close the endpoint.
  class UserCode {
   public:
    explicit UserCode(Endpoint& endpoint) : endpoint_(endpoint) {
      // relaxed, both: only this thread finds itself named.
      endpoint_.user_code_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    ~UserCode() { endpoint_.user_code_thread_.store(std::thread::id(), std::memory_order_relaxed); }

   private:
    Endpoint& endpoint_;
  };
  // After that Call: leaves, if the user's code closed the endpoint.
  void LeaveIfClosed();

 protected:
  virtual Engine* engine() = 0;
  virtual void DropEngine() = 0;

 private:
  // False in a forked child.
  bool Enter() {
    if (ABSL_PREDICT_FALSE(InForkedChild())) return false;
    running_.store(true, std::memory_order_relaxed);
    LightFence();
    return true;
  }
  void Exit() {
    // release: all that the call did is done for whoever sees this.
    if (ABSL_PREDICT_TRUE(!InForkedChild())) running_.store(false, std::memory_order_release);
  }
  void LightFence() {
    if (ABSL_PREDICT_TRUE(light_)) {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      std::atomic_thread_fence(std::memory_order_seq_cst);
    }
  }
  absl::Status WhyNot() const;
  void Leave();
  void ForgetEngine();

  const uint64_t fork_generation_;
  const bool light_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> running_{false};
  std::atomic<int64_t> views_{0};
  std::atomic<std::thread::id> user_code_thread_{};
  bool abandoned_ = false;
  absl::Mutex mutex_;
  bool left_ ABSL_GUARDED_BY(mutex_) = false;
};

class PublisherEndpoint final : public Endpoint {
 public:
  std::unique_ptr<PublisherEngine> publisher;

 private:
  Engine* engine() override { return publisher.get(); }
  void DropEngine() override { publisher.reset(); }
};

class SubscriberEndpoint final : public Endpoint {
 public:
  std::unique_ptr<SubscriberEngine> subscriber;

 private:
  Engine* engine() override { return subscriber.get(); }
  void DropEngine() override { subscriber.reset(); }
};

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_ENDPOINT_H_
