// SPDX-License-Identifier: MIT

// Workers of tests/stress as child processes, some of which end before their time.

#ifndef INTERPROCESS_TESTS_CRASH_FLEET_H_
#define INTERPROCESS_TESTS_CRASH_FLEET_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "interprocess/queue_inspector.h"
#include "tests/stress/children.h"
#include "tests/stress/workers.h"

namespace interprocess::crash {

// Times in nanoseconds, told as a few percentiles.
class Times {
 public:
  void Add(int64_t nanos) { nanos_.push_back(nanos); }
  size_t count() const { return nanos_.size(); }
  int64_t Max() const;
  std::string Describe() const;  // "n 20, median 1.2, 90 % 3.4, 99 % 5.6, max 7.8 ms"

 private:
  std::vector<int64_t> nanos_;
};

// Looks until `condition` holds; false if it does not within `nanos`.
bool WaitUntil(const std::function<bool()>& condition, int64_t nanos);
inline constexpr int64_t kMillisecond = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

class Fleet {
 public:
  // `lives`: how many publishers there will be, one after the other, at most.
  Fleet(const stress::WorkOptions& options, uint32_t subscribers, uint32_t publishers,
        uint32_t lives);

  stress::World& world() { return world_; }
  uint32_t size() const { return world_.workers(); }
  bool IsPublisher(uint32_t worker) const { return worker >= subscribers_; }
  stress::Child& child(uint32_t worker) { return *children_[worker]; }

  void StartAll();
  void Start(uint32_t worker);
  // Puts new publishers in the place of those that have sent all that one may.
  void Replenish();

  // Notes what the dead one held, when the system had dropped its lease: how many messages. To be
  // called before Start.
  int Bury(uint32_t worker, int64_t dropped_ns);

  // Kills all at once, and buries them; with the keeper the last process that has the queue open is
  // gone.
  void KillAll(bool and_keeper);

  // The participant that worker is now; its id is 0 if it is none.
  ParticipantReport ParticipantOf(uint32_t worker);

  // From now on the queue goes with the last worker.
  void EndKeeper();

  // Ends the load: empty if all is delivered, the queue sound, and gone with the last who left, its
  // semaphores as well.
  std::string Finish();

  // From the death of a subscriber until what it held was delivered again.
  Times Redeliveries() const;
  // How many messages were enqueued, and are only in a dead subscriber's memory.
  uint64_t GoneWithTheDead() { return world_.ledger().Audit(0, next_publisher_).lost.size(); }
  std::string Figures();

 private:
  struct HeldByDead {
    uint64_t id;
    int64_t dropped_ns;
  };
  std::string Drain();
  std::string Audit();
  // Looks at the names of the queue's semaphores, if it has such, while there is a queue.
  void NoteSemaphores();
  std::string SemaphoresLeft() const;

  stress::World world_;
  const uint32_t subscribers_;
  const uint32_t lives_;
  uint32_t next_publisher_ = 0;
  std::vector<std::optional<stress::Child>> children_;
  // Keeps the queue from going when all others happen to leave at one time.
  std::optional<stress::Child> keeper_;
  std::string semaphore_prefix_;
  size_t most_semaphores_ = 0;
  std::vector<HeldByDead> held_by_dead_;
  // Messages that a subscriber had taken off and into its own memory when it was killed.
  std::vector<stress::MessageId> taken_by_dead_;
};

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_FLEET_H_
