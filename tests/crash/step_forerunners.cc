// SPDX-License-Identifier: MIT

// Participants that die, or come and go, beside the workers of a case.

#include <stdio.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/crash/step_run.h"

namespace interprocess::crash {
namespace {

constexpr int64_t kRound = 250 * kMillisecond;
constexpr size_t kReserved = 100;
constexpr int kMost = 3;

int ChildFails(const char* call, const absl::Status& status) {
  fprintf(stderr, "in a child: %s: %s\n", call, status.ToString().c_str());
  return 1;
}

// Opens, as soon as there is a place.
template <typename Endpoint>
absl::StatusOr<Endpoint> OpenWhenPossible(const QueueOptions& queue) {
  while (true) {
    auto opened = Endpoint::Open(queue);
    if (!absl::IsResourceExhausted(opened.status())) return opened;
  }
}

// Holds what it gets soon, and waits to be killed. It may get nothing: the ring may have come round
// to what it holds.
int Hold(const QueueOptions& queue, bool reserve, bool borrow, const stress::Parent& parent) {
  std::vector<Reservation> reservations;
  std::vector<BorrowedMessage> borrowed;
  std::optional<Publisher> publisher;
  std::optional<Subscriber> subscriber;
  if (borrow) {
    auto opened = OpenWhenPossible<Subscriber>(queue);
    if (!opened.ok()) return ChildFails("Open", opened.status());
    subscriber.emplace(*std::move(opened));
    for (int i = 0; i < kMost; ++i) {
      auto message = subscriber->Borrow(WaitOptions(absl::Milliseconds(20)));
      if (message.ok()) borrowed.push_back(*std::move(message));
    }
  }
  if (reserve) {
    auto opened = OpenWhenPossible<Publisher>(queue);
    if (!opened.ok()) return ChildFails("Open", opened.status());
    publisher.emplace(*std::move(opened));
    for (int i = 0; i < kMost; ++i) {
      auto room = publisher->Reserve(kReserved, WaitOptions(absl::Milliseconds(20)));
      if (room.ok()) reservations.push_back(*std::move(room));
    }
  }
  parent.Say('r');
  parent.Hear();
  return 0;
}

}  // namespace

void StepRun::StartOpener() {
  extra_ = stress::Child::Start([this] {
    const stress::World& world = fleet_.world();
    while (!world.state().stop_publishers.load()) {
      auto opened = Publisher::Open(world.options().queue);
      if (!opened.ok() && !absl::IsResourceExhausted(opened.status())) {
        return ChildFails("Open", opened.status());
      }
    }
    return 0;
  });
}

void StepRun::RunForerunner() {
  if (plan_.forerunner == Forerunner::kRemover) {
    RunWorker((victim_ + 1) % fleet_.size(), "leave.retired");
  } else if (plan_.forerunner == Forerunner::kReserver) {
    RunWorker(victim_ == case_.pairs ? victim_ + 1 : case_.pairs, "publisher.reserved");
  } else {
    RunHolders();
  }
  ++forerunners_;
}

void StepRun::RunHolders() {
  const QueueOptions& queue = fleet_.world().options().queue;
  std::vector<stress::Child> holders;
  const auto start = [&](bool reserve, bool borrow) {
    holders.push_back(stress::Child::Start(
        [&](const stress::Parent& parent) { return Hold(queue, reserve, borrow, parent); }));
  };
  if (plan_.forerunner == Forerunner::kTableFull) {
    start(true, false);
    start(false, true);
  } else {
    // What it holds alone is found first.
    const uint64_t kind = random_.Below(3);
    start(kind != 0, kind != 1);
  }
  for (stress::Child& holder : holders) Check(holder.Hear() == 'r', "a holder does not get ready");
  for (stress::Child& holder : holders) holder.Kill();
  for (stress::Child& holder : holders) holder.Wait();
  WaitUntil([&] { return failed() || HasReached(); }, kRound);
}

void StepRun::RunWorker(uint32_t worker, const char* step) {
  orders_.Give(StepOrders::kForerunner, fleet_.child(worker).id(), step, Deed::kKill, 1);
  WaitUntil([&] { return failed() || HasReached() || orders_.reached(StepOrders::kForerunner); },
            kSecond);
  if (orders_.TakeBack(StepOrders::kForerunner)) return;
  fleet_.child(worker).Wait();
  fleet_.Bury(worker, stress::NowNanos());
  WaitUntil([&] { return failed() || HasReached(); }, kRound);
  StartWorker(worker);
}

}  // namespace interprocess::crash
