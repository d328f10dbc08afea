// SPDX-License-Identifier: MIT

// Where a queue that was opened lies.

#ifndef INTERPROCESS_CORE_ENGINE_QUEUE_FILE_H_
#define INTERPROCESS_CORE_ENGINE_QUEUE_FILE_H_

#include <atomic>
#include <cstdint>
#include <string>

namespace interprocess {

struct QueueFile {
  std::string path;  // absolute; empty if the queue lies in no file
  // What tells the file from others.
  uint64_t device = 0;
  uint64_t inode = 0;
  // A word in the queue's memory that has `removed` since before the name was removed by this
  // library. Null if the format has none.
  const std::atomic<uint64_t>* life = nullptr;
  uint64_t removed = 0;
};

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_ENGINE_QUEUE_FILE_H_
