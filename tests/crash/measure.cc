// SPDX-License-Identifier: MIT

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/stress/shared_memory.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

using stress::Child;
using stress::NowNanos;
using stress::Parent;

constexpr int64_t kNever = 20 * kSecond;
WaitOptions Patience() { return WaitOptions(absl::Seconds(20)); }

// One situation: a victim that is killed, and a survivor that waits for what its death sets free.
struct Situation {
  const char* name;
  // Gets the queue into the situation, says 'r' and waits.
  int (*victim)(const QueueOptions&, const Parent&);
  // Says 'r' before it makes the call that waits; true if that did what it should.
  bool (*survivor)(const QueueOptions&, const Parent&);
};

int WaitForDeath(const Parent& parent) {
  parent.Say('r');
  parent.Hear();
  return 0;
}

int FullBehindReservation(const QueueOptions& queue, const Parent& parent) {
  auto publisher = Publisher::Open(queue);
  auto room = publisher->TryReserve(8);
  while (room.ok() && publisher->TryEnqueue("x").ok()) {
  }
  return WaitForDeath(parent);
}

bool Said(const char* call, const absl::Status& status) {
  if (!status.ok()) fprintf(stderr, "in a child: %s: %s\n", call, status.ToString().c_str());
  return status.ok();
}

bool TakesAllThenEnqueues(const QueueOptions& queue, const Parent& parent) {
  auto publisher = Publisher::Open(queue);
  auto subscriber = Subscriber::Open(queue);
  // The first look passes the reservation by after a while; then there are messages until the ring
  // has come round to it.
  while (subscriber->Dequeue(WaitOptions(absl::Milliseconds(20))).ok()) {
  }
  while (publisher->TryEnqueue("y").ok()) {
  }
  parent.Say('r');
  return Said("Enqueue", publisher->Enqueue("after", Patience()));
}

int Borrows(const QueueOptions& queue, const Parent& parent) {
  auto publisher = Publisher::Open(queue);
  for (int i = 0; i < 4; ++i) publisher->TryEnqueue("borrowed").IgnoreError();
  auto subscriber = Subscriber::Open(queue);
  std::vector<BorrowedMessage> borrowed;
  for (int i = 0; i < 4; ++i) borrowed.push_back(*subscriber->TryBorrow());
  return WaitForDeath(parent);
}

bool GetsRedelivered(const QueueOptions& queue, const Parent& parent) {
  auto subscriber = Subscriber::Open(queue);
  parent.Say('r');
  MessageInfo info;
  for (int i = 0; i < 4; ++i) {
    if (!subscriber->Dequeue(Patience(), &info).ok() || !info.redelivered) return false;
  }
  return true;
}

constexpr Situation kSituations[] = {
    {"publisher killed with a reservation, the ring came round to it: a publisher that sleeps goes "
     "on",
     FullBehindReservation, TakesAllThenEnqueues},
    {"subscriber killed with borrowed messages: a subscriber that sleeps has got them all", Borrows,
     GetsRedelivered},
};

struct Page {
  std::atomic<int64_t> done_ns;
};

// Nanoseconds from the last lease of `victim` until the survivor had its way; -1: failed, and
// `why` says how.
int64_t MeasureOnce(const Situation& situation, const QueueOptions& queue, Page& page,
                    std::string* why) {
  page.done_ns.store(0);
  Child victim =
      Child::Start([&](const Parent& parent) { return situation.victim(queue, parent); });
  *why = "the victim does not get ready";
  if (victim.Hear() != 'r') return -1;
  Child survivor = Child::Start([&](const Parent& parent) {
    const bool ok = situation.survivor(queue, parent);
    page.done_ns.store(NowNanos());
    return ok ? 0 : 1;
  });
  *why = "the survivor does not get ready";
  if (survivor.Hear() != 'r') return -1;
  auto inspector = QueueInspector::Open(queue.name, queue.directory).value();
  // Asleep, as in a program that has nothing else to do.
  std::vector<int> dying;
  const auto asleep = [&] {
    dying.clear();
    bool found = false;
    const QueueReport report = inspector.Report().value();
    for (const ParticipantReport& each : report.participants) {
      if (each.process_id == victim.id()) dying.push_back(each.id);
      found |= each.process_id == survivor.id() && !each.waits_for.empty();
    }
    return found;
  };
  if (!WaitUntil(asleep, kNever)) {
    *why = absl::StrCat("the survivor does not sleep; it ended with ", survivor.Poll());
    return -1;
  }
  platform::File file =
      platform::Directory::Open(queue.directory)->OpenFile(queue.name + ".ipq", true).value();
  auto leases = platform::LeaseFile::Open(file).value();
  victim.Kill();
  int64_t dropped_ns = 0;
  WaitUntil(
      [&] {
        dropped_ns = NowNanos();
        for (int id : dying) {
          if (*leases.IsHeldExclusively(native::kAliveLease + static_cast<uint32_t>(id), 1)) {
            return false;
          }
        }
        return true;
      },
      kNever);
  *why = "the survivor does not get on";
  if (survivor.Wait() != 0) return -1;
  return std::max<int64_t>(0, page.done_ns.load() - dropped_ns);
}

}  // namespace

Outcome MeasureRecovery(const CrashOptions& options) {
  Outcome outcome;
  QueueOptions queue;
  queue.name = "crash";
  queue.directory = options.directory;
  queue.capacity = 4096;
  queue.max_participants = 16;
  queue.keep_undelivered = false;
  stress::SharedArray<Page> page(1);
  for (const Situation& situation : kSituations) {
    Times times;
    for (int round = 0; round < options.rounds; ++round) {
      std::string why;
      const int64_t took = MeasureOnce(situation, queue, page[0], &why);
      if (took < 0) {
        outcome.failure = absl::StrCat(situation.name, ": ", why);
        return outcome;
      }
      times.Add(took);
    }
    absl::StrAppend(&outcome.figures, situation.name,
                    ":\n  lease dropped until then: ", times.Describe(), "\n");
  }
  return outcome;
}

}  // namespace interprocess::crash
