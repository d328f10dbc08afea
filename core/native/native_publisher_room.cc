// SPDX-License-Identifier: MIT

// Where a publisher stands and finds room, and what it does where there is none: whose turn it is,
// the dead that are in the way, sleep.

#include <algorithm>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/strings/str_cat.h"
#include "core/base/step.h"
#include "core/native/native_publisher.h"
#include "core/native/participants.h"
#include "core/native/returns.h"

namespace interprocess::native {
namespace {

// A walk over what is done goes so far at once, though less would do: so that most calls need none.
// No further: the rest may still be in a subscriber's cache.
constexpr uint64_t kWalkStep = 64;

// Stands for a blocked position where the line is in the way.
constexpr uint64_t kByLine = UINT64_MAX;
// How long a publisher waits for room until it gets into line.
constexpr int64_t kLineAfterNanos = 2 * kMillisecond;
// One that is first in line, and has had its room for so long without taking it, is stopped, and
// keeps nobody any longer.
constexpr int64_t kLineNanos = 2 * kMillisecond;

void Add(std::atomic<uint64_t>& counter, uint64_t count) {
  // relaxed: statistics, which only this thread writes.
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

ABSL_ATTRIBUTE_NOINLINE absl::Status NativePublisher::TooLarge(size_t size) const {
  return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes is larger than ",
                                                 max_message_size(),
                                                 ", the largest this queue takes"));
}

ABSL_ATTRIBUTE_NOINLINE void NativePublisher::StartLap(uint64_t lap) {
  const Ring& ring = memory_.ring();
  lap_ = {ring.PositionOf(lap, 0),        ring.LapField(lap),    ring.LapField(1),
          ring.ReservedWord(id_, 0, lap), Ring::EndWord(lap, 0), Ring::ReadyWord(lap)};
}

ABSL_ATTRIBUTE_NOINLINE NativePublisher::Outcome NativePublisher::Damaged(uint64_t position,
                                                                          const char* word) {
  damaged_position_ = position;
  damaged_word_ = word;
  return Outcome::kDamaged;
}

// Others have reserved our position: on to where publishers are.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::Advance(uint64_t word, uint64_t lost) {
  const Ring& ring = memory_.ring();
  // A position of that entry was reserved, so all before it were.
  const uint64_t reached =
      ring.PositionOf(ring.ReservedLapFrom(word, ring.LapOf(position_)), ring.IndexOf(position_)) +
      1;
  const bool far = reached > position_ + 1;
  position_ = reached;
  run_.stop = 0;
  // Far behind, or losing every race: the hint saves steps. acquire: as in the constructor.
  if (far || lost % 8 == 7) {
    position_ = std::max(position_, memory_.header().tail.load(std::memory_order_acquire));
  }
}

// After the own position was reserved, whose message ends at `end`: what is known of the next ones.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::StartRun(uint64_t end) {
  const Ring& ring = memory_.ring();
  // A publisher that has slept has others to wake before its next call.
  run_.stop = pass_on_ ? 0 : std::min(lap_.first, released_) + ring.slots();
  const uint64_t used = std::min(Ring::Distance(room_start_, end), ring.slots());
  run_.end = lap_.end | end;
  // Not up to where the words of ends begin anew.
  run_.end_limit = run_.end + std::min({ring.slots() - used, ring.slots() - ring.IndexOf(end),
                                        Ring::Distance(end, UINT64_MAX)});
}

