// SPDX-License-Identifier: MIT

#include "tests/crash/fleet.h"

#include <string.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/native/layout.h"
#include "interprocess/publisher.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

// One publisher's share of the ledger; only what is used takes memory.
constexpr uint64_t kMessagesPerLife = 1 << 22;
constexpr int64_t kPatience = 30 * kSecond;

// Where the C libraries of Linux keep named semaphores.
constexpr char kSemaphoreDirectory[] = "/dev/shm";

std::vector<std::string> SemaphoresNamed(const std::string& prefix) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(kSemaphoreDirectory)) {
    const std::string name = entry.path().filename().string();
    if (absl::StrContains(name, prefix)) found.push_back(name);
  }
  return found;
}

double Ms(int64_t nanos) { return static_cast<double>(nanos) / 1e6; }

}  // namespace

int64_t Times::Max() const {
  return nanos_.empty() ? 0 : *std::max_element(nanos_.begin(), nanos_.end());
}

std::string Times::Describe() const {
  if (nanos_.empty()) return "none";
  std::vector<int64_t> sorted = nanos_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return Ms(sorted[std::min(sorted.size() - 1,
                              static_cast<size_t>(share * static_cast<double>(sorted.size())))]);
  };
  return absl::StrFormat("n %d, median %.2f, 90 %% %.2f, 99 %% %.2f, max %.2f ms", sorted.size(),
                         at(0.5), at(0.9), at(0.99), Ms(sorted.back()));
}

