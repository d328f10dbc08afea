// SPDX-License-Identifier: MIT

#include <unistd.h>

#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/native/layout.h"
#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/crash/load.h"
#include "tests/stress/workers.h"

namespace interprocess::crash {
namespace {

constexpr uint32_t kSubscribers = 3;
constexpr uint32_t kPublishers = 3;
constexpr int64_t kDay = 24 * 3600 * kSecond;

// What processes of the machine's last run left in the header and in the table, as it reads after
// a restart: nothing of it may be believed.
void Age(std::vector<uint8_t>& image, stress::Random& random) {
  native::Header& header = *reinterpret_cast<native::Header*>(image.data());
  // The clock had run for long, and has started again; or for less long than it has now.
  header.last_look.store(random.OneIn(2) ? stress::NowNanos() + kDay : 1);
  // Somebody slept.
  header.data.flag.store(1);
  header.space.flag.store(1);
  header.data.seq.store(static_cast<uint32_t>(random.Next()));
  header.space.seq.store(static_cast<uint32_t>(random.Next()));
  // Somebody was about to remove it.
  if (random.OneIn(2)) header.life.store(native::kLifeRetiring | random.Below(1000));
  // Process ids are given out again.
  auto* participants =
      reinterpret_cast<native::Participant*>(image.data() + header.identity.participants_offset);
  for (uint32_t i = 0; i < header.identity.max_participants; ++i) {
    participants[i].process_id.store(getpid());
  }
}

// Writes the file's bytes anew, aged, in place: the inode stays.
std::string Restart(const std::string& path, stress::Random& random) {
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> image((std::istreambuf_iterator<char>(in)),
                             std::istreambuf_iterator<char>());
  if (image.size() < native::kHeaderSize) return absl::StrCat(path, " is gone");
  Age(image, random);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(image.data()),
            static_cast<std::streamsize>(image.size()));
  out.close();
  return out.good() ? "" : absl::StrCat(path, " cannot be written");
}

}  // namespace

Outcome RestartMachine(const CrashOptions& options) {
  stress::Random random(options.seed);
  stress::WorkOptions work = LoadOptions(options, 1 << 16, Fills::kPayload);
  work.queue.max_participants = 64;
  Fleet fleet(work, kSubscribers, kPublishers,
              static_cast<uint32_t>(options.rounds + 2) * kPublishers);
  const std::string path = absl::StrCat(options.directory, "/", work.queue.name, ".ipq");
  Outcome outcome;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    fleet.StartAll();
    SetPace(fleet.world(), random);
    outcome.failure = AwaitAllMoved(fleet, UINT32_MAX, Steps(fleet));
    SleepUpTo(random, 20 * kMillisecond);
    fleet.KillAll(/*and_keeper=*/true);
    if (outcome.failure.empty()) outcome.failure = Restart(path, random);
  }
  if (outcome.failure.empty()) {
    fleet.StartAll();
    outcome.failure = fleet.Finish();
  }
  outcome.figures = absl::StrCat(options.rounds, " restarts of the machine, seed ", options.seed,
                                 "\n", fleet.Figures());
  return outcome;
}

}  // namespace interprocess::crash
