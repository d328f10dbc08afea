// SPDX-License-Identifier: MIT

// Sleeping on a wait word until another participant wakes the sleepers. The build chooses one of
// the kinds (--//core/platform:waiter): waiter_word.cc, waiter_semaphore.cc.

#ifndef INTERPROCESS_CORE_NATIVE_WAITER_H_
#define INTERPROCESS_CORE_NATIVE_WAITER_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/platform/directory.h"

namespace interprocess::native {

// One participant's. Words are `seq` of the WaitWords in the queue's header.
class Waiter {
 public:
  virtual ~Waiter() = default;

  // Sleeps while `word` holds `expected`, until WakeAll on it by a participant whose waiter is of
  // the same kind, for `timeout_ns` at most. A change of the word before a WakeAll is not missed:
  // either the change is seen and there is no sleep, or the wake-up ends it. May return early. `id`
  // is the caller's own. By one thread at a time. An error says that the system refuses what a
  // sleep needs.
  virtual absl::Status Sleep(uint32_t id, const std::atomic<uint32_t>& word, uint32_t expected,
                             int64_t timeout_ns) = 0;

  // Wakes all that sleep on the word. System calls, so callers first look whether anybody does. By
  // any thread. Never waits for another participant.
  virtual void WakeAll(const std::atomic<uint32_t>& word) = 0;
  // The same for at least `most` of them; false if none of them sleeps after that.
  virtual bool WakeSome(const std::atomic<uint32_t>& word, int most) = 0;

  // Takes away what the system keeps for this participant, which does not sleep any more. Before it
  // gives up its id.
  virtual void Leave() = 0;

  // In a forked child: gives up what is the parent's, untouched. Destroyed next.
  virtual void Forget() = 0;
};

extern const WaiterKind kWaiterKind;

// The memory outlives it. `access` is for what is made for the queue: that of its file.
std::unique_ptr<Waiter> MakeWaiter(const QueueMemory& memory, const platform::Permission& access);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_WAITER_H_
