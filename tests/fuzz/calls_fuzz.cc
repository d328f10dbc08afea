// SPDX-License-Identifier: MIT

// Sequences of calls of several endpoints, some of which die, against an obvious model of what the
// queue promises. The model knows everything: it says of each call whether it succeeds, and of each
// message whether it may come.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/native/inspect.h"
#include "core/native/layout.h"
#include "interprocess/message.h"
#include "tests/fuzz/fake_clock.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/queue_image.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::fuzz {
namespace {

using testing::PublisherPeer;
using testing::SubscriberPeer;

constexpr uint64_t kSlots = 64;
constexpr uint64_t kUnits = 64;

// A position of the queue, from its reservation on.
struct Message {
  int publisher = 0;
  uint64_t end = 0;  // of its payload, in units
  std::string bytes;
  uint64_t reserved_at = 0;
  uint64_t committed_at = 0;
  uint32_t deliveries = 0;
  bool redelivered = false;
  enum { kReserved, kWaiting, kHeld, kReleased } state = kReserved;
  bool orphaned = false;  // its owner died; whether that was resolved is not known
};

class Model {
 public:
  uint64_t next() const { return messages_.size(); }
  Message& at(uint64_t position) { return messages_[position]; }
  std::vector<Message>& all() { return messages_; }

  bool MayReserve(size_t size) const {
    if (next() >= kSlots && messages_[next() - kSlots].state != Message::kReleased) return false;
    const uint64_t units = Units(size);
    if (units == 0) return true;
    const uint64_t end = next() == 0 ? 0 : messages_.back().end;
    uint64_t oldest = 0;
    while (oldest < next() && messages_[oldest].state == Message::kReleased) ++oldest;
    if (oldest == next()) return true;
    const uint64_t start = oldest == 0 ? 0 : messages_[oldest - 1].end;
    // Where nothing of the payload is in use, what is skipped belongs to no message.
    return end == start || end + Need(end, units) - start <= kUnits;
  }
  Message& Reserve(int publisher, size_t size, uint64_t now) {
    const uint64_t end = next() == 0 ? 0 : messages_.back().end;
    Message& message = messages_.emplace_back();
    message.publisher = publisher;
    message.reserved_at = now;
    message.end = end + Need(end, Units(size));
    return message;
  }
  bool Any(int state) const {
    for (const Message& message : messages_) {
      if (message.state == state) return true;
    }
    return false;
  }
  // Whether one has no more bytes than tell two messages apart.
  bool AnyShort() const {
    for (const Message& message : messages_) {
      if (message.state != Message::kReleased && message.state != Message::kReserved &&
          message.bytes.size() < 2) {
        return true;
      }
    }
    return false;
  }
  bool AnyOrphan() const {
    for (const Message& message : messages_) {
      if (message.orphaned && message.state != Message::kReleased) return true;
    }
    return false;
  }

 private:
  static uint64_t Units(size_t size) { return size <= 40 ? 0 : (size + 63) / 64; }
  static uint64_t Need(uint64_t end, uint64_t units) {
    const uint64_t left = kUnits - end % kUnits;
    return units <= left ? units : units + left;
  }
  std::vector<Message> messages_;
};

struct Writer {
  int number = 0;
  std::unique_ptr<PublisherPeer> peer;
  std::vector<PublisherEngine::Room> open;
};

struct Reader {
  std::unique_ptr<SubscriberPeer> peer;
  std::vector<uint64_t> held;  // positions
};

class Run {
 public:
  Run(QueueImage& image, Input input) : image_(image), input_(input) {}

  void Do() {
    image_.Restore(0);
    // An empty queue goes with the last endpoint that leaves.
    const PublisherPeer stays(image_.options());
    for (int step = 0; step < 400 && !input_.empty(); ++step) Step();
    Finish();
  }

