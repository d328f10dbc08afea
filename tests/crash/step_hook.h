// SPDX-License-Identifier: MIT

// Orders for a process to kill or stop itself at a step of the protocol (core/base/step.h).

#ifndef INTERPROCESS_TESTS_CRASH_STEP_HOOK_H_
#define INTERPROCESS_TESTS_CRASH_STEP_HOOK_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "tests/stress/shared_memory.h"

namespace interprocess::crash {

// What a process does to itself at the step: SIGKILL or SIGSTOP.
enum class Deed : uint32_t { kKill, kStop };

// In memory that all processes share. One order at a time is open in each.
struct StepOrder {
  static constexpr size_t kStepBytes = 64;

  // Who is to obey; 0: nobody. Whoever sets it to 0 first, the process that has come to the step or
  // the one that gave the order, decides whether it is carried out.
  std::atomic<int> process;
  char step[kStepBytes];
  Deed deed;
  uint64_t passings;        // at which passing of the step
  std::atomic<bool> hurry;  // at the next one
  std::atomic<uint64_t> passed;
  std::atomic<bool> reached;
};

// Two orders: for the victim of a case, and for one that dies before to make the victim's step
// possible. While it lives, every process that is forked obeys.
class StepOrders {
 public:
  static constexpr size_t kVictim = 0;
  static constexpr size_t kForerunner = 1;

  StepOrders();
  StepOrders(const StepOrders&) = delete;
  StepOrders& operator=(const StepOrders&) = delete;
  ~StepOrders();

  void Give(size_t which, int process, const std::string& step, Deed deed, uint64_t passings);
  void Hurry(size_t which) { orders_[which].hurry.store(true); }
  // False if the process has come to the step before.
  bool TakeBack(size_t which);
  bool reached(size_t which) const { return orders_[which].reached.load(); }
  uint64_t passed(size_t which) const { return orders_[which].passed.load(); }

 private:
  stress::SharedArray<StepOrder> orders_;
};

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_STEP_HOOK_H_
