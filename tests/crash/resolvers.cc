// SPDX-License-Identifier: MIT

#include <stdio.h>

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

using stress::Child;
using stress::NowNanos;

// So many that resolving them takes longer than finding them.
constexpr uint64_t kMessages = 3000;
constexpr uint64_t kBorrowed = 2000;
constexpr int kReserved = 500;
constexpr size_t kSize = 64;

QueueOptions ResolverQueue(const CrashOptions& options) {
  QueueOptions queue;
  queue.name = "crash";
  queue.directory = options.directory;
  queue.capacity = 1 << 19;
  queue.max_participants = 16;
  return queue;
}

int ChildFails(const char* call, const absl::Status& status) {
  fprintf(stderr, "in a child: %s: %s\n", call, status.ToString().c_str());
  return 1;
}

// Enqueues messages, borrows most of them, holds reservations, and is killed so.
int Victim(const QueueOptions& queue, uint32_t round, const stress::Parent& parent) {
  auto publisher = Publisher::Open(queue);
  if (!publisher.ok()) return ChildFails("Open", publisher.status());
  auto subscriber = Subscriber::Open(queue);
  if (!subscriber.ok()) return ChildFails("Open", subscriber.status());
  std::vector<uint8_t> message(kSize);
  std::vector<Reservation> reservations;
  for (uint64_t i = 0; i < kMessages; ++i) {
    stress::WriteMessage(absl::MakeSpan(message), {round, i, false});
    absl::Status status = publisher->TryEnqueue(message);
    if (!status.ok()) return ChildFails("TryEnqueue", status);
    if (i % (kMessages / kReserved) == 0) {
      auto room = publisher->TryReserve(kSize);
      if (!room.ok()) return ChildFails("TryReserve", room.status());
      reservations.push_back(*std::move(room));
    }
  }
  std::vector<BorrowedMessage> borrowed;
  while (borrowed.size() < kBorrowed) {
    auto message = subscriber->Borrow(WaitOptions(absl::Seconds(30)));
    if (!message.ok()) return ChildFails("Borrow", message.status());
    borrowed.push_back(*std::move(message));
  }
  parent.Say('r');
  parent.Hear();
  return 0;
}

// Takes all that the victim left, and looks that just what it held is marked.
int Heir(const QueueOptions& queue, uint32_t round) {
  auto subscriber = Subscriber::Open(queue);
  if (!subscriber.ok()) return ChildFails("Open", subscriber.status());
  std::set<uint64_t> seen;
  uint64_t redelivered = 0;
  std::string wrong;
  while (seen.size() < kMessages && wrong.empty()) {
    auto count = subscriber->DequeueBatch(
        64,
        [&](const MessageView& message) {
          stress::MessageId id;
          std::string torn = stress::ReadMessage(message.bytes(), &id);
          if (!torn.empty()) wrong = torn;
          if (id.publisher != round || !seen.insert(id.sequence).second) wrong = "came twice";
          redelivered += message.info().redelivered;
          if (message.info().redelivered && message.info().earlier_deliveries == 0) {
            wrong = "redelivered, and no subscriber had it before";
          }
        },
        WaitOptions(absl::Seconds(30)));
    if (!count.ok()) return ChildFails("DequeueBatch", count.status());
  }
  if (wrong.empty() && redelivered != kBorrowed) {
    // Borrow may pass by what is still reserved, so which ones is not fixed; how many is.
    wrong = absl::StrCat(redelivered, " were marked redelivered, not ", kBorrowed);
  }
  if (!wrong.empty()) {
    fprintf(stderr, "in a child: round %u: %s\n", round, wrong.c_str());
    return 1;
  }
  if (!absl::IsUnavailable(subscriber->TryDequeue().status())) return 2;
  return 0;
}

Child StartResolver(const QueueOptions& queue) {
  return Child::Start([queue](const stress::Parent& parent) {
    auto inspector = QueueInspector::Open(queue.name, queue.directory);
    if (!inspector.ok()) return ChildFails("Open", inspector.status());
    parent.Say('r');
    parent.Hear();
    auto repaired = inspector->Repair();
    return repaired.ok() ? 0 : ChildFails("Repair", repaired.status());
  });
}

