// SPDX-License-Identifier: MIT

// The directory that holds queue files, and the files in it.

#ifndef INTERPROCESS_CORE_PLATFORM_DIRECTORY_H_
#define INTERPROCESS_CORE_PLATFORM_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/platform/handle.h"
#include "core/platform/private_handle.h"
#include "interprocess/access.h"

namespace interprocess::platform {

// Which users may use what is made, whatever the umask: `who`, and one account more ("" for none).
struct Permission {
  // An access by itself is the usual permission.
  Permission(Access access = Access::kOwner, std::string another = {})  // NOLINT: meant as implicit
      : who(access), account(std::move(another)) {}

  Access who;
  // Windows: a user, group or service ("DOMAIN\name", "NT SERVICE\name") or a SID ("S-1-5-20"),
  // several with ';' between them. Elsewhere a group, by its name or number, of which the process
  // must be a member (unless it is root).
  std::string account;
};

// What tells one file from another on this machine, whatever path leads to it.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileIdentity& a, const FileIdentity& b) {
    return a.device == b.device && a.inode == b.inode;
  }
  friend bool operator!=(const FileIdentity& a, const FileIdentity& b) { return !(a == b); }
};

// An open regular file. Movable; the destructor closes it. Thread-compatible. A forked child must
// leave a file that is not published alone.
class File {
 public:
  File() = default;
  File(Handle handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return handle_ >= 0; }
  Handle handle() const { return handle_; }
  // The path as it was named, for messages; that of the directory while the file has no name.
  const std::string& path() const { return path_; }

  absl::StatusOr<int64_t> Size() const;
  absl::StatusOr<FileIdentity> Identity() const;
  // Who may open it, for what else is made for them. POSIX: the widest access that its mode
  // reaches. Windows: accounts, by their SIDs, its owner among them.
  absl::StatusOr<Permission> WhoMay() const;

  // Gives a new, empty file its size in bytes. With `reserve`, every byte is backed by space from
  // now on, or the call fails (ResourceExhausted, naming what was wanted and what is free): a file
  // system or memory limit that is too small is found here, not by a signal at a later access. On
  // failure the file is as good as empty and may be dropped.
  absl::Status SetSize(int64_t bytes, bool reserve);

  void Close();

 private:
  friend class Directory;
  Handle handle_ = -1;
  std::string path_;
  std::string temporary_;  // name in its directory until it is published; empty if it has none
  Handle directory_ = -1;  // own handle of the directory that `temporary_` is in, else -1
};

// Serialises making and removing in one directory, among processes and threads. Released by the
// destructor, and by the system when the holder dies; a forked child does not hold it. Movable.
class DirectoryLock {
 public:
  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) noexcept = default;
  ~DirectoryLock() = default;

 private:
  friend class Directory;
  friend class KeptDirectory;
  explicit DirectoryLock(PrivateHandle handle) : handle_(std::move(handle)) {}
  explicit DirectoryLock(std::shared_ptr<void> unlocks) : unlocks_(std::move(unlocks)) {}
  PrivateHandle handle_;
  std::shared_ptr<void> unlocks_;  // on a handle that stays open: its deleter ends the lock
};

// An open directory. Names are relative to it, and no name that is a symbolic link is followed. A
// name that is empty, ".", ".." or holds a slash is refused (InvalidArgument). Movable; the const
// methods may be called by several threads at once.
class Directory {
 public:
  // Opens `path`. NotFound if it is missing, InvalidArgument if it is a file or a symbolic link,
  // PermissionDenied if this user may not write in it (so that the reason is known before
  // anything is tried).
  static absl::StatusOr<Directory> Open(const std::string& path);

  // As Open, for a caller that changes nothing: without the look at whether this user may write.
  static absl::StatusOr<Directory> OpenForReading(const std::string& path);

  // Opens the directory of DefaultDirectory(), making it (for its owner alone, mode 0700, whatever
  // the umask) if it is missing; an own one that lacks its owner's permissions gets them. Refuses
  // (PermissionDenied) one that belongs to another user or that others may write in; a symbolic
  // link or a file is refused as by Open.
  static absl::StatusOr<Directory> OpenDefault();

  // As OpenDefault, for a caller that only looks: NotFound if it is missing.
  static absl::StatusOr<Directory> OpenDefaultForReading();

  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  ~Directory();

  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& name) const;
  absl::StatusOr<FileIdentity> Identity() const;

  // True if the directory has been removed: nothing can be made in it any more. (Not on Windows,
  // where none that is open can be removed.)
  bool IsGone() const;

  // Removes the directory, as one of OpenDefault, if it is empty and still has its name; else does
  // nothing. (Windows: does nothing.)
  void RemoveIfEmpty() const;

  // Which file has the name, also if it cannot be opened; NotFound. Needs no free handle.
  absl::StatusOr<FileIdentity> IdentityOf(const std::string& name) const;

  // Opens an existing regular file for reading and, unless `read_only`, writing. NotFound,
  // PermissionDenied; InvalidArgument for a symbolic link or anything but a regular file (never
  // blocks on a FIFO).
  absl::StatusOr<File> OpenFile(const std::string& name, bool read_only) const;

  // PermissionDenied if everybody may make files here, and this one belongs neither to this user
  // nor to the directory's owner: it may have been put here to be opened by others.
  absl::Status CheckNotPlanted(const File& file) const;

  // A new empty file that has no name yet (or a temporary one where the system knows no nameless
  // files: then the destructor of the File removes it).
  absl::StatusOr<File> CreateUnpublished(const Permission& permission) const;

  // Gives a file of CreateUnpublished its name, in one step. AlreadyExists if the name is taken;
  // what has it stays as it is.
  absl::Status Publish(File& file, const std::string& name) const;

  // Removes the name if it still belongs to the file with that identity; else does nothing. The
  // caller holds the lock, so the name does not change in between.
  absl::Status Remove(const std::string& name, const FileIdentity& identity) const;

  // The names of the directory's entries that end with `suffix`, sorted, whatever they are.
  absl::StatusOr<std::vector<std::string>> List(const std::string& suffix) const;

  // Waits up to `timeout` for the lock; Unavailable, naming the directory, when it runs out.
  absl::StatusOr<DirectoryLock> Lock(absl::Duration timeout) const;

 private:
  friend class DirectoryTestPeer;
  friend class KeptDirectory;

  Directory(Handle handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  absl::Status CheckWritable() const;
  // The two ways of CreateUnpublished; the first is Unimplemented where the system or the file
  // system has no nameless files.
  absl::StatusOr<File> CreateNameless(const Permission& permission) const;
  absl::StatusOr<File> CreateTemporary(const Permission& permission) const;

  Handle handle_ = -1;
  std::string path_;
  std::string absolute_;  // Windows: the absolute path, with which names are opened
};

// Where queues live if the options name no directory: on Linux /dev/shm/interprocess-<uid>, or the
// same below TMPDIR (or /tmp) where there is no /dev/shm. In a user namespace it is the uid that
// the user has outside. Asks the system, makes nothing.
std::string DefaultDirectory();

// The path as it will be found after the process has changed its directory; empty stays empty.
std::string AbsolutePath(const std::string& path);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_DIRECTORY_H_
