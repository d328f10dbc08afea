// SPDX-License-Identifier: MIT

#include "tests/crash/step_hook.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/step.h"

namespace interprocess::crash {
namespace {

constexpr size_t kOrders = 2;
// The hook gets no context.
StepOrder* current_orders = nullptr;

void Obey(const char* step) {
  for (size_t i = 0; i < kOrders; ++i) {
    StepOrder& order = current_orders[i];
    // acquire: the rest of the order was written before.
    int process = order.process.load(std::memory_order_acquire);
    if (process == 0 || process != getpid() || strcmp(order.step, step) != 0) continue;
    const uint64_t passed = order.passed.fetch_add(1) + 1;
    if (passed < order.passings && !order.hurry.load()) continue;
    if (!order.process.compare_exchange_strong(process, 0)) continue;
    order.reached.store(true);
    // Both take effect before kill returns: the process has one thread.
    kill(getpid(), order.deed == Deed::kKill ? SIGKILL : SIGSTOP);
  }
}

}  // namespace

StepOrders::StepOrders() : orders_(kOrders) {
  current_orders = orders_.data();
  base::step_hook.store(&Obey, std::memory_order_release);
}

StepOrders::~StepOrders() {
  base::step_hook.store(nullptr, std::memory_order_release);
  current_orders = nullptr;
}

void StepOrders::Give(size_t which, int process, const std::string& step, Deed deed,
                      uint64_t passings) {
  StepOrder& order = orders_[which];
  snprintf(order.step, sizeof(order.step), "%s", step.c_str());
  order.deed = deed;
  order.passings = passings;
  order.hurry.store(false);
  order.passed.store(0);
  order.reached.store(false);
  order.process.store(process, std::memory_order_release);
}

bool StepOrders::TakeBack(size_t which) { return orders_[which].process.exchange(0) != 0; }

}  // namespace interprocess::crash