 private:
  void Step() {
    const uint8_t step = input_.Byte() % 24;
    const uint8_t which = input_.Byte();
    Writer& writer = writers_[which % 3];
    Reader& reader = readers_[which % 2];
    if (step < 13 && writer.peer == nullptr) {
      writer.number = ++publishers_;
      writer.peer = std::make_unique<PublisherPeer>(image_.options());
    }
    if (step >= 13 && reader.peer == nullptr) {
      reader.peer = std::make_unique<SubscriberPeer>(image_.options());
    }
    switch (step) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return Enqueue(writer);
      case 5:
        return EnqueueBatch(writer);
      case 6:
      case 7:
        return Reserve(writer);
      case 8:
      case 9:
        return Commit(writer);
      case 10:
        return Abort(writer);
      case 11:
        return Leave(writer);
      case 12:
        return Kill(writer);
      case 13:
      case 14:
      case 15:
        return Dequeue(reader);
      case 16:
        return DequeueBatch(reader);
      case 17:
      case 18:
        return Borrow(reader);
      case 19:
      case 20:
        return Release(reader, (which & 0x80) != 0);
      case 21:
        return Leave(reader);
      case 22:
        return Kill(reader);
      default:
        return AdvanceClock((which & 0x80) != 0 ? 1'100'000 : 60'000'000);
    }
  }

  size_t Size() {
    const uint8_t byte = input_.Byte();
    return byte < 128 ? byte % 64 : byte < 224 ? size_t{byte} * 3 : size_t{byte} * 64 % 4097;
  }
  // A text of its own, so that it is known again.
  std::string Text(size_t size) {
    if (size < 2 && model_.AnyShort()) size = 2;
    std::string text(size, '\0');
    const uint64_t seed = ++texts_ * 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(seed >> (i % 57) ^ i);
    if (size >= 2) std::memcpy(text.data(), &texts_, 2);
    return text;
  }
  static absl::Span<const uint8_t> Bytes(const std::string& text) {
    return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }

  // A call that found room or not is right to. While something of the dead may be in the way,
  // no call says when it is resolved.
  void ExpectReserved(const absl::Status& status, size_t size) {
    const bool possible = model_.MayReserve(size);
    if (status.ok()) {
      FUZZ_CHECK(possible || model_.AnyOrphan(), "");
    } else {
      FUZZ_CHECK(absl::IsResourceExhausted(status), status.ToString().c_str());
      FUZZ_CHECK(!possible, "");
    }
  }

