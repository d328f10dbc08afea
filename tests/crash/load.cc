// SPDX-License-Identifier: MIT

#include "tests/crash/load.h"

#include <time.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace interprocess::crash {

using stress::Doing;
using stress::NowNanos;

stress::WorkOptions LoadOptions(const CrashOptions& options, int64_t capacity, Fills fills) {
  stress::WorkOptions work;
  work.queue.name = "crash";
  work.queue.directory = options.directory;
  work.queue.capacity = capacity;
  // Few, so that a place that leaks is missed soon.
  work.queue.max_participants = 24;
  work.seed = options.seed;
  work.max_size = fills == Fills::kSlots ? 100 : 512;
  work.some_huge = fills == Fills::kPayload;
  work.some_empty = false;
  work.reopen_every = 3000;
  work.mortal = true;
  return work;
}

void SetPace(stress::World& world, stress::Random& random) {
  const uint64_t pace = random.Below(6);
  world.state().slow_publishers.store(pace == 0);
  world.state().slow_subscribers.store(pace == 1);
}

void AwaitDoing(const stress::WorkerPage& page, stress::Random& random, bool publisher) {
  constexpr std::array<Doing, 4> kPublishing = {Doing::kBatch, Doing::kReserving,
                                                Doing::kEnqueueing, Doing::kOpening};
  constexpr std::array<Doing, 5> kSubscribing = {
      Doing::kCopying, Doing::kHandler, Doing::kBorrowing, Doing::kAsking, Doing::kOpening};
  const Doing wanted = publisher ? kPublishing[random.Below(kPublishing.size())]
                                 : kSubscribing[random.Below(kSubscribing.size())];
  const int64_t most = random.Below(2) == 0 ? 0 : 5 * kMillisecond;
  for (const int64_t end = NowNanos() + most; NowNanos() < end;) {
    if (page.doing.load() == wanted) return;
  }
}

void SleepUpTo(stress::Random& random, int64_t nanos) {
  const timespec time = {0, static_cast<long>(random.Below(static_cast<uint64_t>(nanos)))};
  nanosleep(&time, nullptr);
}

std::vector<uint64_t> Steps(Fleet& fleet) {
  std::vector<uint64_t> steps;
  for (uint32_t i = 0; i < fleet.size(); ++i) steps.push_back(fleet.world().page(i).steps.load());
  return steps;
}

std::string AwaitAllMoved(Fleet& fleet, uint32_t except, const std::vector<uint64_t>& before) {
  stress::World& world = fleet.world();
  for (uint32_t worker = 0; worker < fleet.size(); ++worker) {
    if (worker == except) continue;
    const bool moved = WaitUntil(
        [&] {
          return world.failed() || world.page(worker).steps.load() != before[worker] ||
                 fleet.child(worker).Poll() != -1;
        },
        kNever);
    if (world.failed()) return world.failure();
    if (!moved) {
      world.Dump();
      return absl::StrCat("hang: worker ", worker, " does not get on after a death");
    }
  }
  return "";
}

}  // namespace interprocess::crash
