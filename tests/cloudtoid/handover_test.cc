// SPDX-License-Identifier: MIT

// Both protocols' hand-overs under thousands of interleavings of their steps: the read lock of
// version 2 with readers that are paused past its time, the reader's id and the gate of version 3
// with publishers that are paused at any step, and participants that die at any.

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/step.h"
#include "gtest/gtest.h"
#include "tests/cloudtoid/testing/plain_queue.h"
#include "tests/cloudtoid/testing/schedule.h"

namespace interprocess::cloudtoid {
namespace {

using testing::AsBytes;
using testing::kSecond;
using testing::Memory;
using testing::Schedule;
using testing::Take;
using testing::World;

constexpr int64_t kCapacity = 120;
constexpr int kPublishers = 2;
constexpr int kReaders = 2;
constexpr int kMessages = 6;  // of each publisher

// An emulator's threads take turns far more slowly.
unsigned Schedules() { return getenv("INTERPROCESS_EMULATOR") == nullptr ? 500 : 500 / 32; }

// One participant's share in the world: no two take version 2's lock with the same value.
class Own final : public Environment {
 public:
  Own(World& world, int64_t id) : world_(world), id_(id) {}
  int64_t NowNanos() override { return world_.NowNanos(); }
  int64_t NowTicks() override { return world_.NowTicks() + id_; }
  void Post() override { world_.Post(); }
  bool TryTakePermit() override { return world_.TryTakePermit(); }
  bool HasPermit() override { return world_.HasPermit(); }
  bool IsProvenDead(int64_t participant) override { return world_.IsProvenDead(participant); }

 private:
  World& world_;
  const int64_t id_;
};

bool StandsAt(const Schedule::Participant& participant, absl::string_view step) {
  return absl::EndsWith(participant.step, step);
}

// A process that dies here leaves zeros that do not tell where they end. One such gap is seen from
// the records behind it; what lies between two cannot be told from the rest of a body, and goes
// with them.
bool LeavesOpenGap(const Schedule::Participant& participant) {
  return StandsAt(participant, "publisher.reserved") || StandsAt(participant, "subscriber.cleared");
}

// What differs between the formats.
struct V2 {
  using Queue = QueueV2;
  static constexpr int64_t kFileSize = FileSizeV2(kCapacity);
  static constexpr int64_t kPause = 10 * kSecond + kSecond / 10;

  static void Join(Memory& /*memory*/, int64_t /*id*/, int /*slot*/) {}
  static std::unique_ptr<Queue> Open(Memory& memory, Own& world, int64_t /*id*/, int /*slot*/) {
    return std::make_unique<Queue>(memory.data(), kCapacity, world);
  }
  // The format's own hole: a process that is stopped for ten seconds in the middle of writing a
  // record, or of taking one off, and then goes on, goes on in what is another's by then.
  static bool MayBePaused(const Schedule::Participant& participant) {
    for (absl::string_view step : {"publisher.reserved", "publisher.length_stored",
                                   "publisher.written", "subscriber.taken", "subscriber.cleared"}) {
      if (StandsAt(participant, step)) return false;
    }
    return true;
  }
  static void ExpectAtRest(Memory& memory, bool somebody_died) {
    EXPECT_EQ(memory.v2().read_offset, memory.v2().write_offset);
    // One that died with it leaves it, for ten seconds.
    EXPECT_TRUE(memory.v2().read_lock == 0 || somebody_died);
  }
};

struct V3 {
  using Queue = QueueV3;
  static constexpr int64_t kFileSize = FileSizeV3(kCapacity);
  static constexpr int64_t kPause = kSecond;

  static void Join(Memory& memory, int64_t id, int slot) {
    memory.v3().publishers[slot].participant = id;
  }
  static std::unique_ptr<Queue> Open(Memory& memory, Own& world, int64_t id, int slot) {
    return std::make_unique<Queue>(memory.data(), kCapacity, world, id, slot);
  }
  static bool MayBePaused(const Schedule::Participant& /*participant*/) { return true; }
  static void ExpectAtRest(Memory& memory, bool /*somebody_died*/) {
    EXPECT_EQ(memory.v3().read_offset, memory.v3().write_offset);
    EXPECT_EQ(memory.v3().reader, 0);
    EXPECT_EQ(memory.v3().gate, kGateOpen);
  }
};

template <typename Version>
class HandoverTest : public ::testing::Test {
 protected:
  using Queue = typename Version::Queue;

