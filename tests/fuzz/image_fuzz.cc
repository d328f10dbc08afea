// An arbitrary image, opened and used by every call: whatever the bytes are, and however something
// else changes them meanwhile, each call comes to an end, touches nothing outside the mapping, and
// fails with no other codes than those it documents.
//
// The input is a program: which image to start from, changes of it, and calls.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/fuzz/fake_clock.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/queue_image.h"

namespace interprocess::fuzz {
namespace {

using absl::StatusCode;
using Codes = std::initializer_list<StatusCode>;

constexpr Codes kOpenErrors = {StatusCode::kDataLoss,          StatusCode::kFailedPrecondition,
                               StatusCode::kResourceExhausted, StatusCode::kNotFound,
                               StatusCode::kAlreadyExists,     StatusCode::kUnavailable};
constexpr Codes kPutErrors = {StatusCode::kResourceExhausted, StatusCode::kDataLoss};
constexpr Codes kTakeErrors = {StatusCode::kUnavailable, StatusCode::kOutOfRange,
                               StatusCode::kDataLoss};
constexpr Codes kWaitErrors = {StatusCode::kDeadlineExceeded, StatusCode::kOutOfRange,
                               StatusCode::kDataLoss};
constexpr Codes kDataLossOnly = {StatusCode::kDataLoss};

// OK, or one of `codes`, with words.
bool Expect(const absl::Status& status, Codes codes) {
  if (status.ok()) return true;
  for (StatusCode code : codes) {
    if (status.code() == code) return false;
  }
  FUZZ_CHECK(false, status.ToString().c_str());
}

class Run {
 public:
  Run(QueueImage& image, Racer& racer, Input input) : image_(image), racer_(racer), input_(input) {}

  void Do() {
    const uint8_t how = input_.Byte();
    image_.Restore(how & 7);
    if ((how & 0x10) != 0) HoldLeases();
    if ((how & 0xe0) == 0xe0) {
      std::vector<Change> changes;
      for (uint64_t i = 1 + input_.Below(8); i > 0; --i) changes.push_back(image_.Choose(input_));
      racer_.Start(std::move(changes));
    }
    // A long input says nothing more than some short ones.
    for (int step = 0; step < 200 && !input_.empty(); ++step) Step();
    racer_.Stop();
  }

 private:
  // Participants that live, beside those of the image, which are dead.
  void HoldLeases() {
    auto directory = platform::Directory::OpenForReading(image_.directory());
    auto file = directory->OpenFile("queue.ipq", /*read_only=*/false);
    FUZZ_CHECK(file.ok(), file.status().ToString().c_str());
    leases_ = *platform::LeaseFile::Open(*file);
    for (uint32_t id : {3u, 15u, 16u}) {
      FUZZ_CHECK(*leases_.TryLock(native::kAliveLease + id, platform::LeaseMode::kExclusive), "");
    }
  }

  void Step() {
    const uint8_t step = input_.Byte() % 32;
    const size_t which = input_.Byte() % 2;
    std::optional<Publisher>& publisher = publishers_[which];
    std::optional<Subscriber>& subscriber = subscribers_[which];
    if (step >= 8 && step <= 13) return Publish(step, publisher);
    if (step >= 14 && step <= 21) return Subscribe(step, subscriber);
    switch (step) {
      case 22:
        return Open(publisher);
      case 23:
        return Open(subscriber);
      case 24:
        return publisher.reset();
      case 25:
        return subscriber.reset();
      case 26:
        return FinishReservation();
      case 27:
        return FinishBorrowed();
      case 28:
        // To where reservations are passed by, or the dead are looked for.
        return AdvanceClock(input_.Bool() ? 1'100'000 : 60'000'000);
      case 29:
        return Inspect();
      case 30:
        return Manage();
      case 31:
        return OpenUnsound();
      default:
        return image_.Apply(image_.Choose(input_));
    }
  }

  QueueOptions Options() {
    QueueOptions options = image_.options();
    const uint8_t byte = input_.Byte();
    options.mode = static_cast<OpenMode>(byte % 3);
    options.keep_undelivered = (byte & 4) == 0;
    return options;
  }

  template <typename Endpoint>
  void Open(std::optional<Endpoint>& endpoint) {
    auto opened = Endpoint::Open(Options());
    if (Expect(opened.status(), kOpenErrors)) endpoint = *std::move(opened);
  }

  void Publish(uint8_t step, std::optional<Publisher>& publisher) {
    if (!publisher.has_value()) return Open(publisher);
    const absl::Span<const uint8_t> message = absl::MakeConstSpan(buffer_).first(Size());
    WaitOptions at_once(absl::ZeroDuration());
    switch (step) {
      case 8:
      case 9:
        Expect(publisher->TryEnqueue(message), kPutErrors);
        return;
      case 10: {
        const absl::Span<const uint8_t> batch[] = {message, {}, message.first(message.size() / 2)};
        Expect(publisher->TryEnqueueBatch(batch).status(), kPutErrors);
        return;
      }
      case 11:
        Expect(publisher->Enqueue(message, at_once), kWaitErrors);
        return;
      default: {
        auto reservation = step == 12 ? publisher->TryReserve(message.size())
                                      : publisher->Reserve(message.size(), at_once);
        if (!Expect(reservation.status(), step == 12 ? kPutErrors : kWaitErrors)) return;
        FUZZ_CHECK(reservation->span().size() == message.size(), "");
        for (uint8_t& byte : reservation->span()) byte = 'r';
        if (reservations_.size() < 8) reservations_.push_back(*std::move(reservation));
      }
    }
  }