bool WaitUntil(const std::function<bool()>& condition, int64_t nanos) {
  for (const int64_t end = stress::NowNanos() + nanos; !condition();) {
    if (stress::NowNanos() > end) return false;
    const timespec pause = {0, 100'000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

Fleet::Fleet(const stress::WorkOptions& options, uint32_t subscribers, uint32_t publishers,
             uint32_t lives)
    : world_(options, subscribers + publishers, lives, kMessagesPerLife),
      subscribers_(subscribers),
      lives_(lives),
      children_(subscribers + publishers) {}

void Fleet::StartAll() {
  const QueueOptions queue = world_.options().queue;
  if (!keeper_) {
    keeper_ = stress::Child::Start([queue](const stress::Parent& parent) {
      auto keeper = Publisher::Open(queue);
      parent.Say(keeper.ok() ? 'y' : 'n');
      parent.Hear();
      return keeper.ok() ? 0 : 1;
    });
    if (keeper_->Hear() != 'y') world_.Fail("the keeper cannot open the queue");
  }
  for (uint32_t worker = 0; worker < size(); ++worker) Start(worker);
}

void Fleet::Start(uint32_t worker) {
  stress::WorkerPage& page = world_.page(worker);
  for (auto& id : page.held) id.store(0);
  page.doing.store(stress::Doing::kOpening);
  children_[worker].reset();
  if (IsPublisher(worker)) {
    const uint32_t publisher = next_publisher_++;
    if (publisher >= lives_) {
      world_.Fail("the ledger has no room for another publisher");
      return;
    }
    children_[worker] = stress::Child::Start([this, worker, publisher] {
      stress::Publish(world_, worker, publisher, kMessagesPerLife);
      return 0;
    });
  } else {
    children_[worker] = stress::Child::Start([this, worker] {
      stress::Subscribe(world_, worker);
      return 0;
    });
  }
}

void Fleet::Replenish() {
  for (uint32_t worker = 0; worker < size(); ++worker) {
    const int code = child(worker).Poll();
    if (code == -1) continue;
    if (code != 0) world_.Fail(absl::StrCat("worker ", worker, " ended with ", code));
    Start(worker);
  }
}

int Fleet::Bury(uint32_t worker, int64_t dropped_ns) {
  NoteSemaphores();
  child(worker).Wait();
  const stress::WorkerPage& page = world_.page(worker);
  if (IsPublisher(worker)) return 0;
  int count = 0;
  for (const auto& held : page.held) {
    const uint64_t id = held.load();
    if (id == 0) continue;
    held_by_dead_.push_back({id - 1, dropped_ns});
    ++count;
  }
  stress::MessageId id;
  if (page.doing.load() == stress::Doing::kCopying && stress::ReadId(world_.copy(worker), &id)) {
    taken_by_dead_.push_back(id);
  }
  return count;
}

void Fleet::KillAll(bool and_keeper) {
  for (uint32_t worker = 0; worker < size(); ++worker) child(worker).Kill();
  // Which kills it.
  if (and_keeper) keeper_.reset();
  for (uint32_t worker = 0; worker < size(); ++worker) Bury(worker, stress::NowNanos());
}

void Fleet::EndKeeper() {
  keeper_->Say('e');
  if (keeper_->Wait() != 0) world_.Fail("the keeper failed");
  keeper_.reset();
}

ParticipantReport Fleet::ParticipantOf(uint32_t worker) {
  const QueueOptions& queue = world_.options().queue;
  auto inspector = QueueInspector::Open(queue.name, queue.directory);
  if (!inspector.ok()) return {};
  auto report = inspector->Report();
  if (!report.ok()) return {};
  for (const ParticipantReport& each : report->participants) {
    if (each.process_id == child(worker).id() && each.alive) return each;
  }
  return {};
}

std::string Fleet::Drain() {
  const QueueOptions& queue = world_.options().queue;
  auto inspector = QueueInspector::Open(queue.name, queue.directory);
  if (!inspector.ok()) return inspector.status().ToString();
  // Those who are left resolve the dead by themselves.
  QueueReport report;
  const bool drained = WaitUntil(
      [&] {
        report = inspector->Report().value();
        return world_.failed() || report.ready + report.claimed + report.reserved == 0;
      },
      kPatience);
  if (world_.failed()) return world_.failure();
  if (!drained) {
    world_.Dump();
    return absl::StrCat("hang: the queue is not drained: ", report.ready, " ready, ",
                        report.claimed, " claimed, ", report.reserved, " reserved");
  }
  if (auto repaired = inspector->Repair(); !repaired.ok()) return repaired.status().ToString();
  const std::vector<Finding> findings = inspector->Check().value();
  if (!findings.empty()) return absl::StrCat("finding: ", findings[0].what);
  report = inspector->Report().value();
  uint32_t alive = 0;
  for (const ParticipantReport& each : report.participants) {
    if (!each.alive) return absl::StrCat("participant ", each.id, " is dead and not resolved");
    ++alive;
  }
  // A subscriber may be between two openings.
  if (alive > subscribers_ + 1) return absl::StrCat(alive, " participants: some leaked");
  return "";
}

std::string Fleet::Audit() {
  stress::Ledger::Account account = world_.ledger().Audit(0, next_publisher_);
  for (const stress::MessageId& lost : account.lost) {
    const bool taken =
        std::any_of(taken_by_dead_.begin(), taken_by_dead_.end(), [&](const stress::MessageId& id) {
          return id.publisher == lost.publisher && id.sequence == lost.sequence;
        });
    if (!taken) {
      return absl::StrCat("lost: message ", lost.sequence, " of publisher ", lost.publisher);
    }
  }
  return "";
}

void Fleet::NoteSemaphores() {
  const QueueOptions& queue = world_.options().queue;
  native::Identity identity = {};
  std::ifstream file(absl::StrCat(queue.directory, "/", queue.name, ".ipq"), std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(&identity), sizeof identity)) return;
  if (identity.waiter != static_cast<uint32_t>(native::WaiterKind::kSemaphore)) return;
  semaphore_prefix_ =
      absl::StrCat(native::kSemaphorePrefix, absl::Hex(identity.unique, absl::kZeroPad16));
  most_semaphores_ = std::max(most_semaphores_, SemaphoresNamed(semaphore_prefix_).size());
}

std::string Fleet::SemaphoresLeft() const {
  if (semaphore_prefix_.empty()) return "";
  // A check that looks for the wrong names would find none, ever.
  if (most_semaphores_ == 0) return "no semaphore of the queue was ever seen";
  const std::vector<std::string> left = SemaphoresNamed(semaphore_prefix_);
  return left.empty() ? "" : absl::StrCat(left.size(), " semaphores left, one is ", left.front());
}

std::string Fleet::Finish() {
  NoteSemaphores();
  world_.state().slow_publishers.store(false);
  world_.state().slow_subscribers.store(false);
  world_.state().stop_publishers.store(true);
  std::string failure;
  for (uint32_t worker = subscribers_; worker < size(); ++worker) {
    if (!WaitUntil([&] { return child(worker).Poll() != -1; }, kPatience)) {
      world_.Dump();
      return absl::StrCat("hang: publisher ", worker, " does not end");
    }
    if (child(worker).Poll() != 0)
      return absl::StrCat("a publisher ended with ", child(worker).Poll());
  }
  failure = Drain();
  world_.state().stop_subscribers.store(true);
  for (uint32_t worker = 0; worker < subscribers_ && failure.empty(); ++worker) {
    if (int code = child(worker).Wait(); code != 0) {
      failure = absl::StrCat("a subscriber ended with ", code);
    }
  }
  if (failure.empty()) failure = Audit();
  keeper_->Say('e');
  if (keeper_->Wait() != 0 && failure.empty()) failure = "the keeper failed";
  if (failure.empty()) failure = stress::LeftIn(world_.options().queue.directory);
  if (failure.empty()) failure = SemaphoresLeft();
  if (failure.empty() && world_.failed()) failure = world_.failure();
  return failure;
}

Times Fleet::Redeliveries() const {
  const stress::WorldState& state = world_.state();
  const uint64_t entries =
      std::min<uint64_t>(state.redeliveries.load(), stress::WorldState::kMaxRedeliveries);
  Times times;
  for (const HeldByDead& held : held_by_dead_) {
    int64_t best = INT64_MAX;
    for (uint64_t i = 0; i < entries; ++i) {
      const int64_t when = state.redelivered_ns[i].load();
      if (state.redelivered_id[i].load() == held.id + 1 && when >= held.dropped_ns) {
        best = std::min(best, when - held.dropped_ns);
      }
    }
    // None: it had been acknowledged just before.
    if (best != INT64_MAX) times.Add(best);
  }
  return times;
}

std::string Fleet::Figures() {
  const stress::WorldState& state = world_.state();
  const stress::Ledger::Account account = world_.ledger().Audit(0, next_publisher_);
  return absl::StrFormat(
      "  messages: %d attempted, %d enqueued, %d delivered, %d redelivered (%d held by the dead), "
      "%d "
      "only in a dead one's memory\n  given back %d, reservations abandoned %d, endpoints opened "
      "%d\n"
      "  lease dropped until redelivered: %s\n%s",
      account.attempted, account.enqueued, account.delivered, state.redeliveries.load(),
      held_by_dead_.size(), account.lost.size(), state.given_back.load(), state.aborted.load(),
      state.opened.load(), Redeliveries().Describe(),
      semaphore_prefix_.empty()
          ? ""
          : absl::StrFormat("  semaphores before the end: %d\n", most_semaphores_));
}

}  // namespace interprocess::crash
