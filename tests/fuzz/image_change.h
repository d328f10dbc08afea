// SPDX-License-Identifier: MIT

// Stores to a queue's bytes, as something makes them that keeps to no protocol.

#ifndef INTERPROCESS_TESTS_FUZZ_IMAGE_CHANGE_H_
#define INTERPROCESS_TESTS_FUZZ_IMAGE_CHANGE_H_

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace interprocess::fuzz {

struct Change {
  uint64_t offset;
  uint32_t size;  // 1, 4 or 8 bytes, at a multiple of it
  uint64_t value;
};

void Apply(uint8_t* bytes, const Change& change);

// Applies changes again and again, in a thread of its own.
class Racer {
 public:
  Racer() : thread_([this] { Run(); }) {}
  Racer(const Racer&) = delete;
  Racer& operator=(const Racer&) = delete;
  ~Racer();

  void Start(uint8_t* bytes, std::vector<Change> changes);
  // Once this returns it touches nothing.
  void Stop();

 private:
  enum State : uint32_t { kIdle, kStarting, kRunning, kStopping, kEnding };
  void Run();

  uint8_t* bytes_ = nullptr;
  std::vector<Change> changes_;
  std::atomic<uint32_t> state_{kIdle};
  std::thread thread_;
};

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_IMAGE_CHANGE_H_