// Looks at the queue's count of returned messages.
class ReturnsWatch {
 public:
  explicit ReturnsWatch(const QueueOptions& queue)
      : file_(platform::Directory::Open(queue.directory)->OpenFile("crash.ipq", true).value()),
        mapping_(platform::MappedFile::Map(file_, native::kHeaderSize, true).value()) {}

  uint64_t count() const {
    return reinterpret_cast<const native::Header*>(mapping_.data())
        ->returns.load(std::memory_order_relaxed);
  }

 private:
  platform::File file_;
  platform::MappedFile mapping_;
};

}  // namespace

Outcome KillResolvers(const CrashOptions& options) {
  stress::Random random(options.seed);
  const QueueOptions queue = ResolverQueue(options);
  Outcome outcome;
  Child keeper = Child::Start([&queue](const stress::Parent& parent) {
    auto publisher = Publisher::Open(queue);
    parent.Say('r');
    parent.Hear();
    return publisher.ok() ? 0 : ChildFails("Open", publisher.status());
  });
  keeper.Hear();
  int while_resolving = 0, finished = 0;
  Times took;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    const uint32_t number = static_cast<uint32_t>(round);
    Child victim =
        Child::Start([&](const stress::Parent& parent) { return Victim(queue, number, parent); });
    if (victim.Hear() != 'r') {
      outcome.failure = "the victim does not get ready";
      break;
    }
    victim.Kill();
    victim.Wait();
    auto inspector = QueueInspector::Open(queue.name, queue.directory).value();
    // Counted up for each message that is put back. relaxed: any moment will do.
    ReturnsWatch returns(queue);
    const uint64_t before = returns.count();
    // One, or two who meet.
    const int resolvers = 1 + static_cast<int>(random.Below(2));
    for (int more = 0; more < 3 && outcome.failure.empty(); ++more) {
      std::vector<Child> resolving;
      for (int i = 0; i < resolvers; ++i) {
        resolving.push_back(StartResolver(queue));
        if (resolving.back().Hear() != 'r') outcome.failure = "a resolver does not get ready";
      }
      for (Child& each : resolving) each.Say('g');
      const uint64_t target = returns.count() + random.Below(kBorrowed);
      for (const int64_t end = NowNanos() + kMillisecond;
           returns.count() < target && NowNanos() < end;) {
      }
      for (Child& each : resolving) each.Kill();
      for (Child& each : resolving) finished += each.Wait() == 0;
      const uint64_t now = returns.count();
      while_resolving += now > before && now < before + kBorrowed;
    }
    const int64_t start = NowNanos();
    Child heir = Child::Start([&] { return Heir(queue, number); });
    if (outcome.failure.empty() && heir.Wait() != 0) outcome.failure = "the heir failed";
    took.Add(NowNanos() - start);
    if (!outcome.failure.empty()) break;
    if (auto repaired = inspector.Repair(); !repaired.ok()) {
      outcome.failure = repaired.status().ToString();
      break;
    }
    const std::vector<Finding> findings = inspector.Check().value();
    if (!findings.empty()) outcome.failure = findings[0].what;
    const QueueReport report = inspector.Report().value();
    if (report.ready + report.reserved + report.claimed != 0 || report.participants.size() != 1) {
      outcome.failure =
          absl::StrCat("left: ", report.ready, " ready, ", report.reserved, " reserved, ",
                       report.claimed, " claimed, ", report.participants.size(), " participants");
    }
  }
  keeper.Say('e');
  if (keeper.Wait() != 0 && outcome.failure.empty()) outcome.failure = "the keeper failed";
  if (outcome.failure.empty()) outcome.failure = stress::LeftIn(options.directory);
  outcome.figures = absl::StrCat(options.rounds, " rounds of killed resolvers, seed ", options.seed,
                                 "\n  killed in the middle of resolving: ", while_resolving,
                                 " times; through before: ", finished,
                                 "\n  until the heir had all: ", took.Describe(), "\n");
  return outcome;
}

}  // namespace interprocess::crash