  void Subscribe(uint8_t step, std::optional<Subscriber>& subscriber) {
    if (!subscriber.has_value()) return Open(subscriber);
    const absl::Span<uint8_t> room = absl::MakeSpan(buffer_).first(Size());
    const auto read = [&](const MessageView& view) { Read(view.bytes()); };
    const WaitOptions at_once(absl::ZeroDuration());
    MessageInfo info;
    switch (step) {
      case 14:
      case 15: {
        auto size = subscriber->TryDequeue(room, &info);
        if (Expect(size.status(), kTakeErrors)) FUZZ_CHECK(*size <= room.size(), "");
        return;
      }
      case 16:
        Expect(subscriber->TryDequeue().status(), kTakeErrors);
        return;
      case 17:
        Expect(subscriber->TryDequeueBatch(input_.Below(100), read).status(), kTakeErrors);
        return;
      case 18:
        Expect(subscriber->Dequeue(room, at_once, &info).status(), kWaitErrors);
        return;
      case 19:
        Expect(subscriber->DequeueBatch(input_.Below(100), read, at_once).status(), kWaitErrors);
        return;
      default: {
        auto borrowed = step == 20 ? subscriber->TryBorrow() : subscriber->Borrow(at_once);
        if (!Expect(borrowed.status(), step == 20 ? kTakeErrors : kWaitErrors)) return;
        Read(borrowed->bytes());
        if (borrowed_.size() < 8) borrowed_.push_back(*std::move(borrowed));
      }
    }
  }

  void FinishReservation() {
    const uint8_t byte = input_.Byte();
    if (reservations_.empty()) return;
    Reservation reservation = std::move(reservations_[byte % reservations_.size()]);
    reservations_.erase(reservations_.begin() + byte % reservations_.size());
    const size_t size = reservation.span().size();
    if ((byte & 0x80) == 0) {
      Expect(reservation.Commit(byte % (size + 1)), {StatusCode::kFailedPrecondition});
    }
  }

  void FinishBorrowed() {
    const uint8_t byte = input_.Byte();
    if (borrowed_.empty()) return;
    BorrowedMessage message = std::move(borrowed_[byte % borrowed_.size()]);
    borrowed_.erase(borrowed_.begin() + byte % borrowed_.size());
    Read(message.bytes());
    if ((byte & 0x80) == 0) Expect(message.Acknowledge(), {});
  }

  void Inspect() {
    auto inspector = QueueInspector::Open("queue", image_.directory());
    if (!Expect(inspector.status(), {StatusCode::kDataLoss, StatusCode::kNotFound})) return;
    const uint8_t what = input_.Byte();
    if ((what & 1) != 0) Expect(inspector->Report().status(), kDataLossOnly);
    if ((what & 2) != 0) Expect(inspector->Check().status(), kDataLossOnly);
    if ((what & 8) != 0) {
      const auto messages = inspector->Peek(what >> 4);
      Expect(messages.status(), kDataLossOnly);
      FUZZ_CHECK(!messages.ok() || messages->size() <= size_t{what} >> 4, "");
    }
    if ((what & 4) != 0) Expect(inspector->Repair().status(), kOpenErrors);
  }

  void Manage() {
    if (input_.Byte() % 4 != 0) {
      Expect(ListQueues(image_.directory()).status(), {});
    } else {
      Expect(RemoveQueue("queue", image_.directory()), {StatusCode::kNotFound});
    }
  }

  // Headers that do not fit, and files of another size: only while nobody has it mapped, since the
  // system ends whoever reads behind a file's end.
  void OpenUnsound() {
    const uint8_t byte = input_.Byte();
    if ((byte & 1) != 0) {
      const uint64_t offset = input_.Below(native::kChecksummedBytes);
      image_.Apply({offset, 1, input_.Byte()});
      if ((byte & 2) != 0) image_.Seal();
      return;
    }
    for (const auto& endpoint : publishers_) {
      if (endpoint.has_value()) return;
    }
    for (const auto& endpoint : subscribers_) {
      if (endpoint.has_value()) return;
    }
    if (!reservations_.empty() || !borrowed_.empty()) return;
    racer_.Stop();
    const uint64_t size = input_.Odd() % (4 * image_.size());
    image_.Resize(size);
    const bool sound = Publisher::Open(Options()).ok() || Subscriber::Open(Options()).ok() ||
                       QueueInspector::Open("queue", image_.directory()).ok();
    Expect(ListQueues(image_.directory()).status(), {});
    (void)sound;
    image_.Restore(byte >> 2);
  }

  size_t Size() {
    const uint8_t byte = input_.Byte();
    // Inline, of some units, of nearly the whole ring.
    return byte < 128 ? byte % 64 : byte < 192 ? size_t{byte} * 4 : size_t{byte} * 64 % 4097;
  }
  void Read(absl::Span<const uint8_t> bytes) {
    FUZZ_CHECK(bytes.size() <= image_.options().capacity + size_t{0}, "");
    for (uint8_t byte : bytes) sum_ = static_cast<uint8_t>(sum_ + byte);
  }

  QueueImage& image_;
  Racer& racer_;
  Input input_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(4096, 'b');
  volatile uint8_t sum_ = 0;
  platform::LeaseFile leases_;
  std::optional<Publisher> publishers_[2];
  std::optional<Subscriber> subscribers_[2];
  std::vector<Reservation> reservations_;
  std::vector<BorrowedMessage> borrowed_;
};

}  // namespace
}  // namespace interprocess::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static interprocess::fuzz::QueueImage image;
  static interprocess::fuzz::Racer racer(image);
  interprocess::fuzz::Run(image, racer, interprocess::fuzz::Input(data, size)).Do();
  return 0;
}
