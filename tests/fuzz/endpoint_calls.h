// SPDX-License-Identifier: MIT

// Every call of two publishers and two subscribers, as a fuzzer's bytes say: each comes to an end,
// and fails with no other codes than those it documents.

#ifndef INTERPROCESS_TESTS_FUZZ_ENDPOINT_CALLS_H_
#define INTERPROCESS_TESTS_FUZZ_ENDPOINT_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {

using Codes = std::initializer_list<absl::StatusCode>;

// True: OK. False: one of `codes`. Anything else is a finding.
bool Expect(const absl::Status& status, Codes codes);

class EndpointCalls {
 public:
  // Which calls Step makes.
  static constexpr uint8_t kFirst = 8;
  static constexpr uint8_t kLast = 28;

  // No message has more than `largest` bytes.
  EndpointCalls(Input& input, const QueueOptions& queue, size_t largest)
      : input_(input), queue_(queue), largest_(largest) {}

  // `step` is kFirst to kLast.
  void Step(uint8_t step);
  // The inspector's calls, listing, removing by name.
  void Inspect();
  void Manage();
  // The queue's, in one mode or another.
  QueueOptions Options();
  // True if an endpoint, a reservation or a borrowed message has the queue mapped.
  bool AnyOpen() const;

 private:
  template <typename Endpoint>
  void Open(std::optional<Endpoint>& endpoint);
  void Publish(uint8_t step, std::optional<Publisher>& publisher);
  void Subscribe(uint8_t step, std::optional<Subscriber>& subscriber);
  void FinishReservation();
  void FinishBorrowed();
  size_t Size();
  void Read(absl::Span<const uint8_t> bytes);

  Input& input_;
  const QueueOptions queue_;
  const size_t largest_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(4096, 'b');
  volatile uint8_t sum_ = 0;
  std::optional<Publisher> publishers_[2];
  std::optional<Subscriber> subscribers_[2];
  std::vector<Reservation> reservations_;
  std::vector<BorrowedMessage> borrowed_;
};

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_ENDPOINT_CALLS_H_
