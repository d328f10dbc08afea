// SPDX-License-Identifier: MIT

#include <time.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/subscriber.h"
#include "tests/stress/workers.h"

namespace interprocess::stress {
namespace {

constexpr uint64_t kMaxBatch = WorkerPage::kMaxHeld;

class SubscribeWorker {
 public:
  SubscribeWorker(World& world, uint32_t worker)
      : world_(world),
        options_(world.options()),
        state_(world.state()),
        page_(world.page(worker)),
        copy_(world.copy(worker)),
        worker_(worker),
        random_(options_.seed * 7000003 + worker) {}

  void Run() {
    while (!Stopped()) {
      if (!endpoint_ && !Open()) return;
      Step();
      if (options_.reopen_every != 0 && random_.OneIn(options_.reopen_every)) Close();
      if (state_.slow_subscribers.load(std::memory_order_relaxed)) Pause(300'000);
    }
    page_.doing.store(Doing::kOpening);
  }

 private:
  bool Stopped() const {
    return page_.stop.load(std::memory_order_relaxed) || world_.failed() ||
           state_.stop_subscribers.load(std::memory_order_relaxed);
  }

  bool Open() {
    page_.doing.store(Doing::kOpening);
    auto opened = Subscriber::Open(options_.queue);
    if (!opened.ok()) {
      world_.Fail(absl::StrCat("a subscriber's Open: ", opened.status().ToString()));
      return false;
    }
    state_.opened.fetch_add(1, std::memory_order_relaxed);
    endpoint_.emplace(*std::move(opened));
    page_.doing.store(Doing::kBetween);
    return true;
  }

  void Close() {
    page_.doing.store(Doing::kOpening);
    if (random_.OneIn(2)) endpoint_->Close().IgnoreError();
    // What is still borrowed stays good without its endpoint.
    endpoint_.reset();
    while (!borrowed_.empty()) LetGo(borrowed_.size() - 1);
  }

  static void Pause(int64_t nanos) {
    const timespec time = {0, static_cast<long>(nanos)};
    nanosleep(&time, nullptr);
  }

  // Stays where it is for a while, so that a death comes here.
  void Linger() {
    if (!options_.mortal) return;
    if (random_.OneIn(200)) Pause(1'000'000);
    if (random_.OneIn(8)) {
      for (int64_t end = NowNanos() + 10'000; NowNanos() < end;) {
      }
    }
  }

  void Failed(absl::string_view call, const absl::Status& status) {
    world_.Fail(absl::StrCat(call, " of worker ", worker_, ": ", status.ToString()));
  }

  // Reads and checks what came, and its order. No id for an empty message.
  std::optional<MessageId> Check(absl::Span<const uint8_t> bytes, const MessageInfo& info) {
    if (info.size != bytes.size()) world_.Fail("MessageInfo::size is not the message's");
    if (bytes.empty() && options_.some_empty) return std::nullopt;
    MessageId id;
    if (std::string wrong = ReadMessage(bytes, &id); !wrong.empty()) {
      world_.Fail(absl::StrCat("worker ", worker_, ": ", wrong));
      return std::nullopt;
    }
    // A first delivery comes in its publisher's order; what somebody had before comes late.
    if (info.earlier_deliveries == 0 && !info.redelivered && !id.unordered) {
      uint64_t& next = next_[id.publisher];
      if (id.sequence < next) {
        world_.Fail(absl::StrCat("order: worker ", worker_, " got message ", id.sequence,
                                 " of publisher ", id.publisher, " after ", next - 1));
      }
      next = id.sequence + 1;
    }
    return id;
  }

  // Before it is taken off the queue: if this process dies in between, it comes again, marked.
  void Deliver(const std::optional<MessageId>& id, size_t size, bool redelivered) {
    page_.steps.fetch_add(1, std::memory_order_relaxed);
    page_.last_step_ns.store(NowNanos(), std::memory_order_relaxed);
    state_.bytes.fetch_add(size, std::memory_order_relaxed);
    if (!id) {
      state_.empty_delivered.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    if (redelivered) {
      const uint64_t entry = state_.redeliveries.fetch_add(1, std::memory_order_relaxed);
      if (entry < WorldState::kMaxRedeliveries) {
        state_.redelivered_ns[entry].store(NowNanos(), std::memory_order_relaxed);
        state_.redelivered_id[entry].store(id->Pack() + 1, std::memory_order_release);
      }
    }
    bool first;
    std::string wrong = world_.ledger().MarkDelivered(*id, redelivered, &first);
    if (!wrong.empty()) world_.Fail(absl::StrCat("worker ", worker_, ": ", wrong));
    if (first) state_.delivered.fetch_add(1, std::memory_order_relaxed);
  }

  void Step() {
    const bool full = borrowed_.size() == WorkerPage::kMaxHeld;
    const uint64_t kind = random_.Below(100);
    absl::Status status;
    if (full || (kind < 20 && !borrowed_.empty())) {
      LetGo(random_.Below(borrowed_.size()));
    } else if (kind < 50) {
      status = Borrow();
    } else if (kind < 75) {
      status = Batch();
    } else if (kind < 95 || options_.mortal) {
      status = Copy();
    } else {
      status = Take();
    }
    if (absl::IsUnavailable(status)) {
      // A publisher that waits for the room of what is held here would wait for ever.
      if (!borrowed_.empty()) LetGo(random_.Below(borrowed_.size()));
    } else if (!status.ok() && !absl::IsDeadlineExceeded(status)) {
      Failed("a call", status);
    }
  }

  // Waits only while it holds nothing.
  bool MayWait() { return borrowed_.empty() && random_.OneIn(2); }
  void Enter(Doing doing) { page_.doing.store(doing, std::memory_order_relaxed); }

  absl::Status Copy() {
    // Now and then with a buffer that is too small for most.
    absl::Span<uint8_t> buffer = random_.OneIn(16) ? copy_.first(kIdBytes) : copy_;
    MessageInfo info;
    Enter(Doing::kCopying);
    absl::StatusOr<size_t> size =
        MayWait() ? endpoint_->Dequeue(buffer, WaitOptions(options_.patience), &info)
                  : endpoint_->TryDequeue(buffer, &info);
    if (size.ok()) {
      Deliver(Check(buffer.first(*size), info), *size, info.redelivered);
    } else if (absl::IsOutOfRange(size.status())) {
      if (info.size <= buffer.size()) world_.Fail("OutOfRange for a message that fits");
      Enter(Doing::kBetween);
      return absl::OkStatus();
    }
    Enter(Doing::kBetween);
    return size.status();
  }

  absl::Status Take() {
    MessageInfo info;
    absl::StatusOr<std::string> text =
        MayWait() ? endpoint_->Dequeue(WaitOptions(options_.patience), &info)
                  : endpoint_->TryDequeue(&info);
    if (!text.ok()) return text.status();
    Deliver(Check(absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text->data()), text->size()),
                  info),
            text->size(), info.redelivered);
    return absl::OkStatus();
  }

