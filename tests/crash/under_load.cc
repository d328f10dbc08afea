// SPDX-License-Identifier: MIT

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/crash/load.h"

namespace interprocess::crash {
namespace {

using stress::Doing;
using stress::NowNanos;

constexpr uint32_t kSubscribers = 3;
constexpr uint32_t kPublishers = 3;

// Tells when the system drops a participant's lease.
class LeaseWatch {
 public:
  explicit LeaseWatch(const std::string& directory)
      : file_(platform::Directory::Open(directory)->OpenFile("crash.ipq", true).value()),
        leases_(platform::LeaseFile::Open(file_).value()) {}

  bool IsHeld(int id) const {
    return leases_.IsHeldExclusively(native::kAliveLease + static_cast<uint32_t>(id), 1)
        .value_or(true);
  }

 private:
  platform::File file_;
  platform::LeaseFile leases_;
};

struct Deaths {
  std::array<int, stress::kDoings> doing = {};
  int asleep = 0;
  int holding_several = 0;
  Times until_dropped;
  Times until_all_moved;

  std::string Describe() const {
    std::string text = "  killed while";
    for (size_t i = 0; i < doing.size(); ++i) {
      absl::StrAppend(&text, " ", stress::NameOf(static_cast<Doing>(i)), " ", doing[i], ";");
    }
    return absl::StrCat(
        text, "\n  killed until lease dropped: ", until_dropped.Describe(),
        "\n  lease dropped until every survivor got on: ", until_all_moved.Describe(), "\n");
  }
};

Outcome KillOneByOne(const CrashOptions& options, Fills fills) {
  stress::Random random(options.seed);
  Fleet fleet(LoadOptions(options, fills == Fills::kSlots ? 4096 : 16384, fills), kSubscribers,
              kPublishers, static_cast<uint32_t>(options.rounds) * 2 + 100);
  fleet.StartAll();
  LeaseWatch watch(options.directory);
  Deaths deaths;
  Outcome outcome;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    SetPace(fleet.world(), random);
    fleet.Replenish();
    SleepUpTo(random, 20 * kMillisecond);
    const uint32_t victim = static_cast<uint32_t>(random.Below(fleet.size()));
    const ParticipantReport participant = fleet.ParticipantOf(victim);
    AwaitDoing(fleet.world().page(victim), random, fleet.IsPublisher(victim));
    fleet.child(victim).Kill();
    const int64_t killed = NowNanos();
    // An id that somebody else takes at once looks held: then there is no time to tell.
    const bool dropped = WaitUntil(
        [&] { return participant.id == 0 || !watch.IsHeld(participant.id); }, kSecond / 4);
    const int64_t dropped_ns = NowNanos();
    if (participant.id != 0 && dropped) deaths.until_dropped.Add(dropped_ns - killed);
    const std::vector<uint64_t> before = Steps(fleet);
    ++deaths.doing[static_cast<size_t>(fleet.world().page(victim).doing.load())];
    deaths.asleep += !participant.waits_for.empty();
    deaths.holding_several += fleet.Bury(victim, dropped_ns) > 1;
    outcome.failure = AwaitAllMoved(fleet, victim, before);
    if (participant.id != 0 && dropped) deaths.until_all_moved.Add(NowNanos() - dropped_ns);
    fleet.Start(victim);
  }
  if (outcome.failure.empty()) outcome.failure = fleet.Finish();
  const Times redeliveries = fleet.Redeliveries();
  if (outcome.failure.empty() && redeliveries.Max() > kNever) {
    outcome.failure = "redelivery took too long";
  }
  outcome.figures = absl::StrCat(options.rounds, " kills under load, ",
                                 fills == Fills::kSlots ? "small" : "mixed", " messages, seed ",
                                 options.seed, "\n", deaths.Describe(), fleet.Figures());
  return outcome;
}

}  // namespace

Outcome KillUnderLoad(const CrashOptions& options) {
  CrashOptions half = options;
  half.rounds = options.rounds / 2;
  Outcome outcome;
  for (Fills fills : {Fills::kSlots, Fills::kPayload}) {
    Outcome part = KillOneByOne(half, fills);
    outcome.figures += part.figures;
    if (outcome.failure.empty()) outcome.failure = part.failure;
    if (!outcome.failure.empty()) break;
  }
  return outcome;
}

Outcome StopUnderLoad(const CrashOptions& options) {
  stress::Random random(options.seed);
  // Room enough that the others get on for a while before the ring comes round.
  Fleet fleet(LoadOptions(options, 1 << 18, Fills::kPayload), kSubscribers, kPublishers,
              static_cast<uint32_t>(options.rounds) + 100);
  fleet.StartAll();
  Outcome outcome;
  int went_on = 0;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    SetPace(fleet.world(), random);
    fleet.Replenish();
    SleepUpTo(random, 5 * kMillisecond);
    const uint32_t victim = static_cast<uint32_t>(random.Below(fleet.size()));
    AwaitDoing(fleet.world().page(victim), random, fleet.IsPublisher(victim));
    fleet.child(victim).Stop();
    const std::vector<uint64_t> before = Steps(fleet);
    // They may be stuck: a ring that has come round to a place that the stopped one holds is full.
    const bool moved = WaitUntil(
        [&] {
          const std::vector<uint64_t> now = Steps(fleet);
          for (uint32_t i = 0; i < fleet.size(); ++i) {
            if (i != victim && now[i] < before[i] + 20) return false;
          }
          return true;
        },
        60 * kMillisecond);
    went_on += moved;
    fleet.child(victim).Continue();
    outcome.failure = AwaitAllMoved(fleet, UINT32_MAX, Steps(fleet));
  }
  if (outcome.failure.empty()) outcome.failure = fleet.Finish();
  if (outcome.failure.empty() && fleet.world().state().redeliveries.load() != 0) {
    outcome.failure = "messages were taken from a live subscriber and delivered again";
  }
  outcome.figures =
      absl::StrCat(options.rounds, " stops under load, seed ", options.seed, "\n  in ", went_on,
                   " all others got on by 20 steps before it went on\n", fleet.Figures());
  return outcome;
}

Outcome KillAllAtOnce(const CrashOptions& options) {
  stress::Random random(options.seed);
  stress::WorkOptions work = LoadOptions(options, 1 << 16, Fills::kPayload);
  work.queue.max_participants = 64;
  Fleet fleet(work, kSubscribers, kPublishers,
              static_cast<uint32_t>(options.rounds + 2) * kPublishers);
  Outcome outcome;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    fleet.StartAll();
    const std::vector<uint64_t> before = Steps(fleet);
    SetPace(fleet.world(), random);
    outcome.failure = AwaitAllMoved(fleet, UINT32_MAX, before);
    SleepUpTo(random, 20 * kMillisecond);
    fleet.KillAll(/*and_keeper=*/random.OneIn(2));
  }
  if (outcome.failure.empty()) {
    fleet.StartAll();
    outcome.failure = fleet.Finish();
  }
  outcome.figures = absl::StrCat(options.rounds, " times all killed at once, seed ", options.seed,
                                 "\n", fleet.Figures());
  return outcome;
}

}  // namespace interprocess::crash
