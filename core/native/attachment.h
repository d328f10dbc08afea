// SPDX-License-Identifier: MIT

// One endpoint's hold on a native queue: the file's mapping, a place among the participants, and
// the life of the queue from making it to removing it.

#ifndef INTERPROCESS_CORE_NATIVE_ATTACHMENT_H_
#define INTERPROCESS_CORE_NATIVE_ATTACHMENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine/queue_file.h"
#include "core/native/environment.h"
#include "core/native/queue_memory.h"
#include "core/native/system_environment.h"
#include "core/platform/directory.h"
#include "core/platform/kept_directory.h"
#include "core/platform/mapped_file.h"
#include "interprocess/queue_options.h"

namespace interprocess::native {

inline constexpr char kFileSuffix[] = ".ipq";

class Attachment {
 public:
  // Opens or makes the queue and joins it. `options` are valid.
  static absl::StatusOr<std::unique_ptr<Attachment>> Open(const QueueOptions& options, Role role);

  ~Attachment() { Leave().IgnoreError(); }

  // Gives up the place. If nobody else is attached, removes the queue when it is empty, or at any
  // rate if the options say so. No slot names this participant any more, and nobody uses the memory
  // any more: it may be unmapped. An error, naming the queue, if it is to be removed and cannot be,
  // or if something else in this process has closed the handles it takes; the place is given up all
  // the same.
  absl::Status Leave();
  // In a forked child: the place is the parent's.
  void Forget() {
    id_ = 0;
    environment_.Forget();
  }

  const QueueMemory& memory() const { return memory_; }
  Environment& environment() { return environment_; }
  uint32_t id() const { return id_; }
  Participant& record() const { return memory_.participant(id_); }
  const std::string& path() const { return path_; }
  QueueFile file() const;

 private:
  Attachment(const QueueOptions& options, const platform::File& file, platform::MappedFile mapping,
             const QueueMemory& memory, platform::LeaseFile leases,
             const platform::FileIdentity& identity, const platform::Permission& access);

  // Null if the file is that of a queue that was removed, and only its name is left.
  static absl::StatusOr<std::unique_ptr<Attachment>> OpenExisting(const QueueOptions& options,
                                                                  const platform::File& file,
                                                                  Role role);
  // Null if the name is taken.
  static absl::StatusOr<std::unique_ptr<Attachment>> Create(const QueueOptions& options,
                                                            const platform::Directory& directory,
                                                            Role role);
  absl::Status Join(Role role);
  // False if the queue was removed meanwhile.
  absl::StatusOr<bool> EnsureLive();
  absl::Status RemoveIfLast();

  platform::KeptDirectory directory_;
  bool in_default_directory_;
  std::string file_name_;
  std::string path_;
  platform::MappedFile mapping_;
  QueueMemory memory_;
  SystemEnvironment environment_;
  platform::FileIdentity identity_;
  bool keep_undelivered_;
  uint32_t id_ = 0;
};

// Opens the directory, or the default one (making it if it is missing) if the path is empty.
absl::StatusOr<platform::Directory> OpenDirectory(const std::string& path);
absl::StatusOr<platform::Directory> OpenDirectoryForReading(const std::string& path);

// Removes what the system keeps by name for participants of the queue in `file` that are gone, if
// it is a queue. Those that live remove their own.
void RemoveTracesOf(const platform::File& file);

// Where the name could not be removed (another user's file in a sticky directory), the queue stays
// to be used: sets RETIRED back to LIVE. The caller has held the directory's lock since before it
// tried, so that nobody acts on it meanwhile.
void TakeBackRetired(const platform::Directory& directory, const std::string& file_name,
                     const platform::FileIdentity& identity);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_ATTACHMENT_H_