// Moves `released_` on over what is done, up to `stop`.
NativePublisher::RoomFound NativePublisher::Walk(uint64_t stop) {
  const Ring& ring = memory_.ring();
  while (released_ < stop) {
    const uint64_t lap = ring.LapOf(released_);
    const uint64_t lap_end = std::min(stop, ring.PositionOf(lap + 1, 0));
    const Claim* entry = &memory_.claim(released_);
    // acquire: what its subscriber read of the slot and the payload comes before.
    const auto word = [&](int i) { return entry[i].word.load(std::memory_order_acquire); };
    // Four at once, and the rest one by one.
    while (released_ + 4 <= lap_end && Ring::AreDone(lap, word(0), word(1), word(2), word(3))) {
      released_ += 4;
      entry += 4;
    }
    while (released_ < lap_end && Ring::IsDone(word(0), lap)) {
      ++released_;
      ++entry;
    }
    if (released_ == lap_end) continue;
    const uint64_t claim = word(0);
    if (Ring::IsDone(claim, lap)) continue;
    if (!Ring::IsClaimOf(claim, lap)) return RoomFound::kDamaged;
    // No subscriber may ever come to skip what holds no message. acquire: as a commit.
    if (claim != Ring::FreeWord(lap) ||
        memory_.slot(released_).word.load(std::memory_order_acquire) != Ring::VoidWord(lap)) {
      return RoomFound::kFull;
    }
    SkipVoid(memory_, released_);
    ++released_;
  }
  return RoomFound::kRoom;
}

// Takes over a walk that another has made. acquire, both: as the walk's own. Never believed where
// the last of it is not done, which no sound queue says.
uint64_t NativePublisher::HearOfReleased(uint64_t position) {
  const uint64_t told = memory_.header().released.load(std::memory_order_acquire);
  if (told > released_ && told <= position &&
      Ring::IsDone(memory_.claim(told - 1).word.load(std::memory_order_acquire),
                   memory_.ring().LapOf(told - 1))) {
    released_ = told;
  }
  return told;
}

// Whether what lay a ring before `position` is done, and from `end`, where its payload would begin,
// `need` units are free.
ABSL_ATTRIBUTE_NOINLINE NativePublisher::RoomFound NativePublisher::FindRoom(uint64_t position,
                                                                             uint64_t end,
                                                                             uint64_t need) {
  const Ring& ring = memory_.ring();
  // The position before ours was reserved, so all before that one's a ring ago was done.
  if (position >= ring.slots()) released_ = std::max(released_, position - ring.slots());
  const auto has_room = [&] { return HasSlot(position) && (need == 0 || HasPayload(end, need)); };
  if (has_room()) return RoomFound::kRoom;
  const uint64_t told = need == 0 ? 0 : HearOfReleased(position);
  RoomFound found;
  do {
    found = Walk(std::min(position, released_ + kWalkStep));
    if (need == 0) continue;
    if (!HasSlot(position)) break;
    if (released_ >= position) {
      room_start_ = end;  // everything is done
      break;
    }
    // acquire: as in ReadEndBefore. Of a later lap: then our position was reserved.
    const uint64_t before = memory_.reservation(released_ - 1).end.load(std::memory_order_acquire);
    if (!Ring::IsEndOf(before, ring.LapOf(released_ - 1))) return RoomFound::kMoved;
    room_start_ = Ring::EndOf(before);
  } while (found == RoomFound::kRoom && !has_room());
  // release: pairs with the load in HearOfReleased. Only forwards, for what it says stays true.
  if (need > 0 && released_ / kWalkStep > told / kWalkStep) {
    memory_.header().released.store(released_, std::memory_order_release);
  }
  if (has_room()) return RoomFound::kRoom;
  blocked_position_ = released_;
  return found;
}

// The message at `position` was put back, and is in the way. The one that put it back may have
// stopped or died before it counted it, and then no subscriber looks there: what is still there
// after a while is counted once more. True if that was done.
bool NativePublisher::CountIfLeft(uint64_t position, int64_t now) {
  if (left_position_ != position) {
    left_position_ = position;
    left_since_ns_ = now;
  }
  if (left_since_ns_ == INT64_MAX) return true;
  if (now - left_since_ns_ < kHeldSleepNanos / 2) return false;
  left_since_ns_ = INT64_MAX;
  CountReturned(memory_, position);
  WakeSome(memory_.header().data, attachment_->environment());
  return true;
}