  void Enqueue(Writer& writer) {
    const std::string text = Text(Size());
    const absl::Status status = (*writer.peer)->TryEnqueue(Bytes(text));
    ExpectReserved(status, text.size());
    if (status.ok()) Committed(writer, text);
  }
  void Committed(Writer& writer, const std::string& text) {
    Message& message = model_.Reserve(writer.number, text.size(), ++now_);
    message.bytes = text;
    message.committed_at = now_;
    message.state = Message::kWaiting;
  }
  void EnqueueBatch(Writer& writer) {
    std::vector<std::string> texts;
    std::vector<absl::Span<const uint8_t>> spans;
    for (uint64_t i = input_.Below(6); i > 0; --i) texts.push_back(Text(2 + Size() % 4000));
    for (const std::string& text : texts) spans.push_back(Bytes(text));
    const auto done = (*writer.peer)->TryEnqueueBatch(spans);
    FUZZ_CHECK(done.ok() && *done <= texts.size(), done.status().ToString().c_str());
    for (size_t i = 0; i < texts.size(); ++i) {
      const bool in = i < *done;
      ExpectReserved(in ? absl::OkStatus() : absl::ResourceExhaustedError(""), texts[i].size());
      if (!in) return;
      Committed(writer, texts[i]);
    }
  }
  void Reserve(Writer& writer) {
    const size_t size = Size();
    const auto room = (*writer.peer)->TryReserve(size);
    ExpectReserved(room.status(), size);
    if (!room.ok()) return;
    FUZZ_CHECK(room->position == model_.next() && room->bytes.size() == size, "");
    model_.Reserve(writer.number, size, ++now_);
    writer.open.push_back(*room);
  }
  std::optional<PublisherEngine::Room> TakeOpen(Writer& writer) {
    const uint8_t byte = input_.Byte();
    if (writer.open.empty()) return std::nullopt;
    const auto place = writer.open.begin() + byte % writer.open.size();
    const PublisherEngine::Room room = *place;
    writer.open.erase(place);
    return room;
  }
  void Commit(Writer& writer) {
    const auto room = TakeOpen(writer);
    if (!room.has_value()) return;
    const size_t size = input_.Byte() * room->bytes.size() / 255;
    if (size < 2 && (room->bytes.size() < 2 || model_.AnyShort())) {
      (*writer.peer)->Abort(room->position);
      model_.at(room->position).state = Message::kReleased;
      return;
    }
    const std::string text = Text(size);
    if (!text.empty()) std::memcpy(room->bytes.data(), text.data(), text.size());
    FUZZ_CHECK((*writer.peer)->Commit(room->position, text.size()).ok(), "");
    Message& message = model_.at(room->position);
    message.bytes = text;
    message.committed_at = ++now_;
    message.state = Message::kWaiting;
  }
  void Abort(Writer& writer) {
    const auto room = TakeOpen(writer);
    if (!room.has_value()) return;
    (*writer.peer)->Abort(room->position);
    model_.at(room->position).state = Message::kReleased;
  }
  void Leave(Writer& writer) {
    for (const PublisherEngine::Room& room : writer.open) {
      (*writer.peer)->Abort(room.position);
      model_.at(room.position).state = Message::kReleased;
    }
    writer = Writer();
  }
  void Kill(Writer& writer) {
    for (const PublisherEngine::Room& room : writer.open) model_.at(room.position).orphaned = true;
    writer.peer->Die();
    writer = Writer();
  }

  // The message with these bytes came.
  uint64_t Came(absl::Span<const uint8_t> bytes, const MessageInfo& info,
                std::optional<uint64_t> position) {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    uint64_t found = position.value_or(0);
    while (!position.has_value() && found < model_.next() &&
           !(model_.at(found).bytes == text && MayCome(model_.at(found), info))) {
      ++found;
    }
    FUZZ_CHECK(found < model_.next(), "a message came that does not wait");
    Message& message = model_.at(found);
    FUZZ_CHECK(message.bytes == text, "torn");
    FUZZ_CHECK(MayCome(message, info), "it came twice, or with wrong marks");
    message.orphaned = false;
    message.state = Message::kHeld;
    if (message.deliveries++ == 0) {
      for (const Message& other : model_.all()) {
        FUZZ_CHECK(!(other.publisher == message.publisher && other.state == Message::kWaiting &&
                     other.deliveries == 0 && other.committed_at < message.reserved_at),
                   "another of the same publisher was first");
      }
    }
    return found;
  }
  static bool MayCome(const Message& message, const MessageInfo& info) {
    return (message.state == Message::kWaiting ||
            (message.state == Message::kHeld && message.orphaned)) &&
           info.earlier_deliveries == message.deliveries && info.redelivered == message.redelivered;
  }
  // A subscriber that found nothing is right to, unless something stands in the way.
  void ExpectNothing(const absl::Status& status) {
    FUZZ_CHECK(absl::IsUnavailable(status), status.ToString().c_str());
    FUZZ_CHECK(!model_.Any(Message::kWaiting) || model_.Any(Message::kReserved), "");
  }