  absl::Status Batch() {
    const auto handle = [&](const MessageView& message) {
      Enter(Doing::kHandler);
      std::optional<MessageId> id = Check(message.bytes(), message.info());
      const size_t place = Hold(id);
      Linger();
      Deliver(id, message.bytes().size(), message.info().redelivered);
      page_.held[place].store(0, std::memory_order_relaxed);
    };
    const uint64_t most = 1 + random_.Below(kMaxBatch);
    Enter(Doing::kAsking);
    absl::StatusOr<size_t> count =
        MayWait() ? endpoint_->DequeueBatch(most, handle, WaitOptions(options_.patience))
                  : endpoint_->TryDequeueBatch(most, handle);
    Enter(Doing::kBetween);
    return count.status();
  }

  absl::Status Borrow() {
    Enter(Doing::kAsking);
    absl::StatusOr<BorrowedMessage> message =
        MayWait() ? endpoint_->Borrow(WaitOptions(options_.patience)) : endpoint_->TryBorrow();
    Enter(borrowed_.empty() && !message.ok() ? Doing::kBetween : Doing::kBorrowing);
    if (!message.ok()) return message.status();
    std::optional<MessageId> id = Check(message->bytes(), message->info());
    const size_t place = Hold(id);
    borrowed_.push_back({*std::move(message), id, place});
    Linger();
    return absl::OkStatus();
  }

  size_t Hold(const std::optional<MessageId>& id) {
    size_t place = 0;
    while (place + 1 < WorkerPage::kMaxHeld &&
           page_.held[place].load(std::memory_order_relaxed) != 0) {
      ++place;
    }
    page_.held[place].store(id ? id->Pack() + 1 : 0, std::memory_order_relaxed);
    return place;
  }

  // Acknowledges a borrowed message, or now and then gives it back.
  void LetGo(size_t which) {
    Held held = std::move(borrowed_[which]);
    if (which + 1 != borrowed_.size()) borrowed_[which] = std::move(borrowed_.back());
    borrowed_.pop_back();
    if (random_.OneIn(16)) {
      state_.given_back.fetch_add(1, std::memory_order_relaxed);
      // Before it is given back: from then on it is another's.
      page_.held[held.place].store(0, std::memory_order_relaxed);
      if (random_.OneIn(2)) held.message.GiveBack();
    } else {
      Deliver(held.id, held.message.bytes().size(), held.message.redelivered());
      page_.held[held.place].store(0, std::memory_order_relaxed);
      absl::Status status = held.message.Acknowledge();
      if (!status.ok()) Failed("Acknowledge", status);
    }
    if (borrowed_.empty()) Enter(Doing::kBetween);
  }

  struct Held {
    BorrowedMessage message;
    std::optional<MessageId> id;
    size_t place;
  };

  World& world_;
  const WorkOptions& options_;
  WorldState& state_;
  WorkerPage& page_;
  const absl::Span<uint8_t> copy_;
  const uint32_t worker_;
  Random random_;
  std::unordered_map<uint32_t, uint64_t> next_;  // by publisher: the least sequence that may come
  std::vector<Held> borrowed_;
  std::optional<Subscriber> endpoint_;
};

}  // namespace

void Subscribe(World& world, uint32_t worker) { SubscribeWorker(world, worker).Run(); }

}  // namespace interprocess::stress
