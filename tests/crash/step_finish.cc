// SPDX-License-Identifier: MIT

// The end of a case: all leave, and the books are balanced.

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/queue_inspector.h"
#include "tests/crash/step_run.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

constexpr int64_t kPatience = 30 * kSecond;

}  // namespace

void StepRun::Finish() {
  // An opener ends with the publishers: it must not hold a place while the table is counted.
  if (extra_ && !was_killed_) {
    fleet_.world().state().stop_publishers.store(true);
    Check(extra_->Wait() == 0, "the opener failed");
  }
  if (plan_.removal_forbidden)
    AllowRemoval(case_.directory, fleet_.world().options().queue.name + ".ipq");
  if (plan_.comes_and_goes) {
    FinishWithoutKeeper();
  } else {
    const std::string failure = fleet_.Finish();
    Check(failure.empty(), failure);
  }
  if (!failed() && result_.reached) CheckMessages();
}

void StepRun::FinishWithoutKeeper() {
  stress::World& world = fleet_.world();
  SetPace(Pace::kFree);
  world.state().stop_publishers.store(true);
  for (uint32_t worker = case_.pairs; worker < fleet_.size(); ++worker) {
    if (!Check(WaitUntil([&] { return fleet_.child(worker).Poll() != -1; }, kPatience),
               "hang: a publisher does not end")) {
      world.Dump();
      return;
    }
    Check(fleet_.child(worker).Poll() == 0, "a publisher failed");
  }
  // Subscribers resolve the dead by themselves.
  std::string left;
  const bool drained = WaitUntil(
      [&] {
        left = WhatIsLeft();
        return failed() || left.empty();
      },
      kPatience);
  if (!drained) world.Dump();
  Check(drained, left);
  world.state().stop_subscribers.store(true);
  for (uint32_t worker = 0; worker < case_.pairs && !failed(); ++worker) {
    Check(fleet_.child(worker).Wait() == 0, "a subscriber failed");
  }
  if (failed()) return;
  left = stress::LeftIn(case_.directory);
  Check(left.empty(), left);
}

// Empty if no message waits and nothing is wrong with the queue, or if there is none any more.
std::string StepRun::WhatIsLeft() {
  if (!fleet_.world().ledger().Audit(0, lives_).lost.empty()) return "lost: a message";
  const QueueOptions& queue = fleet_.world().options().queue;
  auto inspector = QueueInspector::Open(queue.name, queue.directory);
  if (absl::IsNotFound(inspector.status())) return "";
  if (!inspector.ok()) return inspector.status().ToString();
  auto repaired = inspector->Repair();
  // It may go meanwhile.
  if (!repaired.ok())
    return absl::IsNotFound(repaired.status()) ? "" : repaired.status().ToString();
  auto findings = inspector->Check();
  if (!findings.ok()) return findings.status().ToString();
  if (!findings->empty()) return absl::StrCat("finding: ", findings->front().what);
  auto report = inspector->Report();
  if (!report.ok()) return report.status().ToString();
  const uint64_t messages = report->ready + report->claimed + report->reserved;
  return messages == 0 ? "" : absl::StrCat("hang: ", messages, " messages or claims are left");
}

void StepRun::CheckMessages() {
  stress::World& world = fleet_.world();
  if (!was_killed_) {
    Check(forerunners_ > 0 || world.state().redeliveries.load() == 0,
          "redelivered, and no participant has died");
    return;
  }
  if (plan_.victim == Victim::kPublisher) {
    // The first publisher. It had no time to write down what it committed last.
    const auto account = world.ledger().Audit(0, 1);
    const auto counts =
        absl::StrCat(account.enqueued, " enqueued, ", account.delivered, " delivered");
    if (case_.step == "publisher.committed" || case_.step == "publisher.batch_committed") {
      Check(account.delivered > account.enqueued,
            absl::StrCat("lost: what was committed last: ", counts));
    } else if (case_.step == "publisher.written") {
      Check(account.delivered == account.enqueued,
            absl::StrCat("delivered, and not committed: ", counts));
    }
  }
  if (plan_.victim != Victim::kSubscriber || !MayTakeMessageAlong(case_.step)) {
    Check(world.ledger().Audit(0, lives_).lost.empty(), "lost: a message");
  }
}

StepResult RunStepCase(const StepCase& step_case) { return StepRun(step_case).Run(); }

}  // namespace interprocess::crash
