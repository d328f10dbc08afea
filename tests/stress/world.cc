// SPDX-License-Identifier: MIT

#include <stdio.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "absl/numeric/bits.h"
#include "interprocess/queue_inspector.h"
#include "tests/stress/workers.h"

namespace interprocess::stress {
namespace {

size_t RoundedCapacity(int64_t capacity) {
  return absl::bit_ceil(std::max<uint64_t>(static_cast<uint64_t>(capacity), 4096));
}

}  // namespace

int64_t NowNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

const char* NameOf(Doing doing) {
  constexpr const char* kNames[kDoings] = {"between", "opening", "enqueueing", "batch", "reserving",
                                           "copying", "handler", "borrowing",  "asking"};
  return kNames[static_cast<size_t>(doing)];
}

World::World(const WorkOptions& options, uint32_t workers, uint32_t publishers, uint64_t messages)
    : options_(options),
      capacity_(RoundedCapacity(options.queue.capacity)),
      ledger_(publishers, messages),
      state_(1),
      pages_(workers),
      copies_(workers * capacity_) {}

absl::Span<uint8_t> World::copy(uint32_t worker) const {
  return absl::MakeSpan(copies_.data() + worker * capacity_, capacity_);
}

void World::Fail(absl::string_view what) {
  uint32_t none = 0;
  // acquire, release: the text is there before a second look at the count says that it is.
  if (state().failures.compare_exchange_strong(none, 1, std::memory_order_acq_rel)) {
    const size_t size = std::min(what.size(), WorldState::kFailureBytes - 1);
    std::memcpy(state().failure, what.data(), size);
    state().failures.fetch_add(1, std::memory_order_release);
  }
  fprintf(stderr, "FAILURE: %.*s\n", static_cast<int>(what.size()), what.data());
}

std::string World::failure() const {
  if (!failed()) return "";
  return state().failures.load(std::memory_order_acquire) == 1 ? "a failure" : state().failure;
}

void World::Dump() const {
  const int64_t now = NowNanos();
  for (uint32_t i = 0; i < workers(); ++i) {
    const WorkerPage& page = pages_[i];
    fprintf(stderr, "worker %u: %s, %llu messages, the last %.3f s ago\n", i,
            NameOf(page.doing.load()), static_cast<unsigned long long>(page.steps.load()),
            static_cast<double>(now - page.last_step_ns.load()) / 1e9);
  }
  auto inspector = QueueInspector::Open(options_.queue.name, options_.queue.directory);
  if (!inspector.ok()) {
    fprintf(stderr, "the queue: %s\n", inspector.status().ToString().c_str());
    return;
  }
  if (auto report = inspector->Report(); report.ok()) {
    fprintf(stderr,
            "queue: %llu slots, %llu ready (%llu bytes), %llu reserved, %llu claimed, tail %llu, "
            "returned %llu\n",
            static_cast<unsigned long long>(report->slots),
            static_cast<unsigned long long>(report->ready),
            static_cast<unsigned long long>(report->ready_bytes),
            static_cast<unsigned long long>(report->reserved),
            static_cast<unsigned long long>(report->claimed),
            static_cast<unsigned long long>(report->tail),
            static_cast<unsigned long long>(report->returned));
    for (const ParticipantReport& each : report->participants) {
      fprintf(stderr, "participant %d: %s, process %lld, %s, waits for '%s', holds %llu\n", each.id,
              each.role.c_str(), static_cast<long long>(each.process_id),
              each.alive ? "alive" : "dead", each.waits_for.c_str(),
              static_cast<unsigned long long>(each.holds));
    }
  }
  if (auto findings = inspector->Check(); findings.ok()) {
    for (const Finding& finding : *findings) fprintf(stderr, "finding: %s\n", finding.what.c_str());
  }
}

}  // namespace interprocess::stress
