// SPDX-License-Identifier: MIT

#include "tests/soak/soak.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "interprocess/queue_inspector.h"
#include "tests/crash/fleet.h"
#include "tests/crash/load.h"
#include "tests/stress/workers.h"

namespace interprocess::soak {
namespace {

using crash::Fills;
using crash::Fleet;
using crash::kMillisecond;
using crash::kSecond;
using stress::NowNanos;

constexpr int64_t kLongestPause = 20 * kMillisecond;  // between two disturbances
constexpr uint64_t kLongestStop = 300 * kMillisecond;

double Seconds(int64_t nanos) { return static_cast<double>(nanos) / kSecond; }

template <typename T, size_t n>
T Pick(stress::Random& random, const T (&from)[n]) {
  return from[random.Below(n)];
}

stress::WorkOptions ChapterOptions(const SoakOptions& options, stress::Random& random) {
  crash::CrashOptions load;
  load.directory = options.directory;
  load.seed = random.Next();
  const int64_t capacity = Pick<int64_t>(random, {4096, 16384, 65536, 1 << 20});
  const Fills fills = Pick(random, {Fills::kSlots, Fills::kPayload});
  stress::WorkOptions work = crash::LoadOptions(load, capacity, fills);
  work.queue.max_participants = static_cast<int>(8 * (options.publishers + options.subscribers));
  work.reopen_every = Pick(random, {50, 500, 3000});
  return work;
}

class Chapter {
 public:
  Chapter(const SoakOptions& options, const stress::WorkOptions& work, uint64_t seed)
      : random_(seed),
        // Every disturbance may end the lives of all, and some come to their ends by themselves.
        fleet_(work, options.subscribers, options.publishers,
               static_cast<uint32_t>(options.disturbances + 100) * options.publishers),
        stopped_until_(fleet_.size()) {
    fleet_.StartAll();
  }

  // Empty, or what went wrong. Counts what it does.
  std::string Disturb(SoakFigures& figures) {
    crash::SetPace(fleet_.world(), random_);
    fleet_.Replenish();
    crash::SleepUpTo(random_, kLongestPause);
    const int64_t now = NowNanos();
    for (uint32_t worker = 0; worker < fleet_.size(); ++worker) {
      if (stopped_until_[worker] && now > *stopped_until_[worker]) Resume(worker);
    }
    const uint32_t victim = static_cast<uint32_t>(random_.Below(fleet_.size()));
    const uint64_t kind = random_.Below(100);
    if (kind == 0) {
      KillAll();
      ++figures.killed_all;
    } else if (kind < 60) {
      figures.killed_stopped += stopped_until_[victim].has_value();
      ++figures.killed;
      Kill(victim);
    } else if (!stopped_until_[victim]) {
      crash::AwaitDoing(fleet_.world().page(victim), random_, fleet_.IsPublisher(victim));
      fleet_.child(victim).Stop();
      stopped_until_[victim] = NowNanos() + static_cast<int64_t>(random_.Below(kLongestStop));
      ++figures.stopped;
    }
    return fleet_.world().failure();
  }

  // With no worker stopped all get on, and the image is sound.
  std::string Look() {
    ResumeAll();
    std::string failure = crash::AwaitAllMoved(fleet_, UINT32_MAX, crash::Steps(fleet_));
    if (!failure.empty()) return failure;
    const QueueOptions& queue = fleet_.world().options().queue;
    auto inspector = QueueInspector::Open(queue.name, queue.directory);
    if (!inspector.ok()) return inspector.status().ToString();
    auto findings = inspector->Check();
    if (!findings.ok()) return findings.status().ToString();
    for (const Finding& finding : *findings) {
      if (finding.severity == Finding::Severity::kDamaged) return finding.what;
    }
    return "";
  }

  std::string Finish() {
    ResumeAll();
    return fleet_.Finish();
  }

