// SPDX-License-Identifier: MIT

// The calls of the hot path allocate nothing.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace {
std::atomic<int64_t> allocations{0};

void* Allocate(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
// The nothrow forms too, or a sanitizer's own would meet our delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace interprocess {
namespace {

using testing::TestDirectory;

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest()
      : publisher_(Publisher::Open(options_).value()),
        subscriber_(Subscriber::Open(options_).value()) {}

  // How many allocations a thousand runs of `body` make.
  template <typename Body>
  int64_t CountOf(const Body& body) {
    const int64_t before = allocations.load();
    for (int i = 0; i < 1000; ++i) {
      if (!body()) return -1;
    }
    return allocations.load() - before;
  }

  TestDirectory directory_;
  const QueueOptions options_ = directory_.Options();
  Publisher publisher_;
  Subscriber subscriber_;
  uint8_t buffer_[4096] = {};
};

TEST_F(AllocationTest, TheCounterCounts) {
  EXPECT_GE(CountOf([] { return !std::string(100, 'x').empty(); }), 1000);
}

TEST_F(AllocationTest, EnqueueAndDequeue) {
  for (size_t size : {0, 48, 49, 4096}) {
    const absl::Span<const uint8_t> message(buffer_, size);
    EXPECT_EQ(CountOf([&] {
                return publisher_.TryEnqueue(message).ok() &&
                       subscriber_.TryDequeue(absl::MakeSpan(buffer_)).ok();
              }),
              0)
        << size;
    EXPECT_EQ(CountOf([&] {
                return publisher_.Enqueue(message).ok() &&
                       subscriber_.Dequeue(absl::MakeSpan(buffer_)).ok();
              }),
              0)
        << size;
  }
}

TEST_F(AllocationTest, FullAndEmpty) {
  EXPECT_EQ(CountOf([&] {
              const absl::Status status = subscriber_.TryDequeue(buffer_).status();
              return absl::IsUnavailable(status) && !status.message().empty();
            }),
            0);
  ASSERT_TRUE(publisher_.TryEnqueue(absl::MakeConstSpan(buffer_)).ok());
  EXPECT_EQ(CountOf([&] {
              const absl::Status status = publisher_.TryEnqueue(buffer_);
              return absl::IsResourceExhausted(status) && !status.message().empty();
            }),
            0);
}

TEST_F(AllocationTest, InPlaceAndBatches) {
  const absl::Span<const uint8_t> batch[] = {{buffer_, 10}, {buffer_, 100}, {}};
  EXPECT_EQ(CountOf([&] {
              auto reservation = publisher_.TryReserve(100);
              if (!reservation.ok() || !reservation->Commit(50).ok()) return false;
              auto borrowed = subscriber_.TryBorrow();
              return borrowed.ok() && borrowed->Acknowledge().ok();
            }),
            0);
  EXPECT_EQ(CountOf([&] {
              if (!publisher_.TryEnqueueBatch(batch).ok()) return false;
              return subscriber_.TryDequeueBatch(3, [](const MessageView&) {}).ok();
            }),
            0);
}

}  // namespace
}  // namespace interprocess
