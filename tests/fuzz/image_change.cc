// SPDX-License-Identifier: MIT

#include "tests/fuzz/image_change.h"

#include <utility>

#include "core/platform/waiter.h"

namespace interprocess::fuzz {
namespace {

template <typename T>
void StoreRelaxed(uint8_t* at, uint64_t value) {
  __atomic_store_n(reinterpret_cast<T*>(at), static_cast<T>(value), __ATOMIC_RELAXED);
}

}  // namespace

void Apply(uint8_t* bytes, const Change& change) {
  uint8_t* at = bytes + change.offset;
  switch (change.size) {
    case 8:
      return StoreRelaxed<uint64_t>(at, change.value);
    case 4:
      return StoreRelaxed<uint32_t>(at, change.value);
    default:
      return StoreRelaxed<uint8_t>(at, change.value);
  }
}

Racer::~Racer() {
  state_.store(kEnding);
  platform::WakeAll(state_);
  thread_.join();
}

void Racer::Start(uint8_t* bytes, std::vector<Change> changes) {
  if (changes.empty()) return;
  bytes_ = bytes;
  changes_ = std::move(changes);
  state_.store(kStarting, std::memory_order_release);
  platform::WakeAll(state_);
}

void Racer::Stop() {
  // It may not have come to it: then there is nothing to wait for.
  uint32_t state = kStarting;
  if (state_.compare_exchange_strong(state, kIdle) || state == kIdle) return;
  state_.store(kStopping);
  while (state_.load(std::memory_order_acquire) == kStopping) std::this_thread::yield();
}

void Racer::Run() {
  while (true) {
    uint32_t state = state_.load(std::memory_order_acquire);
    switch (state) {
      case kIdle:
        platform::WaitOnWord(state_, kIdle, 1'000'000'000);
        break;
      case kStarting:
        state_.compare_exchange_strong(state, kRunning);
        break;
      case kRunning:
        for (const Change& change : changes_) Apply(bytes_, change);
        break;
      case kStopping:
        state_.store(kIdle, std::memory_order_release);
        break;
      default:
        return;
    }
  }
}

}  // namespace interprocess::fuzz
