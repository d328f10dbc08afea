// SPDX-License-Identifier: MIT

// The waiter where the system has named semaphores and no wait on a word. Each participant that
// ever sleeps has a semaphore of its own, made before its first sleep. It announces its sleep in
// its record; who wakes posts the semaphores of those who have announced that they sleep on the
// word.
//
// - Nothing is lost: a sleeper announces, then looks at the word again; a waker has changed the
// word
//   and then looks for announcements. One of the two sees the other.
// - A permit too many (a waker that stopped after its look; a second waker) ends one later sleep
//   early and is gone. They do not gather: after each sleep all are taken.
// - A name is never used for two semaphores: each one made gets the next number, told before it is
//   made. So one that dies anywhere in here leaves at most the semaphore that its record names,
//   which the id's next holder, or the last to leave, removes; and a waker that has it open knows
//   by the number whether it is still the one slept on.
// - A waker that stops or dies between the look and the post owes a wake-up: sleeps are bounded.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/base/step.h"
#include "core/native/layout.h"
#include "core/native/participants.h"
#include "core/native/queue_memory.h"
#include "core/native/traces.h"
#include "core/native/waiter.h"
#include "core/platform/directory.h"
#include "core/platform/semaphore.h"

namespace interprocess::native {
namespace {

using platform::NamedSemaphore;

// Wakers that cross leave fewer permits than this. A semaphore with more is replaced.
constexpr int kMostPermits = 1000;

// False if there are more than kMostPermits.
bool TakeAllPermits(const NamedSemaphore& semaphore) {
  for (int i = 0; i < kMostPermits; ++i) {
    if (!semaphore.TryWait()) return true;
  }
  return false;
}

class SemaphoreWaiter final : public Waiter {
 public:
  SemaphoreWaiter(const QueueMemory& memory, const platform::Permission& access)
      : memory_(memory), access_(access) {}

  absl::Status Sleep(uint32_t id, const std::atomic<uint32_t>& word, uint32_t expected,
                     int64_t timeout_ns) override;
  void WakeAll(const std::atomic<uint32_t>& word) override;
  // All: one that has announced a sleep may have died in it, and is not to be taken for one that
  // wakes.
  bool WakeSome(const std::atomic<uint32_t>& word, int) override {
    WakeAll(word);
    return false;
  }
  void Leave() override;
  void Forget() override {
    own_.Forget();
    (void)others_.release();  // another thread may have been at it
  }

 private:
  // The semaphores that were posted, each opened when it first was.
  struct Others {
    struct Opened {
      uint32_t number = 0;
      NamedSemaphore semaphore;
    };
    // Wakers may be several threads: the endpoint's, one that closes it, one that asks for a stop.
    absl::Mutex mutex;
    std::vector<Opened> opened ABSL_GUARDED_BY(mutex);  // by id - 1
  };

  absl::StatusOr<NamedSemaphore> Open(uint32_t id, uint32_t number,
                                      platform::SemaphoreOpen open) const;
  absl::Status MakeOwn(uint32_t id);
  void RemoveOwn();
  const NamedSemaphore* OpenOf(uint32_t id, uint32_t number)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(others_->mutex);
  uint32_t NumberOf(const std::atomic<uint32_t>& word) const {
    return static_cast<uint32_t>(memory_.OffsetOf(&word));
  }

