// SPDX-License-Identifier: MIT

// Counts the messages in place that an endpoint has lent.

#ifndef INTERPROCESS_CORE_ENGINE_LOANS_H_
#define INTERPROCESS_CORE_ENGINE_LOANS_H_

#include <atomic>
#include <cstdint>

namespace interprocess {

// One thread lends, any thread returns. It takes one atomic step for each message, where a
// shared_ptr would take two.
class Loans {
 public:
  // By the endpoint's thread, within a call.
  void Lend() {
    // relaxed: only this thread stores it, and End comes after its last call.
    lent_.store(lent_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  // By any thread, when it is through with the message. True, once, if the endpoint has ended and
  // this was its last message: then nobody else uses what the loans keep alive. If false, another
  // thread may be ending that by now: this touches nothing after its one step.
  bool Return() {
    // acq_rel: release, for the thread that finds all returned; acquire, for this one if it does.
    // Before End the number is not positive.
    return open_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  // No call runs, nor will one. True if no message is lent: as of Return.
  bool End() {
    const int64_t lent = lent_.load(std::memory_order_relaxed);
    return open_.fetch_add(lent, std::memory_order_acq_rel) == -lent;
  }

  // By the endpoint's thread, before End: whether no other thread can be using a message in place.
  bool AllReturned() const {
    // acquire: what other threads did with the messages is done.
    return open_.load(std::memory_order_acquire) == -lent_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<int64_t> lent_{0};
  // Before End, how many were returned, negative; from End on, how many are lent.
  std::atomic<int64_t> open_{0};
};

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_ENGINE_LOANS_H_