  struct Deliveries {
    int first = 0;  // not marked as redelivered
    int all = 0;
    int in_hand =
        0;  // of readers that have not said yet whether they got it: of the dead, for ever
  };

  void RunOne(unsigned seed, int deaths) {
    Schedule schedule(seed);
    Memory memory(Version::kFileSize);
    World world;
    std::map<std::string, Deliveries> messages;  // the committed ones, and those in doubt
    std::map<std::string, bool> committed;
    int publishing = kPublishers;
    int reading = kReaders;
    int deaths_left = deaths;

    schedule.between = [&] {
      if (!schedule.OneIn(8)) return;
      for (const auto& participant : schedule.participants()) {
        const bool stands = !participant->done && !participant->killed;
        if (stands && !Version::MayBePaused(*participant)) return;
      }
      world.nanos += Version::kPause;
      schedule.Note("time passes");
    };
    bool open_gap = false;
    schedule.dies = [&](const Schedule::Participant& participant) {
      const bool leaves_gap = LeavesOpenGap(participant);
      if (deaths_left == 0 || !schedule.OneIn(leaves_gap ? 6 : 60)) return false;
      if (leaves_gap && std::exchange(open_gap, true)) return false;
      --deaths_left;
      return true;
    };
    schedule.on_death = [&](const Schedule::Participant& dead) {
      world.dead.insert(IdOf(dead.name));
      --(dead.name[0] == 'p' ? publishing : reading);
    };

    std::vector<std::unique_ptr<Own>> worlds;
    std::vector<std::unique_ptr<Queue>> queues;
    const auto open = [&](int64_t id, int slot) -> Queue& {
      worlds.push_back(std::make_unique<Own>(world, id));
      queues.push_back(Version::Open(memory, *worlds.back(), id, slot));
      return *queues.back();
    };
    for (int p = 0; p < kPublishers; ++p) {
      const std::string name = absl::StrCat("p", p);
      Version::Join(memory, IdOf(name), p);
      Queue& queue = open(IdOf(name), p);
      schedule.Add(name, [&, name] {
        for (int i = 0; i < kMessages; ++i) {
          const std::string message = MessageOf(name, i);
          messages[message];
          Outcome outcome;
          while ((outcome = queue.Enqueue(AsBytes(message))) == Outcome::kFull && reading > 0) {
            Schedule::Yield();
          }
          committed[message] = outcome == Outcome::kDone;
          EXPECT_TRUE(outcome == Outcome::kDone || reading == 0) << queue.damage();
        }
        --publishing;
      });
    }
    for (int r = 0; r < kReaders; ++r) {
      const std::string name = absl::StrCat("r", r);
      Queue& queue = open(IdOf(name), -1);
      schedule.Add(name, [&] {
        while (publishing > 0 || queue.HasData()) {
          if (Receive(queue, &messages) != Outcome::kDone) Schedule::Yield();
        }
      });
    }
    ASSERT_TRUE(schedule.Run()) << "seed " << seed << ":\n" << schedule.Trace();

    // What the dead left, resolved by a process that comes later.
    Queue& last = open(99, -1);
    while (last.HasData()) {
      ASSERT_NE(Receive(last, &messages), Outcome::kDamaged) << last.damage();
      world.nanos += Version::kPause;
    }
    EXPECT_EQ(Receive(last, &messages), Outcome::kNone);

    for (const auto& [message, deliveries] : messages) {
      EXPECT_LE(deliveries.first, 1) << message;
      EXPECT_TRUE(!committed[message] || deliveries.all > 0 || deliveries.in_hand > 0) << message;
    }
    Version::ExpectAtRest(memory, !world.dead.empty());
    for (int64_t at = 0; at < kCapacity; at += 8) EXPECT_EQ(last.ring().header(at), 0u) << at;
    if (this->HasFailure()) FAIL() << "seed " << seed << ":\n" << schedule.Trace();
  }

 private:
  static int64_t IdOf(const std::string& name) {
    return (name[0] == 'p' ? 1 : 51) + (name[1] - '0');
  }
  static std::string MessageOf(const std::string& name, int i) {
    return absl::StrCat(name, ".", i, ".", std::string(static_cast<size_t>(i * 7 % 32), '#'));
  }

