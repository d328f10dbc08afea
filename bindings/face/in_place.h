// SPDX-License-Identifier: MIT

// The messages that an endpoint has handed out in place, by number.

#ifndef INTERPROCESS_BINDINGS_FACE_IN_PLACE_H_
#define INTERPROCESS_BINDINGS_FACE_IN_PLACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace interprocess::face {

// Finds a Reservation or BorrowedMessage by its token, and nothing by a token that is of no use any
// more. Used within the endpoint's turns.
template <typename Message>
class InPlace {
 public:
  int64_t Add(Message message) {
    if (free_.empty()) {
      free_.push_back(entries_.size());
      entries_.emplace_back();
    }
    const size_t index = free_.back();
    free_.pop_back();
    Entry& entry = entries_[index];
    entry.message.emplace(std::move(message));
    return static_cast<int64_t>(entry.generation) << kIndexBits | static_cast<int64_t>(index);
  }

  // Null if there is none.
  Message* Find(int64_t token) {
    const auto index = static_cast<size_t>(token & kIndexMask);
    if (token < 0 || index >= entries_.size()) return nullptr;
    Entry& entry = entries_[index];
    if (entry.generation != static_cast<uint32_t>(token >> kIndexBits)) return nullptr;
    return entry.message.has_value() ? &*entry.message : nullptr;
  }

  // `token` is one that Find knows.
  void Remove(int64_t token) {
    const auto index = static_cast<size_t>(token & kIndexMask);
    Entry& entry = entries_[index];
    entry.message.reset();
    entry.generation = (entry.generation + 1) & kGenerationMask;
    free_.push_back(index);
  }

 private:
  struct Entry {
    uint32_t generation = 1;
    std::optional<Message> message;
  };
  static constexpr int kIndexBits = 32;
  static constexpr int64_t kIndexMask = (int64_t{1} << kIndexBits) - 1;
  static constexpr uint32_t kGenerationMask = (uint32_t{1} << 31) - 1;

  std::vector<Entry> entries_;
  std::vector<size_t> free_;
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_IN_PLACE_H_
