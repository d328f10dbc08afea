// SPDX-License-Identifier: MIT

#include "tests/native/testing/plain_queue.h"

#include <cstring>
#include <new>
#include <utility>

#include "core/native/layout.h"
#include "core/native/participants.h"

namespace interprocess::native::testing {
namespace {

constexpr uint32_t kAnyone = 1;  // whose name stands in a reservation that was committed

}  // namespace

void FakeEnvironment::Die() {
  for (auto* leases : {&world_.joining, &world_.alive}) {
    for (auto i = leases->begin(); i != leases->end();) {
      i = i->second == this ? leases->erase(i) : std::next(i);
    }
  }
  for (auto& [id, holders] : world_.proofs) holders.erase(this);
}

bool FakeEnvironment::TryLockJoin(uint32_t id) {
  Before("TryLockJoin", id);
  auto [found, taken] = world_.joining.emplace(id, this);
  return taken || found->second == this;
}

void FakeEnvironment::UnlockJoin(uint32_t id) {
  auto found = world_.joining.find(id);
  if (found != world_.joining.end() && found->second == this) world_.joining.erase(found);
}

bool FakeEnvironment::TryHoldAlive(uint32_t id) {
  Before("TryHoldAlive", id);
  for (const FakeEnvironment* holder : world_.proofs[id]) {
    if (holder != this) return false;
  }
  auto [found, taken] = world_.alive.emplace(id, this);
  return taken || found->second == this;
}

void FakeEnvironment::DropAlive(uint32_t id) {
  auto found = world_.alive.find(id);
  if (found != world_.alive.end() && found->second == this) world_.alive.erase(found);
}

bool FakeEnvironment::IsAlive(uint32_t id) {
  Before("IsAlive", id);
  return world_.alive.count(id) != 0;
}

bool FakeEnvironment::IsAnyoneAlive(uint32_t max_id) {
  return !world_.alive.empty() && world_.alive.begin()->first <= max_id;
}

bool FakeEnvironment::ProveDead(uint32_t id) {
  Before("ProveDead", id);
  if (world_.alive.count(id) != 0) return false;
  world_.proofs[id].insert(this);
  return true;
}

void FakeEnvironment::DropProof(uint32_t id) { world_.proofs[id].erase(this); }

absl::Status FakeEnvironment::Sleep(const std::atomic<uint32_t>& word, uint32_t expected,
                                    int64_t timeout_ns) {
  ++sleeps;
  last_timeout = timeout_ns;
  if (on_sleep) {
    on_sleep(word, expected, timeout_ns);
  } else {
    world_.now += timeout_ns;
  }
  return sleep_status;
}

void FakeEnvironment::WakeAll(const std::atomic<uint32_t>& word) {
  ++wakes;
  if (on_wake) on_wake(word);
}

bool FakeEnvironment::WakeSome(const std::atomic<uint32_t>& word, int) {
  WakeAll(word);
  return more_asleep;
}

PlainQueue::PlainQueue(int64_t capacity, uint32_t max_participants) {
  const Geometry geometry = Geometry::For(capacity, max_participants);
  bytes_.reset(static_cast<uint8_t*>(::operator new(geometry.file_size(), kAlignment)));
  std::memset(bytes_.get(), 0, geometry.file_size());
  QueueMemory::Initialize(bytes_.get(),
                          {geometry, /*device=*/1, /*inode=*/2, /*created_ns=*/3, /*unique=*/4});
  memory_ = std::make_unique<QueueMemory>(
      QueueMemory::Check(bytes_.get(), geometry.file_size(), "plain").value());
}

void PlainQueue::SetReserved(uint64_t position, uint32_t owner, uint64_t units) const {
  const uint64_t lap = ring().LapOf(position);
  memory_->reservation(position).word.store(ring().ReservedWord(owner, units, lap));
  memory_->reservation(position).end.store(lap == 0 ? 0 : Ring::EndWord(lap - 1, 0));
  slot(position).word.store(lap == 0 ? 0 : Ring::ReadyWord(lap - 1));
  memory_->claim(position).word.store(Ring::FreeWord(lap));
}

void PlainQueue::SetEnd(uint64_t position, uint64_t end) const {
  memory_->reservation(position).end.store(Ring::EndWord(ring().LapOf(position), end));
}

void PlainQueue::SetReady(uint64_t position, uint64_t end) const {
  SetReserved(position, kAnyone, 0);
  SetEnd(position, end);
  slot(position).word.store(Ring::ReadyWord(ring().LapOf(position)));
}

void PlainQueue::SetClaimed(uint64_t position, uint32_t owner, uint64_t end) const {
  SetReady(position, end);
  memory_->claim(position).word.store(Ring::ClaimedWord(owner, ring().LapOf(position)));
}

void PlainQueue::SetReturned(uint64_t position, uint64_t end) const {
  SetReady(position, end);
  memory_->claim(position).word.store(Ring::ReturnedWord(ring().LapOf(position)));
}

void PlainQueue::SetDone(uint64_t position, uint64_t end) const {
  SetReady(position, end);
  memory_->claim(position).word.store(Ring::DoneWord(ring().LapOf(position)));
}

void PlainQueue::SetWindow(uint32_t id, uint64_t low, uint64_t high) const {
  memory_->participant(id).low.store(low);
  memory_->participant(id).high.store(high);
}

void PlainQueue::MarkInUse(uint32_t id) const {
  Participant& record = memory_->participant(id);
  record.state.store(NextState(record.state.load(), ParticipantStatus::kInUse));
  if (header().ids_used.load() < id) header().ids_used.store(id);
}

}  // namespace interprocess::native::testing