  void Dequeue(Reader& reader) {
    const size_t size = Size();
    MessageInfo info;
    const auto taken = (*reader.peer)->TryDequeue(absl::MakeSpan(buffer_).first(size), &info);
    if (absl::IsOutOfRange(taken.status())) {
      FUZZ_CHECK(info.size > size, "");
      FUZZ_CHECK(model_.Any(Message::kWaiting) || model_.AnyOrphan(), "");
      return;
    }
    if (!taken.ok()) return ExpectNothing(taken.status());
    const uint64_t position = Came(absl::MakeConstSpan(buffer_).first(*taken), info, std::nullopt);
    model_.at(position).state = Message::kReleased;
  }
  void DequeueBatch(Reader& reader) {
    const size_t max = 1 + input_.Below(20);
    size_t came = 0;
    const auto handle = [&](const MessageView& view) {
      ++came;
      model_.at(Came(view.bytes(), view.info(), std::nullopt)).state = Message::kReleased;
    };
    const std::atomic<bool> closed{false};
    const auto taken = (*reader.peer)->TryDequeueBatch(max, handle, closed);
    if (!taken.ok()) return ExpectNothing(taken.status());
    FUZZ_CHECK(*taken == came && came <= max, "");
  }
  void Borrow(Reader& reader) {
    const auto claim = (*reader.peer)->TryBorrow();
    if (!claim.ok()) return ExpectNothing(claim.status());
    Came(claim->view.bytes(), claim->view.info(), claim->position);
    reader.held.push_back(claim->position);
  }
  void Release(Reader& reader, bool acknowledge) {
    if (reader.held.empty()) return;
    const auto place = reader.held.begin() + input_.Byte() % reader.held.size();
    const uint64_t position = *place;
    reader.held.erase(place);
    model_.at(position).state = acknowledge ? Message::kReleased : Message::kWaiting;
    if (acknowledge) {
      FUZZ_CHECK((*reader.peer)->Acknowledge(position).ok(), "");
    } else {
      (*reader.peer)->GiveBack(position);
    }
  }
  void Leave(Reader& reader) {
    while (!reader.held.empty()) Release(reader, input_.Bool());
    reader = Reader();
  }
  void Kill(Reader& reader) {
    for (uint64_t position : reader.held) {
      model_.at(position).orphaned = true;
      model_.at(position).redelivered = true;
    }
    reader.peer->Die();
    reader = Reader();
  }

  // Everybody finishes what they began, and then everything comes.
  void Finish() {
    for (Writer& writer : writers_) {
      if (writer.peer != nullptr) Leave(writer);
    }
    for (Reader& reader : readers_) {
      if (reader.peer != nullptr) Leave(reader);
    }
    if (model_.next() == 0) return;
    Reader last{std::make_unique<SubscriberPeer>(image_.options()), {}};
    for (int looks = 0; looks < 500; ++looks) {
      MessageInfo info;
      const auto taken = (*last.peer)->TryDequeue(absl::MakeSpan(buffer_), &info);
      if (taken.ok()) {
        const uint64_t position =
            Came(absl::MakeConstSpan(buffer_).first(*taken), info, std::nullopt);
        model_.at(position).state = Message::kReleased;
        continue;
      }
      FUZZ_CHECK(absl::IsUnavailable(taken.status()), taken.status().ToString().c_str());
      if (!model_.Any(Message::kWaiting) && !model_.Any(Message::kHeld)) break;
      AdvanceClock(60'000'000);
    }
    FUZZ_CHECK(!model_.Any(Message::kWaiting) && !model_.Any(Message::kHeld), "lost");
    for (const Finding& finding :
         native::CheckOnce(last.peer->memory(), [](uint32_t) { return true; })) {
      FUZZ_CHECK(false, finding.what.c_str());
    }
  }

  QueueImage& image_;
  Input input_;
  uint64_t now_ = 0;  // counts what happens
  int publishers_ = 0;
  uint64_t texts_ = 0;
  Model model_;
  Writer writers_[3];
  Reader readers_[2];
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(4096);
};

}  // namespace
}  // namespace interprocess::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static interprocess::fuzz::QueueImage image;
  interprocess::fuzz::Run(image, interprocess::fuzz::Input(data, size)).Do();
  return 0;
}
