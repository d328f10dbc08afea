// SPDX-License-Identifier: MIT

#include <utility>

#include "core/platform/named_file.h"

namespace interprocess::platform {

FileView FileView::OfThisThread() { return {}; }

NamedFile::NamedFile(std::string path, const FileIdentity& identity)
    : path_(std::move(path)), identity_(identity) {}

// Windows deletes no file that is mapped.
NameState NamedFile::Look() const { return NameState::kSound; }

}  // namespace interprocess::platform