  // Adds what the chapter's workers have done so far.
  void AddTo(SoakFigures& figures) {
    const stress::WorldState& state = fleet_.world().state();
    figures.delivered += state.delivered.load();
    figures.bytes += state.bytes.load();
    figures.redelivered += state.redeliveries.load();
    figures.opened += state.opened.load();
    figures.given_back += state.given_back.load();
    figures.aborted += state.aborted.load();
    figures.found_full += state.found_full.load();
  }
  uint64_t gone_with_the_dead() { return fleet_.GoneWithTheDead(); }

 private:
  void Resume(uint32_t worker) {
    fleet_.child(worker).Continue();
    stopped_until_[worker].reset();
  }

  void ResumeAll() {
    for (uint32_t worker = 0; worker < fleet_.size(); ++worker) {
      if (stopped_until_[worker]) Resume(worker);
    }
  }

  void Kill(uint32_t victim) {
    if (!stopped_until_[victim]) {
      crash::AwaitDoing(fleet_.world().page(victim), random_, fleet_.IsPublisher(victim));
    }
    fleet_.child(victim).Kill();
    fleet_.Bury(victim, NowNanos());
    stopped_until_[victim].reset();
    fleet_.Start(victim);
  }

  void KillAll() {
    fleet_.KillAll(/*and_keeper=*/random_.OneIn(2));
    for (auto& until : stopped_until_) until.reset();
    fleet_.StartAll();
  }

  stress::Random random_;
  Fleet fleet_;
  std::vector<std::optional<int64_t>> stopped_until_;
};

}  // namespace

std::string SoakFigures::Describe() const {
  return absl::StrFormat(
      "%.0f s, chapter %d: %.2f M messages, %.0f MB; killed %d (%d of them while stopped), all at "
      "once %d times, stopped %d; redelivered %d, gone with the dead %d, given back %d, "
      "reservations dropped %d; endpoints opened %d, found full %d times, image checked %d times",
      Seconds(nanos), chapters, static_cast<double>(delivered) / 1e6,
      static_cast<double>(bytes) / 1e6, killed, killed_stopped, killed_all, stopped, redelivered,
      gone_with_the_dead, given_back, aborted, opened, found_full, checks);
}

SoakResult RunSoak(const SoakOptions& options,
                   const std::function<bool(const SoakFigures& so_far)>& enough,
                   const std::function<void(const std::string& line)>& say) {
  stress::Random random(options.seed);
  const int64_t start = NowNanos();
  int64_t next_line = start + kSecond;
  // Of whole chapters, but for what the disturber counts itself.
  SoakResult result;
  SoakFigures& done = result.figures;
  bool is_enough = false;
  while (!is_enough && result.failure.empty()) {
    ++done.chapters;
    const stress::WorkOptions work = ChapterOptions(options, random);
    Chapter chapter(options, work, random.Next());
    for (int i = 0; i < options.disturbances && !is_enough && result.failure.empty(); ++i) {
      result.failure = chapter.Disturb(done);
      const int64_t now = NowNanos();
      if (result.failure.empty() && now >= next_line) {
        result.failure = chapter.Look();
        ++done.checks;
      }
      SoakFigures so_far = done;
      so_far.nanos = now - start;
      chapter.AddTo(so_far);
      if (now >= next_line) {
        say(so_far.Describe());
        next_line = std::max(next_line + kSecond, now);
      }
      is_enough = enough(so_far);
    }
    if (result.failure.empty()) result.failure = chapter.Finish();
    chapter.AddTo(done);
    done.gone_with_the_dead += chapter.gone_with_the_dead();
    if (!result.failure.empty()) {
      absl::StrAppend(&result.failure, " (chapter ", done.chapters, ", capacity ",
                      work.queue.capacity, ", max_size ", work.max_size, ", reopen_every ",
                      work.reopen_every, ", seed ", options.seed, ")");
    }
  }
  done.nanos = NowNanos() - start;
  return result;
}

}  // namespace interprocess::soak
