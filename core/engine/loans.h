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
  // this was its last message: then nobody else uses what the loans keep alive.
  bool Return() {
    // acq_rel: release, for the thread that finds all returned; acquire, for this one if it does.
    const uint64_t before = returned_.fetch_add(1, std::memory_order_acq_rel);
    // relaxed: it does not change after End, which comes before.
    return before >= kEnded && before - kEnded + 1 == lent_.load(std::memory_order_relaxed);
  }

  // No call runs, nor will one. True if no message is lent: as of Return.
  bool End() {
    return returned_.fetch_add(kEnded, std::memory_order_acq_rel) ==
           lent_.load(std::memory_order_relaxed);
  }

  // By the endpoint's thread, before End: whether no other thread can be using a message in place.
  bool AllReturned() const {
    // acquire: what other threads did with the messages is done.
    return returned_.load(std::memory_order_acquire) == lent_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr uint64_t kEnded = uint64_t{1} << 63;
  std::atomic<uint64_t> lent_{0};
  std::atomic<uint64_t> returned_{0};
};

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_ENGINE_LOANS_H_
