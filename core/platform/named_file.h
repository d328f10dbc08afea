// SPDX-License-Identifier: MIT

// Whether the path by which a file was opened still leads to that file.

#ifndef INTERPROCESS_CORE_PLATFORM_NAMED_FILE_H_
#define INTERPROCESS_CORE_PLATFORM_NAMED_FILE_H_

#include <string>
#include <utility>

#include "core/platform/directory.h"

namespace interprocess::platform {

enum class NameState {
  kSound,      // leads to the file
  kGone,       // leads nowhere
  kElsewhere,  // leads to another file
  kUnknown,    // cannot be seen from here, by this process, or now
};

// How a process sees the file system: paths mean something else after chroot, pivot_root, or in
// another mount namespace.
struct FileView {
  FileIdentity root;
  FileIdentity mounts;  // zeros where the system does not tell
  static FileView OfThisThread();
  friend bool operator==(const FileView& a, const FileView& b) {
    return a.root == b.root && a.mounts == b.mounts;
  }
};

// Remembers how a file is named. Thread-compatible.
class NamedFile {
 public:
  // Names no file: always sound.
  NamedFile() = default;
  // `path` is absolute (nothing is seen of another), and led to the file with that identity a
  // moment ago. The file is kept open or mapped for as long as this is used, so that no other file
  // gets its identity.
  NamedFile(std::string path, const FileIdentity& identity);

  const std::string& path() const { return path_; }
  // Asks the system. Allocates nothing, waits for nothing. kUnknown if the process has changed its
  // view of the file system since the constructor, or the system refuses to answer.
  NameState Look() const;

 private:
  std::string path_;
  FileIdentity identity_;
  FileView view_;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_NAMED_FILE_H_