EndpointCounters NativePublisher::counters() const {
  // relaxed, all: statistics only.
  EndpointCounters counters;
  counters.messages = record_.messages.load(std::memory_order_relaxed);
  counters.bytes = record_.bytes.load(std::memory_order_relaxed);
  counters.full_or_empty = record_.full_or_empty.load(std::memory_order_relaxed);
  return counters;
}

// Once, however often it is tried again before the next message is in.
void NativePublisher::CountFull() {
  const uint64_t messages = record_.messages.load(std::memory_order_relaxed);
  if (full_at_ == messages) return;
  full_at_ = messages;
  Add(record_.full_or_empty, 1);
}

bool NativePublisher::RecoverWhenFull() {
  CountFull();
  const int64_t now = attachment_->environment().NowNanos();
  if (now < next_probe_ns_) return false;
  next_probe_ns_ = now + kMillisecond;
  // First the one that is in the way, also of the one that is first in line, which may be stopped;
  // then all, as often as anybody may look.
  const bool by_line = blocked_position_ == kByLine;
  const uint64_t position = by_line ? released_ : blocked_position_;
  const Ring& ring = memory_.ring();
  const uint64_t lap = ring.LapOf(position);
  uint32_t owner = 0;
  // acquire, all: what the owner did comes before. The reservation's word before the slot's.
  const uint64_t claim = memory_.claim(position).word.load(std::memory_order_acquire);
  const uint64_t reserved = memory_.reservation(position).word.load(std::memory_order_acquire);
  const uint64_t slot = memory_.slot(position).word.load(std::memory_order_acquire);
  if (Ring::IsClaimOf(claim, lap) && Ring::ClaimStateOf(claim) == ClaimState::kClaimed) {
    owner = Ring::ClaimerOf(claim);
  } else if (ring.IsReserved(reserved, lap) && !Ring::IsCommitted(slot, lap)) {
    owner = ring.ReserverOf(reserved);
  }
  const bool resolved = owner != 0 && recovery_.ResolveIfDead(owner, position);
  held_up_ = owner != 0 && !resolved;
  if (claim == Ring::ReturnedWord(lap)) held_up_ = !CountIfLeft(position, now);
  held_up_ |= by_line;
  return recovery_.LookForDead(kLookBudgetNanos) > 0 || resolved;
}

// Whether another that is first in line still finds its room after ours. What is waited for is not
// taken by one that comes later.
ABSL_ATTRIBUTE_NOINLINE bool NativePublisher::MayPass(uint64_t line, uint64_t position,
                                                      uint64_t end, uint64_t need) {
  const uint32_t owner = LineWord::OwnerOf(line);
  if (owner == id_) return true;
  const uint64_t slots = memory_.ring().slots();
  const uint64_t theirs = LineWord::UnitsOf(line);
  const uint64_t both = need + (theirs == 0 ? 0 : NeedAt(end + need, theirs));
  if (theirs != 0 && Ring::Distance(room_start_, end) + both > slots) {
    FindRoom(position, end, both);
  }
  const bool payload = theirs == 0 || Ring::Distance(room_start_, end) + both <= slots;
  const bool slot = FindRoom(position + 1, 0, 0) == RoomFound::kRoom;
  if (payload && slot) return true;
  // In our place it would have room now.
  const bool has_room = theirs == 0 || HasPayload(end, NeedAt(end, theirs));
  const int64_t now = attachment_->environment().NowNanos();
  if (line != line_seen_ || !has_room) line_seen_ns_ = INT64_MAX;
  line_seen_ = line;
  if (has_room && line_seen_ns_ == INT64_MAX) line_seen_ns_ = now;
  const bool known = owner != 0 && owner <= memory_.max_participants() &&
                     StatusOf(memory_.participant(owner).state.load(std::memory_order_acquire)) ==
                         ParticipantStatus::kInUse;
  bool gone = !known || (line_seen_ns_ != INT64_MAX && now - line_seen_ns_ > kLineNanos);
  if (!gone && now >= next_line_probe_ns_) {
    next_line_probe_ns_ = now + kMillisecond;
    gone = !attachment_->environment().IsAlive(owner);
  }
  if (gone) {
    TakeOffLine(line);
    return true;
  }
  blocked_position_ = kByLine;
  return false;
}

