// SPDX-License-Identifier: MIT

// A queue in plain memory, and a world of its own around it: a clock that stands still, leases that
// tests drop at will, sleeps that run what the test says.

#ifndef INTERPROCESS_TESTS_NATIVE_TESTING_PLAIN_QUEUE_H_
#define INTERPROCESS_TESTS_NATIVE_TESTING_PLAIN_QUEUE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <set>

#include "absl/status/status.h"
#include "core/native/environment.h"
#include "core/native/queue_memory.h"

namespace interprocess::native::testing {

class FakeEnvironment;

// What the environments of one test share.
struct FakeWorld {
  int64_t now = 1'000'000'000'000;
  std::map<uint32_t, const FakeEnvironment*> joining;
  std::map<uint32_t, const FakeEnvironment*> alive;
  std::map<uint32_t, std::set<const FakeEnvironment*>> proofs;
  // Runs before each question about the leases that the name tells; empty: nothing.
  std::function<void(const char* question, uint32_t id)> before;
};

// One participant's. Its leases last until it is destroyed or Dies.
class FakeEnvironment final : public Environment {
 public:
  explicit FakeEnvironment(FakeWorld& world) : world_(world) {}
  ~FakeEnvironment() override { Die(); }

  // As the system does it for a process that was killed.
  void Die();

  int64_t NowNanos() override { return world_.now; }
  bool TryLockJoin(uint32_t id) override;
  void UnlockJoin(uint32_t id) override;
  bool TryHoldAlive(uint32_t id) override;
  void DropAlive(uint32_t id) override;
  bool IsAlive(uint32_t id) override;
  bool IsAnyoneAlive(uint32_t max_id) override;
  bool ProveDead(uint32_t id) override;
  void DropProof(uint32_t id) override;
  bool TakesPartInBarrier() override { return takes_part_in_barrier; }
  bool Barrier() override {
    ++barriers;
    if (on_barrier) on_barrier();
    return barrier_works;
  }
  absl::Status Sleep(const std::atomic<uint32_t>& word, uint32_t expected,
                     int64_t timeout_ns) override;
  void WakeAll(const std::atomic<uint32_t>& word) override;
  bool WakeSome(const std::atomic<uint32_t>& word, int most) override;

  // What a sleep does; if it is empty, the sleep's time passes.
  std::function<void(const std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns)>
      on_sleep;
  std::function<void(const std::atomic<uint32_t>& word)> on_wake;
  std::function<void()> on_barrier;
  bool takes_part_in_barrier = true;
  bool barrier_works = true;
  int barriers = 0;
  int sleeps = 0;
  absl::Status sleep_status;  // what every sleep returns
  int64_t last_timeout = 0;
  int wakes = 0;
  bool more_asleep = false;  // what WakeSome says

 private:
  void Before(const char* question, uint32_t id) {
    if (world_.before) world_.before(question, id);
  }
  FakeWorld& world_;
};

// The bytes of a new queue.
class PlainQueue {
 public:
  explicit PlainQueue(int64_t capacity = 4096, uint32_t max_participants = 8);

  const QueueMemory& memory() const { return *memory_; }
  const Ring& ring() const { return memory_->ring(); }
  Header& header() const { return memory_->header(); }
  Slot& slot(uint64_t position) const { return memory_->slot(position); }
  uint8_t* bytes() const { return bytes_.get(); }
  uint64_t size() const { return memory_->geometry().file_size(); }

  uint64_t ReservedAt(uint64_t position) const {
    return memory_->reservation(position).word.load();
  }
  uint64_t EndAt(uint64_t position) const { return memory_->reservation(position).end.load(); }
  uint64_t SlotAt(uint64_t position) const { return slot(position).word.load(); }
  uint64_t ClaimAt(uint64_t position) const { return memory_->claim(position).word.load(); }
  // The words of a position as they are when it was reserved and its end is not yet stored; and
  // with its end, when it was committed, claimed, put back, done.
  void SetReserved(uint64_t position, uint32_t owner, uint64_t units) const;
  void SetEnd(uint64_t position, uint64_t end) const;
  void SetReady(uint64_t position, uint64_t end) const;
  void SetClaimed(uint64_t position, uint32_t owner, uint64_t end) const;
  void SetReturned(uint64_t position, uint64_t end) const;
  void SetDone(uint64_t position, uint64_t end) const;
  void SetAbout(uint64_t position, uint64_t length, uint32_t meta) const {
    slot(position).about.store(Slot::About(length, meta));
  }
  uint32_t MetaAt(uint64_t position) const { return Slot::MetaOf(slot(position).about.load()); }
  // Where participant `id` says that it may hold something.
  void SetWindow(uint32_t id, uint64_t low, uint64_t high) const;
  // A participant's record as of one that is attached, or died so.
  void MarkInUse(uint32_t id) const;

 private:
  static constexpr std::align_val_t kAlignment{4096};  // a page's, as a mapping has
  struct Free {
    void operator()(uint8_t* bytes) const { ::operator delete(bytes, kAlignment); }
  };
  std::unique_ptr<uint8_t, Free> bytes_;
  std::unique_ptr<QueueMemory> memory_;
};

}  // namespace interprocess::native::testing

#endif  // INTERPROCESS_TESTS_NATIVE_TESTING_PLAIN_QUEUE_H_
