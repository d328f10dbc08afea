// SPDX-License-Identifier: MIT

#include <time.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/publisher.h"
#include "tests/stress/workers.h"

namespace interprocess::stress {
namespace {

constexpr uint64_t kMaxBatch = 12;

class PublishWorker {
 public:
  PublishWorker(World& world, uint32_t worker, uint32_t publisher, uint64_t count)
      : world_(world),
        options_(world.options()),
        page_(world.page(worker)),
        publisher_(publisher),
        count_(std::min(count, world.ledger().messages_per_publisher())),
        random_(options_.seed * 1000003 + publisher) {
    for (auto& buffer : buffers_) buffer.reserve(options_.max_size);
  }

  void Run() {
    while (!Stopped() && sequence_ < count_) {
      if (!endpoint_ && !Open()) return;
      Step();
      if (options_.reopen_every != 0 && random_.OneIn(options_.reopen_every)) Close();
      if (world_.state().slow_publishers.load(std::memory_order_relaxed)) Pause(300'000);
    }
    page_.doing.store(Doing::kOpening);
  }

 private:
  bool Stopped() const {
    return page_.stop.load(std::memory_order_relaxed) || world_.failed() ||
           world_.state().stop_publishers.load(std::memory_order_relaxed);
  }

  bool Open() {
    page_.doing.store(Doing::kOpening);
    auto opened = Publisher::Open(options_.queue);
    if (!opened.ok()) {
      world_.Fail(absl::StrCat("a publisher's Open: ", opened.status().ToString()));
      return false;
    }
    world_.state().opened.fetch_add(1, std::memory_order_relaxed);
    endpoint_.emplace(*std::move(opened));
    page_.doing.store(Doing::kBetween);
    return true;
  }

  void Close() {
    page_.doing.store(Doing::kOpening);
    if (random_.OneIn(2)) endpoint_->Close().IgnoreError();
    endpoint_.reset();
  }

  static void Pause(int64_t nanos) {
    const timespec time = {0, static_cast<long>(nanos)};
    nanosleep(&time, nullptr);
  }

  // Stays where it is for a while, so that a death comes here.
  void Linger() {
    if (!options_.mortal) return;
    if (random_.OneIn(100)) Pause(1'000'000);
    if (random_.OneIn(8)) {
      for (int64_t end = NowNanos() + 10'000; NowNanos() < end;) {
      }
    }
  }

  size_t PickSize() {
    const uint64_t kind = random_.Below(1000);
    const size_t capacity = endpoint_->max_message_size();
    size_t size;
    if (options_.some_huge && kind == 0 && random_.OneIn(20)) {
      size = capacity;
    } else if (options_.some_huge && kind < 3) {
      size = kIdBytes + random_.Below(capacity / 2 - kIdBytes);
    } else if (kind < 500) {
      size = kIdBytes + random_.Below(40 - kIdBytes + 1);
    } else if (kind < 900) {
      size = kIdBytes + random_.Below(std::min<size_t>(512, options_.max_size));
    } else {
      size = kIdBytes + random_.Below(options_.max_size);
    }
    return std::min(size, capacity);
  }

  const std::vector<uint8_t>& Prepare(int buffer, const MessageId& id) {
    buffers_[buffer].resize(PickSize());
    WriteMessage(absl::MakeSpan(buffers_[buffer]), id);
    world_.ledger().MarkAttempted(id.publisher, id.sequence);
    return buffers_[buffer];
  }

  MessageId NextId() const { return {publisher_, sequence_, false}; }

  void Sent(uint64_t count = 1) {
    for (uint64_t i = 0; i < count; ++i) {
      world_.ledger().MarkEnqueued(publisher_, sequence_ + i);
    }
    sequence_ += count;
    Progress();
  }

  void Progress() {
    page_.steps.fetch_add(1, std::memory_order_relaxed);
    page_.last_step_ns.store(NowNanos(), std::memory_order_relaxed);
  }

  // True: it is in. False: told to stop, or failed.
  bool EnqueueWaiting(absl::Span<const uint8_t> message) {
    page_.doing.store(Doing::kEnqueueing, std::memory_order_relaxed);
    while (true) {
      absl::Status status = endpoint_->Enqueue(message, WaitOptions(options_.patience));
      page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
      if (status.ok()) return true;
      if (!absl::IsDeadlineExceeded(status)) return Failed("Enqueue", status);
      if (Stopped()) return false;
      page_.doing.store(Doing::kEnqueueing, std::memory_order_relaxed);
    }
  }

  bool Failed(absl::string_view call, const absl::Status& status) {
    world_.Fail(absl::StrCat(call, " of publisher ", publisher_, ": ", status.ToString()));
    return false;
  }

  void Step() {
    const uint64_t kind = random_.Below(100);
    if (kind < 35) {
      if (EnqueueWaiting(Prepare(0, NextId()))) Sent();
    } else if (kind < 60) {
      Try();
    } else if (kind < 80) {
      Batch();
    } else if (kind < 90) {
      ReserveOne();
    } else if (kind < 95) {
      ReserveTwo();
    } else if (kind < 97) {
      Abandon();
    } else if (options_.some_empty) {
      if (EnqueueWaiting({})) {
        world_.state().empty_sent.fetch_add(1, std::memory_order_relaxed);
        Progress();
      }
    }
  }

  void Try() {
    const std::vector<uint8_t>& message = Prepare(0, NextId());
    page_.doing.store(Doing::kEnqueueing, std::memory_order_relaxed);
    absl::Status status = endpoint_->TryEnqueue(message);
    page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
    if (absl::IsResourceExhausted(status)) {
      world_.state().found_full.fetch_add(1, std::memory_order_relaxed);
      if (EnqueueWaiting(message)) Sent();
    } else if (status.ok()) {
      Sent();
    } else {
      Failed("TryEnqueue", status);
    }
  }

  void Batch() {
    const uint64_t size = std::min(1 + random_.Below(kMaxBatch), count_ - sequence_);
    std::vector<absl::Span<const uint8_t>> messages;
    for (uint64_t i = 0; i < size; ++i) {
      messages.push_back(Prepare(static_cast<int>(i), {publisher_, sequence_ + i, false}));
    }
    absl::Span<const absl::Span<const uint8_t>> left = messages;
    while (!left.empty()) {
      page_.doing.store(Doing::kBatch, std::memory_order_relaxed);
      absl::StatusOr<size_t> done = endpoint_->TryEnqueueBatch(left);
      page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
      if (!done.ok()) {
        Failed("TryEnqueueBatch", done.status());
        return;
      }
      Sent(*done);
      left.remove_prefix(*done);
      if (left.empty()) return;
      world_.state().found_full.fetch_add(1, std::memory_order_relaxed);
      if (!EnqueueWaiting(left.front())) return;
      Sent();
      left.remove_prefix(1);
    }
  }

  // Null: told to stop, or failed.
  std::optional<Reservation> ReserveWaiting(size_t size) {
    while (true) {
      page_.doing.store(Doing::kEnqueueing, std::memory_order_relaxed);
      absl::StatusOr<Reservation> room = endpoint_->Reserve(size, WaitOptions(options_.patience));
      page_.doing.store(Doing::kReserving, std::memory_order_relaxed);
      if (room.ok()) return *std::move(room);
      if (!absl::IsDeadlineExceeded(room.status())) {
        Failed("Reserve", room.status());
        return std::nullopt;
      }
      if (Stopped()) return std::nullopt;
    }
  }

  // Writes a message of part or all of the room, and commits it.
  bool Fill(Reservation& room, const MessageId& id) {
    const size_t most = room.span().size();
    const size_t size = random_.OneIn(2) ? most : kIdBytes + random_.Below(most - kIdBytes + 1);
    WriteMessage(room.span().first(size), id);
    world_.ledger().MarkAttempted(id.publisher, id.sequence);
    absl::Status status = room.Commit(size);
    return status.ok() || Failed("Commit", status);
  }

  void ReserveOne() {
    std::optional<Reservation> room = ReserveWaiting(PickSize());
    if (room) {
      Linger();
      if (Fill(*room, NextId())) Sent();
    }
    page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
  }

  // Two at one time, committed in either order. The first of them may come after the second only
  // if it was committed after it.
  void ReserveTwo() {
    if (count_ - sequence_ < 2) return;
    std::optional<Reservation> first = ReserveWaiting(PickSize());
    if (!first) return;
    // Never waits for room while it holds some: two who do so wait for each other.
    absl::StatusOr<Reservation> second = endpoint_->TryReserve(PickSize());
    Linger();
    if (!second.ok()) {
      if (!absl::IsResourceExhausted(second.status())) Failed("TryReserve", second.status());
      if (Fill(*first, NextId())) Sent();
    } else {
      const bool swapped = random_.OneIn(2);
      const MessageId first_id = {publisher_, sequence_, swapped};
      const MessageId second_id = {publisher_, sequence_ + 1, false};
      world_.ledger().MarkAttempted(publisher_, sequence_);
      const bool ok = swapped ? Fill(*second, second_id) && Mark(second_id) && (Linger(), true) &&
                                    Fill(*first, first_id)
                              : Fill(*first, first_id) && Mark(first_id) && (Linger(), true) &&
                                    Fill(*second, second_id);
      if (ok) Sent(2);
    }
    page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
  }

  bool Mark(const MessageId& id) {
    world_.ledger().MarkEnqueued(id.publisher, id.sequence);
    return true;
  }

  void Abandon() {
    std::optional<Reservation> room = ReserveWaiting(PickSize());
    if (room) {
      // What lies there must never come out.
      std::fill(room->span().begin(), room->span().end(), uint8_t{0xee});
      Linger();
      if (random_.OneIn(2)) room->Abort();
      world_.state().aborted.fetch_add(1, std::memory_order_relaxed);
    }
    room.reset();
    page_.doing.store(Doing::kBetween, std::memory_order_relaxed);
  }

  World& world_;
  const WorkOptions& options_;
  WorkerPage& page_;
  const uint32_t publisher_;
  const uint64_t count_;
  Random random_;
  uint64_t sequence_ = 0;
  std::optional<Publisher> endpoint_;
  std::vector<uint8_t> buffers_[kMaxBatch];
};

}  // namespace

void Publish(World& world, uint32_t worker, uint32_t publisher, uint64_t count) {
  PublishWorker(world, worker, publisher, count).Run();
}

}  // namespace interprocess::stress
