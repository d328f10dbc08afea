// SPDX-License-Identifier: MIT

// Which messages of a stream are in the queue already: what the bridge remembers when it is killed.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_DELIVERED_LOG_H_
#define INTERPROCESS_TOOLS_JETSTREAM_DELIVERED_LOG_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jetstream {

// A file of four MiB, mapped: an entry for each of the last quarter of a million messages. It says
// which was "begun", before it was enqueued, and "done" after it. A kill leaves each entry as it
// was stored: what is done is in the queue, what is begun only may be. Bridges to one queue share
// the file; each entry is changed as a whole. It lies beside the queue and lasts as long: until
// the machine restarts, where queues are in memory.
//
// A message is known by two names. One is its sequence and the server's time of it: a stream that
// is made anew, or that lost its end with its machine's power and counts those sequences again, is
// not taken for what was there before. The other, where a bridge sent it, is the queue and the
// position that it came from: a server that was killed may store a message again that it has
// forgotten, for it was acknowledged and gone.
//
// Below its floor everything was acknowledged. A server that was killed may have forgotten even
// that, and delivers a stream from its beginning.
class DeliveredLog {
 public:
  enum class State { kNew, kBegun, kDone };
  struct Key {
    uint64_t sequence = 0;
    uint64_t time = 0;      // when the server stored it
    uint64_t unique = 0;    // of the queue that it came from; 0: not known
    uint64_t position = 0;  // in that queue
  };

  // Opens the file, or makes it. `stream` is what the sequences are of.
  static absl::StatusOr<DeliveredLog> Open(const std::string& path, absl::string_view stream);

  DeliveredLog(DeliveredLog&& other) noexcept
      : entries_(std::exchange(other.entries_, nullptr)), stream_(other.stream_) {}
  DeliveredLog& operator=(DeliveredLog&&) = delete;
  ~DeliveredLog();

  State Look(const Key& key) const;
  // Says that every sequence up to this one was acknowledged; `time` is that of one of them, and
  // with it the sequences that a server counts again after a loss are told from these.
  void RaiseFloor(uint64_t sequence, uint64_t time);
  void Begin(const Key& key) { Store(key, 0); }
  void Finish(const Key& key) { Store(key, kDone); }

 private:
  static constexpr uint64_t kDone = 1;
  // Where an entry is, and what it holds but for the state.
  struct Entry {
    std::atomic<uint64_t>* word;
    uint64_t name;
  };

  DeliveredLog(std::atomic<uint64_t>* entries, uint64_t stream)
      : entries_(entries), stream_(stream) {}
  Entry BySequence(const Key& key) const;
  Entry ByPosition(const Key& key) const;
  static State StateOf(const Entry& entry);
  void Store(const Key& key, uint64_t state);

  std::atomic<uint64_t>* entries_;  // by sequence, then as many by position, then the floor
  uint64_t stream_;
};

// A file that says when a bridge last had messages under way.
class AliveMark {
 public:
  explicit AliveMark(std::string path) : path_(std::move(path)) {}
  // How long ago it was touched, by a clock that nobody sets; the largest number if the machine was
  // started since, negative if it never was.
  int64_t AgeSeconds() const;
  void Touch() const;

 private:
  const std::string path_;
};

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_DELIVERED_LOG_H_