  // As the subscriber's engine takes a message.
  Outcome Receive(Queue& queue, std::map<std::string, Deliveries>* messages) {
    Claimed claimed;
    const Outcome outcome = queue.Claim(INT32_MAX, &claimed);
    if (outcome != Outcome::kDone) return outcome;
    std::string text(static_cast<size_t>(claimed.size), '\0');
    queue.ring().CopyOut(claimed.offset, reinterpret_cast<uint8_t*>(text.data()), text.size());
    const auto message = messages->find(text);
    // Another's by now, or torn: then it must not be taken for sound.
    if (message == messages->end()) {
      EXPECT_FALSE(queue.Finish(claimed)) << "received: " << text;
      return Outcome::kAgain;
    }
    ++message->second.in_hand;
    const bool ours = queue.Finish(claimed);
    --message->second.in_hand;
    if (!ours) return Outcome::kAgain;
    ++message->second.all;
    if (!claimed.redelivered) ++message->second.first;
    return Outcome::kDone;
  }
};

using Versions = ::testing::Types<V2, V3>;
TYPED_TEST_SUITE(HandoverTest, Versions);

TYPED_TEST(HandoverTest, PausedOnesLoseAndRepeatNothing) {
  for (unsigned seed = 0; seed < Schedules() && !this->HasFailure(); ++seed) this->RunOne(seed, 0);
}

TYPED_TEST(HandoverTest, TheDeadLoseNothingOfOthers) {
  for (unsigned seed = 0; seed < Schedules() && !this->HasFailure(); ++seed) this->RunOne(seed, 2);
}

// What comes between a recovering reader's steps, one at a time.
class RecoveryTest : public ::testing::Test {
 protected:
  ~RecoveryTest() override { base::step_hook = nullptr; }

  // A record of 16 bytes was reserved by a publisher that has died; a living one reserves another
  // behind it, or finishes its own, when the reader comes to `step`.
  Outcome ClaimWith(absl::string_view step, std::function<void()> meanwhile) {
    header_.publishers[0].participant = 1;
    header_.publishers[1].participant = 2;
    header_.publishers[1].active = 1;
    header_.write_offset = 16;
    world_.dead = {2};
    Claimed claimed;
    EXPECT_EQ(reader_.Claim(INT32_MAX, &claimed), Outcome::kHeldUp);
    world_.nanos += kSecond;
    static std::function<void(absl::string_view)> at_step;
    at_step = [step, meanwhile](absl::string_view at) {
      if (absl::EndsWith(at, step)) meanwhile();
    };
    base::step_hook = [](const char* at) { at_step(at); };
    const Outcome outcome = reader_.Claim(INT32_MAX, &claimed);
    base::step_hook = nullptr;
    EXPECT_EQ(header_.gate, kGateOpen);
    return outcome;
  }

  Memory memory_{FileSizeV3(kCapacity)};
  HeaderV3& header_ = memory_.v3();
  World world_;
  QueueV3 publisher_{memory_.data(), kCapacity, world_, 1, 0};
  QueueV3 reader_{memory_.data(), kCapacity, world_, 3, -1};
};

TEST_F(RecoveryTest, WhoComesInWhileTheGateClosesIsWaitedFor) {
  EXPECT_EQ(ClaimWith("saw_nobody_active",
                      [&] {
                        header_.publishers[0].active = 1;
                        header_.write_offset = 40;
                      }),
            Outcome::kHeldUp);
  EXPECT_EQ(header_.read_offset, 0);
}

TEST_F(RecoveryTest, NobodyComesInWhileTheGateIsClosed) {
  EXPECT_EQ(ClaimWith("closed_gate",
                      [&] { EXPECT_EQ(publisher_.Enqueue(AsBytes("late")), Outcome::kFull); }),
            Outcome::kNone);
  EXPECT_EQ(header_.read_offset, 16);
}

TEST_F(RecoveryTest, WhatIsFinishedWhileTheGateClosesIsDelivered) {
  EXPECT_EQ(ClaimWith("saw_nobody_active",
                      [&] { reader_.ring().header(0) = RecordWord(kRecordReady, 8); }),
            Outcome::kDone);
}

}  // namespace
}  // namespace interprocess::cloudtoid