  const QueueMemory memory_;
  const platform::Permission access_;
  NamedSemaphore own_;
  std::unique_ptr<Others> others_ = std::make_unique<Others>();
};

absl::StatusOr<NamedSemaphore> SemaphoreWaiter::Open(uint32_t id, uint32_t number,
                                                     platform::SemaphoreOpen open) const {
  platform::SemaphoreOptions options;
  options.open = open;
  options.access = access_;
  options.machine_wide = memory_.scope() == NameScope::kMachine;
  return NamedSemaphore::Open(SemaphoreName(memory_, id, number), options);
}

absl::Status SemaphoreWaiter::MakeOwn(uint32_t id) {
  Participant& record = memory_.participant(id);
  // relaxed: only the id's holder writes it, and the one that had the id before has dropped its
  // lease.
  uint32_t number = record.semaphore.load(std::memory_order_relaxed) & kMaxSemaphoreNumber;
  if (number != 0) {
    absl::Status removed = NamedSemaphore::Remove(SemaphoreName(memory_, id, number));
    if (absl::IsPermissionDenied(removed)) {
      // The id's last holder was another user's, and the system lets only the maker remove a name.
      // What this one may use will do, or the name is taken from us and we say so.
      absl::StatusOr<NamedSemaphore> left =
          Open(id, number, platform::SemaphoreOpen::kOpenExisting);
      if (!left.ok() && !absl::IsNotFound(left.status())) return left.status();
      if (left.ok() && TakeAllPermits(*left)) {
        own_ = *std::move(left);
        return absl::OkStatus();
      }
    }
  }
  number = number == kMaxSemaphoreNumber ? 1 : number + 1;
  // Before it is made, so that it is found if we die here. release: for one that finds it.
  record.semaphore.store(number, std::memory_order_release);
  INTERPROCESS_STEP("sleep.numbered");
  // Nothing has it, but for what was left when the numbers went round.
  absl::Status cleared = NamedSemaphore::Remove(SemaphoreName(memory_, id, number));
  if (absl::IsPermissionDenied(cleared)) return cleared;
  absl::StatusOr<NamedSemaphore> made = Open(id, number, platform::SemaphoreOpen::kCreateNew);
  INTERPROCESS_STEP("sleep.made");
  if (!made.ok()) return made.status();
  own_ = *std::move(made);
  return absl::OkStatus();
}

absl::Status SemaphoreWaiter::Sleep(uint32_t id, const std::atomic<uint32_t>& word,
                                    uint32_t expected, int64_t timeout_ns) {
  if (timeout_ns <= 0) return absl::OkStatus();
  if (!own_.is_open()) {
    if (absl::Status made = MakeOwn(id); !made.ok()) return made;
  }
  Participant& record = memory_.participant(id);
  // release: one that sees the announcement sees the number. The fence stands between the
  // announcement and the look at the word, and WakeAll's between the change of the word and the
  // look for announcements: at least one of the looks sees what the other side did before its
  // fence.
  record.sleeps_on.store(NumberOf(word), std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  INTERPROCESS_STEP("sleep.announced");
  absl::StatusOr<bool> permit = true;
  if (word.load(std::memory_order_relaxed) == expected) permit = own_.Wait(timeout_ns);
  INTERPROCESS_STEP("sleep.ended");
  // relaxed: one that still sees the announcement posts a permit too many.
  record.sleeps_on.store(0, std::memory_order_relaxed);
  const bool few = TakeAllPermits(own_);
  // A wake-up that did not come: the one that owes it is in the middle of it, or dead, or the name
  // has been removed from outside and it cannot reach us. A new semaphore is right for all of them.
  const bool owed = permit.ok() && !*permit && word.load(std::memory_order_relaxed) != expected;
  if (!permit.ok() || !few || owed) RemoveOwn();
  return permit.status();
}

const NamedSemaphore* SemaphoreWaiter::OpenOf(uint32_t id, uint32_t number) {
  if (others_->opened.size() < id) others_->opened.resize(id);
  Others::Opened& entry = others_->opened[id - 1];
  if (entry.number == number && entry.semaphore.is_open()) return &entry.semaphore;
  absl::StatusOr<NamedSemaphore> opened = Open(id, number, platform::SemaphoreOpen::kOpenExisting);
  // It may be about to be made, or was removed: its owner sleeps no longer than its sleep. Asked
  // for again the next time.
  if (!opened.ok()) return nullptr;
  entry.number = number;
  entry.semaphore = *std::move(opened);
  return &entry.semaphore;
}

void SemaphoreWaiter::WakeAll(const std::atomic<uint32_t>& word) {
  const uint32_t wanted = NumberOf(word);
  absl::MutexLock lock(others_->mutex);
  // Against that in Sleep. After it the ids of all that had announced are seen as well.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const uint32_t ids = memory_.ids_used();
  for (uint32_t id = 1; id <= ids; ++id) {
    Participant& record = memory_.participant(id);
    // acquire: pairs with the announcement.
    if (record.sleeps_on.load(std::memory_order_acquire) != wanted) continue;
    // One that died in its sleep, and was resolved since.
    if (StatusOf(record.state.load(std::memory_order_relaxed)) == ParticipantStatus::kClean) {
      continue;
    }
    const uint32_t number = record.semaphore.load(std::memory_order_acquire);
    INTERPROCESS_STEP("wake.found");
    if (const NamedSemaphore* semaphore = OpenOf(id, number)) semaphore->Post().IgnoreError();
    INTERPROCESS_STEP("wake.posted");
  }
}

void SemaphoreWaiter::RemoveOwn() {
  NamedSemaphore::Remove(own_.name()).IgnoreError();
  own_.Close();
}

void SemaphoreWaiter::Leave() {
  if (own_.is_open()) RemoveOwn();
  INTERPROCESS_STEP("leave.unnamed");
}

}  // namespace

const WaiterKind kWaiterKind = WaiterKind::kSemaphore;

std::unique_ptr<Waiter> MakeWaiter(const QueueMemory& memory, const platform::Permission& access) {
  return std::make_unique<SemaphoreWaiter>(memory, access);
}

}  // namespace interprocess::native