// Into line, if nobody is there that has waited for longer. True while we are first.
bool NativePublisher::GetIntoLine(int64_t now) {
  std::atomic<uint64_t>& line = memory_.header().line;
  // relaxed, all: whose turn it is, which nothing else rests on.
  uint64_t first = line.load(std::memory_order_relaxed);
  if (line_ != 0 && first == line_) return true;
  line_ = 0;
  if (now - waits_since_ns_ < kLineAfterNanos) return false;
  const uint64_t own = LineWord::Of(id_, wanted_units_, waits_since_ns_);
  if ((first != 0 && !LineWord::IsOlder(own, first)) ||
      !line.compare_exchange_strong(first, own, std::memory_order_relaxed)) {
    return false;
  }
  line_ = own;
  INTERPROCESS_STEP("line.entered");
  // One that looks after us is to see it.
  WakeSome(memory_.header().space, attachment_->environment());
  return true;
}

// Takes `line` off, if it stands there still, and tells those that waited behind it.
void NativePublisher::TakeOffLine(uint64_t line) {
  // relaxed: as in GetIntoLine.
  if (!memory_.header().line.compare_exchange_strong(line, 0, std::memory_order_relaxed)) return;
  INTERPROCESS_STEP("line.left");
  WakeSome(memory_.header().front, attachment_->environment());
  WakeSome(memory_.header().space, attachment_->environment());
}

// After a call that has slept: those that were woken with us may have gone back to sleep, or died;
// room that is left is for others that sleep.
ABSL_ATTRIBUTE_NOINLINE void NativePublisher::PassOn() {
  pass_on_ = false;
  if (line_ != 0) TakeOffLine(std::exchange(line_, 0));
  if (FindRoom(position_, 0, 0) == RoomFound::kRoom) {
    WakeSome(memory_.header().front, attachment_->environment());
    WakeSome(memory_.header().space, attachment_->environment());
  }
}

void NativePublisher::WakeWaiters() {
  CountUpAndWake(memory_.header().space, attachment_->environment());
  CountUpAndWake(memory_.header().front, attachment_->environment());
}

void NativePublisher::PrepareSleep() {
  const int64_t now = attachment_->environment().NowNanos();
  if (!pass_on_) waits_since_ns_ = now;
  pass_on_ = true;
  run_.stop = 0;
  held_up_ = false;
  next_probe_ns_ = 0;
  next_line_probe_ns_ = 0;
  sleeps_in_front_ = GetIntoLine(now);
  (sleeps_in_front_ ? front_sleeper_ : sleeper_).Prepare();
}

absl::Status NativePublisher::Sleep(int64_t timeout_ns) {
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kSpace), std::memory_order_relaxed);
  Add(record_.sleeps, 1);
  Sleeper& sleeper = sleeps_in_front_ ? front_sleeper_ : sleeper_;
  int64_t limit = held_up_ ? sleeper.HeldLimit() : kIdleSleepNanos;
  // Not in line yet: that long, so that it gets there though nobody wakes it.
  if (!sleeps_in_front_ && limit > kLineAfterNanos &&
      attachment_->environment().NowNanos() - waits_since_ns_ < kLineAfterNanos) {
    limit = kLineAfterNanos;
  }
  absl::StatusOr<bool> woken = sleeper.Sleep(std::min(limit, timeout_ns));
  if (!woken.ok()) return woken.status();
  if (!*woken) recovery_.LookForDead(kPatientLookNanos);
  return absl::OkStatus();
}

void NativePublisher::EndSleeps() {
  sleeper_.End();
  front_sleeper_.End();
  // Without having put anything in: the room is for others that sleep.
  if (pass_on_) PassOn();
  // relaxed: statistics only.
  record_.waits_for.store(static_cast<uint32_t>(WaitsFor::kNothing), std::memory_order_relaxed);
}

}  // namespace interprocess::native
